package tunnel

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"daam/tunnel/forward"
	"daam/tunnel/frames"
)

const (
	maxForwards   = 256
	maxPerForward = 1000
	// maxStarting connections of a port may be between accept and the end of their start (TLS, password).
	maxStarting = 128
	maxRefusing = 32
	// peerWait is how long a connection waits for its peer to be added: a knock may be under way.
	peerWait = 5 * time.Second
)

// Forward is a local port that leads to a peer's port in the tunnel.
type Forward struct {
	ID     string
	Listen netip.AddrPort
	// Socket is the absolute path of a Unix socket, in place of Listen.
	Socket string
	Peer   frames.Key
	Port   uint16
	// Terms of the first connections.
	Terms forward.Terms
}

type localPort struct {
	Forward
	listener                  net.Listener
	slots, starting, refusing chan struct{}

	mu      sync.Mutex
	terms   forward.Terms
	refusal *forward.Refusal
}

func (l *localPort) now() (forward.Terms, *forward.Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.terms, l.refusal
}

// AddForward listens on a loopback address, or on a Unix socket, and forwards each connection. The peer may be added
// later. The result is the address.
func (t *Tunnel) AddForward(asked Forward) (netip.AddrPort, error) {
	if asked.Socket == "" && !asked.Listen.Addr().IsLoopback() {
		return netip.AddrPort{}, errors.New("a forward listens on a loopback address only")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, taken := t.forwards[asked.ID]; taken {
		return netip.AddrPort{}, errors.New("there is a forward of this id")
	}
	if len(t.forwards) >= maxForwards {
		return netip.AddrPort{}, errors.New("too many forwards")
	}
	listener, err := asked.listen()
	if err != nil {
		return netip.AddrPort{}, err
	}
	local := &localPort{
		Forward: asked, listener: listener, terms: asked.Terms,
		slots: make(chan struct{}, maxPerForward), starting: make(chan struct{}, maxStarting),
		refusing: make(chan struct{}, maxRefusing),
	}
	t.forwards[asked.ID] = local
	go t.serve(local)
	address, _ := listener.Addr().(*net.TCPAddr)
	if address == nil {
		return netip.AddrPort{}, nil
	}
	return address.AddrPort(), nil
}

// listen opens what clients come through. Others are kept from a Unix socket by its folder, which is the engine's affair,
// and by its own mode, as far as the system looks at that.
func (f Forward) listen() (net.Listener, error) {
	if f.Socket == "" {
		return net.Listen("tcp", f.Listen.String())
	}
	listener, err := net.Listen("unix", f.Socket)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(f.Socket, 0o600); err != nil {
		_ = listener.Close()
		return nil, err
	}
	return listener, nil
}

// RemoveForward stops listening; open connections stay. False when there is none of the id.
func (t *Tunnel) RemoveForward(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	local, known := t.forwards[id]
	if known {
		delete(t.forwards, id)
		_ = local.listener.Close()
	}
	return known
}

// SetForwardTLS changes what the next connections get; nil turns it off. False when there is none of the id.
func (t *Tunnel) SetForwardTLS(id string, config *tls.Config) bool {
	return t.changeForward(id, func(local *localPort) { local.terms.TLS = config })
}

// SetForwardPassword changes what the next connections are asked for; nil asks for none. False when there is none of the id.
func (t *Tunnel) SetForwardPassword(id string, password *forward.Verifier) bool {
	return t.changeForward(id, func(local *localPort) { local.terms.Password = password })
}

// SetRefusal makes the port refuse every connection with these words, those that wait too; nil ends that. False when
// there is none of the id.
func (t *Tunnel) SetRefusal(id string, refusal *forward.Refusal) bool {
	return t.changeForward(id, func(local *localPort) { local.refusal = refusal })
}

func (t *Tunnel) changeForward(id string, change func(local *localPort)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	local, known := t.forwards[id]
	if !known {
		return false
	}
	local.mu.Lock()
	change(local)
	local.mu.Unlock()
	t.wakeWaiting()
	return true
}

// wakeWaiting lets connections that wait look again. The caller holds mu.
func (t *Tunnel) wakeWaiting() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *Tunnel) serve(local *localPort) {
	for {
		client, err := local.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(50 * time.Millisecond)
			continue
		}
		select {
		case local.slots <- struct{}{}:
			go func() {
				defer func() { <-local.slots }()
				t.forward(local, client)
			}()
		default:
			go local.refuseOne(client)
		}
	}
}

// refuseOne tells a client that there are too many; when even that is asked too often it is only closed.
func (l *localPort) refuseOne(client net.Conn) {
	select {
	case l.refusing <- struct{}{}:
		defer func() { <-l.refusing }()
		if begun, err := l.begin(client); err == nil {
			forward.Refuse(begun, forward.Refusal{
				Message: "too many connections through this port", Hint: "Close some and connect again.",
			})
		}
	default:
		_ = client.Close()
	}
}

var errTooManyStarts = errors.New("refused")

// begin ends TLS and asks for the password, where the port has them. After an error the connection is closed.
func (l *localPort) begin(client net.Conn) (net.Conn, error) {
	terms, _ := l.now()
	if terms.IsEmpty() {
		return client, nil
	}
	select {
	case l.starting <- struct{}{}:
		defer func() { <-l.starting }()
		return forward.Start(client, terms)
	default:
		_ = client.Close()
		return nil, errTooManyStarts
	}
}

func (t *Tunnel) forward(local *localPort, accepted net.Conn) {
	number, _ := t.track(openConn{conn: accepted, peer: local.Peer, isWaiting: true}, maxPerForward*maxForwards)
	t.config.Events.ConnOpen(number, local.ID, local.Peer)
	sent, received, reason := t.join(local, accepted, number)
	t.untrack(number)
	t.config.Events.ConnClose(number, sent, received, reason)
}

func (t *Tunnel) join(local *localPort, accepted net.Conn, number uint64) (sent, received uint64, reason string) {
	client, err := local.begin(accepted)
	if err != nil {
		return 0, 0, err.Error()
	}
	peer, refusal := t.awaitPeer(local)
	if refusal != nil {
		forward.Refuse(client, *refusal)
		return 0, 0, "refused"
	}
	remote, err := t.dial(peer, local.Port)
	if err != nil {
		forward.Refuse(client, forward.Refusal{
			Message: "the agent cannot be reached through the tunnel", Hint: "Run \"daam status\" to see the path.",
		})
		return 0, 0, "unreachable"
	}
	t.answered(number)
	watched := forward.Watch(client)
	t.watch(number, local.ID, watched)
	sent, received = forward.Splice(watched, remote)
	return sent, received, "ended"
}

func (t *Tunnel) dial(peer Peer, port uint16) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(t.ctx, dialTimeout)
	defer cancel()
	from := peer.OwnAddress
	if !from.IsValid() {
		from = t.config.Address
	}
	return t.stack.Dial(ctx, from, netip.AddrPortFrom(peer.AllowedIP, port))
}

// awaitPeer gives the port's peer, or why a client is refused.
func (t *Tunnel) awaitPeer(local *localPort) (Peer, *forward.Refusal) {
	late := time.NewTimer(peerWait)
	defer late.Stop()
	for {
		_, refusal := local.now()
		t.mu.Lock()
		peer, known := t.peers[local.Peer]
		changed := t.changed
		t.mu.Unlock()
		switch {
		case refusal != nil:
			return peer, refusal
		case known:
			return peer, nil
		}
		select {
		case <-changed:
		case <-late.C:
			return peer, &forward.Refusal{Message: "this database is not connected", Hint: "Connect again."}
		case <-t.ctx.Done():
			return peer, &forward.Refusal{Message: "the tunnel is going down", Hint: "Connect again."}
		}
	}
}
