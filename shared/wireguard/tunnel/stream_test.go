package tunnel

import (
	"io"
	"net"
	"testing"
	"time"

	"daam/tunnel/bind"
)

// Both directions full at once lose packets in the sockets' buffers; the connection has to come through that.
func TestAStreamBothWaysAtOnceComesToItsEnd(t *testing.T) {
	const blocks = 150
	two := connect(t, false, bind.Policy{Direct: true})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	must(t, conn.SetDeadline(time.Now().Add(90*time.Second)))
	go func() {
		block := make([]byte, benchBlock)
		for range blocks {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	if count, err := io.Copy(io.Discard, conn); err != nil || count != blocks*benchBlock {
		t.Fatalf("%d bytes: %v", count, err)
	}
}
