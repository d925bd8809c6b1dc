package netstack

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

var (
	one = netip.MustParseAddr("100.64.0.1")
	two = netip.MustParseAddr("100.64.0.2")
)

// wire carries the packets of one stack to the other, as WireGuard does, and loses that share of them.
func wire(from, to *Stack, loss float64) {
	const seed = 7
	luck := rand.New(rand.NewPCG(seed, seed))
	const space = 2048
	packets, sizes := make([][]byte, batchPackets), make([]int, batchPackets)
	for at := range packets {
		packets[at] = make([]byte, testOffset+space)
	}
	for {
		count, err := from.Read(packets, sizes, testOffset)
		if err != nil {
			return
		}
		sent := make([][]byte, 0, count)
		for at := range count {
			if luck.Float64() >= loss {
				sent = append(sent, packets[at][:testOffset+sizes[at]])
			}
		}
		_, _ = to.Write(sent, testOffset)
	}
}

func pairOfStacks(t *testing.T, loss float64) (dials, serves *Stack) {
	t.Helper()
	var stacks []*Stack
	for _, address := range []netip.Addr{one, two} {
		made, err := New(1280)
		if err != nil {
			t.Fatal(err)
		}
		if err := made.AddAddress(address); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = made.Close() })
		stacks = append(stacks, made)
	}
	go wire(stacks[0], stacks[1], loss)
	go wire(stacks[1], stacks[0], loss)
	return stacks[0], stacks[1]
}

func TestBothEndsOfAConnectionAreKeptAlive(t *testing.T) {
	dials, serves := pairOfStacks(t, 0)
	serves.Serve(5432, func(conn net.Conn, _ netip.AddrPort) { _, _ = io.Copy(conn, conn) })
	conn, err := dials.Dial(context.Background(), one, netip.AddrPortFrom(two, 5432))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for _, stack := range []*Stack{dials, serves} {
		found := 0
		for _, each := range stack.stack.RegisteredEndpoints() {
			endpoint, ok := each.(*tcp.Endpoint)
			if !ok {
				continue
			}
			var idle tcpip.KeepaliveIdleOption
			if err := endpoint.GetSockOpt(&idle); err != nil {
				t.Fatal(err)
			}
			if !endpoint.SocketOptions().GetKeepAlive() || time.Duration(idle) != keepaliveIdle {
				t.Error("an end is not kept alive")
			}
			found++
		}
		if found != 1 {
			t.Errorf("%d connections", found)
		}
	}
}

func TestADialThatNobodyAnswersEndsWithItsContext(t *testing.T) {
	alone, err := New(1280)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = alone.Close() }()
	if err := alone.AddAddress(one); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := alone.Dial(ctx, one, netip.AddrPortFrom(two, 5432)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestAPortThatNobodyServesIsRefused(t *testing.T) {
	dials, serves := pairOfStacks(t, 0)
	serves.Serve(5432, func(conn net.Conn, _ netip.AddrPort) { _ = conn.Close() })
	if _, err := dials.Dial(context.Background(), one, netip.AddrPortFrom(two, 5433)); err == nil {
		t.Fatal("connected")
	}
}

// With gVisor's RACK about one of four such connections stopped for good, with no timer running.
func TestAConnectionThatLosesPacketsComesToItsEnd(t *testing.T) {
	const total, block = 8 << 20, 64 << 10
	for range 6 {
		dials, serves := pairOfStacks(t, 0.003)
		serves.Serve(5432, func(conn net.Conn, _ netip.AddrPort) { _, _ = io.Copy(conn, conn) })
		conn, err := dials.Dial(context.Background(), one, netip.AddrPortFrom(two, 5432))
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() {
			for range total / block {
				if _, err := conn.Write(make([]byte, block)); err != nil {
					return
				}
			}
		}()
		if count, err := io.CopyN(io.Discard, conn, total); err != nil {
			t.Fatalf("%d bytes: %v", count, err)
		}
	}
}
