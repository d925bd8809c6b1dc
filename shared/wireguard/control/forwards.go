package control

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"

	"daam/tunnel/forward"
	"daam/tunnel/tunnel"
)

const (
	maxForwardName = 128
	maxCertificate = 32 << 10
	maxKey         = 8 << 10
	maxRefusalText = 1000
)

func (s *Server) addForward(line []byte) (map[string]any, *failure) {
	var in forwardInput
	if bad := read(line, &in); bad != nil {
		return nil, bad
	}
	if s.role != Client {
		return nil, &failure{codeState, "forwards belong to the client's role"}
	}
	listen, err := netip.ParseAddrPort(in.Listen)
	if err != nil {
		return nil, badInput("listen", "not address:port")
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
	asked := tunnel.Forward{ID: in.Forward, Listen: listen, Peer: key, Port: in.Port, TLS: config}
	address, err := s.tunnel.AddForward(asked)
	if err != nil {
		return nil, failed(err)
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
