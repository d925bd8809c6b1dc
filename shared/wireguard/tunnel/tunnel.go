// Package tunnel puts WireGuard, the Bind, the relay connection and the network stack together.
package tunnel

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/frames"
	"daam/tunnel/netstack"
	"daam/tunnel/relayclient"

	"golang.org/x/crypto/curve25519"
	"golang.zx2c4.com/wireguard/device"
)

const (
	// DefaultMTU passes every path in use.
	DefaultMTU  = 1280
	dialTimeout = 10 * time.Second
	maxPeers    = 10_000
)

// Events of a tunnel. They must not block.
type Events struct {
	Path      func(peer frames.Key, kind bind.Kind, address netip.AddrPort, rtt time.Duration)
	Handshake func(peer frames.Key)
	Knock     func(from frames.Key, payload []byte)
	Relay     func(state relayclient.State, retryIn time.Duration, reason string)
	Presence  func(peer frames.Key, present bool)
	ConnOpen  func(id uint64, forward string, peer frames.Key)
	ConnClose func(id uint64, sent, received uint64, reason string)
	Log       func(text string)
}

// Config of a tunnel.
type Config struct {
	PrivateKey [32]byte
	// Address of this end; agents have one from the start, devices get one with each peer.
	Address    netip.Addr
	MTU        int
	ListenPort uint16
	RelayURL   string
	RelayName  string
	RelayToken string
	Stun       []string
	Configured []netip.AddrPort
	// Accept is set for the agent's role.
	Accept *Accept
	Events Events
}

// Accept says where connections from peers go.
type Accept struct {
	Port   uint16
	Socket string
	Token  []byte
}

// Peer is another end.
type Peer struct {
	Key        frames.Key
	AllowedIP  netip.Addr
	OwnAddress netip.Addr
	Candidates []netip.AddrPort
	Keepalive  time.Duration
}

// Tunnel is up from Start until Close.
type Tunnel struct {
	config Config
	public frames.Key
	bind   *bind.Bind
	stack  *netstack.Stack
	device *device.Device
	relay  *relayclient.Client
	cancel context.CancelFunc
	ctx    context.Context

	mu       sync.Mutex
	token    string
	peers    map[frames.Key]Peer
	byIP     map[netip.Addr]frames.Key
	forwards map[string]*localPort
	open     map[uint64]openConn
	byPeer   map[frames.Key]int
	nextConn uint64
	// changed is closed and made anew when a peer or a refusal changes.
	changed chan struct{}
}

// PublicKey of a private key; it fails for none that X25519 knows.
func PublicKey(private [32]byte) (frames.Key, error) {
	point, err := curve25519.X25519(private[:], curve25519.Basepoint)
	if err != nil {
		return frames.Key{}, err
	}
	return frames.Key(point), nil
}

// Start brings the tunnel up.
func Start(config Config) (*Tunnel, error) {
	public, err := PublicKey(config.PrivateKey)
	if err != nil {
		return nil, err
	}
	if config.MTU == 0 {
		config.MTU = DefaultMTU
	}
	stack, err := netstack.New(config.MTU)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	made := &Tunnel{
		config: config, public: public, stack: stack, ctx: ctx, cancel: cancel, token: config.RelayToken,
		peers: map[frames.Key]Peer{}, byIP: map[netip.Addr]frames.Key{},
		forwards: map[string]*localPort{}, open: map[uint64]openConn{}, byPeer: map[frames.Key]int{},
		changed: make(chan struct{}),
	}
	if err := made.start(); err != nil {
		made.Close()
		return nil, err
	}
	return made, nil
}

func (t *Tunnel) start() error {
	config := t.config
	if config.Address.IsValid() {
		if err := t.stack.AddAddress(config.Address); err != nil {
			return err
		}
	}
	t.bind = bind.New(bind.Options{
		PrivateKey: config.PrivateKey, PublicKey: t.public,
		Configured: config.Configured, StunServers: config.Stun,
		PathChanged: config.Events.Path, Knock: config.Events.Knock, Handshake: config.Events.Handshake,
	})
	t.device = device.NewDevice(t.stack, t.bind, &device.Logger{
		Verbosef: device.DiscardLogf,
		Errorf:   func(format string, args ...any) { config.Events.Log(fmt.Sprintf(format, args...)) },
	})
	settings := fmt.Sprintf("private_key=%s\nlisten_port=%d\n", hex.EncodeToString(config.PrivateKey[:]), config.ListenPort)
	if err := t.device.IpcSet(settings); err != nil {
		return fmt.Errorf("WireGuard: %w", err)
	}
	if err := t.device.Up(); err != nil {
		return fmt.Errorf("WireGuard: %w", err)
	}
	if config.Accept != nil {
		t.stack.Serve(config.Accept.Port, t.accept)
	}
	go t.bind.Run(t.ctx)
	if config.RelayURL != "" {
		t.relay = relayclient.New(relayclient.Options{
			URL: config.RelayURL, Name: config.RelayName, PrivateKey: config.PrivateKey, PublicKey: t.public,
			Token: t.relayToken, Receive: t.bind.FromRelay,
			Presence: config.Events.Presence, Changed: config.Events.Relay,
		})
		t.bind.SetRelay(t.relay)
		go t.relay.Run(t.ctx)
	}
	return nil
}

// Public key of this end.
func (t *Tunnel) Public() frames.Key { return t.public }

// Port is the UDP port that is open.
func (t *Tunnel) Port() uint16 { return t.bind.Port() }

// Addresses are the candidates of this end.
func (t *Tunnel) Addresses() []netip.AddrPort { return t.bind.Addresses() }

func (t *Tunnel) relayToken() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}

// SetRelayToken is used for the next connection to the relay; one that waits tries at once.
func (t *Tunnel) SetRelayToken(token string) {
	t.mu.Lock()
	t.token = token
	t.mu.Unlock()
	if t.relay != nil && !t.relay.Up() {
		t.relay.Reconnect()
	}
}

// SetPolicy says which paths may be used.
func (t *Tunnel) SetPolicy(policy bind.Policy) { t.bind.SetPolicy(policy) }

// Rebind opens new UDP sockets and connects to the relay again: after sleep, or on another network.
func (t *Tunnel) Rebind() error {
	if err := t.device.BindUpdate(); err != nil {
		return err
	}
	t.bind.Rebound()
	if t.relay != nil {
		t.relay.Reconnect()
	}
	return nil
}

// SendKnock sends a sealed knock over the relay.
func (t *Tunnel) SendKnock(to frames.Key, payload []byte) bool { return t.bind.SendKnock(to, payload) }

// AddPeer makes a peer known, or changes it.
func (t *Tunnel) AddPeer(peer Peer) error {
	if !peer.AllowedIP.Is4() {
		return errors.New("allowedIp is not an IPv4 address")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if owner, taken := t.byIP[peer.AllowedIP]; taken && owner != peer.Key {
		return fmt.Errorf("another peer has the address %s", peer.AllowedIP)
	}
	if _, known := t.peers[peer.Key]; !known && len(t.peers) >= maxPeers {
		return errors.New("too many peers")
	}
	if peer.OwnAddress.IsValid() {
		if err := t.stack.AddAddress(peer.OwnAddress); err != nil {
			return err
		}
	}
	if _, err := t.bind.AddPeer(peer.Key, peer.Candidates); err != nil {
		return errors.New("the public key is not valid")
	}
	var settings strings.Builder
	name := hex.EncodeToString(peer.Key[:])
	fmt.Fprintf(&settings, "public_key=%s\nreplace_allowed_ips=true\nallowed_ip=%s/32\nendpoint=%s\n",
		name, peer.AllowedIP, name)
	fmt.Fprintf(&settings, "persistent_keepalive_interval=%d\n", int(peer.Keepalive.Seconds()))
	if err := t.device.IpcSet(settings.String()); err != nil {
		return fmt.Errorf("WireGuard: %w", err)
	}
	if old, known := t.peers[peer.Key]; known {
		delete(t.byIP, old.AllowedIP)
	}
	t.peers[peer.Key] = peer
	t.byIP[peer.AllowedIP] = peer.Key
	t.wakeWaiting()
	return nil
}

// RemovePeer forgets a peer and ends its connections, except those that it has not answered yet: they wait for it to
// come back. False when it is not known.
func (t *Tunnel) RemovePeer(key frames.Key) bool {
	t.mu.Lock()
	peer, known := t.peers[key]
	delete(t.peers, key)
	if known {
		delete(t.byIP, peer.AllowedIP)
	}
	for _, open := range t.open {
		if open.peer == key && !open.isWaiting {
			defer func() { _ = open.conn.Close() }()
		}
	}
	t.mu.Unlock()
	if known {
		_ = t.device.IpcSet(fmt.Sprintf("public_key=%s\nremove=true\n", hex.EncodeToString(key[:])))
		t.bind.RemovePeer(key)
	}
	return known
}

// Close ends every connection and the tunnel. Idempotent.
func (t *Tunnel) Close() {
	t.cancel()
	t.mu.Lock()
	for id, local := range t.forwards {
		delete(t.forwards, id)
		_ = local.listener.Close()
	}
	for _, open := range t.open {
		defer func() { _ = open.conn.Close() }()
	}
	t.mu.Unlock()
	if t.device != nil {
		t.device.Close()
	}
}

// KeyText is a key as people and programs write it: base64.
func KeyText(key frames.Key) string { return base64.RawURLEncoding.EncodeToString(key[:]) }
