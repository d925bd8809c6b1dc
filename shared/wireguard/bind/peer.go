package bind

import (
	"bytes"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"daam/tunnel/frames"
	"daam/tunnel/pathmsg"

	"golang.zx2c4.com/wireguard/conn"
)

// Kind of path that packets to a peer take.
type Kind string

// The kinds.
const (
	// None: neither a direct path nor a relay.
	None Kind = "none"
	// Relay alone.
	Relay Kind = "relay"
	// Direct alone: a trusted UDP path.
	Direct Kind = "direct"
	// Both: the UDP path is in doubt, so everything goes both ways.
	Both Kind = "both"
)

const (
	// pingEvery while the peer is active, over the path in use.
	pingEvery = 500 * time.Millisecond
	// activeFor after the last packet.
	activeFor = 45 * time.Second
	// doubtAfter so many unanswered pings everything goes both ways, lostAfter so many the path is given up.
	doubtAfter = 2
	lostAfter  = 6
	// A probe of all candidates: five times a second for three seconds, then ever less often.
	probeEvery   = 200 * time.Millisecond
	probeFor     = 3 * time.Second
	firstBackOff = 5 * time.Second
	lastBackOff  = 30 * time.Second
	// betterBy: another address replaces a working one only when it answers in less than this share of the time.
	betterBy = 0.7
	// relayPingEvery measures the way over the relay.
	relayPingEvery = 5 * time.Second
	// candidatesEvery bounds how often our addresses are told.
	candidatesEvery = time.Second
	maxOutstanding  = 64
	pongDeadline    = 5 * time.Second
	maxKnownSources = 8
	duplicateWindow = 5 * time.Second
	keepaliveBytes  = 32
	// crossingFor is how long after ours left another's handshake message may have left before ours arrived: a long
	// round trip.
	crossingFor = time.Second
)

// retryAfter the first handshake message it is sent again: WireGuard itself waits five seconds.
var retryAfter = [...]time.Duration{250 * time.Millisecond, 750 * time.Millisecond, 1750 * time.Millisecond}

type sentPing struct {
	to    netip.AddrPort // not valid: over the relay
	at    time.Time
	probe bool
}

// Peer is one other end, and WireGuard's Endpoint for it: WireGuard never learns which path its packets take.
type Peer struct {
	key  frames.Key
	bind *Bind
	pair *pathmsg.Pair
	// token stands for the peer where WireGuard wants an address: its handshake limiter counts by it.
	token netip.Addr

	mu           sync.Mutex
	lastActive   time.Time
	candidates   []netip.AddrPort
	sources      []netip.AddrPort // addresses from which it has proved itself, newest last
	best         netip.AddrPort
	bestEndpoint conn.Endpoint
	bestRTT      time.Duration
	relayRTT     time.Duration
	missed       int
	pings        map[pathmsg.TxID]sentPing
	nextPing     time.Time
	nextRelay    time.Time
	probeStart   time.Time
	nextProbe    time.Time
	backOff      time.Duration
	toldAt       time.Time
	announced    Kind
	announcedRTT time.Duration

	// initiation waits for its answer.
	initiation     []byte
	initiationAt   time.Time
	leftAt         time.Time // when it last had a path
	retries        int
	lastInitiation [sha256.Size]byte
	lastSeenAt     time.Time
	response       []byte

	stats PeerStats
}

// PeerStats counts packets' bytes by path.
type PeerStats struct {
	Kind           Kind
	Address        netip.AddrPort
	RTT            time.Duration
	DirectSent     uint64
	DirectReceived uint64
	RelaySent      uint64
	RelayReceived  uint64
}

// ClearSrc does nothing: the source is the Bind's affair (conn.Endpoint).
func (p *Peer) ClearSrc() {}

// SrcToString is empty (conn.Endpoint).
func (p *Peer) SrcToString() string { return "" }

// DstToString names the peer (conn.Endpoint).
func (p *Peer) DstToString() string { return p.token.String() }

// DstToBytes is what cookies are bound to (conn.Endpoint).
func (p *Peer) DstToBytes() []byte { return p.token.AsSlice() }

// DstIP differs for each peer (conn.Endpoint).
func (p *Peer) DstIP() netip.Addr { return p.token }

// SrcIP is not known (conn.Endpoint).
func (p *Peer) SrcIP() netip.Addr { return netip.Addr{} }

// tokenOf is an address of fd00::/8 that stands for a key.
func tokenOf(key frames.Key) netip.Addr {
	hash := sha256.Sum256(key[:])
	raw := [16]byte(hash[:16])
	raw[0] = 0xfd
	return netip.AddrFrom16(raw)
}

func (p *Peer) isActive(now time.Time) bool { return now.Sub(p.lastActive) < activeFor }

// kind of path now. The caller holds mu.
func (p *Peer) kind() Kind {
	direct := p.best.IsValid() && p.bind.policy().direct
	relay := p.bind.relayUp()
	switch {
	case direct && p.missed < doubtAfter:
		return Direct
	case direct && relay:
		return Both
	case direct:
		return Direct
	case relay:
		return Relay
	default:
		return None
	}
}

// touch notes traffic; a peer that wakes up doubts what it knew. The caller holds mu.
func (p *Peer) touch(now time.Time) {
	if !p.isActive(now) {
		p.missed = max(p.missed, doubtAfter)
		p.nextPing, p.nextRelay = now, now
		p.startProbe(now)
		p.bind.wakeUp()
	}
	p.lastActive = now
}

// startProbe asks all candidates again. The caller holds mu.
func (p *Peer) startProbe(now time.Time) {
	p.probeStart, p.nextProbe, p.backOff = now, now, firstBackOff
	p.bind.wakeUp()
}

// addCandidate keeps the newest addresses. The caller holds mu. True for a new one.
func (p *Peer) addCandidate(address netip.AddrPort) bool {
	for _, known := range p.candidates {
		if known == address {
			return false
		}
	}
	p.candidates = append(p.candidates, address)
	if len(p.candidates) > pathmsg.MaxCandidates {
		p.candidates = p.candidates[1:]
	}
	return true
}

// outgoing is what tick wants sent, after mu is released.
type outgoing struct {
	packet []byte
	to     netip.AddrPort // not valid: over the relay
	tell   bool           // our addresses, which only the Bind knows
}

// tick does what is due. It returns what to send and whether the peer needs further ticks.
func (p *Peer) tick(now time.Time) (send []outgoing, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	send = p.retryHandshake(now, send)
	if !p.isActive(now) {
		p.announce()
		return send, p.initiation != nil
	}
	p.expirePings(now)
	policy := p.bind.policy()
	if policy.direct {
		send = p.pingBest(now, send)
		send = p.probe(now, send)
	}
	if policy.relay && !now.Before(p.nextRelay) && p.bind.relayUp() {
		p.nextRelay = now.Add(relayPingEvery)
		send = append(send, outgoing{packet: p.ping(netip.AddrPort{}, now, true)})
	}
	p.announce()
	return send, true
}

func (p *Peer) retryHandshake(now time.Time, send []outgoing) []outgoing {
	if p.initiation == nil {
		return send
	}
	if p.retries >= len(retryAfter) {
		p.initiation = nil
		return send
	}
	if now.Sub(p.initiationAt) < retryAfter[p.retries] {
		return send
	}
	p.retries++
	kind := p.kind()
	if kind == Direct || kind == Both {
		send = append(send, outgoing{packet: p.initiation, to: p.best})
		p.leftAt = now
	}
	// A handshake that stays without an answer is reason enough to try the relay too.
	if p.bind.relayUp() {
		send = append(send, outgoing{packet: p.initiation})
		p.leftAt = now
	}
	return send
}

// yields says whether a handshake message of the other side goes before ours. Where both are under way, each side would
// answer and overwrite its own, and neither answer would fit; so the one of the greater public key stands. The caller
// holds mu.
func (p *Peer) yields(now time.Time) bool {
	isCrossing := p.initiation != nil && now.Sub(p.leftAt) < crossingFor
	return !isCrossing || bytes.Compare(p.bind.options.PublicKey[:], p.key[:]) < 0
}

func (p *Peer) expirePings(now time.Time) {
	for id, ping := range p.pings {
		if now.Sub(ping.at) > pongDeadline {
			delete(p.pings, id)
		}
	}
}

func (p *Peer) pingBest(now time.Time, send []outgoing) []outgoing {
	if !p.best.IsValid() || now.Before(p.nextPing) {
		return send
	}
	if p.missed >= lostAfter {
		p.forgetBest()
		p.startProbe(now)
		return send
	}
	p.nextPing = now.Add(pingEvery)
	// Counted as missed until its pong comes.
	p.missed++
	return append(send, outgoing{packet: p.ping(p.best, now, false), to: p.best})
}

func (p *Peer) forgetBest() {
	p.best, p.bestEndpoint, p.bestRTT, p.missed = netip.AddrPort{}, nil, 0, 0
}

func (p *Peer) probe(now time.Time, send []outgoing) []outgoing {
	isTrusted := p.best.IsValid() && p.missed < doubtAfter
	isFresh := now.Sub(p.probeStart) < probeFor
	if now.Before(p.nextProbe) || (isTrusted && !isFresh) {
		return send
	}
	if isFresh {
		p.nextProbe = now.Add(probeEvery)
	} else {
		p.nextProbe = now.Add(p.backOff)
		p.backOff = min(p.backOff*2, lastBackOff)
	}
	if now.Sub(p.toldAt) >= candidatesEvery && p.bind.relayUp() && (!isFresh || p.toldAt.Before(p.probeStart)) {
		p.toldAt = now
		send = append(send, outgoing{tell: true})
	}
	for _, candidate := range p.candidates {
		send = append(send, outgoing{packet: p.ping(candidate, now, true), to: candidate})
	}
	return send
}

// ping seals a new ping. The caller holds mu.
func (p *Peer) ping(to netip.AddrPort, now time.Time, probe bool) []byte {
	id := pathmsg.NewTxID()
	if len(p.pings) >= maxOutstanding {
		for oldest := range p.pings {
			delete(p.pings, oldest)
			break
		}
	}
	p.pings[id] = sentPing{to: to, at: now, probe: probe}
	return p.pair.Seal(pathmsg.Message{Kind: pathmsg.Ping, TxID: id})
}

// announce tells of a changed path. The caller holds mu.
func (p *Peer) announce() {
	kind := p.kind()
	if kind == p.announced {
		return
	}
	rtt := p.relayRTT
	if kind == Direct || kind == Both {
		rtt = p.bestRTT
	}
	p.announced, p.announcedRTT = kind, rtt
	p.bind.options.PathChanged(p.key, kind, p.best, rtt)
}

// pong takes an answer to one of our pings.
func (p *Peer) pong(id pathmsg.TxID, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ping, known := p.pings[id]
	if !known {
		return
	}
	delete(p.pings, id)
	rtt := now.Sub(ping.at)
	if !ping.to.IsValid() {
		p.relayRTT = rtt
		return
	}
	isBetter := !p.best.IsValid() || p.missed >= doubtAfter || float64(rtt) < betterBy*float64(p.bestRTT)
	switch {
	case ping.to == p.best:
		p.bestRTT, p.missed = rtt, 0
	case isBetter:
		endpoint, err := p.bind.udp.ParseEndpoint(ping.to.String())
		if err != nil {
			return
		}
		p.best, p.bestEndpoint, p.bestRTT, p.missed = ping.to, endpoint, rtt, 0
		p.nextPing = now.Add(pingEvery)
		if p.initiation != nil {
			// It may have had no path at all until now.
			p.initiationAt, p.retries = now.Add(-retryAfter[0]), 0
		}
	}
	p.announce()
}
