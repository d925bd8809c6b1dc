package forward

import (
	"encoding/binary"
	"net/netip"
)

// The PROXY protocol, version 2 (its specification, section 2.2), with TLVs of our own.
const (
	proxySignature = "\r\n\r\n\x00\r\nQUIT\n"
	proxyCommand   = 0x21 // version 2, PROXY
	proxyTCP4      = 0x11
	// TLVPeerKey carries the peer's WireGuard public key, 32 bytes.
	TLVPeerKey = 0xE0
	// TLVPath carries the kind of path as text.
	TLVPath = 0xE1
	// TLVToken carries the secret that the agent gave at start, so that nothing else can speak for the tunnel.
	TLVToken = 0xE2
)

// Header says who is at the other end of a forwarded connection.
type Header struct {
	From, To netip.AddrPort
	PeerKey  [32]byte
	Path     string
	Token    []byte
}

// Encode gives the bytes that go before the connection's own.
func (h Header) Encode() []byte {
	body := make([]byte, 0, 128)
	from, to := h.From.Addr().As4(), h.To.Addr().As4()
	body = append(body, from[:]...)
	body = append(body, to[:]...)
	body = binary.BigEndian.AppendUint16(body, h.From.Port())
	body = binary.BigEndian.AppendUint16(body, h.To.Port())
	for _, tlv := range []struct {
		kind  byte
		value []byte
	}{{TLVPeerKey, h.PeerKey[:]}, {TLVPath, []byte(h.Path)}, {TLVToken, h.Token}} {
		body = append(body, tlv.kind)
		body = binary.BigEndian.AppendUint16(body, uint16(len(tlv.value)))
		body = append(body, tlv.value...)
	}
	header := append([]byte(proxySignature), proxyCommand, proxyTCP4)
	header = binary.BigEndian.AppendUint16(header, uint16(len(body)))
	return append(header, body...)
}
