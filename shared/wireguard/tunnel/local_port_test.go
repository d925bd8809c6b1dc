package tunnel

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/forward"
	"daam/tunnel/frames"
)

func localTLS(t *testing.T) (port *tls.Config, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{{127, 0, 0, 1}}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	sec1, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	port, err = forward.LocalTLS(certificate, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}))
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return port, &tls.Config{ServerName: "127.0.0.1", RootCAs: roots, NextProtos: []string{"postgresql"}}
}

// askForTLS dials as a client with sslmode=require does.
func askForTLS(t *testing.T, port netip.AddrPort, config *tls.Config) *tls.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", port.String())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	must(t, err)
	answer := make([]byte, 1)
	_, err = io.ReadFull(conn, answer)
	must(t, err)
	if answer[0] != 'S' {
		t.Fatalf("%q", answer)
	}
	secured := tls.Client(conn, config)
	must(t, secured.Handshake())
	return secured
}

var startup = append([]byte{0, 0, 0, 14, 0, 3, 0, 0}, "user\x00\x00"...)

func refused(t *testing.T, conn net.Conn, code string) {
	t.Helper()
	_, err := conn.Write(startup)
	must(t, err)
	got, err := io.ReadAll(conn)
	must(t, err)
	if len(got) == 0 || got[0] != 'E' || !bytes.Contains(got, []byte("C"+code+"\x00")) {
		t.Fatalf("%q", got)
	}
}

func TestTLSEndsAtTheLocalPort(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	port, client := localTLS(t)
	if !two.client.SetForwardTLS("shop", port) || two.client.SetForwardTLS("other", port) {
		t.Fatal("which forwards there are")
	}
	conn := askForTLS(t, two.port, client)
	said := strings.Repeat("inside ", 50_000)
	go func() {
		_, _ = io.WriteString(conn, said)
		_ = conn.CloseWrite()
	}()
	if got, err := io.ReadAll(conn); err != nil || string(got) != said {
		t.Fatalf("%d of %d bytes came back: %v", len(got), len(said), err)
	}
	// A client that asks for no TLS is still heard.
	echo(t, two.port, string(startup))
	two.client.SetForwardTLS("shop", nil)
	echo(t, two.port, string(startup))
}

func TestALocalPortMayBeAUnixSocket(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	path := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	_, err := two.client.AddForward(Forward{ID: "socket", Socket: path, Peer: two.agent.Public(), Port: 5432})
	must(t, err)
	conn, err := net.Dial("unix", path)
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write(startup)
	must(t, err)
	must(t, conn.(*net.UnixConn).CloseWrite())
	if got, err := io.ReadAll(conn); err != nil || !bytes.Equal(got, startup) {
		t.Fatalf("%q %v", got, err)
	}
}

func TestSessionsOfALocalPortAreToldAndCanBeEnded(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	named := append([]byte{0, 0, 0, 41, 0, 3, 0, 0}, "user\x00mina\x00application_name\x00psql\x00\x00"...)
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", two.port.String())
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = conn.Write(named)
		must(t, err)
		_, err = io.ReadFull(conn, make([]byte, len(named)))
		must(t, err)
		return conn
	}
	ended, stays := dial(), dial()
	// What a client was told is counted when it has been written: the client may have read it by then.
	sessions, count := two.client.LocalSessions("shop", 9)
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if !slices.ContainsFunc(sessions, func(each LocalSession) bool { return each.Told == 0 }) {
			break
		}
		sessions, count = two.client.LocalSessions("shop", 9)
	}
	if count != 2 || len(sessions) != 2 {
		t.Fatal(count, sessions)
	}
	for _, each := range sessions {
		if each.Program != "psql" || each.Said != uint64(len(named)) || each.Told != uint64(len(named)) {
			t.Errorf("%+v", each)
		}
	}
	if some, all := two.client.LocalSessions("shop", 1); len(some) != 1 || all != 2 {
		t.Fatal(some, all)
	}
	if none, _ := two.client.LocalSessions("other", 9); len(none) != 0 {
		t.Fatal("of another forward", none)
	}
	first := sessions[0].Conn
	if two.client.EndLocalSession("other", first) || two.client.EndLocalSession("shop", 999) {
		t.Fatal("ended what is not of this forward")
	}
	if !two.client.EndLocalSession("shop", first) {
		t.Fatal("not ended")
	}
	if _, err := ended.Read(make([]byte, 1)); err == nil {
		t.Fatal("the session goes on")
	}
	_, err := stays.Write([]byte("x"))
	must(t, err)
	_, err = io.ReadFull(stays, make([]byte, 1))
	must(t, err)
	// Nobody at the agent's end is a session of a local port.
	if none, _ := two.agent.LocalSessions("", 9); len(none) != 0 {
		t.Fatal(none)
	}
}

func TestALocalPortAsksForItsPasswordUntilThatIsTakenAway(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	verifier := &forward.Verifier{Salt: make([]byte, 16), Iterations: 4096, StoredKey: make([]byte, 32), ServerKey: make([]byte, 32)}
	if !two.client.SetForwardPassword("shop", verifier) || two.client.SetForwardPassword("other", verifier) {
		t.Fatal("which forwards there are")
	}
	// Nobody knows it; a refusal is for those who do.
	two.client.SetRefusal("shop", &forward.Refusal{Code: "28000", Message: "not any more"})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write(append(bytes.Clone(startup), "p\x00\x00\x00\x0apassword\x00"...))
	must(t, err)
	must(t, conn.(*net.TCPConn).CloseWrite())
	got, _ := io.ReadAll(conn)
	if !bytes.Contains(got, []byte("SCRAM-SHA-256")) || !bytes.Contains(got, []byte("C28P01\x00")) || bytes.Contains(got, []byte("28000")) {
		t.Fatalf("%q", got)
	}
	two.client.SetRefusal("shop", nil)
	two.client.SetForwardPassword("shop", nil)
	echo(t, two.port, string(startup))
}

func TestARefusalReachesClientsInsideTLSAndEnds(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	port, client := localTLS(t)
	two.client.SetForwardTLS("shop", port)
	two.client.SetRefusal("shop", &forward.Refusal{Code: "28000", Message: "not any more"})
	refused(t, askForTLS(t, two.port, client), "28000")
	plain, err := net.Dial("tcp", two.port.String())
	must(t, err)
	refused(t, plain, "28000")
	two.client.SetRefusal("shop", nil)
	echo(t, two.port, string(startup))
}

func TestAConnectionWaitsForAPeerThatIsStillToCome(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	two.client.RemovePeer(two.agent.Public())
	done := make(chan struct{})
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	go func() {
		defer close(done)
		_, _ = conn.Write(startup)
		got := make([]byte, len(startup))
		if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, startup) {
			t.Errorf("%q %v", got, err)
		}
	}()
	// The agent forgets the device too: its session of before is of no use to the new one.
	two.agent.RemovePeer(two.client.Public())
	must(t, two.agent.AddPeer(Peer{Key: two.client.Public(), AllowedIP: deviceIP}))
	here := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), two.agent.Port())
	must(t, two.client.AddPeer(Peer{
		Key: two.agent.Public(), AllowedIP: agentIP, OwnAddress: deviceIP, Candidates: []netip.AddrPort{here},
	}))
	<-done
}

func TestAConnectionUnderWayOutlivesAPeerThatIsMadeAnew(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	echo(t, two.port, string(startup))
	conns := func(wanted int) {
		for two.client.Stats().Conns != wanted {
			time.Sleep(time.Millisecond)
		}
	}
	conns(0)
	// As after a restart of the agent: it has forgotten the session that the device goes on to use.
	two.agent.RemovePeer(two.client.Public())
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write(startup)
	must(t, err)
	conns(1)
	must(t, two.agent.AddPeer(Peer{Key: two.client.Public(), AllowedIP: deviceIP}))
	two.client.RemovePeer(two.agent.Public())
	here := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), two.agent.Port())
	must(t, two.client.AddPeer(Peer{
		Key: two.agent.Public(), AllowedIP: agentIP, OwnAddress: deviceIP, Candidates: []netip.AddrPort{here},
	}))
	got := make([]byte, len(startup))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, startup) {
		t.Fatalf("%q %v", got, err)
	}
}

func TestARefusalEndsTheWaitForAPeer(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	two.client.RemovePeer(two.agent.Public())
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	two.client.SetRefusal("shop", &forward.Refusal{Code: "28000", Message: "the agent said no"})
	refused(t, conn, "28000")
}

func TestAPeerHoldsOnlySoManyConnections(t *testing.T) {
	two := connect(t, false, bind.Policy{Direct: true})
	var numbers []uint64
	for range maxPerPeer {
		number, ok := two.agent.track(openConn{peer: two.client.Public()}, maxPerPeer)
		if !ok {
			t.Fatal("too early")
		}
		numbers = append(numbers, number)
	}
	conn, err := net.Dial("tcp", two.port.String())
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	refused(t, conn, "08006")
	if _, ok := two.agent.track(openConn{peer: frames.Key{1}}, maxPerPeer); !ok {
		t.Fatal("another peer pays for it")
	}
	for _, number := range numbers {
		two.agent.untrack(number)
	}
	echo(t, two.port, string(startup))
	two.agent.mu.Lock()
	clear(two.agent.open)
	two.agent.mu.Unlock()
}
