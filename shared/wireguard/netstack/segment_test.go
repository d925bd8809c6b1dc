package netstack

import (
	"bytes"
	"encoding/binary"
	"testing"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

const (
	testMSS    = 1000
	testOffset = 16
)

type segment struct {
	flags    header.TCPFlags
	sequence uint32
	payload  []byte
	options  []byte
}

// large is a packet as the stack hands it over: sums unfinished, larger than the path's size.
func large(s segment) *stack.PacketBuffer {
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{
		ReserveHeaderBytes: header.IPv4MinimumSize + header.TCPMinimumSize + len(s.options),
		Payload:            buffer.MakeWithData(s.payload),
	})
	tcp := header.TCP(packet.TransportHeader().Push(header.TCPMinimumSize + len(s.options)))
	tcp.Encode(&header.TCPFields{
		SrcPort: 5432, DstPort: 40000, SeqNum: s.sequence, AckNum: 7, Flags: s.flags, WindowSize: 500,
		DataOffset: uint8(header.TCPMinimumSize + len(s.options)),
	})
	copy(tcp[header.TCPMinimumSize:], s.options)
	ip := header.IPv4(packet.NetworkHeader().Push(header.IPv4MinimumSize))
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(packet.Size()), ID: 65535, TTL: 64, Protocol: protocolTCP,
		SrcAddr: tcpip.AddrFrom4([4]byte{100, 64, 0, 1}), DstAddr: tcpip.AddrFrom4([4]byte{100, 64, 0, 2}),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	packet.GSOOptions = stack.GSO{Type: stack.GSOTCPv4, NeedsCsum: true, MSS: testMSS, L3HdrLen: header.IPv4MinimumSize}
	return packet
}

func cut(packet *stack.PacketBuffer) (pieces [][]byte) {
	var leaving outgoing
	leaving.take(packet)
	for !leaving.isDone() {
		space := make([]byte, testOffset+2000)
		size := leaving.write(space[testOffset:])
		pieces = append(pieces, space[:testOffset+size])
	}
	leaving.release()
	return pieces
}

func bytesOf(count int) []byte {
	all := make([]byte, count)
	for at := range all {
		all[at] = byte(at * 31)
	}
	return all
}

func expectValid(t *testing.T, packet []byte) (header.IPv4, header.TCP) {
	t.Helper()
	ip := header.IPv4(packet)
	if !ip.IsValid(len(packet)) || !ip.IsChecksumValid() || int(ip.TotalLength()) != len(packet) {
		t.Fatalf("IP header of % x", packet[:20])
	}
	tcp := header.TCP(ip.Payload())
	sum := checksum.Checksum(tcp.Payload(), 0)
	if !tcp.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), sum, uint16(len(tcp.Payload()))) {
		t.Fatal("TCP checksum")
	}
	return ip, tcp
}

func TestALargeSegmentBecomesPacketsOfThePathsSizeAndBack(t *testing.T) {
	options := []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	for _, size := range []int{0, 1, testMSS - 1, testMSS, testMSS + 1, 3 * testMSS, 5*testMSS + 17, 40 * testMSS} {
		payload := bytesOf(size)
		flags := header.TCPFlagAck | header.TCPFlagPsh
		pieces := cut(large(segment{flags: flags, sequence: 1<<32 - 1500, payload: payload, options: options}))
		if want := max(1, (size+testMSS-1)/testMSS); len(pieces) != want {
			t.Fatalf("%d bytes: %d packets", size, len(pieces))
		}
		place := uint32(1<<32 - 1500&(1<<32-1))
		var heard []byte
		for at, piece := range pieces {
			ip, tcp := expectValid(t, piece[testOffset:])
			if tcp.SequenceNumber() != place || ip.ID() != uint16(65535+at) {
				t.Fatalf("piece %d: place %d, number %d", at, tcp.SequenceNumber(), ip.ID())
			}
			if isLast := at == len(pieces)-1; (tcp.Flags()&header.TCPFlagPsh != 0) != isLast {
				t.Fatalf("piece %d: %v", at, tcp.Flags())
			}
			place += uint32(len(tcp.Payload()))
			heard = append(heard, tcp.Payload()...)
		}
		if !bytes.Equal(heard, payload) {
			t.Fatal("the payload changed")
		}
		if size == 0 {
			continue
		}
		if run := runOf(pieces, testOffset); run != len(pieces) {
			t.Fatalf("%d bytes: %d of %d packets are one run", size, run, len(pieces))
		}
		joined := join(pieces, testOffset).ToView().AsSlice()
		tcp := header.TCP(header.IPv4(joined).Payload())
		if !header.IPv4(joined).IsChecksumValid() || !bytes.Equal(tcp.Payload(), payload) || tcp.Flags() != flags ||
			tcp.SequenceNumber() != 1<<32-1500 {
			t.Fatal("joined it is another segment")
		}
	}
}

func TestOnlyTheLastPieceHasFIN(t *testing.T) {
	pieces := cut(large(segment{flags: header.TCPFlagAck | header.TCPFlagFin, payload: bytesOf(2500)}))
	for at, piece := range pieces {
		_, tcp := expectValid(t, piece[testOffset:])
		if (tcp.Flags()&header.TCPFlagFin != 0) != (at == 2) {
			t.Fatalf("piece %d: %v", at, tcp.Flags())
		}
	}
	if run := runOf(pieces, testOffset); run != 2 {
		t.Fatalf("the end is joined with what came before: %d", run)
	}
}

func TestWhatDiffersIsNotJoined(t *testing.T) {
	at := func(index int, value byte) func(packet []byte) {
		return func(packet []byte) { packet[index] ^= value }
	}
	const tcp = header.IPv4MinimumSize
	for name, change := range map[string]func(packet []byte){
		"service": at(1, 4), "fragment": at(ipFlags, 0x20), "TTL": at(ipTTL, 1), "protocol": at(ipProtocol, 1),
		"source": at(ipSource, 1), "destination": at(ipSource+7, 1), "port": at(tcp, 1), "other port": at(tcp+3, 1),
		"gap": at(tcp+tcpSequence+3, 1), "acknowledgement": at(tcp+tcpAck, 1), "window": at(tcp+tcpWindow, 1),
		"header length": at(tcp+tcpOffset, 0x10), "URG": at(tcp+tcpFlags, 0x20), "RST": at(tcp+tcpFlags, 4),
		"total length": at(ipLength+1, 1), "IP options": at(0, 1),
	} {
		pieces := cut(large(segment{flags: header.TCPFlagAck, payload: bytesOf(3 * testMSS)}))
		change(pieces[1][testOffset:])
		if run := runOf(pieces, testOffset); run != 1 {
			t.Errorf("%s: %d", name, run)
		}
	}
	pushed := cut(large(segment{flags: header.TCPFlagAck, payload: bytesOf(3 * testMSS)}))
	pushed[1][testOffset+tcp+tcpFlags] |= flagPsh
	if run := runOf(pushed, testOffset); run != 2 {
		t.Errorf("PSH: %d", run)
	}
}

func TestARunStaysWithinAnIPPacket(t *testing.T) {
	var packets [][]byte
	for at := range 100 {
		packets = append(packets, cut(large(segment{
			flags: header.TCPFlagAck, sequence: uint32(at * testMSS), payload: bytesOf(testMSS),
		}))...)
	}
	run := runOf(packets, testOffset)
	if size := join(packets[:run], testOffset).Size(); size > maxIPBytes || size < maxIPBytes-testMSS {
		t.Fatalf("%d packets, %d bytes", run, size)
	}
}

func FuzzRunOf(f *testing.F) {
	pieces := cut(large(segment{flags: header.TCPFlagAck, payload: bytesOf(2 * testMSS)}))
	f.Add(pieces[0], pieces[1])
	f.Add([]byte{0x45}, []byte{})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		packets := [][]byte{append(make([]byte, testOffset), one...), append(make([]byte, testOffset), two...)}
		run := runOf(packets, testOffset)
		if run < 1 || run > 2 {
			t.Fatal(run)
		}
		if len(one) == 0 {
			return
		}
		joined := join(packets[:run], testOffset).ToView().AsSlice()
		if run == 1 && !bytes.Equal(joined, one) {
			t.Fatal("a packet alone was changed")
		}
		if run == 2 && int(binary.BigEndian.Uint16(joined[ipLength:])) != len(joined) {
			t.Fatal("its length is not its own")
		}
	})
}
