package netstack

import (
	"context"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// link is the stack's only interface: a queue of outgoing packets, and a way in. TCP need not check sums: WireGuard has
// authenticated what comes in. It cuts what TCP gives it in one
// piece (ADR 0080).
type link struct {
	mtu        uint32
	dispatcher atomic.Pointer[stack.NetworkDispatcher]
	queue      chan *stack.PacketBuffer
	closed     atomic.Bool
}

func newLink(mtu int) *link {
	return &link{mtu: uint32(mtu), queue: make(chan *stack.PacketBuffer, queuePackets)}
}

// next waits for a packet; nil at the end, or when the time is up before. The caller releases it.
func (l *link) next(ctx context.Context, late <-chan time.Time) (packet *stack.PacketBuffer, isLate bool) {
	select {
	case packet := <-l.queue:
		return packet, false
	case <-late:
		return nil, true
	case <-ctx.Done():
		return nil, false
	}
}

// another is nil when none waits.
func (l *link) another() *stack.PacketBuffer {
	select {
	case packet := <-l.queue:
		return packet
	default:
		return nil
	}
}

func (l *link) inject(packet *stack.PacketBuffer) {
	if dispatcher := l.dispatcher.Load(); dispatcher != nil {
		(*dispatcher).DeliverNetworkPacket(header.IPv4ProtocolNumber, packet)
	}
}

// WritePackets queues what fits; TCP repeats the rest (stack.LinkWriter).
func (l *link) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	if l.closed.Load() {
		return 0, &tcpip.ErrClosedForSend{}
	}
	sent := 0
	for _, packet := range packets.AsSlice() {
		select {
		case l.queue <- packet.IncRef():
			sent++
		default:
			packet.DecRef()
			return sent, nil
		}
	}
	return sent, nil
}

// Close drops what waits (stack.LinkEndpoint).
func (l *link) Close() {
	l.closed.Store(true)
	for packet := l.another(); packet != nil; packet = l.another() {
		packet.DecRef()
	}
}

// Attach is given the stack (stack.LinkEndpoint).
func (l *link) Attach(dispatcher stack.NetworkDispatcher) {
	if dispatcher == nil {
		l.dispatcher.Store(nil)
		return
	}
	l.dispatcher.Store(&dispatcher)
}

// The rest of stack.LinkEndpoint says that there is no link layer.
func (l *link) IsAttached() bool                        { return l.dispatcher.Load() != nil }
func (l *link) MTU() uint32                             { return l.mtu }
func (l *link) SetMTU(uint32)                           {}
func (l *link) MaxHeaderLength() uint16                 { return 0 }
func (l *link) LinkAddress() tcpip.LinkAddress          { return "" }
func (l *link) SetLinkAddress(tcpip.LinkAddress)        {}
func (l *link) Wait()                                   {}
func (l *link) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (l *link) AddHeader(*stack.PacketBuffer)           {}
func (l *link) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (l *link) SetOnCloseAction(func())                 {}
func (l *link) Capabilities() stack.LinkEndpointCapabilities {
	return stack.CapabilityRXChecksumOffload
}

// GSOMaxSize and SupportedGSO say that we cut (stack.GSOEndpoint).
func (l *link) GSOMaxSize() uint32 {
	return largestStretch - 1 - header.IPv4MaximumHeaderSize - header.TCPHeaderMaximumSize
}
func (l *link) SupportedGSO() stack.SupportedGSO { return stack.HostGSOSupported }

var (
	_ stack.LinkEndpoint = (*link)(nil)
	_ stack.GSOEndpoint  = (*link)(nil)
)
