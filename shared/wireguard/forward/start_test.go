package forward

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	askSSL  = []byte{0, 0, 0, 8, 4, 210, 22, 47}
	askGSS  = []byte{0, 0, 0, 8, 4, 210, 22, 48}
	cancel  = []byte{0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2}
	startup = append([]byte{0, 0, 0, 19, 0, 3, 0, 0}, "user\x00shop\x00\x00"...)
)

type local struct {
	config *tls.Config
	roots  *x509.CertPool
}

var localTLS = sync.OnceValue(func() local {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{{127, 0, 0, 1}},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	config, err := LocalTLS(certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return local{config, roots}
})

func trusting(protocols ...string) *tls.Config {
	return &tls.Config{ServerName: "localhost", RootCAs: localTLS().roots, NextProtos: protocols}
}

type outcome struct {
	conn net.Conn
	err  error
}

// begun starts a connection and gives the client's end.
func begun(t *testing.T) (client net.Conn, result chan outcome) {
	t.Helper()
	client, server := tcpPair(t)
	t.Cleanup(func() { _ = client.Close() })
	result = make(chan outcome, 1)
	go func() {
		conn, err := startWithin(5*time.Second, server, Terms{TLS: localTLS().config})
		result <- outcome{conn, err}
	}()
	return client, result
}

func expectAnswer(t *testing.T, client net.Conn, asked []byte, want byte) {
	t.Helper()
	var answer [1]byte
	if _, err := client.Write(asked); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(client, answer[:]); err != nil || answer[0] != want {
		t.Fatalf("%q %v", answer, err)
	}
}

// expectPassedOn sends bytes and their end from the client, and wants exactly them at the other end, and an answer back.
func expectPassedOn(t *testing.T, client net.Conn, result chan outcome, said []byte) {
	t.Helper()
	if _, err := client.Write(said); err != nil {
		t.Fatal(err)
	}
	if err := client.(halfCloser).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got := <-result
	if got.err != nil {
		t.Fatal(got.err)
	}
	heard, err := io.ReadAll(got.conn)
	if err != nil || !bytes.Equal(heard, said) {
		t.Fatalf("%q %v", heard, err)
	}
	_, _ = got.conn.Write([]byte("rows"))
	_ = got.conn.(halfCloser).CloseWrite()
	if answer, err := io.ReadAll(client); err != nil || string(answer) != "rows" {
		t.Fatalf("%q %v", answer, err)
	}
}

func TestSSLRequestIsAnsweredAndTLSEndsHere(t *testing.T) {
	for name, said := range map[string][]byte{"start-up": startup, "cancel": cancel} {
		t.Run(name, func(t *testing.T) {
			client, result := begun(t)
			expectAnswer(t, client, askSSL, 'S')
			expectPassedOn(t, tls.Client(client, trusting()), result, said)
		})
	}
}

func TestGSSENCRequestIsDeclinedAndTLSMayFollow(t *testing.T) {
	client, result := begun(t)
	expectAnswer(t, client, askGSS, 'N')
	expectAnswer(t, client, askSSL, 'S')
	expectPassedOn(t, tls.Client(client, trusting("postgresql")), result, startup)
}

func TestDirectTLSMustNamePostgreSQL(t *testing.T) {
	client, result := begun(t)
	expectPassedOn(t, tls.Client(client, trusting("postgresql")), result, startup)
	for _, protocols := range [][]string{nil, {"h2", "http/1.1"}} {
		client, result := begun(t)
		if err := tls.Client(client, trusting(protocols...)).Handshake(); err == nil {
			t.Errorf("%v: accepted", protocols)
		}
		if got := <-result; !errors.Is(got.err, ErrALPN) {
			t.Errorf("%v: %v", protocols, got.err)
		}
	}
}

func TestWhoAsksForNothingIsPassedOnAsItIs(t *testing.T) {
	for name, said := range map[string][]byte{"start-up": startup, "cancel": cancel} {
		t.Run(name, func(t *testing.T) {
			client, result := begun(t)
			expectPassedOn(t, client, result, said)
		})
	}
	client, result := begun(t)
	expectAnswer(t, client, askGSS, 'N')
	expectPassedOn(t, client, result, startup)
}

// CVE-2021-23214: whoever is between client and port must not be able to put words in front of what TLS protects.
func TestBytesInTheClearBehindSSLRequestAreNotTakenAsSaidInsideTLS(t *testing.T) {
	client, result := begun(t)
	expectAnswer(t, client, append(bytes.Clone(askSSL), startup...), 'S')
	if err := tls.Client(client, trusting()).Handshake(); err == nil {
		t.Fatal("the handshake went through")
	}
	if got := <-result; !errors.Is(got.err, ErrHandshake) {
		t.Fatal(got.err)
	}
}

func TestAClientThatDoesNotTrustTheCertificateIsToldApart(t *testing.T) {
	client, result := begun(t)
	expectAnswer(t, client, askSSL, 'S')
	_ = tls.Client(client, &tls.Config{ServerName: "localhost", RootCAs: x509.NewCertPool(), MaxVersion: tls.VersionTLS12}).Handshake()
	if got := <-result; !errors.Is(got.err, ErrHandshake) {
		t.Fatal(got.err)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	client, result := begun(t)
	expectAnswer(t, client, askSSL, 'S')
	old := trusting()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if err := tls.Client(client, old).Handshake(); err == nil {
		t.Fatal("accepted")
	}
	if got := <-result; !errors.Is(got.err, ErrHandshake) {
		t.Fatal(got.err)
	}
}

func TestRequestsWithoutEndEnd(t *testing.T) {
	client, result := begun(t)
	expectAnswer(t, client, askGSS, 'N')
	expectAnswer(t, client, askGSS, 'N')
	if got := <-result; !errors.Is(got.err, ErrRequests) {
		t.Fatal(got.err)
	}
}

func TestAHalfOpenStartIsClosed(t *testing.T) {
	hello := []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc}
	for name, said := range map[string][]byte{
		"nothing": nil, "half a request": askSSL[:5], "TLS requested": askSSL, "half a hello": hello,
	} {
		t.Run(name, func(t *testing.T) {
			client, server := tcpPair(t)
			_, _ = client.Write(said)
			if _, err := startWithin(20*time.Millisecond, server, Terms{TLS: localTLS().config}); err == nil {
				t.Fatal("it waits no more, but started")
			}
			if _, err := io.Copy(io.Discard, client); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Fatal(err)
			}
		})
	}
}

func TestErrorsOfTheCertificateNameNoValue(t *testing.T) {
	_, err := LocalTLS([]byte("sekret"), []byte("-----BEGIN PRIVATE KEY-----\nsekret\n-----END PRIVATE KEY-----\n"))
	if err == nil || strings.Contains(err.Error(), "sekret") {
		t.Fatal(err)
	}
}

func FuzzStart(f *testing.F) {
	for _, said := range [][]byte{askSSL, askGSS, cancel, startup, append(bytes.Clone(askGSS), startup...), {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		client, server := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		go func() {
			_, _ = client.Write(said)
			_ = client.Close()
		}()
		conn, err := startWithin(5*time.Second, server, Terms{TLS: localTLS().config})
		if err != nil {
			return
		}
		heard, _ := io.ReadAll(conn)
		if !bytes.HasSuffix(said, heard) || len(said)-len(heard) > headBytes {
			t.Fatalf("%x became %x", said, heard)
		}
	})
}
