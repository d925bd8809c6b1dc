package tunnel

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/frames"
	"daam/tunnel/relayclient"

	"github.com/coder/websocket"
)

// A relay that admits everyone; the real one is tested with the real sidecar elsewhere.
type testRelay struct {
	server *httptest.Server
	mu     sync.Mutex
	peers  map[string]*websocket.Conn
	seen   bytes.Buffer
	frames atomic.Int64
}

func startRelay(t testing.TB) *testRelay {
	t.Helper()
	relay := &testRelay{peers: map[string]*websocket.Conn{}}
	relay.server = httptest.NewServer(http.HandlerFunc(relay.serve))
	t.Cleanup(relay.server.Close)
	return relay
}

func (r *testRelay) url() string { return "ws" + strings.TrimPrefix(r.server.URL, "http") }

func (r *testRelay) serve(response http.ResponseWriter, request *http.Request) {
	socket, err := websocket.Accept(response, request, nil)
	if err != nil {
		return
	}
	defer func() { _ = socket.CloseNow() }()
	socket.SetReadLimit(frames.MaxMessageBytes)
	ctx := request.Context()
	_, raw, err := socket.Read(ctx)
	if err != nil {
		return
	}
	var hello struct {
		Token string `json:"token"`
	}
	_ = json.Unmarshal(raw, &hello)
	challenge := `{"v":1,"nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","relayKey":"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`
	_ = socket.Write(ctx, websocket.MessageText, []byte(challenge))
	if _, _, err = socket.Read(ctx); err != nil {
		return
	}
	// The token of these tests is the peer's key.
	r.mu.Lock()
	r.peers[hello.Token] = socket
	r.mu.Unlock()
	_ = socket.Write(ctx, websocket.MessageText, []byte(`{"ok":true}`))
	for {
		_, message, err := socket.Read(ctx)
		if err != nil {
			return
		}
		r.pass(ctx, hello.Token, message)
	}
}

func (r *testRelay) pass(ctx context.Context, from string, message []byte) {
	_ = frames.Decode(message, func(frame frames.Frame) {
		if frame.Type != frames.Send {
			return
		}
		r.frames.Add(1)
		r.mu.Lock()
		r.seen.Write(frame.Payload)
		to := r.peers[KeyText(frame.Key)]
		r.mu.Unlock()
		var key frames.Key
		copy(key[:], mustKey(from))
		encoded, _ := frames.Append(nil, frames.Frame{Type: frames.Recv, Key: key, Payload: frame.Payload})
		if to != nil {
			_ = to.Write(ctx, websocket.MessageBinary, encoded)
		}
	})
}

func mustKey(text string) []byte {
	var key []byte
	_, _ = fmt.Sscanf(text, "%s", &text)
	key, _ = decodeKey(text)
	return key
}

type end struct {
	*Tunnel
	paths chan bind.Kind
}

func newKey() (key [32]byte) {
	_, _ = rand.Read(key[:])
	return key
}

func quietEvents(paths chan bind.Kind) Events {
	return Events{
		Path: func(_ frames.Key, kind bind.Kind, _ netip.AddrPort, _ time.Duration) {
			select {
			case paths <- kind:
			default:
			}
		},
		Handshake: func(frames.Key) {},
		Knock:     func(frames.Key, []byte) {},
		Relay:     func(relayclient.State, time.Duration, string) {},
		Presence:  func(frames.Key, bool) {},
		ConnOpen:  func(uint64, string, frames.Key) {},
		ConnClose: func(uint64, uint64, uint64, string) {},
		Log:       func(string) {},
	}
}

func startEnd(t testing.TB, config Config) end {
	t.Helper()
	made := end{paths: make(chan bind.Kind, 64)}
	config.PrivateKey = newKey()
	config.Events = quietEvents(made.paths)
	if config.RelayURL != "" {
		public, err := PublicKey(config.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		config.RelayToken = KeyText(public)
	}
	started, err := Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Close)
	made.Tunnel = started
	return made
}

// echoSocket echoes what comes behind the PROXY header, and hands the header out.
func echoSocket(t testing.TB) (path string, headers chan []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "agent.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	headers = make(chan []byte, 64)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				reader := bufio.NewReader(conn)
				head := make([]byte, 16)
				if _, err := io.ReadFull(reader, head); err != nil {
					return
				}
				body := make([]byte, int(head[14])<<8|int(head[15]))
				_, _ = io.ReadFull(reader, body)
				headers <- append(head, body...)
				_, _ = io.Copy(conn, reader)
				_ = conn.Close()
			}()
		}
	}()
	return path, headers
}

var (
	agentIP  = netip.MustParseAddr("100.64.0.1")
	deviceIP = netip.MustParseAddr("100.64.0.2")
)

type pair struct {
	client, agent end
	relay         *testRelay
	port          netip.AddrPort
	headers       chan []byte
}

// connect makes two ends that know each other, and a local port.
func connect(t testing.TB, withRelay bool, policy bind.Policy) pair {
	t.Helper()
	made := pair{}
	var url string
	if withRelay {
		made.relay = startRelay(t)
		url = made.relay.url()
	}
	socket, headers := echoSocket(t)
	made.headers = headers
	made.agent = startEnd(t, Config{
		Address: agentIP, RelayURL: url, Accept: &Accept{Port: 5432, Socket: socket, Token: make([]byte, 32)},
	})
	made.client = startEnd(t, Config{RelayURL: url})
	made.agent.SetPolicy(policy)
	made.client.SetPolicy(policy)
	here := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), made.agent.Port())
	must(t, made.agent.AddPeer(Peer{Key: made.client.Public(), AllowedIP: deviceIP}))
	must(t, made.client.AddPeer(Peer{
		Key: made.agent.Public(), AllowedIP: agentIP, OwnAddress: deviceIP, Candidates: []netip.AddrPort{here},
	}))
	port, err := made.client.AddForward(Forward{
		ID: "shop", Listen: netip.MustParseAddrPort("127.0.0.1:0"), Peer: made.agent.Public(), Port: 5432,
	})
	must(t, err)
	made.port = port
	return made
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func echo(t testing.TB, port netip.AddrPort, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	go func() {
		_, _ = conn.Write([]byte(text))
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != text {
		t.Fatalf("%d of %d bytes came back: %v", len(got), len(text), err)
	}
}

func TestDirectPathWithoutAnyRelay(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	echo(t, two.port, strings.Repeat("direct ", 100_000))
	header := <-two.headers
	public := two.client.Public()
	if !bytes.HasPrefix(header, []byte("\r\n\r\n\x00\r\nQUIT\n")) || !bytes.Contains(header, public[:]) ||
		!bytes.Contains(header, []byte("direct")) {
		t.Fatalf("%q", header)
	}
}

func TestRelayAloneAndNothingReadableOnIt(t *testing.T) {
	two := connect(t, true, bind.Policy{Relay: true})
	echo(t, two.port, strings.Repeat("canary-7f3a91 ", 10_000))
	stats := two.client.Stats()
	if stats.Peers[0].Path.DirectSent != 0 || stats.Peers[0].Path.RelaySent == 0 || two.relay.frames.Load() == 0 {
		t.Fatalf("%+v", stats)
	}
	two.relay.mu.Lock()
	defer two.relay.mu.Unlock()
	if bytes.Contains(two.relay.seen.Bytes(), []byte("canary-7f3a91")) {
		t.Fatal("the relay could read it")
	}
}

func TestConnectionMovesFromRelayToDirect(t *testing.T) {
	two := connect(t, true, bind.Policy{Direct: true, Relay: true})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	buffer := make([]byte, 4)
	deadline := time.Now().Add(20 * time.Second)
	must(t, conn.SetDeadline(deadline))
	for time.Now().Before(deadline) {
		if _, err := conn.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, buffer); err != nil {
			t.Fatal(err)
		}
		if path := two.client.Stats().Peers[0].Path; path.Kind == bind.Direct && path.DirectReceived > 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%+v\n%+v", two.client.Stats(), two.agent.Stats())
}

func TestConnectionSurvivesTheLossOfTheDirectPathAndItsReturn(t *testing.T) {
	two := connect(t, true, bind.Policy{Direct: true, Relay: true})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	buffer := make([]byte, 8)
	exchange := func(until func(path bind.PeerStats) bool) {
		t.Helper()
		deadline := time.Now().Add(30 * time.Second)
		must(t, conn.SetDeadline(deadline))
		for time.Now().Before(deadline) {
			if _, err := conn.Write(buffer); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(conn, buffer); err != nil {
				t.Fatal(err)
			}
			if until(two.client.Stats().Peers[0].Path) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("%+v", two.client.Stats())
	}
	exchange(func(path bind.PeerStats) bool { return path.Kind == bind.Direct })
	two.agent.SetPolicy(bind.Policy{Relay: true})
	exchange(func(path bind.PeerStats) bool { return path.Kind == bind.Relay })
	two.agent.SetPolicy(bind.Policy{Direct: true, Relay: true})
	exchange(func(path bind.PeerStats) bool { return path.Kind == bind.Direct })
}

func TestConnectionSurvivesNewSockets(t *testing.T) {
	two := connect(t, true, bind.Policy{Direct: true, Relay: true})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	must(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	buffer := make([]byte, 8)
	for round := range 3 {
		_, err := conn.Write(buffer)
		must(t, err)
		_, err = io.ReadFull(conn, buffer)
		must(t, err)
		if round < 2 {
			must(t, two.client.Rebind())
		}
	}
}

func TestRemovedPeerIsCutOff(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	echo(t, two.port, "before")
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte("x"))
	must(t, err)
	one := make([]byte, 1)
	_, err = io.ReadFull(conn, one)
	must(t, err)
	if !two.agent.RemovePeer(two.client.Public()) {
		t.Fatal("unknown")
	}
	if conns := two.agent.Stats().Conns; conns > 1 {
		t.Fatalf("%d connections", conns)
	}
	must(t, conn.SetDeadline(time.Now().Add(2*time.Second)))
	_, _ = conn.Write([]byte("y"))
	if count, err := io.ReadFull(conn, one); err == nil && count > 0 {
		t.Fatal("it still answers")
	}
}

func TestAnUnreachableAgentIsToldInPostgresWords(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	two.client.RemovePeer(two.agent.Public())
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	must(t, err)
	answer := make([]byte, 1)
	_, err = io.ReadFull(conn, answer)
	must(t, err)
	if answer[0] != 'N' {
		t.Fatalf("%q", answer)
	}
	_, err = conn.Write(append([]byte{0, 0, 0, 14, 0, 3, 0, 0}, "user\x00\x00"...))
	must(t, err)
	got, err := io.ReadAll(conn)
	must(t, err)
	if got[0] != 'E' || !bytes.Contains(got, []byte("C08006\x00")) {
		t.Fatalf("%q", got)
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	two := connect(t, true, bind.Policy{Direct: true, Relay: true})
	var done sync.WaitGroup
	for number := range 50 {
		done.Add(1)
		go func() {
			defer done.Done()
			echo(t, two.port, strings.Repeat(fmt.Sprint(number), 5_000))
		}()
	}
	done.Wait()
}
