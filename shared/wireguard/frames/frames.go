// Package frames is the wire format between a peer and the relay, the twin of shared/relay-protocol/frames.ts:
// binary WebSocket messages of one or more frames, back to back.
//
//	byte 0        type
//	bytes 1..2    length of the payload, unsigned, big-endian
//	bytes 3..34   X25519 public key of the other peer; zero where the relay itself is meant
//	bytes 35..    payload
package frames

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Sizes in bytes.
const (
	HeaderBytes     = 35
	KeyBytes        = 32
	MaxPayloadBytes = 16 * 1024
	MaxMessageBytes = 64 * 1024
	// CoalesceBytes bounds a message that several small frames share.
	CoalesceBytes = 60 * 1024
)

// Type is the first byte of a frame.
type Type byte

// The types, as in frames.ts.
const (
	Send        Type = 1
	Recv        Type = 2
	PeerPresent Type = 3
	PeerGone    Type = 4
	Ping        Type = 5
	Pong        Type = 6
	Note        Type = 7
	Restarting  Type = 8
)

// Key is an X25519 public key.
type Key [KeyBytes]byte

// Frame is one frame. The payload of a decoded one is a view of the message.
type Frame struct {
	Type    Type
	Key     Key
	Payload []byte
}

// ErrMalformed is wrapped by every error of Decode.
var ErrMalformed = errors.New("malformed relay message")

type bounds struct{ min, max int }

var payloadBounds = map[Type]bounds{
	Send:        {1, MaxPayloadBytes},
	Recv:        {1, MaxPayloadBytes},
	PeerPresent: {0, 0},
	PeerGone:    {1, 1},
	Ping:        {0, 8},
	Pong:        {0, 8},
	Note:        {0, 512},
	Restarting:  {4, 4},
}

// Append encodes a frame behind dst. It fails for a payload outside the bounds of its type.
func Append(dst []byte, frame Frame) ([]byte, error) {
	limit, known := payloadBounds[frame.Type]
	if !known || len(frame.Payload) < limit.min || len(frame.Payload) > limit.max {
		return dst, fmt.Errorf("relay frame of type %d cannot carry %d bytes", frame.Type, len(frame.Payload))
	}
	dst = append(dst, byte(frame.Type))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(frame.Payload)))
	dst = append(dst, frame.Key[:]...)
	return append(dst, frame.Payload...), nil
}

// Decode calls take for each frame of a message, in order. Every byte must belong to a frame.
func Decode(message []byte, take func(Frame)) error {
	if len(message) > MaxMessageBytes {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(message))
	}
	if len(message) == 0 {
		return fmt.Errorf("%w: empty", ErrMalformed)
	}
	// All of it is checked before any of it is acted on.
	if err := walk(message, func(Frame) {}); err != nil {
		return err
	}
	return walk(message, take)
}

func walk(message []byte, take func(Frame)) error {
	for len(message) > 0 {
		if len(message) < HeaderBytes {
			return fmt.Errorf("%w: truncated header", ErrMalformed)
		}
		frame := Frame{Type: Type(message[0])}
		limit, known := payloadBounds[frame.Type]
		length := int(binary.BigEndian.Uint16(message[1:3]))
		switch {
		case !known:
			return fmt.Errorf("%w: unknown type %d", ErrMalformed, message[0])
		case length < limit.min || length > limit.max:
			return fmt.Errorf("%w: payload of %d bytes in type %d", ErrMalformed, length, message[0])
		case len(message)-HeaderBytes < length:
			return fmt.Errorf("%w: truncated payload", ErrMalformed)
		}
		copy(frame.Key[:], message[3:HeaderBytes])
		frame.Payload = message[HeaderBytes : HeaderBytes+length]
		take(frame)
		message = message[HeaderBytes+length:]
	}
	return nil
}
