package netstack

import (
	"bytes"
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// Offsets in the headers (RFC 791, RFC 9293).
const (
	ipLength   = 2
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

const maxIPBytes = 65535

// headersOf gives how long the headers of a TCP packet are that may be joined with others: IPv4 without options and
// fragments, of the length that it says, with ACK and perhaps PSH as its only flags, and with a payload. 0 for all else.
func headersOf(packet []byte) int {
	if len(packet) < header.IPv4MinimumSize+header.TCPMinimumSize || packet[0] != 0x45 ||
		packet[ipProtocol] != protocolTCP || int(binary.BigEndian.Uint16(packet[ipLength:])) != len(packet) ||
		binary.BigEndian.Uint16(packet[ipFlags:])&0x3fff != 0 {
		return 0
	}
	tcp := packet[header.IPv4MinimumSize:]
	headers := header.IPv4MinimumSize + int(tcp[tcpOffset]>>4)*4
	if tcp[tcpFlags]&^flagPsh != flagAck || headers < header.IPv4MinimumSize+header.TCPMinimumSize || headers >= len(packet) {
		return 0
	}
	return headers
}

// runOf says how many packets from the first on are one stretch of one TCP connection, so that they can be joined:
// same headers but for the place, all but the last of the same size, none after PSH.
func runOf(packets [][]byte, offset int) int {
	first := packets[0][offset:]
	headers := headersOf(first)
	if headers == 0 {
		return 1
	}
	tcp := first[header.IPv4MinimumSize:headers]
	place, size, total := binary.BigEndian.Uint32(tcp[tcpSequence:]), len(first)-headers, len(first)
	previous := first
	for count, each := range packets[1:] {
		next := each[offset:]
		isLast := len(previous) != len(first) || previous[header.IPv4MinimumSize+tcpFlags]&flagPsh != 0
		place += uint32(size)
		if isLast || headersOf(next) != headers || len(next) > len(first) || total+len(next)-headers > maxIPBytes ||
			binary.BigEndian.Uint32(next[header.IPv4MinimumSize+tcpSequence:]) != place || !haveSameHeaders(first, next, headers) {
			return count + 1
		}
		total += len(next) - headers
		previous = next
	}
	return len(packets)
}

// haveSameHeaders compares all that must not differ: service, TTL, addresses, ports, acknowledgement, window, options.
func haveSameHeaders(one, two []byte, headers int) bool {
	const tcp = header.IPv4MinimumSize
	return one[1] == two[1] && one[ipTTL] == two[ipTTL] &&
		bytes.Equal(one[ipSource:tcp+tcpSequence], two[ipSource:tcp+tcpSequence]) &&
		bytes.Equal(one[tcp+tcpAck:tcp+tcpFlags], two[tcp+tcpAck:tcp+tcpFlags]) &&
		bytes.Equal(one[tcp+tcpWindow:tcp+tcpChecksum], two[tcp+tcpWindow:tcp+tcpChecksum]) &&
		bytes.Equal(one[tcp+header.TCPMinimumSize:headers], two[tcp+header.TCPMinimumSize:headers])
}

// join copies a run of packets into one of the stack's.
func join(run [][]byte, offset int) *stack.PacketBuffer {
	first := run[0][offset:]
	headers, total := 0, len(first)
	if len(run) > 1 {
		headers = headersOf(first)
		for _, each := range run[1:] {
			total += len(each) - offset - headers
		}
	}
	view := buffer.NewView(total)
	_, _ = view.Write(first)
	for _, each := range run[1:] {
		_, _ = view.Write(each[offset+headers:])
	}
	if len(run) > 1 {
		packet, last := view.AsSlice(), run[len(run)-1][offset:]
		binary.BigEndian.PutUint16(packet[ipLength:], uint16(total))
		sumIP(packet)
		packet[header.IPv4MinimumSize+tcpFlags] |= last[header.IPv4MinimumSize+tcpFlags] & flagPsh
	}
	return stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithView(view)})
}

func sumIP(packet []byte) {
	binary.BigEndian.PutUint16(packet[ipChecksum:], 0)
	binary.BigEndian.PutUint16(packet[ipChecksum:], ^checksum.Checksum(packet[:header.IPv4MinimumSize], 0))
}
