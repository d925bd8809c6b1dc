package netstack

import (
	"encoding/binary"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// ackPatience is how long an acknowledgement waits for data to travel with. RFC 9293, 3.8.6.3 allows 500 ms.
const ackPatience = 2 * time.Millisecond

// flow of a TCP connection: addresses and ports, as they stand in the headers.
type flow [12]byte

// tcpHead is what delaying acknowledgements needs to know of a TCP packet.
type tcpHead struct {
	flow flow
	ack  uint32
	// acks: the acknowledgement counts. isBare: nothing but that, not even an option besides timestamps.
	acks, isBare bool
}

// timestampBytes is the length of the options when they hold nothing but a timestamp, and its padding (RFC 7323).
const timestampBytes = 12

// headOf reads a packet that the stack made; false for what is no TCP packet.
func headOf(packet []byte) (tcpHead, bool) {
	if len(packet) < header.IPv4MinimumSize+header.TCPMinimumSize || packet[0] != 0x45 || packet[ipProtocol] != protocolTCP {
		return tcpHead{}, false
	}
	tcp := packet[header.IPv4MinimumSize:]
	options := int(tcp[tcpOffset]>>4)*4 - header.TCPMinimumSize
	made := tcpHead{ack: binary.BigEndian.Uint32(tcp[tcpAck:]), acks: tcp[tcpFlags]&flagAck != 0}
	copy(made.flow[:], packet[ipSource:header.IPv4MinimumSize])
	copy(made.flow[8:], tcp[:tcpSequence])
	// Losses (selective acknowledgements, RFC 2018) are longer, and told at once.
	made.isBare = tcp[tcpFlags] == flagAck && len(tcp) == header.TCPMinimumSize+options &&
		(options == 0 || (options == timestampBytes && tcp[header.TCPMinimumSize+2] == header.TCPOptionTS))
	return made, true
}

// ackDelay lets an acknowledgement of less than two full segments wait for the data that follows in most exchanges: a question
// and its answer are then two packets and not four. It remembers one connection, the one that was last seen; those of all
// others go at once.
type ackDelay struct {
	// twoSegments in bytes: so much is acknowledged at once (RFC 9293, 3.8.6.3).
	twoSegments uint32
	seen        tcpHead
	held        []byte
	timer       *time.Timer
}

func newAckDelay(mtu int) *ackDelay {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &ackDelay{twoSegments: 2 * uint32(mtu-header.IPv4MinimumSize-header.TCPMinimumSize), timer: timer}
}

// verdict over a packet that is about to leave.
type verdict int

const (
	send verdict = iota
	// hold it, it is with release from now on.
	hold
	// sendAlone: what was held is not needed any more.
	sendAlone
	// sendBoth: what was held, then this.
	sendBoth
)

// judge says what becomes of a packet, and of the one that is held.
func (d *ackDelay) judge(packet []byte) verdict {
	next, isTCP := headOf(packet)
	before := d.seen
	if !isTCP {
		return d.afterHeld(sendBoth)
	}
	d.seen = next
	if next.flow != before.flow || !next.acks {
		return d.afterHeld(sendBoth)
	}
	acked := next.ack - before.ack
	if len(d.held) > 0 {
		if next.isBare && acked == 0 {
			return d.afterHeld(sendBoth)
		}
		return d.afterHeld(sendAlone)
	}
	if next.isBare && acked > 0 && acked < d.twoSegments {
		d.held = append(d.held, packet...)
		d.timer.Reset(ackPatience)
		return hold
	}
	return send
}

func (d *ackDelay) afterHeld(then verdict) verdict {
	if len(d.held) == 0 {
		return send
	}
	d.timer.Stop()
	return then
}

// release copies what is held, and forgets it.
func (d *ackDelay) release(space []byte) int {
	size := copy(space, d.held)
	d.held = d.held[:0]
	return size
}
