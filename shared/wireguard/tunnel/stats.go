package tunnel

import (
	"daam/tunnel/bind"
	"daam/tunnel/frames"
)

// PeerState is what Stats tells of a peer.
type PeerState struct {
	Peer  Peer
	Path  bind.PeerStats
	Conns int
}

// Stats of everything.
type Stats struct {
	Peers      []PeerState
	Conns      int
	RelayUp    bool
	RelayDrops uint64
	Drops      map[string]uint64
}

// Stats counts.
func (t *Tunnel) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	stats := Stats{Conns: len(t.open), Drops: map[string]uint64{
		"unknown-source": t.bind.Drops.UnknownSource.Load(),
		"unknown-peer":   t.bind.Drops.UnknownPeer.Load(),
		"malformed":      t.bind.Drops.Malformed.Load(),
		"inbox-full":     t.bind.Drops.InboxFull.Load(),
	}}
	if t.relay != nil {
		stats.RelayUp, stats.RelayDrops = t.relay.Up(), t.relay.Dropped()
	}
	conns := map[frames.Key]int{}
	for _, open := range t.open {
		conns[open.peer]++
	}
	for key, peer := range t.peers {
		path, _ := t.bind.Stats(key)
		stats.Peers = append(stats.Peers, PeerState{Peer: peer, Path: path, Conns: conns[key]})
	}
	return stats
}
