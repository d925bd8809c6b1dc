package netstack

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// packetOf gives a packet of the test's connection that acknowledges so much.
func packetOf(ack uint32, flags header.TCPFlags, payload string, options ...byte) []byte {
	packet := encode(segment{flags: flags, payload: []byte(payload), options: options})[testOffset:]
	header.TCP(packet[header.IPv4MinimumSize:]).SetAckNumber(ack)
	return packet
}

func TestAnAcknowledgementWaitsForWhatFollows(t *testing.T) {
	const ack = header.TCPFlagAck
	timestamp := []byte{1, 1, header.TCPOptionTS, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	losses := []byte{1, 1, header.TCPOptionSACK, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	otherFlow := packetOf(900, ack, "")
	otherFlow[ipSource] ^= 1
	data := func(acked uint32) []byte { return packetOf(acked, ack|header.TCPFlagPsh, "rows") }
	for name, each := range map[string]struct {
		packets [][]byte
		want    []verdict
	}{
		"data carries it":                   {[][]byte{data(1), packetOf(60, ack, "", timestamp...), data(60)}, []verdict{send, hold, sendAlone}},
		"the second goes at once":           {[][]byte{data(1), packetOf(60, ack, ""), packetOf(120, ack, "")}, []verdict{send, hold, sendAlone}},
		"two full segments do not wait":     {[][]byte{data(1), packetOf(3_000, ack, "")}, []verdict{send, send}},
		"losses do not wait":                {[][]byte{data(1), packetOf(60, ack, "", losses...)}, []verdict{send, send}},
		"nothing new does not wait":         {[][]byte{data(60), packetOf(60, ack, ""), packetOf(60, ack, "")}, []verdict{send, send, send}},
		"saying it again sends both":        {[][]byte{data(1), packetOf(60, ack, ""), packetOf(60, ack, "")}, []verdict{send, hold, sendBoth}},
		"another connection sends both":     {[][]byte{data(1), packetOf(60, ack, ""), otherFlow}, []verdict{send, hold, sendBoth}},
		"an unknown connection never waits": {[][]byte{packetOf(60, ack, ""), otherFlow}, []verdict{send, send}},
		"an end carries it":                 {[][]byte{data(1), packetOf(60, ack, ""), packetOf(60, ack|header.TCPFlagFin, "")}, []verdict{send, hold, sendAlone}},
		"a reset does not carry it":         {[][]byte{data(1), packetOf(60, ack, ""), packetOf(60, header.TCPFlagRst, "")}, []verdict{send, hold, sendBoth}},
		"what is no TCP sends both":         {[][]byte{data(1), packetOf(60, ack, ""), {0x60, 1}}, []verdict{send, hold, sendBoth}},
	} {
		t.Run(name, func(t *testing.T) {
			delay := newAckDelay(1280)
			for at, packet := range each.packets {
				got := delay.judge(packet)
				if got != each.want[at] {
					t.Fatalf("packet %d: %v, not %v", at, got, each.want[at])
				}
				if got == sendAlone || got == sendBoth {
					if size := delay.release(make([]byte, 100)); size != len(each.packets[at-1]) {
						t.Fatalf("%d bytes were held", size)
					}
				}
			}
		})
	}
}

func TestAnExchangeTakesTwoPackets(t *testing.T) {
	const exchanges = 200
	dials, serves := pairOfStacks(t, 0)
	serves.Serve(5432, func(conn net.Conn, _ netip.AddrPort) { _, _ = io.Copy(conn, conn) })
	conn, err := dials.Dial(context.Background(), one, netip.AddrPortFrom(two, 5432))
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("select 1")
	for range exchanges {
		if _, err := conn.Write(message); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, message); err != nil {
			t.Fatal(err)
		}
	}
	// One for each way, and some for a busy machine's sake: without waiting it would be twice as many.
	sent := serves.stack.Stats().IP.PacketsReceived.Value()
	if sent > exchanges*3/2 {
		t.Errorf("%d packets for %d questions", sent, exchanges)
	}
}

func TestAnAcknowledgementWithNothingToTravelWithLeavesByItself(t *testing.T) {
	dials, serves := pairOfStacks(t, 0)
	got := make(chan []byte, 1)
	serves.Serve(5432, func(conn net.Conn, _ netip.AddrPort) {
		buffer := make([]byte, 100)
		for {
			size, err := conn.Read(buffer)
			if err != nil {
				return
			}
			got <- bytes.Clone(buffer[:size])
		}
	})
	conn, err := dials.Dial(context.Background(), one, netip.AddrPortFrom(two, 5432))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		<-got
	}
	// Nothing is repeated: everything was acknowledged before the first repetition (200 ms at the least) was due.
	time.Sleep(time.Second)
	if repeated := dials.stack.Stats().TCP.Retransmits.Value(); repeated != 0 {
		t.Errorf("%d repetitions", repeated)
	}
}

func FuzzHeadOf(f *testing.F) {
	f.Add(packetOf(60, header.TCPFlagAck, ""))
	f.Add(packetOf(60, header.TCPFlagAck, "rows", 1, 1, header.TCPOptionTS, 10, 0, 0, 0, 1, 0, 0, 0, 2))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if head, isTCP := headOf(packet); head.isBare && (!isTCP || len(packet) > header.IPv4MinimumSize+header.TCPMinimumSize+timestampBytes) {
			t.Error("a packet with more than an acknowledgement may wait")
		}
	})
}
