package forward

import (
	"encoding/binary"
	"net"
	"strings"
	"sync/atomic"
	"unicode"
)

const (
	protocolMajor = 3
	// maxProgram is what PostgreSQL keeps of application_name (NAMEDATALEN, 63 bytes).
	maxProgram = 63
	// maxStartPackets: two requests for encryption and the start-up packet.
	maxStartPackets = 3
)

// Watched counts what a client says and is told, and reads the program's name out of its start-up packet as that passes
// (PostgreSQL docs, "StartupMessage", application_name). It changes no byte and holds none back.
type Watched struct {
	net.Conn
	said, told atomic.Uint64
	program    atomic.Pointer[string]
	// head is what has passed of the start; nil when there is nothing more to learn. Of the reader alone.
	head    []byte
	packets int
}

// Watch takes a client whose next byte is the first of its start.
func Watch(client net.Conn) *Watched { return &Watched{Conn: client, head: []byte{}} }

// Program is the name that the client gave itself: at most 63 bytes, printable. False while it is not known, and for ever
// when the client gave none or its start is encrypted to the agent.
func (w *Watched) Program() (string, bool) {
	name := w.program.Load()
	if name == nil {
		return "", false
	}
	return *name, true
}

// Bytes that the client said, and was told.
func (w *Watched) Bytes() (said, told uint64) { return w.said.Load(), w.told.Load() }

func (w *Watched) Read(into []byte) (int, error) {
	count, err := w.Conn.Read(into)
	if count > 0 {
		w.said.Add(uint64(count))
		if w.head != nil {
			w.learn(into[:count])
		}
	}
	return count, err
}

func (w *Watched) Write(from []byte) (int, error) {
	count, err := w.Conn.Write(from)
	if count > 0 {
		w.told.Add(uint64(count))
	}
	return count, err
}

// CloseWrite passes on the end of one direction.
func (w *Watched) CloseWrite() error {
	if half, ok := w.Conn.(halfCloser); ok {
		return half.CloseWrite()
	}
	return w.Conn.Close()
}

func (w *Watched) learn(passed []byte) {
	w.head = append(w.head, passed[:min(len(passed), maxStartup+headBytes*maxStartPackets-len(w.head))]...)
	for len(w.head) >= headBytes && w.packets < maxStartPackets {
		length, code := binary.BigEndian.Uint32(w.head), binary.BigEndian.Uint32(w.head[4:])
		switch {
		case w.head[0] == tlsHandshake || length < headBytes || length > maxStartup:
			w.head = nil
		case length == headBytes && (code == sslRequest || code == gssRequest):
			w.head = w.head[headBytes:]
			w.packets++
			continue
		case code>>16 != protocolMajor:
			w.head = nil
		case len(w.head) >= int(length):
			if name := programOf(w.head[headBytes:length]); name != "" {
				w.program.Store(&name)
			}
			w.head = nil
		}
		return
	}
	if w.packets >= maxStartPackets {
		w.head = nil
	}
}

// programOf reads the parameters of a start-up packet: names and values in turn, each ended by a zero.
func programOf(parameters []byte) string {
	texts := strings.Split(string(parameters), "\x00")
	for at := 0; at+1 < len(texts); at += 2 {
		if texts[at] == "application_name" {
			return printable(texts[at+1])
		}
	}
	return ""
}

func printable(text string) string {
	var made strings.Builder
	for _, each := range strings.ToValidUTF8(text, "?") {
		if !unicode.IsPrint(each) {
			each = '?'
		}
		if made.Len()+len(string(each)) > maxProgram {
			break
		}
		made.WriteRune(each)
	}
	return strings.TrimSpace(made.String())
}
