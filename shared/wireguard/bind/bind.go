// Package bind carries WireGuard's packets over UDP and the relay at once. Endpoints are peers, not addresses: a peer's
// packets go over a UDP path while that is trusted, both ways while it is in doubt, and over the relay otherwise.
// Every connection starts on the relay and moves to UDP when pings (package pathmsg) have found a path.
package bind

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"daam/tunnel/frames"
	"daam/tunnel/pathmsg"
	"daam/tunnel/stun"

	"golang.zx2c4.com/wireguard/conn"
)

const (
	tickEvery     = 50 * time.Millisecond
	inboxPackets  = 4096
	knockMagic    = 0xDB
	stunEvery     = 25 * time.Second
	stunDeadline  = 3 * time.Second
	addressMaxAge = 10 * time.Second
)

// RelaySender is what the Bind needs of a relay connection.
type RelaySender interface {
	Send(to frames.Key, payload []byte) bool
	Up() bool
}

// Options of a Bind. The callbacks must not block.
type Options struct {
	PrivateKey, PublicKey [32]byte
	// Configured are addresses under which this end is reachable besides what is found out, in order.
	Configured []netip.AddrPort
	// StunServers as host:port.
	StunServers []string
	// PathChanged tells which path a peer's packets take from now on; the address is not valid on the relay.
	PathChanged func(peer frames.Key, kind Kind, address netip.AddrPort, rtt time.Duration)
	// Knock takes a sealed knock (its first byte is 0xDB) that came over the relay, from peers and strangers alike. The
	// payload is valid only during the call.
	Knock func(from frames.Key, payload []byte)
	// Handshake tells that WireGuard's handshake with a peer was answered.
	Handshake func(peer frames.Key)
}

// Policy says which paths may be used.
type Policy struct{ Direct, Relay bool }

type policy struct{ direct, relay bool }

// Drops counts what was not passed on, by reason.
type Drops struct {
	UnknownSource, Malformed, UnknownPeer, InboxFull atomic.Uint64
}

type relayed struct {
	peer   *Peer
	packet []byte
}

// Bind implements conn.Bind.
type Bind struct {
	options Options
	udp     *conn.StdNetBind
	relay   atomic.Pointer[RelaySender]
	rules   atomic.Pointer[policy]
	inbox   chan relayed
	wake    chan struct{}
	Drops   Drops
	// askStunNow though no peer is active.
	askStunNow atomic.Bool

	mu        sync.RWMutex
	peers     map[frames.Key]*Peer
	bySource  map[netip.AddrPort]*Peer
	byPair    map[pathmsg.PairID]*Peer
	closed    chan struct{}
	port      uint16
	stuns     map[stun.TxID]time.Time
	reflexive map[string]netip.AddrPort
	local     []netip.AddrPort
	localAt   time.Time
}

// New makes a Bind; Run must run beside it.
func New(options Options) *Bind {
	made := &Bind{
		options:   options,
		udp:       conn.NewStdNetBind().(*conn.StdNetBind),
		inbox:     make(chan relayed, inboxPackets),
		wake:      make(chan struct{}, 1),
		peers:     map[frames.Key]*Peer{},
		bySource:  map[netip.AddrPort]*Peer{},
		byPair:    map[pathmsg.PairID]*Peer{},
		stuns:     map[stun.TxID]time.Time{},
		reflexive: map[string]netip.AddrPort{},
	}
	made.rules.Store(&policy{direct: true, relay: true})
	made.askStunNow.Store(true)
	return made
}

// SetRelay gives the relay connection.
func (b *Bind) SetRelay(relay RelaySender) { b.relay.Store(&relay) }

// SetPolicy changes which paths may be used, for packets from now on.
func (b *Bind) SetPolicy(rules Policy) {
	b.rules.Store(&policy{direct: rules.Direct, relay: rules.Relay})
	b.wakeUp()
}

func (b *Bind) policy() policy { return *b.rules.Load() }

func (b *Bind) relayUp() bool {
	relay := b.relay.Load()
	return relay != nil && b.policy().relay && (*relay).Up()
}

// AddPeer makes a peer known, or adds candidates to a known one. The result is its WireGuard endpoint.
func (b *Bind) AddPeer(key frames.Key, candidates []netip.AddrPort) (*Peer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	peer, known := b.peers[key]
	if !known {
		pair, err := pathmsg.NewPair(b.options.PrivateKey, b.options.PublicKey, key)
		if err != nil {
			return nil, err
		}
		peer = &Peer{
			key: key, bind: b, pair: pair, token: tokenOf(key),
			pings: map[pathmsg.TxID]sentPing{}, announced: None,
		}
		b.peers[key] = peer
		b.byPair[pair.ReceiveID()] = peer
	}
	peer.mu.Lock()
	defer peer.mu.Unlock()
	for _, candidate := range candidates {
		if peer.addCandidate(candidate) {
			peer.startProbe(time.Now())
		}
	}
	return peer, nil
}

// RemovePeer forgets a peer: its packets are dropped from now on.
func (b *Bind) RemovePeer(key frames.Key) {
	b.mu.Lock()
	defer b.mu.Unlock()
	peer, known := b.peers[key]
	if !known {
		return
	}
	delete(b.peers, key)
	delete(b.byPair, peer.pair.ReceiveID())
	for source, owner := range b.bySource {
		if owner == peer {
			delete(b.bySource, source)
		}
	}
}

// Stats of a peer; false when it is not known.
func (b *Bind) Stats(key frames.Key) (PeerStats, bool) {
	b.mu.RLock()
	peer, known := b.peers[key]
	b.mu.RUnlock()
	if !known {
		return PeerStats{}, false
	}
	peer.mu.Lock()
	defer peer.mu.Unlock()
	stats := peer.stats
	stats.Kind, stats.Address, stats.RTT = peer.kind(), peer.best, peer.relayRTT
	if stats.Kind == Direct || stats.Kind == Both {
		stats.RTT = peer.bestRTT
	}
	return stats, true
}

// Port is the UDP port that is open.
func (b *Bind) Port() uint16 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.port
}

// Open opens the UDP sockets (conn.Bind).
func (b *Bind) Open(port uint16) ([]conn.ReceiveFunc, uint16, error) {
	receivers, actual, err := b.udp.Open(port)
	if err != nil {
		return nil, 0, err
	}
	closed := make(chan struct{})
	b.mu.Lock()
	b.closed, b.port = closed, actual
	b.local = nil
	b.mu.Unlock()
	wrapped := make([]conn.ReceiveFunc, 0, len(receivers)+1)
	for _, receive := range receivers {
		wrapped = append(wrapped, b.fromUDP(receive))
	}
	b.wakeUp()
	return append(wrapped, b.fromRelay(closed)), actual, nil
}

// Close closes the UDP sockets (conn.Bind).
func (b *Bind) Close() error {
	b.mu.Lock()
	if b.closed != nil {
		close(b.closed)
		b.closed = nil
	}
	b.mu.Unlock()
	return b.udp.Close()
}

// SetMark marks outgoing packets (conn.Bind).
func (b *Bind) SetMark(mark uint32) error { return b.udp.SetMark(mark) }

// BatchSize of receives and sends (conn.Bind).
func (b *Bind) BatchSize() int { return b.udp.BatchSize() }

// ParseEndpoint takes a public key in hex, as IpcSet gives it (conn.Bind).
func (b *Bind) ParseEndpoint(text string) (conn.Endpoint, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != frames.KeyBytes {
		return nil, errors.New("an endpoint is a public key in hex")
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	peer, known := b.peers[frames.Key(raw)]
	if !known {
		return nil, errors.New("unknown peer")
	}
	return peer, nil
}

// Send sends packets to a peer over the paths in use (conn.Bind).
func (b *Bind) Send(packets [][]byte, endpoint conn.Endpoint) error {
	peer, ok := endpoint.(*Peer)
	if !ok {
		return conn.ErrWrongEndpointType
	}
	size := 0
	for _, packet := range packets {
		size += len(packet)
	}
	peer.mu.Lock()
	peer.noteSending(packets, time.Now())
	kind, direct := peer.kind(), peer.bestEndpoint
	if kind == Direct || kind == Both {
		peer.stats.DirectSent += uint64(size)
	}
	if kind == Relay || kind == Both {
		peer.stats.RelaySent += uint64(size)
	}
	peer.mu.Unlock()
	var err error
	if kind == Direct || kind == Both {
		err = b.udp.Send(packets, direct)
	}
	if kind == Relay || kind == Both || err != nil {
		b.sendRelay(peer.key, packets)
	}
	if err != nil {
		peer.mu.Lock()
		peer.missed = max(peer.missed, doubtAfter)
		peer.mu.Unlock()
	}
	return nil
}

func (b *Bind) sendRelay(key frames.Key, packets [][]byte) {
	if !b.relayUp() {
		return
	}
	relay := *b.relay.Load()
	for _, packet := range packets {
		relay.Send(key, packet)
	}
}

// SendKnock sends a sealed knock over the relay, whatever the policy of paths says. False without a connection.
func (b *Bind) SendKnock(to frames.Key, payload []byte) bool {
	relay := b.relay.Load()
	return relay != nil && len(payload) > 0 && payload[0] == knockMagic && (*relay).Send(to, payload)
}

// noteSending remembers what a lost packet would cost most: handshakes. The caller holds mu.
func (p *Peer) noteSending(packets [][]byte, now time.Time) {
	for _, packet := range packets {
		switch {
		case len(packet) == 0:
		case packet[0] == 1:
			p.initiation = append([]byte(nil), packet...)
			p.initiationAt, p.retries = now, 0
			if p.kind() != None {
				p.leftAt = now
			}
			p.touch(now)
			p.bind.wakeUp()
		case packet[0] == 2:
			p.response = append([]byte(nil), packet...)
		case len(packet) != keepaliveBytes:
			p.touch(now)
		}
	}
}

// noteReceived says whether WireGuard shall see the packet. The caller holds mu.
func (p *Peer) noteReceived(packet []byte, now time.Time) (pass bool, answer []byte) {
	if len(packet) == 0 {
		return false, nil
	}
	switch packet[0] {
	case 1:
		hash := sha256.Sum256(packet)
		isRepeated := hash == p.lastInitiation && now.Sub(p.lastSeenAt) < duplicateWindow
		if isRepeated {
			// WireGuard would take it for a replay; the other side needs the answer that got lost.
			return false, p.response
		}
		if !p.yields(now) {
			return false, nil
		}
		// WireGuard forgets its own when it answers.
		p.initiation = nil
		p.lastInitiation, p.lastSeenAt, p.response = hash, now, nil
		p.touch(now)
	case 2:
		if p.initiation != nil {
			p.bind.options.Handshake(p.key)
		}
		p.initiation = nil
	case 3:
		p.initiation = nil
	case 4:
		if p.response != nil {
			// The first packet under the new keys: our answer arrived.
			p.response = nil
			p.bind.options.Handshake(p.key)
		}
		p.initiation = nil
		if len(packet) != keepaliveBytes {
			p.touch(now)
		}
	}
	return true, nil
}

func (b *Bind) sendOne(peer *Peer, item outgoing) {
	if item.tell {
		item.packet = peer.pair.Seal(pathmsg.Message{
			Kind: pathmsg.Candidates, TxID: pathmsg.NewTxID(), Addresses: b.ownAddresses(),
		})
	}
	if !item.to.IsValid() {
		b.sendRelay(peer.key, [][]byte{item.packet})
		return
	}
	b.sendUDP(item.packet, item.to)
}

func (b *Bind) sendUDP(packet []byte, to netip.AddrPort) {
	if endpoint, err := b.udp.ParseEndpoint(to.String()); err == nil {
		_ = b.udp.Send([][]byte{packet}, endpoint)
	}
}

func (b *Bind) wakeUp() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run pings, probes and retries until the context ends. While no peer is active it sleeps.
func (b *Bind) Run(ctx context.Context) {
	var nextStun time.Time
	for ctx.Err() == nil {
		now := time.Now()
		isActive := b.tickAll(now)
		// At the start and on a new network too: whoever knocks tells its addresses before anything else.
		if b.askStunNow.Swap(false) || (isActive && !now.Before(nextStun)) {
			nextStun = now.Add(stunEvery)
			go b.askStun(ctx)
		} else if !b.anyDue(now) {
			select {
			case <-ctx.Done():
			case <-b.wake:
			case <-time.After(stunEvery):
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(tickEvery):
		}
	}
}

func (b *Bind) snapshot() []*Peer {
	b.mu.RLock()
	defer b.mu.RUnlock()
	all := make([]*Peer, 0, len(b.peers))
	for _, peer := range b.peers {
		all = append(all, peer)
	}
	return all
}

func (b *Bind) tickAll(now time.Time) (again bool) {
	for _, peer := range b.snapshot() {
		send, due := peer.tick(now)
		again = again || due
		for _, item := range send {
			b.sendOne(peer, item)
		}
	}
	return again
}

func (b *Bind) anyDue(now time.Time) bool {
	for _, peer := range b.snapshot() {
		peer.mu.Lock()
		due := peer.isActive(now) || peer.initiation != nil
		peer.mu.Unlock()
		if due {
			return true
		}
	}
	return false
}
