// Package pathmsg holds the messages by which two peers find out which paths between them work: sealed pings, pongs and
// lists of candidate addresses, over UDP or the relay.
//
//	bytes 0..3    0xDA 'p' 'm' 1   (WireGuard's messages begin with 1..4 and three zeros)
//	bytes 4..19   pair id: which pair of keys, in which direction
//	bytes 20..43  nonce
//	bytes 44..    XChaCha20-Poly1305 of: type, 12 bytes of transaction id, body
//
// The key comes from X25519 of the two static keys, so that only the two peers can make or read a message, and who
// watches the wire learns neither key. A replayed ping is answered to where it came from; the answer proves nothing to a
// third party, and a path is used only after a pong with an id that we drew ourselves.
package pathmsg

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/curve25519"
)

// Kind is what a message says.
type Kind byte

const (
	// Ping asks for a pong on the same path.
	Ping Kind = 1
	// Pong answers with the address that the ping came from.
	Pong Kind = 2
	// Candidates lists addresses under which the sender may be reachable.
	Candidates Kind = 3
)

const (
	magicBytes = 4
	idBytes    = 16
	headBytes  = magicBytes + idBytes + chacha20poly1305.NonceSizeX
	txBytes    = 12
	// MaxCandidates bounds a list.
	MaxCandidates = 16
	addrBytes     = 18
	// MaxBytes is more than any message of ours.
	MaxBytes = headBytes + 1 + txBytes + 1 + MaxCandidates*addrBytes + chacha20poly1305.Overhead
)

var magic = [magicBytes]byte{0xDA, 'p', 'm', 1}

// ErrMalformed is returned for whatever is not a message of this pair.
var ErrMalformed = errors.New("malformed path message")

// PairID names a pair of keys in one direction.
type PairID [idBytes]byte

// TxID names a ping.
type TxID [txBytes]byte

// Message is an opened message. Addresses are the observed one of a Pong, or the list of Candidates.
type Message struct {
	Kind      Kind
	TxID      TxID
	Addresses []netip.AddrPort
}

// Pair seals and opens the messages between two peers.
type Pair struct {
	sendID, receiveID PairID
	sendKey, openKey  cipher.AEAD
}

// NewPair derives the keys of a pair. It fails for a public key of low order.
func NewPair(ownPrivate, ownPublic, otherPublic [32]byte) (*Pair, error) {
	shared, err := curve25519.X25519(ownPrivate[:], otherPublic[:])
	if err != nil {
		return nil, err
	}
	pair := &Pair{}
	if pair.sendID, pair.sendKey, err = derive(shared, ownPublic, otherPublic); err != nil {
		return nil, err
	}
	if pair.receiveID, pair.openKey, err = derive(shared, otherPublic, ownPublic); err != nil {
		return nil, err
	}
	return pair, nil
}

func derive(shared []byte, from, to [32]byte) (id PairID, aead cipher.AEAD, err error) {
	info := "daam path message v1\x00" + string(from[:]) + string(to[:])
	material, err := hkdf.Key(sha256.New, shared, nil, info, idBytes+chacha20poly1305.KeySize)
	if err != nil {
		return id, nil, err
	}
	copy(id[:], material)
	aead, err = chacha20poly1305.NewX(material[idBytes:])
	return id, aead, err
}

// ReceiveID is the id that messages from the other peer carry.
func (pair *Pair) ReceiveID() PairID { return pair.receiveID }

// Is says whether a packet is a path message, and of which pair.
func Is(packet []byte) (PairID, bool) {
	var id PairID
	if len(packet) < headBytes+chacha20poly1305.Overhead || [magicBytes]byte(packet[:magicBytes]) != magic {
		return id, false
	}
	copy(id[:], packet[magicBytes:])
	return id, true
}

// NewTxID draws an id from the operating system's randomness.
func NewTxID() (id TxID) {
	_, _ = rand.Read(id[:])
	return id
}

// Seal encodes and seals a message.
func (pair *Pair) Seal(message Message) []byte {
	plain := make([]byte, 0, 1+txBytes+1+len(message.Addresses)*addrBytes)
	plain = append(plain, byte(message.Kind))
	plain = append(plain, message.TxID[:]...)
	addresses := message.Addresses[:min(len(message.Addresses), MaxCandidates)]
	plain = append(plain, byte(len(addresses)))
	for _, address := range addresses {
		ip := address.Addr().As16()
		plain = append(plain, ip[:]...)
		plain = binary.BigEndian.AppendUint16(plain, address.Port())
	}
	packet := make([]byte, headBytes, headBytes+len(plain)+chacha20poly1305.Overhead)
	copy(packet, magic[:])
	copy(packet[magicBytes:], pair.sendID[:])
	nonce := packet[magicBytes+idBytes : headBytes]
	_, _ = rand.Read(nonce)
	return pair.sendKey.Seal(packet, nonce, plain, packet[:magicBytes+idBytes])
}

// Open reads a message of the other peer.
func (pair *Pair) Open(packet []byte) (Message, error) {
	var message Message
	if id, ok := Is(packet); !ok || id != pair.receiveID || len(packet) > MaxBytes {
		return message, ErrMalformed
	}
	nonce := packet[magicBytes+idBytes : headBytes]
	plain, err := pair.openKey.Open(nil, nonce, packet[headBytes:], packet[:magicBytes+idBytes])
	if err != nil || len(plain) < 1+txBytes+1 {
		return message, ErrMalformed
	}
	message.Kind = Kind(plain[0])
	copy(message.TxID[:], plain[1:])
	count, list := int(plain[1+txBytes]), plain[1+txBytes+1:]
	if count > MaxCandidates || len(list) != count*addrBytes || message.Kind < Ping || message.Kind > Candidates {
		return message, ErrMalformed
	}
	for ; count > 0; count-- {
		ip := netip.AddrFrom16([16]byte(list[:16])).Unmap()
		port := binary.BigEndian.Uint16(list[16:])
		if port == 0 || !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
			return message, ErrMalformed
		}
		message.Addresses = append(message.Addresses, netip.AddrPortFrom(ip, port))
		list = list[addrBytes:]
	}
	return message, nil
}
