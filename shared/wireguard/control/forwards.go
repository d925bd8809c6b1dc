package control

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"daam/tunnel/forward"
	"daam/tunnel/tunnel"
)

const (
	maxForwardName = 128
	maxCertificate = 32 << 10
	maxKey         = 8 << 10
	maxRefusalText = 1000
	// Of every system that has Unix sockets.
	maxSocketPath   = 103
	saltBytes       = 16
	leastIterations = 4096
	mostIterations  = 1_000_000
	// maxSessions in one answer: with the longest names, a line still holds them.
	maxSessions = 100
)

func (s *Server) addForward(line []byte) (map[string]any, *failure) {
	var in forwardInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	if s.role != Client {
		return nil, &failure{codeState, "forwards belong to the client's role"}
	}
	var listen netip.AddrPort
	socket := ""
	if filepath.IsAbs(in.Listen) && len(in.Listen) <= maxSocketPath {
		socket = in.Listen
	} else if address, err := netip.ParseAddrPort(in.Listen); err == nil {
		listen = address
	} else {
		return nil, badInput("listen", "not address:port, nor the path of a socket")
	}
	key, bad := readKey("peer", in.Peer)
	if bad != nil {
		return nil, bad
	}
	if in.Forward == "" || len(in.Forward) > maxForwardName || in.Port == 0 {
		return nil, badInput("forward", "forward and port are required")
	}
	config, bad := in.TLS.config()
	if bad != nil {
		return nil, bad
	}
	password, bad := in.Password.verifier()
	if bad != nil {
		return nil, bad
	}
	asked := tunnel.Forward{
		ID: in.Forward, Listen: listen, Socket: socket, Peer: key, Port: in.Port,
		Terms: forward.Terms{TLS: config, Password: password},
	}
	address, err := s.tunnel.AddForward(asked)
	if err != nil {
		return nil, failed(err)
	}
	if socket != "" {
		return map[string]any{"listen": socket}, nil
	}
	return map[string]any{"listen": address.String()}, nil
}

func (s *Server) removeForward(line []byte) (map[string]any, *failure) {
	var in forwardInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	return map[string]any{"removed": s.tunnel.RemoveForward(in.Forward)}, nil
}

// forwardTLS changes or turns off TLS for the connections to come.
func (s *Server) forwardTLS(line []byte) (map[string]any, *failure) {
	var in forwardInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	config, bad := in.TLS.config()
	if bad != nil {
		return nil, bad
	}
	return known(s.tunnel.SetForwardTLS(in.Forward, config))
}

// forwardPassword changes or turns off the password for the connections to come.
func (s *Server) forwardPassword(line []byte) (map[string]any, *failure) {
	var in forwardInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	password, bad := in.Password.verifier()
	if bad != nil {
		return nil, bad
	}
	return known(s.tunnel.SetForwardPassword(in.Forward, password))
}

// forwardRefuse makes a port refuse its clients with words of the engine's, or ends that.
func (s *Server) forwardRefuse(line []byte) (map[string]any, *failure) {
	var in refuseInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	refusal, bad := in.Refusal.refusal()
	if bad != nil {
		return nil, bad
	}
	return known(s.tunnel.SetRefusal(in.Forward, refusal))
}

// forwardSessions tells who is connected through a port now.
func (s *Server) forwardSessions(line []byte) (map[string]any, *failure) {
	var in sessionInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	sessions, count := s.tunnel.LocalSessions(in.Forward, maxSessions)
	told := make([]map[string]any, 0, len(sessions))
	for _, each := range sessions {
		told = append(told, map[string]any{
			"conn": each.Conn, "program": each.Program, "ageMs": each.Age.Milliseconds(),
			"sent": each.Said, "received": each.Told,
		})
	}
	return map[string]any{"sessions": told, "count": count}, nil
}

// forwardEnd closes one connection of a port.
func (s *Server) forwardEnd(line []byte) (map[string]any, *failure) {
	var in sessionInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	return map[string]any{"ended": s.tunnel.EndLocalSession(in.Forward, in.Conn)}, nil
}

func known(isKnown bool) (map[string]any, *failure) {
	if !isKnown {
		return nil, badInput("forward", "unknown")
	}
	return nil, nil
}

func (in *tlsInput) config() (*tls.Config, *failure) {
	if in == nil {
		return nil, nil
	}
	if len(in.Certificate) > maxCertificate || len(in.Key) > maxKey {
		return nil, badInput("tls", "too long")
	}
	config, err := forward.LocalTLS([]byte(in.Certificate), []byte(in.Key))
	if err != nil {
		return nil, badInput("tls", err.Error())
	}
	return config, nil
}

func (in *passwordInput) verifier() (*forward.Verifier, *failure) {
	if in == nil {
		return nil, nil
	}
	made := &forward.Verifier{Iterations: in.Iterations}
	for _, each := range []struct {
		name, text string
		size       int
		into       *[]byte
	}{
		{"password.salt", in.Salt, saltBytes, &made.Salt},
		{"password.storedKey", in.StoredKey, sha256.Size, &made.StoredKey},
		{"password.serverKey", in.ServerKey, sha256.Size, &made.ServerKey},
	} {
		raw, err := base64.StdEncoding.Strict().DecodeString(each.text)
		if err != nil || len(raw) != each.size {
			return nil, badInput(each.name, fmt.Sprintf("%d bytes in base64", each.size))
		}
		*each.into = raw
	}
	if in.Iterations < leastIterations || in.Iterations > mostIterations {
		return nil, badInput("password.iterations", fmt.Sprintf("%d to %d", leastIterations, mostIterations))
	}
	return made, nil
}

func (in *refusalInput) refusal() (*forward.Refusal, *failure) {
	if in == nil {
		return nil, nil
	}
	for field, text := range map[string]string{"refusal.message": in.Message, "refusal.hint": in.Hint} {
		if len(text) > maxRefusalText || strings.Contains(text, "\x00") {
			return nil, badInput(field, fmt.Sprintf("at most %d bytes, none of them zero", maxRefusalText))
		}
	}
	if in.Message == "" {
		return nil, badInput("refusal.message", "required")
	}
	if in.Code != "" && (len(in.Code) != 5 || strings.Trim(in.Code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return nil, badInput("refusal.code", "a SQLSTATE")
	}
	return &forward.Refusal{Code: in.Code, Message: in.Message, Hint: in.Hint}, nil
}
