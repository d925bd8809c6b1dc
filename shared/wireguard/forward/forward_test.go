package forward

import (
	"bytes"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestHeaderIsProxyProtocolVersion2(t *testing.T) {
	header := Header{
		From: netip.MustParseAddrPort("100.64.0.2:40000"), To: netip.MustParseAddrPort("100.64.0.1:5432"),
		PeerKey: [32]byte(bytes.Repeat([]byte{0xaa}, 32)), Path: "relay", Token: []byte{1, 2, 3},
	}
	want := "0d0a0d0a000d0a515549540a" + "2111" + "003d" + "64400002" + "64400001" + "9c40" + "1538" +
		"e00020" + strings.Repeat("aa", 32) + "e10005" + "72656c6179" + "e20003" + "010203"
	if got := hex.EncodeToString(header.Encode()); got != want {
		t.Fatalf("\n%s\n%s", got, want)
	}
}

func tcpPair(t *testing.T) (one, two net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if one, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if two, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	return one, two
}

func TestSplicePassesOnTheEndOfEachDirectionByItself(t *testing.T) {
	client, left := tcpPair(t)
	right, server := tcpPair(t)
	counted := make(chan [2]uint64, 1)
	go func() {
		there, back := Splice(left, right)
		counted <- [2]uint64{there, back}
	}()
	_, _ = client.Write([]byte("question"))
	_ = client.(*net.TCPConn).CloseWrite()
	asked, _ := io.ReadAll(server)
	_, _ = server.Write([]byte("answer after the question's end"))
	_ = server.Close()
	answered, _ := io.ReadAll(client)
	if string(asked) != "question" || string(answered) != "answer after the question's end" {
		t.Fatalf("%q %q", asked, answered)
	}
	if counts := <-counted; counts != [2]uint64{8, 31} {
		t.Fatal(counts)
	}
}

func TestRefuseSaysNothingToWhatIsNoPostgresClient(t *testing.T) {
	client, server := tcpPair(t)
	go Refuse(server, Refusal{Message: "no", Hint: "none"})
	_, _ = client.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	got, _ := io.ReadAll(client)
	if len(got) > 0 {
		t.Fatalf("%q", got)
	}
}

func FuzzRefuse(f *testing.F) {
	f.Add([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	f.Fuzz(func(t *testing.T, said []byte) {
		client, server := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			Refuse(server, Refusal{Message: "no", Hint: "none"})
		}()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		_, _ = client.Write(said)
		_ = client.Close()
		<-done
	})
}
