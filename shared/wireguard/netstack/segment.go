package netstack

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// Offsets in the headers (RFC 791, RFC 9293).
const (
	ipLength   = 2
	ipID       = 4
	ipFlags    = 6
	ipTTL      = 8
	ipProtocol = 9
	ipChecksum = 10
	ipSource   = 12

	tcpSequence = 4
	tcpAck      = 8
	tcpOffset   = 12
	tcpFlags    = 13
	tcpWindow   = 14
	tcpChecksum = 16

	flagFin = 0x01
	flagPsh = 0x08
	flagAck = 0x10

	protocolTCP = 6
)

// outgoing is a packet of the stack on its way into packets of the path's size.
type outgoing struct {
	header  []byte
	payload [][]byte
	// mss is the payload of each but the last; rest is what is still to go.
	mss, rest int
	needsSum  bool
	sent      int
	buffer    *stack.PacketBuffer
}

// take reads a packet of the stack. Its memory is the stack's until release.
func (o *outgoing) take(packet *stack.PacketBuffer) {
	slices := packet.AsSlices()
	*o = outgoing{header: o.header[:0], payload: o.payload[:0], buffer: packet}
	headers := packet.HeaderSize()
	for _, slice := range slices {
		count := min(headers, len(slice))
		o.header = append(o.header, slice[:count]...)
		headers -= count
		if count < len(slice) {
			o.payload = append(o.payload, slice[count:])
			o.rest += len(slice) - count
		}
	}
	o.mss = o.rest
	if options := packet.GSOOptions; options.Type == stack.GSOTCPv4 && options.NeedsCsum {
		o.needsSum = true
		if options.MSS > 0 {
			o.mss = min(o.rest, int(options.MSS))
		}
	}
}

func (o *outgoing) release() {
	o.buffer.DecRef()
	o.buffer = nil
}

// isDone says whether everything was written; a packet without payload is written once.
func (o *outgoing) isDone() bool { return o.rest == 0 && (o.sent > 0 || o.buffer == nil) }

// write puts the next packet into the space and gives its size; 0 when it is too small.
func (o *outgoing) write(space []byte) int {
	count := min(o.mss, o.rest)
	size := len(o.header) + count
	if size > len(space) {
		return 0
	}
	packet := space[:size]
	copy(packet, o.header)
	o.copyPayload(packet[len(o.header):])
	o.rest -= count
	if o.needsSum {
		o.finish(packet)
	}
	o.sent++
	return size
}

func (o *outgoing) copyPayload(into []byte) {
	for len(into) > 0 {
		count := copy(into, o.payload[0])
		into = into[count:]
		if o.payload[0] = o.payload[0][count:]; len(o.payload[0]) == 0 {
			o.payload = o.payload[1:]
		}
	}
}

// finish makes the copied headers those of this piece: length, number, place, flags and sums.
func (o *outgoing) finish(packet []byte) {
	tcp := packet[header.IPv4MinimumSize:]
	if o.sent > 0 || o.rest > 0 {
		binary.BigEndian.PutUint16(packet[ipLength:], uint16(len(packet)))
		binary.BigEndian.PutUint16(packet[ipID:], binary.BigEndian.Uint16(o.header[ipID:])+uint16(o.sent))
		sumIP(packet)
		place := binary.BigEndian.Uint32(tcp[tcpSequence:]) + uint32(o.sent*o.mss)
		binary.BigEndian.PutUint32(tcp[tcpSequence:], place)
		if o.rest > 0 {
			tcp[tcpFlags] &^= flagFin | flagPsh
		}
	}
	binary.BigEndian.PutUint16(tcp[tcpChecksum:], 0)
	pseudo := checksum.Checksum(packet[ipSource:header.IPv4MinimumSize], protocolTCP+uint16(len(tcp)))
	binary.BigEndian.PutUint16(tcp[tcpChecksum:], ^checksum.Checksum(tcp, pseudo))
}

func sumIP(packet []byte) {
	binary.BigEndian.PutUint16(packet[ipChecksum:], 0)
	binary.BigEndian.PutUint16(packet[ipChecksum:], ^checksum.Checksum(packet[:header.IPv4MinimumSize], 0))
}
