package tunnel

import (
	"net"
	"net/netip"
	"time"

	"daam/tunnel/forward"
	"daam/tunnel/frames"
)

const (
	// maxPerPeer bounds what one device can hold open at an agent.
	maxPerPeer    = 500
	headerTimeout = 5 * time.Second
)

type openConn struct {
	conn net.Conn
	peer frames.Key
	// isWaiting until the other end has answered: nothing is lost yet when the peer is made anew meanwhile.
	isWaiting bool
	// session is nil at the agent's end, and until the client's start is through.
	session *session
}

// accept hands a peer's connection to the agent's Unix socket.
func (t *Tunnel) accept(remote net.Conn, from netip.AddrPort) {
	t.mu.Lock()
	key, known := t.byIP[from.Addr()]
	t.mu.Unlock()
	if !known {
		_ = remote.Close()
		return
	}
	number, ok := t.track(openConn{conn: remote, peer: key}, maxPerPeer)
	if !ok {
		forward.Refuse(remote, forward.Refusal{
			Message: "too many connections of this device", Hint: "Close some and connect again.",
		})
		return
	}
	t.config.Events.ConnOpen(number, "", key)
	sent, received, reason := t.deliver(remote, from, key)
	t.untrack(number)
	t.config.Events.ConnClose(number, sent, received, reason)
}

func (t *Tunnel) deliver(remote net.Conn, from netip.AddrPort, key frames.Key) (sent, received uint64, reason string) {
	local, err := net.DialTimeout("unix", t.config.Accept.Socket, dialTimeout)
	if err != nil {
		forward.Refuse(remote, forward.Refusal{Message: "the agent is not ready", Hint: "Try again."})
		return 0, 0, "unreachable"
	}
	stats, _ := t.bind.Stats(key)
	header := forward.Header{
		From: from, To: netip.AddrPortFrom(t.config.Address, t.config.Accept.Port),
		PeerKey: key, Path: string(stats.Kind), Token: t.config.Accept.Token,
	}
	_ = local.SetWriteDeadline(time.Now().Add(headerTimeout))
	if _, err := local.Write(header.Encode()); err != nil {
		_ = local.Close()
	}
	_ = local.SetWriteDeadline(time.Time{})
	sent, received = forward.Splice(remote, local)
	return sent, received, "ended"
}

// track notes an open connection; false, and nothing noted, when its peer has too many.
func (t *Tunnel) track(made openConn, most int) (uint64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byPeer[made.peer] >= most {
		return 0, false
	}
	t.nextConn++
	t.open[t.nextConn] = made
	t.byPeer[made.peer]++
	return t.nextConn, true
}

// answered by the other end: the connection waits no more.
func (t *Tunnel) answered(number uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := t.open[number]
	open.isWaiting = false
	t.open[number] = open
}

func (t *Tunnel) untrack(number uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	peer := t.open[number].peer
	delete(t.open, number)
	if t.byPeer[peer]--; t.byPeer[peer] <= 0 {
		delete(t.byPeer, peer)
	}
}
