package netstack

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// largestStretch is how much of a connection the stack hands over as one packet: as much as IP can say.
const largestStretch = 1 << 16

// stretch is one packet of the stack that holds several segments' payload, and how much of it has left (segmentation
// offload, as network cards do it). The headers stand for all: only place, length, flags and sums differ.
type stretch struct {
	bytes   []byte
	headers int
	segment int
	at      int
}

// take copies a packet that has to be cut; false for one that leaves as it is.
func (s *stretch) take(packet *stack.PacketBuffer) bool {
	segment := int(packet.GSOOptions.MSS)
	if packet.GSOOptions.Type != stack.GSOTCPv4 || segment == 0 || packet.Data().Size() <= segment {
		return false
	}
	s.headers, s.segment, s.at = packet.Size()-packet.Data().Size(), segment, 0
	s.bytes = s.bytes[:0]
	for _, slice := range packet.AsSlices() {
		s.bytes = append(s.bytes, slice...)
	}
	return true
}

func (s *stretch) isEmpty() bool { return s.headers+s.at >= len(s.bytes) }

// next writes the next segment to the space, and gives its length.
func (s *stretch) next(space []byte) int {
	payload := s.bytes[s.headers+s.at:]
	payload = payload[:min(len(payload), s.segment)]
	size := copy(space, s.bytes[:s.headers])
	size += copy(space[size:], payload)
	packet := space[:size]
	tcp := packet[header.IPv4MinimumSize:]
	binary.BigEndian.PutUint32(tcp[tcpSequence:], binary.BigEndian.Uint32(tcp[tcpSequence:])+uint32(s.at))
	s.at += len(payload)
	if !s.isEmpty() {
		tcp[tcpFlags] &^= flagFin | flagPsh
	}
	binary.BigEndian.PutUint16(packet[ipLength:], uint16(size))
	sumIP(packet)
	sumTCP(packet)
	return size
}

// sumTCP fills in the sum that the stack leaves to its link when that cuts.
func sumTCP(packet []byte) {
	tcp := header.TCP(packet[header.IPv4MinimumSize:])
	address := header.IPv4(packet)
	tcp.SetChecksum(0)
	pseudo := header.PseudoHeaderChecksum(header.TCPProtocolNumber, address.SourceAddress(), address.DestinationAddress(), uint16(len(tcp)))
	tcp.SetChecksum(^checksum.Checksum(tcp, pseudo))
}
