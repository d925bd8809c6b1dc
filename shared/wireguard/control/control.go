package control

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"sync"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/frames"
	"daam/tunnel/relayclient"
	"daam/tunnel/tunnel"
)

// Role of the process.
type Role string

// The roles.
const (
	Client Role = "client"
	Agent  Role = "agent"
)

// Server answers commands until its input ends.
type Server struct {
	role    Role
	version string
	log     func(text string)
	events  chan []byte

	writing sync.Mutex
	out     io.Writer

	greeted bool
	tunnel  *tunnel.Tunnel
	lost    uint64
}

// queuedEvents that the other side has not read; beyond it events are lost, and counted in stats.
const queuedEvents = 4096

// NewServer makes a server. Logs go to log, never to out.
func NewServer(role Role, version string, out io.Writer, log func(text string)) *Server {
	return &Server{role: role, version: version, out: out, log: log, events: make(chan []byte, queuedEvents)}
}

// Serve reads commands until the input ends, then takes the tunnel down. A line that is too long ends it too.
func (s *Server) Serve(in io.Reader) error {
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		s.writeEvents(stop)
	}()
	defer func() {
		if s.tunnel != nil {
			s.tunnel.Close()
		}
		close(stop)
		done.Wait()
	}()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4096), MaxLineBytes)
	for lines.Scan() {
		if len(lines.Bytes()) > 0 {
			s.answer(lines.Bytes())
		}
	}
	return lines.Err()
}

func (s *Server) answer(line []byte) {
	var asked command
	if err := json.Unmarshal(line, &asked); err != nil || asked.Do == "" || len(asked.ID) == 0 {
		s.write(map[string]any{"id": nil, "error": failure{codeBadCommand, "a command is an object with id and do"}})
		return
	}
	result, bad := s.run(asked.Do, line)
	if bad != nil {
		s.write(map[string]any{"id": asked.ID, "error": bad})
		return
	}
	if result == nil {
		result = map[string]any{}
	}
	result["id"], result["ok"] = asked.ID, true
	s.write(result)
}

type handler func(s *Server, line []byte) (map[string]any, *failure)

var handlers = map[string]handler{
	"hello":            (*Server).hello,
	"up":               (*Server).up,
	"down":             (*Server).down,
	"peer.add":         (*Server).addPeer,
	"peer.remove":      (*Server).removePeer,
	"forward.add":      (*Server).addForward,
	"forward.remove":   (*Server).removeForward,
	"forward.tls":      (*Server).forwardTLS,
	"forward.password": (*Server).forwardPassword,
	"forward.refuse":   (*Server).forwardRefuse,
	"forward.sessions": (*Server).forwardSessions,
	"forward.end":      (*Server).forwardEnd,
	"relay.token":      (*Server).relayToken,
	"path.policy":      (*Server).pathPolicy,
	"rebind":           (*Server).rebind,
	"knock.send":       (*Server).sendKnock,
	"stats":            (*Server).stats,
}

func (s *Server) run(name string, line []byte) (map[string]any, *failure) {
	handle, known := handlers[name]
	switch {
	case !known:
		return nil, &failure{codeUnknown, "unknown command"}
	case name != "hello" && !s.greeted:
		return nil, &failure{codeState, "hello comes first"}
	case name != "hello" && name != "up" && s.tunnel == nil:
		return nil, &failure{codeState, "the tunnel is not up"}
	}
	return handle(s, line)
}

func (s *Server) hello(line []byte) (map[string]any, *failure) {
	var in helloInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	if in.Proto != Protocol {
		return nil, badInput("proto", "this sidecar speaks version 1")
	}
	s.greeted = true
	return map[string]any{"proto": Protocol, "version": s.version, "role": s.role}, nil
}

func (s *Server) up(line []byte) (map[string]any, *failure) {
	if s.tunnel != nil {
		return nil, &failure{codeState, "the tunnel is up"}
	}
	var in upInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	config, bad := in.config(s.role == Agent)
	if bad != nil {
		return nil, bad
	}
	config.Events = s.tunnelEvents()
	started, err := tunnel.Start(config)
	if err != nil {
		return nil, failed(err)
	}
	s.tunnel = started
	return map[string]any{
		"publicKey": tunnel.KeyText(started.Public()), "port": started.Port(), "addresses": texts(started.Addresses()),
	}, nil
}

func (s *Server) down([]byte) (map[string]any, *failure) {
	s.tunnel.Close()
	s.tunnel = nil
	return nil, nil
}

func (s *Server) addPeer(line []byte) (map[string]any, *failure) {
	var in peerInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	peer, bad := in.peer()
	if bad != nil {
		return nil, bad
	}
	if s.role == Client && !peer.OwnAddress.IsValid() {
		return nil, badInput("ownAddress", "required in the client's role")
	}
	if err := s.tunnel.AddPeer(peer); err != nil {
		return nil, failed(err)
	}
	return nil, nil
}

func (s *Server) removePeer(line []byte) (map[string]any, *failure) {
	var in peerInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	key, bad := readKey("publicKey", in.PublicKey)
	if bad != nil {
		return nil, bad
	}
	return map[string]any{"removed": s.tunnel.RemovePeer(key)}, nil
}

func (s *Server) relayToken(line []byte) (map[string]any, *failure) {
	var in tokenInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	s.tunnel.SetRelayToken(in.Token)
	return nil, nil
}

func (s *Server) pathPolicy(line []byte) (map[string]any, *failure) {
	var in policyInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	policy, bad := in.policy()
	if bad != nil {
		return nil, bad
	}
	s.tunnel.SetPolicy(policy)
	return nil, nil
}

func (s *Server) rebind([]byte) (map[string]any, *failure) {
	if err := s.tunnel.Rebind(); err != nil {
		return nil, failed(err)
	}
	return map[string]any{"port": s.tunnel.Port(), "addresses": texts(s.tunnel.Addresses())}, nil
}

func (s *Server) sendKnock(line []byte) (map[string]any, *failure) {
	var in knockInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	key, bad := readKey("to", in.To)
	if bad != nil {
		return nil, bad
	}
	payload, err := base64.RawURLEncoding.DecodeString(in.Payload)
	if err != nil || len(payload) > frames.MaxPayloadBytes {
		return nil, badInput("payload", "at most 16 KiB in base64url")
	}
	return map[string]any{"sent": s.tunnel.SendKnock(key, payload)}, nil
}

func (s *Server) stats([]byte) (map[string]any, *failure) {
	stats := s.tunnel.Stats()
	peers := make([]map[string]any, 0, len(stats.Peers))
	for _, each := range stats.Peers {
		peers = append(peers, map[string]any{
			"publicKey": tunnel.KeyText(each.Peer.Key), "allowedIp": each.Peer.AllowedIP.String(),
			"path": each.Path.Kind, "address": text(each.Path.Address), "rttMs": millis(each.Path.RTT),
			"conns":      each.Conns,
			"directSent": each.Path.DirectSent, "directReceived": each.Path.DirectReceived,
			"relaySent": each.Path.RelaySent, "relayReceived": each.Path.RelayReceived,
		})
	}
	s.writing.Lock()
	lost := s.lost
	s.writing.Unlock()
	drops := stats.Drops
	drops["relay-queue"], drops["event"] = stats.RelayDrops, lost
	return map[string]any{
		"peers": peers, "conns": stats.Conns, "relayUp": stats.RelayUp, "drops": drops,
		"port": s.tunnel.Port(), "addresses": texts(s.tunnel.Addresses()),
	}, nil
}

func (s *Server) tunnelEvents() tunnel.Events {
	return tunnel.Events{
		Path: func(peer frames.Key, kind bind.Kind, address netip.AddrPort, rtt time.Duration) {
			s.event("path", map[string]any{
				"peer": tunnel.KeyText(peer), "kind": kind, "address": text(address), "rttMs": millis(rtt),
			})
		},
		Handshake: func(peer frames.Key) {
			s.event("handshake", map[string]any{"peer": tunnel.KeyText(peer)})
		},
		Knock: func(from frames.Key, payload []byte) {
			s.event("knock", map[string]any{
				"from": tunnel.KeyText(from), "payload": base64.RawURLEncoding.EncodeToString(payload),
			})
		},
		Relay: func(state relayclient.State, retryIn time.Duration, reason string) {
			s.event("relay", map[string]any{"state": state, "retryInMs": retryIn.Milliseconds(), "reason": reason})
		},
		Presence: func(peer frames.Key, present bool) {
			s.event("presence", map[string]any{"peer": tunnel.KeyText(peer), "present": present})
		},
		ConnOpen: func(id uint64, forward string, peer frames.Key) {
			s.event("conn.open", map[string]any{"conn": id, "forward": forward, "peer": tunnel.KeyText(peer)})
		},
		ConnClose: func(id uint64, sent, received uint64, reason string) {
			s.event("conn.close", map[string]any{"conn": id, "sent": sent, "received": received, "reason": reason})
		},
		Log: s.log,
	}
}

// event queues a line: who makes it must not wait for a slow reader.
func (s *Server) event(name string, fields map[string]any) {
	fields["event"] = name
	line, err := json.Marshal(fields)
	if err != nil {
		return
	}
	select {
	case s.events <- line:
	default:
		s.writing.Lock()
		s.lost++
		s.writing.Unlock()
	}
}

func (s *Server) writeEvents(stop <-chan struct{}) {
	for {
		select {
		case line := <-s.events:
			s.writeLine(line)
		case <-stop:
			return
		}
	}
}

func (s *Server) write(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		line = []byte(`{"id":null,"error":{"code":"FAILED","message":"the answer cannot be written"}}`)
	}
	s.writeLine(line)
}

func (s *Server) writeLine(line []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, err := s.out.Write(append(line, '\n')); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		s.log("control: " + err.Error())
	}
}

func text(address netip.AddrPort) any {
	if !address.IsValid() {
		return nil
	}
	return address.String()
}

func texts(addresses []netip.AddrPort) []string {
	all := make([]string, 0, len(addresses))
	for _, address := range addresses {
		all = append(all, address.String())
	}
	return all
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
