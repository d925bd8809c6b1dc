// Package netstack is a TCP/IP stack in this process (gVisor's) that looks like a TUN device to WireGuard. No interface,
// no route and no right of the machine is needed.
package netstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const (
	nic = 1
	// queuePackets wait for WireGuard to take them; beyond it TCP inside repeats.
	queuePackets = 4096
	batchPackets = 128
	// The buffers let one connection fill a path of 40 ms.
	maxReceiveBuffer = 8 << 20
	maxSendBuffer    = 6 << 20
	// maxHalfOpen bounds connections whose handshake is not finished.
	maxHalfOpen = 1024

	// closedWait is how long a closed connection is remembered (TIME_WAIT, FIN_WAIT_2): the usual minute makes a client that
	// opens a connection for each statement fill the memory.
	closedWait = 5 * time.Second

	keepaliveIdle     = 60 * time.Second
	keepaliveInterval = 15 * time.Second
	keepaliveCount    = 4
)

// Stack is the TUN device and the sockets on top of it.
type Stack struct {
	stack  *stack.Stack
	link   *link
	mtu    int
	acks   *ackDelay
	cut    stretch
	events chan tun.Event
	ctx    context.Context
	cancel context.CancelFunc
}

// New makes a stack without an address.
func New(mtu int) (*Stack, error) {
	inner := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
		HandleLocal:        true,
	})
	if err := tune(inner); err != nil {
		return nil, err
	}
	link := newLink(mtu)
	if err := inner.CreateNIC(nic, link); err != nil {
		return nil, fmt.Errorf("network stack: %v", err)
	}
	inner.AddRoute(tcpip.Route{Destination: header.IPv4EmptySubnet, NIC: nic})
	ctx, cancel := context.WithCancel(context.Background())
	made := &Stack{stack: inner, link: link, mtu: mtu, acks: newAckDelay(mtu), events: make(chan tun.Event, 1), ctx: ctx, cancel: cancel}
	made.events <- tun.EventUp
	return made, nil
}

// AddAddress gives the stack an IPv4 address; one that it has already is fine. A device has one from each agent.
func (s *Stack) AddAddress(address netip.Addr) error {
	if !address.Is4() {
		return fmt.Errorf("the tunnel address %s is not IPv4", address)
	}
	own := tcpip.ProtocolAddress{
		Protocol:          ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddrFrom4(address.As4()).WithPrefix(),
	}
	err := s.stack.AddProtocolAddress(nic, own, stack.AddressProperties{})
	if _, isKnown := err.(*tcpip.ErrDuplicateAddress); err != nil && !isKnown {
		return fmt.Errorf("network stack: %v", err)
	}
	return nil
}

func tune(inner *stack.Stack) error {
	sack := tcpip.TCPSACKEnabled(true)
	moderate := tcpip.TCPModerateReceiveBufferOption(true)
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: 4 << 10, Default: 1 << 20, Max: maxReceiveBuffer}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: 4 << 10, Default: 1 << 20, Max: maxSendBuffer}
	control := tcpip.CongestionControlOption("reno")
	// Without RACK: with it a connection that loses packets stops for good now and then, no timer running (ADR 0080).
	recovery := tcpip.TCPRecovery(0)
	timeWait, linger := tcpip.TCPTimeWaitTimeoutOption(closedWait), tcpip.TCPLingerTimeoutOption(closedWait)
	for _, option := range []tcpip.SettableTransportProtocolOption{
		&sack, &moderate, &receive, &send, &control, &timeWait, &linger, &recovery,
	} {
		if err := inner.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return fmt.Errorf("network stack: %T: %v", option, err)
		}
	}
	return nil
}

// Dial opens a TCP connection through the tunnel, from one of the stack's addresses.
func (s *Stack) Dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	var queue waiter.Queue
	endpoint, failed := s.stack.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, &queue)
	if failed != nil {
		return nil, fmt.Errorf("network stack: %v", failed)
	}
	keepAlive(endpoint)
	if err := connect(ctx, endpoint, &queue, fullAddress(netip.AddrPortFrom(from, 0)), fullAddress(to)); err != nil {
		endpoint.Close()
		return nil, err
	}
	return gonet.NewTCPConn(&queue, endpoint), nil
}

func connect(ctx context.Context, endpoint tcpip.Endpoint, queue *waiter.Queue, from, to tcpip.FullAddress) error {
	entry, writable := waiter.NewChannelEntry(waiter.WritableEvents)
	queue.EventRegister(&entry)
	defer queue.EventUnregister(&entry)
	if failed := endpoint.Bind(from); failed != nil {
		return fmt.Errorf("network stack: %v", failed)
	}
	failed := endpoint.Connect(to)
	if _, hasStarted := failed.(*tcpip.ErrConnectStarted); hasStarted {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-writable:
		}
		failed = endpoint.LastError()
	}
	if failed != nil {
		return fmt.Errorf("network stack: %v", failed)
	}
	return nil
}

// Serve hands every TCP connection to the port to accept, each in a goroutine of its own, with the peer's address.
func (s *Stack) Serve(port uint16, accept func(conn net.Conn, from netip.AddrPort)) {
	forwarder := tcp.NewForwarder(s.stack, 0, maxHalfOpen, func(request *tcp.ForwarderRequest) {
		id := request.ID()
		if id.LocalPort != port {
			request.Complete(true)
			return
		}
		var queue waiter.Queue
		endpoint, err := request.CreateEndpoint(&queue)
		request.Complete(err != nil)
		if err != nil {
			return
		}
		keepAlive(endpoint)
		from, _ := netip.AddrFromSlice(id.RemoteAddress.AsSlice())
		accept(gonet.NewTCPConn(&queue, endpoint), netip.AddrPortFrom(from, id.RemotePort))
	})
	s.stack.SetTransportProtocolHandler(tcp.ProtocolNumber, forwarder.HandlePacket)
}

func keepAlive(endpoint tcpip.Endpoint) {
	endpoint.SocketOptions().SetKeepAlive(true)
	idle := tcpip.KeepaliveIdleOption(keepaliveIdle)
	interval := tcpip.KeepaliveIntervalOption(keepaliveInterval)
	_ = endpoint.SetSockOpt(&idle)
	_ = endpoint.SetSockOpt(&interval)
	_ = endpoint.SetSockOptInt(tcpip.KeepaliveCountOption, keepaliveCount)
}

func fullAddress(address netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFrom4(address.Addr().As4()), Port: address.Port()}
}

// File is nil: there is no device (tun.Device).
func (s *Stack) File() *os.File { return nil }

// Name of the device (tun.Device).
func (s *Stack) Name() (string, error) { return "daam", nil }

// MTU of the device (tun.Device).
func (s *Stack) MTU() (int, error) { return s.mtu, nil }

// BatchSize is how many packets Read returns at most (tun.Device).
func (s *Stack) BatchSize() int { return batchPackets }

// Events of the device (tun.Device).
func (s *Stack) Events() <-chan tun.Event { return s.events }

// Read waits for a packet of the stack, and takes along what else is there (tun.Device). One goroutine calls it.
func (s *Stack) Read(packets [][]byte, sizes []int, offset int) (int, error) {
	count := 0
	// One place stays free for an acknowledgement that was held.
	for count < len(packets)-1 {
		space := packets[count][offset:]
		size, err := s.read(space, count == 0)
		if err != nil || size == 0 {
			return count, err
		}
		sizes[count] = size
		switch s.acks.judge(space[:sizes[count]]) {
		case hold:
			continue
		case sendAlone:
			s.acks.release(nil)
		case sendBoth:
			sizes[count+1] = copy(packets[count+1][offset:], space[:sizes[count]])
			sizes[count] = s.acks.release(space)
			count++
		case send:
		}
		count++
	}
	return count, nil
}

// read copies the next packet to the space, and says how long it is; 0 when there is none and nobody shall wait for one.
func (s *Stack) read(space []byte, mayWait bool) (int, error) {
	if !s.cut.isEmpty() {
		return s.cut.next(space), nil
	}
	packet := s.link.another()
	if packet == nil && !mayWait {
		return 0, nil
	}
	if packet == nil {
		var isLate bool
		if packet, isLate = s.link.next(s.ctx, s.acks.timer.C); isLate {
			return s.acks.release(space), nil
		}
	}
	if packet == nil {
		return 0, os.ErrClosed
	}
	if s.cut.take(packet) {
		packet.DecRef()
		return s.cut.next(space), nil
	}
	return copyOut(space, packet), nil
}

// copyOut copies a packet and releases it. What is larger than the space, which is more than any MTU, becomes nothing.
func copyOut(space []byte, packet *stack.PacketBuffer) int {
	defer packet.DecRef()
	if packet.Size() > len(space) {
		return 0
	}
	size := 0
	for _, slice := range packet.AsSlices() {
		size += copy(space[size:], slice)
	}
	if packet.GSOOptions.Type == stack.GSOTCPv4 {
		sumTCP(space[:size])
	}
	return size
}

// Write gives decrypted packets to the stack (tun.Device). What is not IPv4 is dropped.
func (s *Stack) Write(packets [][]byte, offset int) (int, error) {
	for at := 0; at < len(packets); {
		if packet := packets[at][offset:]; len(packet) == 0 || packet[0]>>4 != header.IPv4Version {
			at++
			continue
		}
		run := runOf(packets[at:], offset)
		received := join(packets[at:at+run], offset)
		s.link.inject(received)
		received.DecRef()
		at += run
	}
	return len(packets), nil
}

// Close ends every connection (tun.Device).
func (s *Stack) Close() error {
	if s.ctx.Err() != nil {
		return errors.New("closed twice")
	}
	s.cancel()
	s.stack.RemoveNIC(nic)
	s.link.Close()
	close(s.events)
	go s.stack.Close()
	return nil
}

var _ tun.Device = (*Stack)(nil)
