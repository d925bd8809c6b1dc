// Package relayclient keeps one connection to the relay: admission with a token and the proof of the WireGuard key, then
// frames (package frames). It reconnects by itself. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.
package relayclient

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"daam/tunnel/frames"

	"github.com/coder/websocket"
	"golang.org/x/crypto/curve25519"
)

const (
	admissionTimeout = 5 * time.Second
	dialTimeout      = 10 * time.Second
	writeTimeout     = 10 * time.Second
	pingEvery        = 15 * time.Second
	// silence on the connection for this long means that it is dead.
	silenceLimit    = 40 * time.Second
	firstRetry      = 250 * time.Millisecond
	longestRetry    = 15 * time.Second
	maxAdmission    = 24 * 1024
	queueLimitBytes = 1 << 20
)

// State of the connection.
type State string

// The states.
const (
	Connecting State = "connecting"
	Connected  State = "connected"
	Waiting    State = "waiting"
)

// Options of a Client. The callbacks must not block.
type Options struct {
	// URL as in ws://host:port/relay/v1 or wss://…
	URL string
	// Name of the relay, to which the proof is bound. It must not come from the relay itself.
	Name                  string
	PrivateKey, PublicKey [32]byte
	// Token is asked for each connection, so that a renewed one is used.
	Token func() string
	// Receive takes a payload; it is valid only during the call.
	Receive func(from frames.Key, payload []byte)
	// Presence tells that a counterpart came or went.
	Presence func(peer frames.Key, present bool)
	// Changed tells the state; retryIn and reason are set while waiting.
	Changed func(state State, retryIn time.Duration, reason string)
}

// Client is a connection that comes back.
type Client struct {
	options Options
	wake    chan struct{}

	mu      sync.Mutex
	queue   [][]byte
	queued  int
	up      bool
	dropped uint64
	retry   chan struct{}
}

// New makes a client; Run connects it.
func New(options Options) *Client {
	return &Client{options: options, wake: make(chan struct{}, 1), retry: make(chan struct{}, 1)}
}

// Up says whether frames go out now.
func (c *Client) Up() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up
}

// Dropped counts frames that were given up because the connection did not keep up.
func (c *Client) Dropped() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}

// Send queues a payload for a peer. When the queue is full the oldest is dropped, as a router would do. False when there
// is no connection.
func (c *Client) Send(to frames.Key, payload []byte) bool {
	encoded, err := frames.Append(make([]byte, 0, frames.HeaderBytes+len(payload)),
		frames.Frame{Type: frames.Send, Key: to, Payload: payload})
	if err != nil {
		return false
	}
	return c.enqueue(encoded)
}

// Reconnect ends a wait at once, and drops a connection that may be stale.
func (c *Client) Reconnect() {
	select {
	case c.retry <- struct{}{}:
	default:
	}
}

func (c *Client) enqueue(encoded []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.up {
		return false
	}
	c.queue = append(c.queue, encoded)
	c.queued += len(encoded)
	for c.queued > queueLimitBytes {
		c.queued -= len(c.queue[0])
		c.queue = c.queue[1:]
		c.dropped++
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return true
}

// Run connects until the context ends.
func (c *Client) Run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		c.options.Changed(Connecting, 0, "")
		started := time.Now()
		wait, err := c.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > silenceLimit {
			failures = 0
		}
		if wait == 0 {
			wait = backOff(failures)
			failures++
		}
		reason := "closed"
		if err != nil {
			reason = err.Error()
		}
		c.options.Changed(Waiting, wait, reason)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.retry:
			failures = 0
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// backOff doubles from a quarter second, with jitter so that peers of one relay do not come back together.
func backOff(failures int) time.Duration {
	limit := min(firstRetry<<min(failures, 10), longestRetry)
	return limit/2 + rand.N(limit/2+1)
}

// connect serves one connection. A wait of more than zero is what the relay asked for.
func (c *Client) connect(outer context.Context) (time.Duration, error) {
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	dialing, stopDialing := context.WithTimeout(ctx, dialTimeout)
	defer stopDialing()
	// Its connection to a proxy or server is used once, so it keeps none.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	socket, _, err := websocket.Dial(dialing, c.options.URL, &websocket.DialOptions{
		HTTPClient:      &http.Client{Transport: transport, CheckRedirect: noRedirect},
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return 0, errors.New(describe(err))
	}
	defer func() { _ = socket.CloseNow() }()
	socket.SetReadLimit(frames.MaxMessageBytes)
	if err := c.admit(ctx, socket); err != nil {
		return 0, err
	}
	c.setUp(true)
	defer c.setUp(false)
	c.options.Changed(Connected, 0, "")
	go c.write(ctx, cancel, socket)
	go func() {
		select {
		case <-c.retry:
			cancel()
		case <-ctx.Done():
		}
	}()
	return c.read(ctx, socket)
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// describe leaves out URLs, which may hold a proxy's password.
func describe(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}

func (c *Client) setUp(up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up, c.queue, c.queued = up, nil, 0
}

func (c *Client) write(ctx context.Context, cancel func(), socket *websocket.Conn) {
	defer cancel()
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		message := c.takeMessage()
		if message == nil {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
			case <-ticker.C:
				ping, _ := frames.Append(nil, frames.Frame{Type: frames.Ping})
				c.enqueue(ping)
			}
			continue
		}
		writing, done := context.WithTimeout(ctx, writeTimeout)
		err := socket.Write(writing, websocket.MessageBinary, message)
		done()
		if err != nil {
			return
		}
	}
}

// takeMessage joins what waits, up to the size that frames share.
func (c *Client) takeMessage() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return nil
	}
	message := c.queue[0]
	count := 1
	for ; count < len(c.queue) && len(message)+len(c.queue[count]) <= frames.CoalesceBytes; count++ {
		message = append(message, c.queue[count]...)
	}
	c.queue = c.queue[count:]
	c.queued -= len(message)
	return message
}

func (c *Client) read(ctx context.Context, socket *websocket.Conn) (time.Duration, error) {
	var restartIn time.Duration
	for {
		reading, done := context.WithTimeout(ctx, silenceLimit)
		kind, message, err := socket.Read(reading)
		done()
		if err != nil {
			if status := websocket.CloseStatus(err); status != -1 {
				return restartIn, fmt.Errorf("the relay closed the connection (%d)", status)
			}
			return restartIn, errors.New("connection lost")
		}
		if kind != websocket.MessageBinary {
			return 0, errors.New("unexpected text message from the relay")
		}
		err = frames.Decode(message, func(frame frames.Frame) {
			switch frame.Type {
			case frames.Recv:
				c.options.Receive(frame.Key, frame.Payload)
			case frames.PeerPresent:
				c.options.Presence(frame.Key, true)
			case frames.PeerGone:
				c.options.Presence(frame.Key, false)
			case frames.Ping:
				pong, _ := frames.Append(nil, frames.Frame{Type: frames.Pong, Payload: frame.Payload})
				c.enqueue(pong)
			case frames.Restarting:
				asked := time.Duration(binary.BigEndian.Uint32(frame.Payload)) * time.Millisecond
				restartIn = max(time.Millisecond, min(asked, longestRetry))
			case frames.Pong, frames.Note, frames.Send:
			}
		})
		if err != nil {
			return 0, err
		}
	}
}

type challenge struct {
	V        int    `json:"v"`
	Nonce    string `json:"nonce"`
	RelayKey string `json:"relayKey"`
}

type admitted struct {
	OK   bool   `json:"ok"`
	Code string `json:"code"`
}

// admit is the peer's side of shared/relay-protocol/admission.ts.
func (c *Client) admit(outer context.Context, socket *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(outer, admissionTimeout)
	defer cancel()
	token := c.options.Token()
	if err := writeJSON(ctx, socket, map[string]any{"v": 1, "token": token}); err != nil {
		return err
	}
	var asked challenge
	raw, err := readText(ctx, socket)
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, &asked) != nil || asked.V != 1 {
		return refusal(raw)
	}
	proof, err := Prove(c.options.PrivateKey, c.options.PublicKey, asked.Nonce, asked.RelayKey, token, c.options.Name)
	if err != nil {
		return err
	}
	if err := writeJSON(ctx, socket, map[string]string{"proof": proof}); err != nil {
		return err
	}
	if raw, err = readText(ctx, socket); err != nil {
		return err
	}
	return refusal(raw)
}

// refusal is nil for an admission.
func refusal(raw []byte) error {
	var answer admitted
	if json.Unmarshal(raw, &answer) != nil {
		return errors.New("the relay's answer cannot be read")
	}
	if answer.OK {
		return nil
	}
	return fmt.Errorf("the relay refused: %.64q", answer.Code)
}

func writeJSON(ctx context.Context, socket *websocket.Conn, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := socket.Write(ctx, websocket.MessageText, text); err != nil {
		return errors.New("connection lost during admission")
	}
	return nil
}

func readText(ctx context.Context, socket *websocket.Conn) ([]byte, error) {
	kind, raw, err := socket.Read(ctx)
	if err != nil {
		return nil, errors.New("connection lost during admission")
	}
	if kind != websocket.MessageText || len(raw) > maxAdmission {
		return nil, errors.New("the relay's answer cannot be read")
	}
	return raw, nil
}

// Prove answers a challenge as shared/identity/possession.ts does, with purpose `relay`.
func Prove(private, public [32]byte, nonceText, relayKeyText, document, audience string) (string, error) {
	nonce, nonceErr := base64.RawURLEncoding.Strict().DecodeString(nonceText)
	relayKey, keyErr := base64.RawURLEncoding.Strict().DecodeString(relayKeyText)
	if nonceErr != nil || keyErr != nil || len(nonce) != 32 || len(relayKey) != 32 {
		return "", errors.New("the relay's challenge is not valid")
	}
	shared, err := curve25519.X25519(private[:], relayKey)
	if err != nil {
		return "", errors.New("the relay's key is not valid")
	}
	label := "daam possession v1 relay\x00"
	key, err := hkdf.Key(sha256.New, shared, nonce, label+string(public[:])+string(relayKey), 32)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(document))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(label))
	mac.Write(nonce)
	mac.Write(hash[:])
	mac.Write([]byte(audience))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
