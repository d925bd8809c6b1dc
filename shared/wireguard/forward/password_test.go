package forward

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func verifierOf(password string) *Verifier {
	salt := []byte("salt of sixteen.")
	salted, _ := pbkdf2.Key(sha256.New, password, salt, 4096, sha256.Size)
	stored := sha256.Sum256(sign(salted, "Client Key"))
	return &Verifier{Salt: salt, Iterations: 4096, StoredKey: stored[:], ServerKey: sign(salted, "Server Key")}
}

var portPassword = verifierOf("correct horse")

// begunWithPassword starts a connection at a port that asks for a password.
func begunWithPassword(t *testing.T, terms Terms) (net.Conn, chan outcome) {
	t.Helper()
	client, server := tcpPair(t)
	t.Cleanup(func() { _ = client.Close() })
	_ = client.SetDeadline(time.Now().Add(10 * time.Second))
	result := make(chan outcome, 1)
	go func() {
		conn, err := startWithin(5*time.Second, server, terms)
		result <- outcome{conn, err}
	}()
	return client, result
}

func said(kind byte, body []byte) []byte {
	message := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(message, body...)
}

func sasl(mechanism, text string) []byte {
	body := append([]byte(mechanism), 0)
	return said('p', append(binary.BigEndian.AppendUint32(body, uint32(len(text))), text...))
}

func readMessage(t *testing.T, from io.Reader) (kind byte, body []byte) {
	t.Helper()
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		t.Fatal(err)
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	if _, err := io.ReadFull(from, body); err != nil {
		t.Fatal(err)
	}
	return head[0], body
}

// scram is a client's part of RFC 5802; it gives the last message of the other side, and whether its signature is right.
func scram(t *testing.T, client net.Conn, password, gs2 string) (kind byte, body []byte, isServer bool) {
	t.Helper()
	if _, err := client.Write(startup); err != nil {
		t.Fatal(err)
	}
	if kind, body := readMessage(t, client); kind != 'R' || string(body[4:]) != "SCRAM-SHA-256\x00\x00" {
		t.Fatalf("%c %q", kind, body)
	}
	_, _ = client.Write(sasl("SCRAM-SHA-256", gs2+"n=,r=clientnonce"))
	kind, body = readMessage(t, client)
	if kind != 'R' || binary.BigEndian.Uint32(body) != authContinue {
		return kind, body, false
	}
	serverFirst := string(body[4:])
	nonce, _, _ := strings.Cut(strings.TrimPrefix(serverFirst, "r="), ",")
	if !strings.HasPrefix(nonce, "clientnonce") || len(nonce) < len("clientnonce")+24 {
		t.Fatal(serverFirst)
	}
	salted, _ := pbkdf2.Key(sha256.New, password, []byte("salt of sixteen."), 4096, sha256.Size)
	without := "c=" + base64.StdEncoding.EncodeToString([]byte(gs2)) + ",r=" + nonce
	all := "n=,r=clientnonce," + serverFirst + "," + without
	key := sign(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, sha256.Size)
	subtle.XORBytes(proof, key, sign(stored[:], all))
	_, _ = client.Write(said('p', []byte(without+",p="+base64.StdEncoding.EncodeToString(proof))))
	kind, body = readMessage(t, client)
	wanted := "v=" + base64.StdEncoding.EncodeToString(sign(sign2(salted), all))
	return kind, body, kind == 'R' && string(body[4:]) == wanted
}

func sign2(salted []byte) []byte { return sign(salted, "Server Key") }

func TestTheRightPasswordIsPassedAndTheStartUpPacketGoesOn(t *testing.T) {
	for _, gs2 := range []string{"n,,", "y,,"} {
		client, result := begunWithPassword(t, Terms{Password: portPassword})
		expectAnswer(t, client, askSSL, 'N')
		if _, body, isServer := scram(t, client, "correct horse", gs2); !isServer {
			t.Fatalf("%q", body)
		}
		got := <-result
		if got.err != nil {
			t.Fatal(got.err)
		}
		heard := make([]byte, len(startup))
		if _, err := io.ReadFull(got.conn, heard); err != nil || !bytes.Equal(heard, startup) {
			t.Fatalf("%q %v", heard, err)
		}
	}
}

func TestThePasswordIsAskedForInsideTLS(t *testing.T) {
	client, result := begunWithPassword(t, Terms{TLS: localTLS().config, Password: portPassword})
	expectAnswer(t, client, askSSL, 'S')
	secured := tls.Client(client, trusting())
	if _, body, isServer := scram(t, secured, "correct horse", "y,,"); !isServer {
		t.Fatalf("%q", body)
	}
	if got := <-result; got.err != nil {
		t.Fatal(got.err)
	}
}

func TestAWrongPasswordIsRefusedByItsSQLSTATE(t *testing.T) {
	for _, password := range []string{"", "correct hors", "correct horse "} {
		client, result := begunWithPassword(t, Terms{Password: portPassword})
		kind, body, _ := scram(t, client, password, "n,,")
		if got := <-result; kind != 'E' || !bytes.Contains(body, []byte("C28P01\x00")) || !errors.Is(got.err, ErrPassword) {
			t.Fatalf("%c %q %v", kind, body, got.err)
		}
	}
}

func TestNothingElseThanThisSCRAMIsTaken(t *testing.T) {
	good := "n,,n=,r=clientnonce"
	for name, message := range map[string][]byte{
		"a password in the clear": said('p', []byte("correct horse\x00")),
		"another mechanism":       sasl("SCRAM-SHA-256-PLUS", good),
		"channel binding":         sasl("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=x"),
		"another's authority":     sasl("SCRAM-SHA-256", "n,a=root,n=,r=x"),
		"an extension first":      sasl("SCRAM-SHA-256", "n,,m=x,n=,r=x"),
		"no nonce":                sasl("SCRAM-SHA-256", "n,,n=,r="),
		"an unprintable nonce":    sasl("SCRAM-SHA-256", "n,,n=,r=\x01"),
		"a length that lies":      append(sasl("SCRAM-SHA-256", good)[:23], 0x7f, 0, 0, 0),
		"a query":                 said('Q', []byte("select 1\x00")),
		"too much":                said('p', make([]byte, maxSASLMessage)),
	} {
		t.Run(name, func(t *testing.T) {
			client, result := begunWithPassword(t, Terms{Password: portPassword})
			_, _ = client.Write(startup)
			readMessage(t, client)
			_, _ = client.Write(message)
			_ = client.(halfCloser).CloseWrite()
			if kind, body := readMessage(t, client); kind != 'E' || !bytes.Contains(body, []byte("C28P01\x00")) {
				t.Fatalf("%c %q", kind, body)
			}
			if got := <-result; got.err == nil {
				t.Fatal("it was let in")
			}
		})
	}
}

func TestAProofIsGoodForItsOwnNonceAlone(t *testing.T) {
	verifier := portPassword
	first, second := "c=biws,r=one", "c=biws,r=two"
	salted, _ := pbkdf2.Key(sha256.New, "correct horse", verifier.Salt, 4096, sha256.Size)
	key := sign(salted, "Client Key")
	proof := make([]byte, sha256.Size)
	subtle.XORBytes(proof, key, sign(verifier.StoredKey, "said,"+first))
	final := ",p=" + base64.StdEncoding.EncodeToString(proof)
	if _, ok := verifier.check(first+final, first, "said"); !ok {
		t.Fatal("its own is refused")
	}
	for _, wrong := range []struct{ final, wanted, said string }{
		{first + final, second, "said"}, {second + final, second, "said"}, {first + final, first, "other"},
		{first, first, "said"}, {first + ",p=", first, "said"},
	} {
		if _, ok := verifier.check(wrong.final, wrong.wanted, wrong.said); ok {
			t.Errorf("%v is taken", wrong)
		}
	}
}

func TestACancelRequestIsAskedForNothing(t *testing.T) {
	client, result := begunWithPassword(t, Terms{Password: portPassword})
	expectPassedOn(t, client, result, cancel)
}

func TestEncryptionIsNotAskedForTwice(t *testing.T) {
	client, result := begunWithPassword(t, Terms{TLS: localTLS().config, Password: portPassword})
	expectAnswer(t, client, askSSL, 'S')
	_, _ = tls.Client(client, trusting()).Write(askSSL)
	if got := <-result; !errors.Is(got.err, ErrRequests) {
		t.Fatal(got.err)
	}
}

func FuzzPassword(f *testing.F) {
	f.Add(append(bytes.Clone(startup), sasl("SCRAM-SHA-256", "n,,n=,r=x")...))
	f.Add(append(bytes.Clone(askSSL), startup...))
	f.Add(cancel)
	f.Fuzz(func(t *testing.T, bytesSaid []byte) {
		client, server := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		go func() {
			_, _ = client.Write(bytesSaid)
			_ = client.Close()
		}()
		conn, err := startWithin(5*time.Second, server, Terms{Password: portPassword})
		if err != nil {
			return
		}
		// Nobody knows the password here: only who wants to cancel gets this far.
		heard, _ := io.ReadAll(conn)
		if len(heard) < headBytes || binary.BigEndian.Uint32(heard[4:]) != cancelRequest {
			t.Fatalf("%x was let in", heard)
		}
	})
}
