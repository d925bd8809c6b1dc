// Package control is the sidecar's conversation with the program that started it: JSON lines on stdin and stdout. Each
// command has an id and is answered once, by {"id":…,"ok":true,…} or {"id":…,"error":{"code":…,"message":…}}. Lines
// with "event" come unasked. Secrets come in here and nowhere else, and never go out. The end of stdin is the end.
package control

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/frames"
	"daam/tunnel/tunnel"
)

// Protocol is the version of this conversation.
const Protocol = 1

// MaxLineBytes bounds a line either way; a sealed knock in base64 is the longest.
const MaxLineBytes = 64 * 1024

// Codes of errors.
const (
	codeBadCommand = "BAD_COMMAND"
	codeUnknown    = "UNKNOWN_COMMAND"
	codeBadInput   = "BAD_INPUT"
	codeState      = "WRONG_STATE"
	codeFailed     = "FAILED"
)

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func badInput(field, message string) *failure {
	return &failure{Code: codeBadInput, Message: field + ": " + message}
}

func failed(err error) *failure { return &failure{Code: codeFailed, Message: err.Error()} }

type command struct {
	ID json.RawMessage `json:"id"`
	Do string          `json:"do"`
}

type relayInput struct {
	URL   string `json:"url"`
	Name  string `json:"name"`
	Token string `json:"token"`
}

type acceptInput struct {
	Port   uint16 `json:"port"`
	Socket string `json:"socket"`
	Token  string `json:"token"`
}

type upInput struct {
	command
	PrivateKey string       `json:"privateKey"`
	Address    string       `json:"address"`
	MTU        int          `json:"mtu"`
	ListenPort uint16       `json:"listenPort"`
	Relay      *relayInput  `json:"relay"`
	Stun       []string     `json:"stun"`
	Candidates []string     `json:"candidates"`
	Accept     *acceptInput `json:"accept"`
}

type helloInput struct {
	command
	Proto int `json:"proto"`
}

type peerInput struct {
	command
	PublicKey  string   `json:"publicKey"`
	AllowedIP  string   `json:"allowedIp"`
	OwnAddress string   `json:"ownAddress"`
	Candidates []string `json:"candidates"`
	Keepalive  int      `json:"keepalive"`
}

type tlsInput struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

type passwordInput struct {
	Salt       string `json:"salt"`
	Iterations int    `json:"iterations"`
	StoredKey  string `json:"storedKey"`
	ServerKey  string `json:"serverKey"`
}

type forwardInput struct {
	command
	Forward  string         `json:"forward"`
	Listen   string         `json:"listen"`
	Peer     string         `json:"peer"`
	Port     uint16         `json:"port"`
	TLS      *tlsInput      `json:"tls"`
	Password *passwordInput `json:"password"`
}

type refusalInput struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

type refuseInput struct {
	command
	Forward string        `json:"forward"`
	Refusal *refusalInput `json:"refusal"`
}

type sessionInput struct {
	command
	Forward string `json:"forward"`
	Conn    uint64 `json:"conn"`
}

type tokenInput struct {
	command
	Token string `json:"token"`
}

type policyInput struct {
	command
	Direct string `json:"direct"`
	Relay  string `json:"relay"`
}

type knockInput struct {
	command
	To      string `json:"to"`
	Payload string `json:"payload"`
}

// read decodes a line strictly: an unknown field is an error that names it.
func read(line []byte, into any) *failure {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			// Not the error itself: it quotes the value.
			return badInput(wrongType.Field, "wrong type")
		}
		return &failure{Code: codeBadInput, Message: withoutValues(err)}
	}
	return nil
}

func withoutValues(err error) string {
	const unknown = "json: unknown field "
	if text := err.Error(); len(text) > len(unknown) && text[:len(unknown)] == unknown {
		return "unknown field " + text[len(unknown):]
	}
	return "not a JSON object"
}

func readKey(field, text string) (frames.Key, *failure) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != frames.KeyBytes {
		return frames.Key{}, badInput(field, "32 bytes in base64url")
	}
	return frames.Key(raw), nil
}

func readIP(field, text string) (netip.Addr, *failure) {
	if text == "" {
		return netip.Addr{}, nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() {
		return netip.Addr{}, badInput(field, "not an IPv4 address")
	}
	return address, nil
}

func readAddresses(field string, texts []string) ([]netip.AddrPort, *failure) {
	const most = 16
	if len(texts) > most {
		return nil, badInput(field, fmt.Sprintf("more than %d", most))
	}
	addresses := make([]netip.AddrPort, 0, len(texts))
	for _, text := range texts {
		address, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, badInput(field, "not address:port")
		}
		addresses = append(addresses, netip.AddrPortFrom(address.Addr().Unmap(), address.Port()))
	}
	return addresses, nil
}

func (in upInput) config(isAgent bool) (tunnel.Config, *failure) {
	var config tunnel.Config
	private, bad := readKey("privateKey", in.PrivateKey)
	if bad != nil {
		return config, bad
	}
	address, bad := readIP("address", in.Address)
	if bad != nil {
		return config, bad
	}
	configured, bad := readAddresses("candidates", in.Candidates)
	if bad != nil {
		return config, bad
	}
	if in.MTU != 0 && (in.MTU < 576 || in.MTU > 9000) {
		return config, badInput("mtu", "576 to 9000")
	}
	config = tunnel.Config{
		PrivateKey: private, Address: address, MTU: in.MTU, ListenPort: in.ListenPort,
		Stun: in.Stun, Configured: configured,
	}
	if in.Relay != nil {
		config.RelayURL, config.RelayName, config.RelayToken = in.Relay.URL, in.Relay.Name, in.Relay.Token
	}
	if isAgent != (in.Accept != nil) {
		return config, badInput("accept", "belongs to the agent's role, and is required there")
	}
	if in.Accept == nil {
		return config, nil
	}
	token, err := base64.RawURLEncoding.DecodeString(in.Accept.Token)
	if err != nil || len(token) != 32 {
		return config, badInput("accept.token", "32 bytes in base64url")
	}
	if in.Accept.Port == 0 || in.Accept.Socket == "" || !address.IsValid() {
		return config, badInput("accept", "address, port and socket are required")
	}
	config.Accept = &tunnel.Accept{Port: in.Accept.Port, Socket: in.Accept.Socket, Token: token}
	return config, nil
}

func (in peerInput) peer() (tunnel.Peer, *failure) {
	var peer tunnel.Peer
	key, bad := readKey("publicKey", in.PublicKey)
	if bad != nil {
		return peer, bad
	}
	allowed, bad := readIP("allowedIp", in.AllowedIP)
	if bad != nil {
		return peer, bad
	}
	own, bad := readIP("ownAddress", in.OwnAddress)
	if bad != nil {
		return peer, bad
	}
	candidates, bad := readAddresses("candidates", in.Candidates)
	if bad != nil {
		return peer, bad
	}
	if in.Keepalive < 0 || in.Keepalive > 3600 {
		return peer, badInput("keepalive", "0 to 3600 seconds")
	}
	return tunnel.Peer{
		Key: key, AllowedIP: allowed, OwnAddress: own, Candidates: candidates,
		Keepalive: time.Duration(in.Keepalive) * time.Second,
	}, nil
}

func (in policyInput) policy() (bind.Policy, *failure) {
	var policy bind.Policy
	for _, each := range []struct {
		field, text string
		into        *bool
	}{{"direct", in.Direct, &policy.Direct}, {"relay", in.Relay, &policy.Relay}} {
		switch each.text {
		case "auto":
			*each.into = true
		case "never":
		default:
			return policy, badInput(each.field, "auto or never")
		}
	}
	return policy, nil
}
