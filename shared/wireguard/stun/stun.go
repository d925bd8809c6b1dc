// Package stun asks a server under which address it sees us (RFC 8489, Binding method), over a socket that is not ours
// to read: the caller sends requests and hands in answers.
package stun

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
)

const (
	headerBytes     = 20
	magicCookie     = 0x2112A442
	bindingRequest  = 0x0001
	bindingSuccess  = 0x0101
	attrMapped      = 0x0001
	attrXorMapped   = 0x0020
	attrFingerprint = 0x8028
	fingerprintXor  = 0x5354554e
	familyV4        = 1
	familyV6        = 2
	maxMessageBytes = 1500
)

// TxID names a request.
type TxID [12]byte

// ErrNotStun is returned for bytes that are no Binding success response.
var ErrNotStun = errors.New("not a STUN binding response")

// NewTxID draws a transaction id from the operating system's randomness.
func NewTxID() (id TxID) {
	_, _ = rand.Read(id[:])
	return id
}

// Request encodes a Binding request with FINGERPRINT.
func Request(id TxID) []byte {
	message := make([]byte, 0, headerBytes+8)
	message = binary.BigEndian.AppendUint16(message, bindingRequest)
	message = binary.BigEndian.AppendUint16(message, 8)
	message = binary.BigEndian.AppendUint32(message, magicCookie)
	message = append(message, id[:]...)
	sum := crc32.ChecksumIEEE(message) ^ fingerprintXor
	message = binary.BigEndian.AppendUint16(message, attrFingerprint)
	message = binary.BigEndian.AppendUint16(message, 4)
	return binary.BigEndian.AppendUint32(message, sum)
}

// Is says whether bytes look like STUN at all: the two top bits are zero and the cookie is there (RFC 8489 section 5).
func Is(message []byte) bool {
	return len(message) >= headerBytes && message[0]&0xc0 == 0 &&
		binary.BigEndian.Uint32(message[4:8]) == magicCookie
}

// Parse reads a Binding success response: whose it is, and the address that the server saw.
func Parse(message []byte) (TxID, netip.AddrPort, error) {
	var id TxID
	if !Is(message) || len(message) > maxMessageBytes ||
		binary.BigEndian.Uint16(message) != bindingSuccess ||
		int(binary.BigEndian.Uint16(message[2:])) != len(message)-headerBytes {
		return id, netip.AddrPort{}, ErrNotStun
	}
	copy(id[:], message[8:headerBytes])
	var mapped netip.AddrPort
	for rest := message[headerBytes:]; len(rest) > 0; {
		if len(rest) < 4 {
			return id, netip.AddrPort{}, ErrNotStun
		}
		kind, length := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		padded := (length + 3) &^ 3
		if len(rest)-4 < padded {
			return id, netip.AddrPort{}, ErrNotStun
		}
		value := rest[4 : 4+length]
		switch kind {
		case attrXorMapped:
			if address, ok := address(value, message[4:headerBytes]); ok {
				return id, address, nil
			}
			return id, netip.AddrPort{}, ErrNotStun
		case attrMapped:
			// Servers of RFC 3489 know only this one; what follows may still be the better one.
			mapped, _ = address(value, nil)
		}
		rest = rest[4+padded:]
	}
	if !mapped.IsValid() {
		return id, netip.AddrPort{}, ErrNotStun
	}
	return id, mapped, nil
}

// address reads (XOR-)MAPPED-ADDRESS; mask is cookie and transaction id, or nil.
func address(value, mask []byte) (netip.AddrPort, bool) {
	if len(value) < 8 {
		return netip.AddrPort{}, false
	}
	size := 0
	switch value[1] {
	case familyV4:
		size = 4
	case familyV6:
		size = 16
	}
	if size == 0 || len(value) != 4+size {
		return netip.AddrPort{}, false
	}
	port := binary.BigEndian.Uint16(value[2:])
	raw := append([]byte(nil), value[4:]...)
	if mask != nil {
		port ^= binary.BigEndian.Uint16(mask)
		for at := range raw {
			raw[at] ^= mask[at]
		}
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), port), port != 0
}
