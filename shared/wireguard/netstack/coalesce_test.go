package netstack

import (
	"bytes"
	"encoding/binary"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
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

// cut gives the packets in which a segment travels: sums in place, PSH and FIN on the last alone.
func cut(s segment) (pieces [][]byte) {
	for at := 0; at == 0 || at < len(s.payload); at += testMSS {
		piece := segment{flags: s.flags, sequence: s.sequence + uint32(at), options: s.options}
		piece.payload = s.payload[at:min(at+testMSS, len(s.payload))]
		if at+testMSS < len(s.payload) {
			piece.flags &^= header.TCPFlagPsh | header.TCPFlagFin
		}
		pieces = append(pieces, encode(piece))
	}
	return pieces
}

func encode(s segment) []byte {
	headers := header.IPv4MinimumSize + header.TCPMinimumSize + len(s.options)
	packet := make([]byte, testOffset+headers+len(s.payload))
	ip := header.IPv4(packet[testOffset:])
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(len(ip)), TTL: 64, Protocol: protocolTCP,
		SrcAddr: tcpip.AddrFrom4([4]byte{100, 64, 0, 1}), DstAddr: tcpip.AddrFrom4([4]byte{100, 64, 0, 2}),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	tcp := header.TCP(ip[header.IPv4MinimumSize:])
	tcp.Encode(&header.TCPFields{
		SrcPort: 5432, DstPort: 40000, SeqNum: s.sequence, AckNum: 7, Flags: s.flags, WindowSize: 500,
		DataOffset: uint8(header.TCPMinimumSize + len(s.options)),
	})
	copy(tcp[header.TCPMinimumSize:], s.options)
	copy(ip[headers:], s.payload)
	return packet
}

func bytesOf(count int) []byte {
	all := make([]byte, count)
	for at := range all {
		all[at] = byte(at * 31)
	}
	return all
}

func TestAStretchOfOneConnectionBecomesOneSegment(t *testing.T) {
	const start = 1<<32 - 1500
	options := []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	flags := header.TCPFlagAck | header.TCPFlagPsh
	for _, size := range []int{1, testMSS - 1, testMSS, testMSS + 1, 3 * testMSS, 5*testMSS + 17, 40 * testMSS} {
		pieces := cut(segment{flags: flags, sequence: start, payload: bytesOf(size), options: options})
		if run := runOf(pieces, testOffset); run != len(pieces) {
			t.Fatalf("%d bytes: %d of %d packets are one run", size, run, len(pieces))
		}
		joined := header.IPv4(join(pieces, testOffset).ToView().AsSlice())
		tcp := header.TCP(joined.Payload())
		if !joined.IsValid(len(joined)) || !joined.IsChecksumValid() || int(joined.TotalLength()) != len(joined) {
			t.Fatalf("%d bytes: IP header % x", size, joined[:header.IPv4MinimumSize])
		}
		if !bytes.Equal(tcp.Payload(), bytesOf(size)) || tcp.Flags() != flags || tcp.SequenceNumber() != start ||
			!bytes.Equal(tcp.Options(), options) {
			t.Fatalf("%d bytes: joined it is another segment", size)
		}
	}
}

func TestTheEndOfAConnectionAndEmptySegmentsStayAlone(t *testing.T) {
	pieces := cut(segment{flags: header.TCPFlagAck | header.TCPFlagFin, payload: bytesOf(2500)})
	if run := runOf(pieces, testOffset); run != 2 {
		t.Fatalf("the end is joined with what came before: %d", run)
	}
	empty := encode(segment{flags: header.TCPFlagAck})
	if run := runOf([][]byte{empty, empty}, testOffset); run != 1 {
		t.Fatal("acknowledgements are joined")
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
		pieces := cut(segment{flags: header.TCPFlagAck, payload: bytesOf(3 * testMSS)})
		change(pieces[1][testOffset:])
		if run := runOf(pieces, testOffset); run != 1 {
			t.Errorf("%s: %d", name, run)
		}
	}
	pushed := cut(segment{flags: header.TCPFlagAck, payload: bytesOf(3 * testMSS)})
	pushed[1][testOffset+tcp+tcpFlags] |= flagPsh
	if run := runOf(pushed, testOffset); run != 2 {
		t.Errorf("PSH: %d", run)
	}
}

func TestARunStaysWithinAnIPPacket(t *testing.T) {
	var packets [][]byte
	for at := range 100 {
		packets = append(packets, encode(segment{
			flags: header.TCPFlagAck, sequence: uint32(at * testMSS), payload: bytesOf(testMSS),
		}))
	}
	run := runOf(packets, testOffset)
	if size := join(packets[:run], testOffset).Size(); size > maxIPBytes || size < maxIPBytes-testMSS {
		t.Fatalf("%d packets, %d bytes", run, size)
	}
}

func FuzzRunOf(f *testing.F) {
	pieces := cut(segment{flags: header.TCPFlagAck, payload: bytesOf(2 * testMSS)})
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
