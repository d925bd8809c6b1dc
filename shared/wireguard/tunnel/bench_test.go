package tunnel

import (
	"io"
	"net"
	"testing"
	"time"

	"daam/tunnel/bind"
)

const benchBlock = 64 << 10

func benchConn(b *testing.B, policy bind.Policy) net.Conn {
	b.Helper()
	two := connect(b, policy.Relay, policy)
	conn, err := net.Dial("tcp", two.port.String())
	must(b, err)
	b.Cleanup(func() { _ = conn.Close() })
	must(b, conn.SetDeadline(time.Now().Add(5*time.Minute)))
	return conn
}

// BenchmarkEcho is one exchange of 64 bytes over the direct path.
func BenchmarkEcho(b *testing.B) {
	conn := benchConn(b, bind.Policy{Direct: true})
	message := make([]byte, 64)
	exchange := func() {
		if _, err := conn.Write(message); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, message); err != nil {
			b.Fatal(err)
		}
	}
	for range 200 {
		exchange()
	}
	for b.Loop() {
		exchange()
	}
}

// BenchmarkStream sends blocks there and back at once, over the direct path.
func BenchmarkStream(b *testing.B) { benchStream(b, bind.Policy{Direct: true}) }

// BenchmarkStreamByRelay is the same over a relay in this process.
func BenchmarkStreamByRelay(b *testing.B) { benchStream(b, bind.Policy{Relay: true}) }

func benchStream(b *testing.B, policy bind.Policy) {
	conn := benchConn(b, policy)
	block := make([]byte, benchBlock)
	b.SetBytes(2 * benchBlock)
	_, err := conn.Write(block)
	must(b, err)
	_, err = io.ReadFull(conn, make([]byte, benchBlock))
	must(b, err)
	b.ResetTimer()
	go func() {
		for range b.N {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
	}()
	received := make([]byte, benchBlock)
	for range b.N {
		if _, err := io.ReadFull(conn, received); err != nil {
			b.Fatal(err)
		}
	}
}
