package bind

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"daam/tunnel/frames"
	"daam/tunnel/pathmsg"

	"golang.org/x/crypto/curve25519"
	"golang.zx2c4.com/wireguard/conn"
)

type keys struct{ private, public [32]byte }

func newKeys() (made keys) {
	_, _ = rand.Read(made.private[:])
	point, _ := curve25519.X25519(made.private[:], curve25519.Basepoint)
	copy(made.public[:], point)
	return made
}

// relay keeps what is sent.
type relay struct{ sent [][]byte }

func (r *relay) Up() bool { return true }
func (r *relay) Send(_ frames.Key, payload []byte) bool {
	r.sent = append(r.sent, bytes.Clone(payload))
	return true
}

var candidate = netip.MustParseAddrPort("192.0.2.1:1000")

// newBind makes a Bind without sockets, a relay and one peer.
func newBind(t *testing.T) (*Bind, *Peer, *relay) {
	t.Helper()
	own, other := newKeys(), newKeys()
	made := New(Options{
		PrivateKey: own.private, PublicKey: own.public,
		PathChanged: func(frames.Key, Kind, netip.AddrPort, time.Duration) {},
		Knock:       func(frames.Key, []byte) {}, Handshake: func(frames.Key) {},
	})
	through := &relay{}
	made.SetRelay(through)
	peer, err := made.AddPeer(other.public, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made, peer, through
}

func drainWake(b *Bind) (was bool) {
	select {
	case <-b.wake:
		return true
	default:
		return false
	}
}

// answer takes tick's pings to the address as answered.
func answer(p *Peer, to netip.AddrPort, now time.Time) {
	p.mu.Lock()
	var ids []pathmsg.TxID
	for id, ping := range p.pings {
		if ping.to == to {
			ids = append(ids, id)
		}
	}
	p.mu.Unlock()
	for _, id := range ids {
		p.pong(id, now)
	}
}

func kindOf(p *Peer) Kind {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kind()
}

func TestRunIsWokenForAPeerThatCandidatesMakeActive(t *testing.T) {
	b, peer, _ := newBind(t)
	now := time.Now()
	peer.mu.Lock()
	peer.addCandidate(candidate)
	peer.startProbe(now)
	peer.mu.Unlock()
	// Run looks, finds the peer inactive, and sleeps.
	drainWake(b)
	b.takeCandidates(peer, []netip.AddrPort{candidate}, now)
	if !drainWake(b) {
		t.Fatal("Run sleeps on while the peer is active")
	}
}

func TestAPathIsTrustedAfterAPongDoubtedAndGivenUp(t *testing.T) {
	b, peer, _ := newBind(t)
	now := time.Now()
	b.takeCandidates(peer, []netip.AddrPort{candidate}, now)
	if kindOf(peer) != Relay {
		t.Fatal("a candidate alone is no path")
	}
	peer.tick(now)
	answer(peer, candidate, now.Add(time.Millisecond))
	if kindOf(peer) != Direct {
		t.Fatal(kindOf(peer))
	}
	kinds := []Kind{Direct, Both, Both, Both, Both, Both, Relay}
	for missed, want := range kinds {
		now = now.Add(pingEvery + time.Millisecond)
		peer.tick(now)
		if got := kindOf(peer); got != want {
			t.Fatalf("after %d pings without an answer: %s, not %s", missed+1, got, want)
		}
	}
}

func TestAnAnswerEndsTheDoubt(t *testing.T) {
	b, peer, _ := newBind(t)
	now := time.Now()
	b.takeCandidates(peer, []netip.AddrPort{candidate}, now)
	peer.tick(now)
	answer(peer, candidate, now)
	for range 3 {
		now = now.Add(pingEvery + time.Millisecond)
		peer.tick(now)
	}
	if kindOf(peer) != Both {
		t.Fatal(kindOf(peer))
	}
	answer(peer, candidate, now)
	if kindOf(peer) != Direct {
		t.Fatal(kindOf(peer))
	}
}

func TestPolicyForbidsPathsAtOnce(t *testing.T) {
	b, peer, through := newBind(t)
	now := time.Now()
	b.takeCandidates(peer, []netip.AddrPort{candidate}, now)
	peer.tick(now)
	answer(peer, candidate, now)
	b.SetPolicy(Policy{Relay: true})
	if kindOf(peer) != Relay {
		t.Fatal(kindOf(peer))
	}
	b.SetPolicy(Policy{Direct: true})
	if kindOf(peer) != Direct {
		t.Fatal(kindOf(peer))
	}
	b.sendRelay(peer.key, [][]byte{{4}})
	if len(through.sent) != 0 {
		t.Fatal("the relay is used though it is forbidden")
	}
	b.SetPolicy(Policy{})
	if kindOf(peer) != None {
		t.Fatal(kindOf(peer))
	}
}

func initiation(mark byte) []byte {
	return append([]byte{1, 0, 0, 0}, bytes.Repeat([]byte{mark}, 144)...)
}

func TestTheFirstHandshakeMessageIsRepeatedUntilItIsAnswered(t *testing.T) {
	_, peer, _ := newBind(t)
	now := time.Now()
	peer.mu.Lock()
	peer.noteSending([][]byte{initiation(7)}, now)
	peer.mu.Unlock()
	repeats := func(after time.Duration) (count int) {
		send, _ := peer.tick(now.Add(after))
		for _, item := range send {
			if bytes.Equal(item.packet, initiation(7)) {
				count++
			}
		}
		return count
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{200, 0}, {250, 1}, {300, 0}, {750, 1}, {1750, 1}, {4000, 0}} {
		if got := repeats(step.after * time.Millisecond); got != step.want {
			t.Fatalf("after %d ms: %d", step.after, got)
		}
	}
	peer.mu.Lock()
	peer.noteSending([][]byte{initiation(7)}, now)
	peer.noteReceived([]byte{2, 0, 0, 0}, now)
	peer.mu.Unlock()
	if repeats(250*time.Millisecond) != 0 {
		t.Fatal("it was answered")
	}
}

func TestARepeatedInitiationGetsTheSameAnswerAndNeverReachesWireGuard(t *testing.T) {
	_, peer, _ := newBind(t)
	now := time.Now()
	peer.mu.Lock()
	defer peer.mu.Unlock()
	if pass, _ := peer.noteReceived(initiation(1), now); !pass {
		t.Fatal("the first is news")
	}
	response := append([]byte{2, 0, 0, 0}, make([]byte, 88)...)
	peer.noteSending([][]byte{response}, now)
	if pass, answer := peer.noteReceived(initiation(1), now); pass || !bytes.Equal(answer, response) {
		t.Fatal(pass, answer)
	}
	if pass, _ := peer.noteReceived(initiation(2), now); !pass {
		t.Fatal("another is news")
	}
	if pass, _ := peer.noteReceived(initiation(2), now.Add(duplicateWindow+1)); !pass {
		t.Fatal("after a while WireGuard judges for itself")
	}
}

func TestOfTwoHandshakesThatCrossTheOneOfTheGreaterKeyStands(t *testing.T) {
	now := time.Now()
	crossing := func(own byte, after time.Duration) (pass, again bool) {
		b, peer, _ := newBind(t)
		b.options.PublicKey, peer.key = [32]byte{own}, frames.Key{7}
		peer.mu.Lock()
		peer.noteSending([][]byte{initiation(1)}, now)
		pass, _ = peer.noteReceived(initiation(2), now.Add(after))
		peer.mu.Unlock()
		send, _ := peer.tick(now.Add(max(after, retryAfter[0])))
		return pass, slices.ContainsFunc(send, func(item outgoing) bool { return bytes.Equal(item.packet, initiation(1)) })
	}
	for _, each := range []struct {
		own         byte
		after       time.Duration
		pass, again bool
	}{
		{own: 1, pass: true},
		{own: 9, again: true},
		// It did not get through, it seems, and the other's did.
		{own: 9, after: crossingFor, pass: true},
	} {
		if pass, again := crossing(each.own, each.after); pass != each.pass || again != each.again {
			t.Errorf("%+v: pass %v, sent again %v", each, pass, again)
		}
	}
	// One that never had a path crosses nothing.
	b, peer, _ := newBind(t)
	b.options.PublicKey, peer.key = [32]byte{9}, frames.Key{7}
	b.SetPolicy(Policy{})
	peer.mu.Lock()
	defer peer.mu.Unlock()
	peer.noteSending([][]byte{initiation(1)}, now)
	if pass, _ := peer.noteReceived(initiation(2), now); !pass {
		t.Error("nothing of ours was under way")
	}
}

func TestEveryPeerHasAnAddressOfItsOwnForTheHandshakeLimiter(t *testing.T) {
	b, one, _ := newBind(t)
	two, err := b.AddPeer(newKeys().public, nil)
	if err != nil {
		t.Fatal(err)
	}
	if one.DstIP() == two.DstIP() || bytes.Equal(one.DstToBytes(), two.DstToBytes()) || one.DstToString() == two.DstToString() {
		t.Fatal("peers share an address")
	}
}

func endpointOf(address netip.AddrPort) conn.Endpoint { return &conn.StdNetEndpoint{AddrPort: address} }

func TestPacketsOfUnknownSourcesAreDroppedAndCounted(t *testing.T) {
	b, peer, _ := newBind(t)
	data := append([]byte{4, 0, 0, 0}, make([]byte, 60)...)
	if b.classify(data, endpointOf(candidate)) != nil || b.Drops.UnknownSource.Load() != 1 {
		t.Fatal("a packet of nobody was taken")
	}
	for _, packet := range [][]byte{{}, []byte("hello"), append([]byte{9, 0, 0, 0}, make([]byte, 60)...)} {
		before := b.Drops.Malformed.Load()
		if b.classify(packet, endpointOf(candidate)) != nil || b.Drops.Malformed.Load() != before+1 {
			t.Fatalf("%q", packet)
		}
	}
	stranger := newKeys()
	pair, err := pathmsg.NewPair(stranger.private, stranger.public, b.options.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	ping := pair.Seal(pathmsg.Message{Kind: pathmsg.Ping, TxID: pathmsg.NewTxID()})
	if b.classify(ping, endpointOf(candidate)) != nil || b.Drops.UnknownPeer.Load() != 1 {
		t.Fatal("a stranger's ping was heard")
	}
	b.learnSource(peer, candidate)
	if b.classify(data, endpointOf(candidate)) != peer {
		t.Fatal("the peer's packet was dropped")
	}
	b.RemovePeer(peer.key)
	if b.classify(data, endpointOf(candidate)) != nil {
		t.Fatal("a removed peer is still heard")
	}
	b.FromRelay(peer.key, data)
	if b.Drops.UnknownPeer.Load() != 2 {
		t.Fatal("a removed peer is still heard over the relay")
	}
}

func TestOnlyASealedPingOfThePeerTiesAnAddressToIt(t *testing.T) {
	own, other := newKeys(), newKeys()
	b := New(Options{PrivateKey: own.private, PublicKey: own.public})
	_, err := b.AddPeer(other.public, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := pathmsg.NewPair(other.private, other.public, own.public)
	if err != nil {
		t.Fatal(err)
	}
	ping := pair.Seal(pathmsg.Message{Kind: pathmsg.Ping, TxID: pathmsg.NewTxID()})
	forged := bytes.Clone(ping)
	forged[len(forged)-1] ^= 1
	b.classify(forged, endpointOf(candidate))
	if len(b.bySource) != 0 || b.Drops.Malformed.Load() != 1 {
		t.Fatal("a forged ping was heard")
	}
	b.classify(ping, endpointOf(candidate))
	if len(b.bySource) != 1 {
		t.Fatal("the peer's ping was not heard")
	}
}

func TestSourcesAndCandidatesOfAPeerAreBounded(t *testing.T) {
	b, peer, _ := newBind(t)
	for port := range uint16(100) {
		b.learnSource(peer, netip.AddrPortFrom(candidate.Addr(), port+1))
		peer.mu.Lock()
		peer.addCandidate(netip.AddrPortFrom(candidate.Addr(), port+1))
		peer.mu.Unlock()
	}
	if len(b.bySource) > maxKnownSources || len(peer.candidates) > pathmsg.MaxCandidates {
		t.Fatal(len(b.bySource), len(peer.candidates))
	}
}

func TestAFullInboxDropsAndCounts(t *testing.T) {
	b, peer, _ := newBind(t)
	data := append([]byte{4, 0, 0, 0}, make([]byte, 60)...)
	for range inboxPackets + 5 {
		b.FromRelay(peer.key, data)
	}
	if b.Drops.InboxFull.Load() != 5 {
		t.Fatal(b.Drops.InboxFull.Load())
	}
}

// answerStun says to everyone that it is seen as 203.0.113.9:4242.
func answerStun(server net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		count, from, err := server.ReadFrom(buffer)
		if err != nil {
			return
		}
		if count < 20 {
			continue
		}
		answer := append([]byte{1, 1, 0, 12}, buffer[4:20]...)
		answer = append(answer, 0, 0x20, 0, 8, 0, 1, 4242>>8^0x21, 4242&0xff^0x12, 203^0x21, 0^0x12, 113^0xa4, 9^0x42)
		_, _ = server.WriteTo(answer, from)
	}
}

func TestTheOutsideAddressIsKnownBeforeAnyPeerIsActiveAndAfterANewNetwork(t *testing.T) {
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	go answerStun(server)
	own := newKeys()
	b := New(Options{PrivateKey: own.private, PublicKey: own.public, StunServers: []string{server.LocalAddr().String()}})
	receivers, _, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	for _, receive := range receivers {
		go func() {
			packets, sizes := make([][]byte, b.BatchSize()), make([]int, b.BatchSize())
			for at := range packets {
				packets[at] = make([]byte, 65535)
			}
			for {
				if _, err := receive(packets, sizes, make([]conn.Endpoint, b.BatchSize())); err != nil {
					return
				}
			}
		}()
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go b.Run(ctx)
	outside := netip.MustParseAddrPort("203.0.113.9:4242")
	for range 2 {
		for deadline := time.Now().Add(10 * time.Second); !slices.Contains(b.Addresses(), outside); {
			if time.Now().After(deadline) {
				t.Fatal(b.Addresses())
			}
			time.Sleep(5 * time.Millisecond)
		}
		b.Rebound()
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte{4, 0, 0, 0}, true)
	f.Add([]byte{0xda, 'p', 'm', 1}, false)
	f.Add([]byte{0xdb, 1}, true)
	own, other := newKeys(), newKeys()
	f.Fuzz(func(t *testing.T, packet []byte, isRelayed bool) {
		b := New(Options{
			PrivateKey: own.private, PublicKey: own.public,
			Knock: func(frames.Key, []byte) {}, Handshake: func(frames.Key) {},
			PathChanged: func(frames.Key, Kind, netip.AddrPort, time.Duration) {},
		})
		peer, err := b.AddPeer(other.public, nil)
		if err != nil {
			t.Fatal(err)
		}
		if isRelayed {
			b.FromRelay(peer.key, packet)
			return
		}
		if b.classify(packet, endpointOf(candidate)) != nil {
			t.Fatal("a packet of nobody was taken")
		}
		b.learnSource(peer, candidate)
		b.classify(packet, endpointOf(candidate))
	})
}
