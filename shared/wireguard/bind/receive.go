package bind

import (
	"net"
	"net/netip"
	"time"

	"daam/tunnel/frames"
	"daam/tunnel/pathmsg"

	"golang.zx2c4.com/wireguard/conn"
)

// fromUDP wraps a receiver of the sockets: packets of known sources are their peers', path messages and STUN are ours.
func (b *Bind) fromUDP(receive conn.ReceiveFunc) conn.ReceiveFunc {
	return func(packets [][]byte, sizes []int, endpoints []conn.Endpoint) (int, error) {
		count, err := receive(packets, sizes, endpoints)
		for at := range count {
			if sizes[at] == 0 {
				continue
			}
			peer := b.classify(packets[at][:sizes[at]], endpoints[at])
			if peer == nil {
				sizes[at] = 0
				continue
			}
			endpoints[at] = peer
		}
		return count, err
	}
}

// classify is the peer whose WireGuard packet this is; nil for all else.
func (b *Bind) classify(packet []byte, endpoint conn.Endpoint) *Peer {
	std, ok := endpoint.(*conn.StdNetEndpoint)
	if !ok {
		return nil
	}
	source := netip.AddrPortFrom(std.Addr().Unmap(), std.Port())
	if id, isPath := pathmsg.Is(packet); isPath {
		b.pathMessage(packet, id, source)
		return nil
	}
	if !isWireGuard(packet) {
		// STUN's answers differ from WireGuard's messages in their second byte.
		b.stunAnswer(packet)
		return nil
	}
	b.mu.RLock()
	peer := b.bySource[source]
	b.mu.RUnlock()
	if peer == nil || !b.policy().direct {
		// A peer whose address changed proves itself by a ping within half a second.
		b.Drops.UnknownSource.Add(1)
		return nil
	}
	return b.received(peer, packet, source)
}

func (b *Bind) received(peer *Peer, packet []byte, source netip.AddrPort) *Peer {
	peer.mu.Lock()
	pass, answer := peer.noteReceived(packet, time.Now())
	if source.IsValid() {
		peer.stats.DirectReceived += uint64(len(packet))
	} else {
		peer.stats.RelayReceived += uint64(len(packet))
	}
	peer.mu.Unlock()
	if answer != nil {
		b.sendOne(peer, outgoing{packet: answer, to: source})
	}
	if !pass {
		return nil
	}
	return peer
}

// isWireGuard checks type and reserved bytes (WireGuard paper, section 5.4).
func isWireGuard(packet []byte) bool {
	return len(packet) >= keepaliveBytes && packet[0] >= 1 && packet[0] <= 4 &&
		packet[1] == 0 && packet[2] == 0 && packet[3] == 0
}

// FromRelay takes a payload that came over the relay. The payload is valid only during the call.
func (b *Bind) FromRelay(from frames.Key, payload []byte) {
	if len(payload) > 0 && payload[0] == knockMagic {
		b.options.Knock(from, payload)
		return
	}
	b.mu.RLock()
	peer := b.peers[from]
	b.mu.RUnlock()
	if peer == nil {
		b.Drops.UnknownPeer.Add(1)
		return
	}
	if id, isPath := pathmsg.Is(payload); isPath {
		b.pathMessage(payload, id, netip.AddrPort{})
		return
	}
	if !isWireGuard(payload) {
		b.Drops.Malformed.Add(1)
		return
	}
	if b.received(peer, payload, netip.AddrPort{}) == nil {
		return
	}
	select {
	case b.inbox <- relayed{peer: peer, packet: append([]byte(nil), payload...)}:
	default:
		b.Drops.InboxFull.Add(1)
	}
}

func (b *Bind) fromRelay(closed <-chan struct{}) conn.ReceiveFunc {
	return func(packets [][]byte, sizes []int, endpoints []conn.Endpoint) (int, error) {
		select {
		case <-closed:
			return 0, net.ErrClosed
		case first := <-b.inbox:
			count := 0
			for next := first; ; {
				sizes[count] = copy(packets[count], next.packet)
				endpoints[count] = next.peer
				if count++; count == len(packets) {
					return count, nil
				}
				select {
				case next = <-b.inbox:
				default:
					return count, nil
				}
			}
		}
	}
}

// pathMessage acts on a sealed message; the source is not valid for the relay.
func (b *Bind) pathMessage(packet []byte, id pathmsg.PairID, source netip.AddrPort) {
	b.mu.RLock()
	peer := b.byPair[id]
	b.mu.RUnlock()
	if peer == nil {
		b.Drops.UnknownPeer.Add(1)
		return
	}
	message, err := peer.pair.Open(packet)
	if err != nil {
		b.Drops.Malformed.Add(1)
		return
	}
	now := time.Now()
	if source.IsValid() {
		if !b.policy().direct {
			return
		}
		b.learnSource(peer, source)
	}
	switch message.Kind {
	case pathmsg.Ping:
		pong := pathmsg.Message{Kind: pathmsg.Pong, TxID: message.TxID}
		if source.IsValid() {
			pong.Addresses = []netip.AddrPort{source}
			peer.mu.Lock()
			if peer.addCandidate(source) {
				peer.startProbe(now)
			}
			peer.mu.Unlock()
		}
		b.sendOne(peer, outgoing{packet: peer.pair.Seal(pong), to: source})
	case pathmsg.Pong:
		peer.pong(message.TxID, now)
	case pathmsg.Candidates:
		b.takeCandidates(peer, message.Addresses, now)
	}
}

func (b *Bind) takeCandidates(peer *Peer, addresses []netip.AddrPort, now time.Time) {
	peer.mu.Lock()
	defer peer.mu.Unlock()
	for _, address := range addresses {
		peer.addCandidate(address)
	}
	// The other side is pinging now: a hole in a NAT opens only when both do.
	if !peer.best.IsValid() || peer.missed >= doubtAfter {
		if now.Sub(peer.probeStart) >= probeFor {
			peer.startProbe(now)
		}
		// Also wakes Run, which may have seen the probe begin while the peer was still inactive.
		peer.touch(now)
	}
}

// learnSource ties an address to the peer that has just proved to be there.
func (b *Bind) learnSource(peer *Peer, source netip.AddrPort) {
	b.mu.RLock()
	owner := b.bySource[source]
	b.mu.RUnlock()
	if owner == peer {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.peers[peer.key] != peer {
		return
	}
	b.bySource[source] = peer
	// Everywhere: the Bind's lock before a peer's.
	peer.mu.Lock()
	defer peer.mu.Unlock()
	peer.sources = append(peer.sources, source)
	if len(peer.sources) > maxKnownSources {
		if oldest := peer.sources[0]; b.bySource[oldest] == peer {
			delete(b.bySource, oldest)
		}
		peer.sources = peer.sources[1:]
	}
}
