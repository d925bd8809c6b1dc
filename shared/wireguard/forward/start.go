package forward

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"time"
)

const (
	// startDeadline bounds the whole start: requests for encryption, TLS handshake, and the first bytes behind them.
	startDeadline = 15 * time.Second
	// alpnName is PostgreSQL's (docs, "Message Flow", direct SSL).
	alpnName = "postgresql"
	// headBytes are enough to tell every start apart: no start-up packet and no TLS record is shorter.
	headBytes     = 8
	tlsHandshake  = 0x16
	requestBounds = 2
)

// Errors of Start. None holds a byte of the client's.
var (
	// ErrSilent: the client said nothing, or not enough, in time.
	ErrSilent = errors.New("silent")
	// ErrHandshake: TLS failed, most often because the client does not trust the certificate.
	ErrHandshake = errors.New("tls")
	// ErrALPN: direct TLS without PostgreSQL's protocol name.
	ErrALPN = errors.New("alpn")
	// ErrRequests: one request for encryption after another.
	ErrRequests = errors.New("requests")
)

// LocalTLS is the configuration of a local port that speaks TLS, from PEM. The errors name no value.
func LocalTLS(certificate, key []byte) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, errors.New("not a certificate and its key in PEM")
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{alpnName},
		// As PostgreSQL does: a client that resumes gains nothing here.
		SessionTicketsDisabled: true,
	}, nil
}

// Terms of a local port: how its clients start. Nil parts ask for nothing; a port without any passes every byte on.
type Terms struct {
	// TLS is ended here.
	TLS *tls.Config
	// Password is asked for here.
	Password *Verifier
}

// IsEmpty says that nothing has to be read of a client.
func (t Terms) IsEmpty() bool { return t.TLS == nil && t.Password == nil }

// Start reads how a PostgreSQL client begins (PostgreSQL docs, "Message Flow", SSL session encryption), ends TLS here, and
// asks for the local password: SSLRequest is answered S (N without TLS), GSSENCRequest N, and a TLS handshake without a
// request must name PostgreSQL by ALPN. The result gives the client's own bytes, from its start-up packet or CancelRequest
// on; a client that asks for nothing comes out as it is. After an error the connection is closed.
func Start(client net.Conn, terms Terms) (net.Conn, error) {
	return startWithin(startDeadline, client, terms)
}

func startWithin(limit time.Duration, client net.Conn, terms Terms) (net.Conn, error) {
	_ = client.SetDeadline(time.Now().Add(limit))
	begun, err := begin(client, terms.TLS)
	if err == nil && terms.Password != nil {
		begun, err = authenticate(begun, terms.Password)
	}
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	_ = client.SetDeadline(time.Time{})
	return begun, nil
}

func begin(client net.Conn, config *tls.Config) (net.Conn, error) {
	for range requestBounds {
		var head [headBytes]byte
		// No byte more is read: what comes in the clear behind SSLRequest must not count as said inside TLS.
		if _, err := io.ReadFull(client, head[:]); err != nil {
			return nil, ErrSilent
		}
		length, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
		switch {
		case head[0] == tlsHandshake && config == nil:
			return nil, ErrHandshake
		case head[0] == tlsHandshake:
			return secure(&replayed{Conn: client, first: head[:]}, config, true)
		case length == headBytes && code == sslRequest && config != nil:
			if _, err := client.Write([]byte{'S'}); err != nil {
				return nil, ErrSilent
			}
			return secure(client, config, false)
		case length == headBytes && (code == gssRequest || code == sslRequest):
			if _, err := client.Write([]byte{'N'}); err != nil {
				return nil, ErrSilent
			}
		default:
			return &replayed{Conn: client, first: head[:]}, nil
		}
	}
	return nil, ErrRequests
}

func secure(client net.Conn, config *tls.Config, isDirect bool) (net.Conn, error) {
	if isDirect {
		// Without it a web page could make a browser speak to the port (the "ALPACA" attack).
		config = config.Clone()
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if !slices.Contains(hello.SupportedProtos, alpnName) {
				return nil, ErrALPN
			}
			return nil, nil
		}
	}
	secured := tls.Server(client, config)
	if err := secured.Handshake(); err != nil {
		if errors.Is(err, ErrALPN) {
			return nil, ErrALPN
		}
		return nil, ErrHandshake
	}
	return secured, nil
}

// replayed gives what was read ahead before the rest.
type replayed struct {
	net.Conn
	first []byte
}

func (r *replayed) Read(into []byte) (int, error) {
	if len(r.first) == 0 {
		return r.Conn.Read(into)
	}
	count := copy(into, r.first)
	r.first = r.first[count:]
	return count, nil
}

// CloseWrite passes on the end of one direction.
func (r *replayed) CloseWrite() error {
	if half, ok := r.Conn.(halfCloser); ok {
		return half.CloseWrite()
	}
	return r.Conn.Close()
}
