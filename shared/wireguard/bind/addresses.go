package bind

import (
	"context"
	"net"
	"net/netip"
	"time"

	"daam/tunnel/pathmsg"
	"daam/tunnel/stun"
)

// ownAddresses are the candidates of this end: configured, seen by STUN servers, of the interfaces.
func (b *Bind) ownAddresses() []netip.AddrPort {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.localAt) > addressMaxAge || b.local == nil {
		b.local, b.localAt = interfaceAddresses(b.port), time.Now()
	}
	var own []netip.AddrPort
	add := func(address netip.AddrPort) {
		for _, known := range own {
			if known == address {
				return
			}
		}
		if len(own) < pathmsg.MaxCandidates {
			own = append(own, address)
		}
	}
	for _, address := range b.options.Configured {
		if address.Port() == 0 {
			address = netip.AddrPortFrom(address.Addr(), b.port)
		}
		add(address)
	}
	for _, address := range b.reflexive {
		add(address)
	}
	for _, address := range b.local {
		add(address)
	}
	return own
}

// Addresses are the candidates of this end now.
func (b *Bind) Addresses() []netip.AddrPort { return b.ownAddresses() }

func interfaceAddresses(port uint16) []netip.AddrPort {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	found := make([]netip.AddrPort, 0, len(addresses))
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(network.IP)
		ip = ip.Unmap()
		if ok && ip.IsGlobalUnicast() && !ip.IsLinkLocalUnicast() {
			found = append(found, netip.AddrPortFrom(ip, port))
		}
	}
	return found
}

// askStun asks each server under which address it sees us; answers come with the other packets.
func (b *Bind) askStun(ctx context.Context) {
	resolving, cancel := context.WithTimeout(ctx, stunDeadline)
	defer cancel()
	for _, server := range b.options.StunServers {
		host, portText, err := net.SplitHostPort(server)
		if err != nil {
			continue
		}
		port, err := net.DefaultResolver.LookupPort(resolving, "udp", portText)
		if err != nil {
			continue
		}
		addresses, err := net.DefaultResolver.LookupNetIP(resolving, "ip", host)
		if err != nil {
			continue
		}
		for _, address := range addresses {
			id := stun.NewTxID()
			b.mu.Lock()
			for known, at := range b.stuns {
				if time.Since(at) > stunDeadline {
					delete(b.stuns, known)
				}
			}
			b.stuns[id] = time.Now()
			b.mu.Unlock()
			b.sendUDP(stun.Request(id), netip.AddrPortFrom(address.Unmap(), uint16(port)))
		}
	}
}

// stunAnswer takes an answer to a request of ours; whoever does not know its id is not heard.
func (b *Bind) stunAnswer(packet []byte) {
	id, address, err := stun.Parse(packet)
	if err != nil {
		b.Drops.Malformed.Add(1)
		return
	}
	b.mu.Lock()
	_, asked := b.stuns[id]
	delete(b.stuns, id)
	family := "4"
	if address.Addr().Is6() {
		family = "6"
	}
	isNew := asked && b.reflexive[family] != address
	if isNew {
		b.reflexive[family] = address
	}
	b.mu.Unlock()
	if !isNew {
		return
	}
	now := time.Now()
	for _, peer := range b.snapshot() {
		peer.mu.Lock()
		if peer.isActive(now) && (!peer.best.IsValid() || peer.missed >= doubtAfter) {
			peer.toldAt = time.Time{}
			peer.startProbe(now)
		}
		peer.mu.Unlock()
	}
}

// Rebound forgets what belonged to the old network: after a sleep or a change of network.
func (b *Bind) Rebound() {
	b.mu.Lock()
	b.local, b.reflexive = nil, map[string]netip.AddrPort{}
	b.mu.Unlock()
	b.askStunNow.Store(true)
	b.wakeUp()
	now := time.Now()
	for _, peer := range b.snapshot() {
		peer.mu.Lock()
		peer.missed = max(peer.missed, doubtAfter)
		peer.toldAt = time.Time{}
		if peer.isActive(now) {
			peer.startProbe(now)
		}
		peer.mu.Unlock()
	}
}
