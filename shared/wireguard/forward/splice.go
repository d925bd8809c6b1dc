// Package forward joins TCP connections on both sides of the tunnel: a local port to the agent's tunnel address, and a
// tunnel connection to the agent's Unix socket.
package forward

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

const copyBufferBytes = 64 << 10

var buffers = sync.Pool{New: func() any { return new([copyBufferBytes]byte) }}

type halfCloser interface{ CloseWrite() error }

// Splice copies both ways until both ends have finished, passing on each end by itself: a client that has said all it
// has to say may still be waiting for rows. It returns the bytes from one to two, and back.
func Splice(one, two net.Conn) (there, back uint64) {
	var sent, received atomic.Uint64
	var done sync.WaitGroup
	done.Add(2)
	go func() {
		defer done.Done()
		sent.Store(pump(two, one))
	}()
	go func() {
		defer done.Done()
		received.Store(pump(one, two))
	}()
	done.Wait()
	_ = one.Close()
	_ = two.Close()
	return sent.Load(), received.Load()
}

func pump(to, from net.Conn) uint64 {
	buffer := buffers.Get().(*[copyBufferBytes]byte)
	defer buffers.Put(buffer)
	// Hidden from io.CopyBuffer: its ReadFrom would not use our buffer.
	count, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, buffer[:])
	if half, ok := to.(halfCloser); ok && err == nil {
		_ = half.CloseWrite()
	} else {
		_ = to.Close()
		_ = from.Close()
	}
	return uint64(max(count, 0))
}
