package netstack

import (
	"bytes"
	"encoding/binary"
	"testing"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// largeOf is a packet as the stack hands it over when its link cuts: headers without sums, and all of the payload.
func largeOf(s segment) *stack.PacketBuffer {
	whole := encode(s)[testOffset:]
	headers := len(whole) - len(s.payload)
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{
		ReserveHeaderBytes: headers, Payload: buffer.MakeWithData(whole[headers:]),
	})
	copy(packet.TransportHeader().Push(headers-header.IPv4MinimumSize), whole[header.IPv4MinimumSize:headers])
	copy(packet.NetworkHeader().Push(header.IPv4MinimumSize), whole)
	packet.GSOOptions = stack.GSO{Type: stack.GSOTCPv4, MSS: testMSS, NeedsCsum: true}
	return packet
}

func isSound(packet []byte) bool {
	ip := header.IPv4(packet)
	tcp := header.TCP(packet[header.IPv4MinimumSize:])
	pseudo := header.PseudoHeaderChecksum(protocolTCP, ip.SourceAddress(), ip.DestinationAddress(), uint16(len(tcp)))
	return ip.IsChecksumValid() && int(ip.TotalLength()) == len(packet) && checksum.Checksum(tcp, pseudo) == 0xffff
}

func TestAStretchIsCutAsIfItHadBeenSentInPieces(t *testing.T) {
	const flags = header.TCPFlagAck | header.TCPFlagPsh | header.TCPFlagFin
	for _, size := range []int{testMSS + 1, 2 * testMSS, 63_000} {
		whole := segment{flags: flags, sequence: 0xffff_ff00, payload: bytesOf(size), options: []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}}
		var cutting stretch
		packet := largeOf(whole)
		if !cutting.take(packet) {
			t.Fatal("not cut")
		}
		packet.DecRef()
		var all []byte
		for at, want := range cut(whole) {
			space := make([]byte, 2048)
			got := space[:cutting.next(space)]
			if !isSound(got) {
				t.Fatalf("piece %d is not sound", at)
			}
			binary.BigEndian.PutUint16(got[header.IPv4MinimumSize+tcpChecksum:], 0)
			if !bytes.Equal(got, want[testOffset:]) {
				t.Fatalf("piece %d differs", at)
			}
			all = append(all, got[len(got)-min(testMSS, size-at*testMSS):]...)
		}
		if !cutting.isEmpty() || !bytes.Equal(all, whole.payload) {
			t.Fatal("something is missing")
		}
	}
}

func TestWhatFitsLeavesAsItIsWithItsSum(t *testing.T) {
	for _, size := range []int{0, 1, testMSS} {
		packet := largeOf(segment{flags: header.TCPFlagAck, payload: bytesOf(size)})
		if (&stretch{}).take(packet) {
			t.Fatal("cut")
		}
		space := make([]byte, 2048)
		if !isSound(space[:copyOut(space, packet)]) {
			t.Error("the sum is missing")
		}
	}
}
