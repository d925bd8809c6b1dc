package forward

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
)

const (
	cancelRequest  = 80877102
	scramSHA256    = "SCRAM-SHA-256"
	maxSASLMessage = 2048
	nonceBytes     = 18
	authSASL       = 10
	authContinue   = 11
	authFinal      = 12
	wrongPassword  = "28P01"
)

// ErrPassword: the local password was wrong, or none was given as SCRAM-SHA-256 gives it.
var ErrPassword = errors.New("password")

// Verifier is what proves the local port's password without holding it (RFC 5802 section 3): salt, rounds of PBKDF2,
// StoredKey and ServerKey, 32 bytes each.
type Verifier struct {
	Salt                 []byte
	Iterations           int
	StoredKey, ServerKey []byte
}

// authenticate asks a client for the local password (PostgreSQL docs, "SASL Authentication"). What the result gives begins
// with the client's start-up packet: the agent, which asks for no password, answers it with AuthenticationOk, and that is
// what the client waits for. A CancelRequest is asked for nothing, as PostgreSQL does it.
func authenticate(client net.Conn, verifier *Verifier) (net.Conn, error) {
	var head [headBytes]byte
	if _, err := io.ReadFull(client, head[:]); err != nil {
		return nil, ErrSilent
	}
	length, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	switch {
	case code == cancelRequest:
		return &replayed{Conn: client, first: head[:]}, nil
	case code == sslRequest || code == gssRequest || length < headBytes || length > maxStartup:
		return nil, ErrRequests
	}
	packet := make([]byte, length)
	copy(packet, head[:])
	if _, err := io.ReadFull(client, packet[headBytes:]); err != nil {
		return nil, ErrSilent
	}
	if err := verifier.challenge(client); err != nil {
		_, _ = client.Write(errorResponse(Refusal{
			Code: wrongPassword, Message: "the password of this local port is another one",
			Hint: "\"daam password show\" prints it.",
		}))
		return nil, err
	}
	return &replayed{Conn: client, first: packet}, nil
}

func (v *Verifier) challenge(client io.ReadWriter) error {
	if _, err := client.Write(authentication(authSASL, scramSHA256+"\x00\x00")); err != nil {
		return ErrPassword
	}
	initial, err := readSASL(client)
	if err != nil {
		return err
	}
	first, ok := initialResponse(initial)
	if !ok {
		return ErrPassword
	}
	bare, nonce, ok := clientFirst(first)
	if !ok {
		return ErrPassword
	}
	own := make([]byte, nonceBytes)
	if _, err := rand.Read(own); err != nil {
		return ErrPassword
	}
	nonce += base64.StdEncoding.EncodeToString(own)
	serverFirst := "r=" + nonce + ",s=" + base64.StdEncoding.EncodeToString(v.Salt) + ",i=" + strconv.Itoa(v.Iterations)
	if _, err := client.Write(authentication(authContinue, serverFirst)); err != nil {
		return ErrPassword
	}
	final, err := readSASL(client)
	if err != nil {
		return err
	}
	binding := base64.StdEncoding.EncodeToString([]byte(first[:len(first)-len(bare)]))
	signature, ok := v.check(string(final), "c="+binding+",r="+nonce, bare+","+serverFirst)
	if !ok {
		return ErrPassword
	}
	_, err = client.Write(authentication(authFinal, "v="+base64.StdEncoding.EncodeToString(signature)))
	return err
}

// check gives the server's signature when the proof in the client's last message is right (RFC 5802 section 3).
func (v *Verifier) check(final, wanted, said string) ([]byte, bool) {
	without, encoded, found := strings.Cut(final, ",p=")
	proof, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil || len(proof) != sha256.Size || without != wanted {
		return nil, false
	}
	said += "," + without
	clientKey := make([]byte, sha256.Size)
	subtle.XORBytes(clientKey, proof, sign(v.StoredKey, said))
	stored := sha256.Sum256(clientKey)
	if subtle.ConstantTimeCompare(stored[:], v.StoredKey) != 1 {
		return nil, false
	}
	return sign(v.ServerKey, said), true
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// initialResponse is what SASLInitialResponse carries for the one mechanism that was offered.
func initialResponse(message []byte) (string, bool) {
	mechanism, rest, found := bytes.Cut(message, []byte{0})
	if !found || string(mechanism) != scramSHA256 || len(rest) < 4 {
		return "", false
	}
	if int(binary.BigEndian.Uint32(rest)) != len(rest)-4 {
		return "", false
	}
	return string(rest[4:]), true
}

// clientFirst takes a client's first message apart: no channel binding ("y": it could, and we offered none), nobody
// else's authority. The name in it is not looked at, as PostgreSQL does it.
func clientFirst(message string) (bare, nonce string, ok bool) {
	flag, rest, _ := strings.Cut(message, ",")
	authority, bare, _ := strings.Cut(rest, ",")
	if (flag != "n" && flag != "y") || authority != "" {
		return "", "", false
	}
	name, rest, _ := strings.Cut(bare, ",")
	attribute, _, _ := strings.Cut(rest, ",")
	nonce, isNonce := strings.CutPrefix(attribute, "r=")
	if !strings.HasPrefix(name, "n=") || !isNonce || nonce == "" {
		return "", "", false
	}
	for _, each := range []byte(nonce) {
		if each < '!' || each > '~' {
			return "", "", false
		}
	}
	return bare, nonce, true
}

func readSASL(client io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(client, head[:]); err != nil {
		return nil, ErrSilent
	}
	length := binary.BigEndian.Uint32(head[1:])
	if head[0] != 'p' || length < 4 || length > maxSASLMessage {
		return nil, ErrPassword
	}
	message := make([]byte, length-4)
	if _, err := io.ReadFull(client, message); err != nil {
		return nil, ErrSilent
	}
	return message, nil
}

func authentication(kind uint32, data string) []byte {
	message := binary.BigEndian.AppendUint32([]byte{'R'}, uint32(len(data)+8))
	return append(binary.BigEndian.AppendUint32(message, kind), data...)
}
