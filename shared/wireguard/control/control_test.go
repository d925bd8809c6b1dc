package control

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

type session struct {
	t      *testing.T
	in     *io.PipeWriter
	out    *bufio.Reader
	ended  chan error
	nextID int
}

func start(t *testing.T, role Role) *session {
	t.Helper()
	inReader, inWriter := io.Pipe()
	outReader, outWriter := io.Pipe()
	made := &session{t: t, in: inWriter, out: bufio.NewReader(outReader), ended: make(chan error, 1)}
	go func() {
		made.ended <- NewServer(role, "test", outWriter, func(string) {}).Serve(inReader)
		_ = outWriter.Close()
	}()
	t.Cleanup(func() { _ = inWriter.Close() })
	return made
}

// say sends a line and gives the answer, events left out.
func (s *session) say(line string) map[string]any {
	s.t.Helper()
	if _, err := s.in.Write([]byte(line + "\n")); err != nil {
		s.t.Fatal(err)
	}
	for {
		text, err := s.out.ReadBytes('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		var answer map[string]any
		if err := json.Unmarshal(text, &answer); err != nil {
			s.t.Fatalf("%s: %v", text, err)
		}
		if answer["event"] == nil {
			return answer
		}
	}
}

func codeOf(answer map[string]any) any {
	failed, _ := answer["error"].(map[string]any)
	return failed["code"]
}

var privateKey = base64.RawURLEncoding.EncodeToString(append(make([]byte, 31), 1))

const hello = `{"id":1,"do":"hello","proto":1}`

func TestCommandsOutOfPlaceAndMalformedOnesAreErrorsNotTheEnd(t *testing.T) {
	s := start(t, Client)
	for line, code := range map[string]string{
		`{"id":1,"do":"up"}`:                codeState,
		`{"id":1,"do":"dance"}`:             codeUnknown,
		`{"id":1}`:                          codeBadCommand,
		`{"do":"hello"}`:                    codeBadCommand,
		`nonsense`:                          codeBadCommand,
		`[1]`:                               codeBadCommand,
		`{"id":1,"do":"hello","proto":2}`:   codeBadInput,
		`{"id":1,"do":"hello","proto":"1"}`: codeBadInput,
		`{"id":1,"do":"hello","proto":1,"more":1}`: codeBadInput,
	} {
		if got := codeOf(s.say(line)); got != code {
			t.Errorf("%s: %v", line, got)
		}
	}
	if answer := s.say(hello); answer["ok"] != true || answer["role"] != "client" {
		t.Fatal(answer)
	}
	if got := codeOf(s.say(`{"id":2,"do":"stats"}`)); got != codeState {
		t.Fatal(got)
	}
}

func TestErrorsNameTheFieldAndNeverTheValue(t *testing.T) {
	s := start(t, Agent)
	s.say(hello)
	for line, field := range map[string]string{
		`{"id":1,"do":"up","privateKey":"sekret"}`:                                     "privateKey",
		`{"id":1,"do":"up","privateKey":{"sekret":1}}`:                                 "privateKey",
		`{"id":1,"do":"up","privateKey":"` + privateKey + `","address":"sekret"}`:      "address",
		`{"id":1,"do":"up","privateKey":"` + privateKey + `","mtu":1}`:                 "mtu",
		`{"id":1,"do":"up","privateKey":"` + privateKey + `"}`:                         "accept",
		`{"id":1,"do":"up","privateKey":"` + privateKey + `","candidates":["sekret"]}`: "candidates",
	} {
		answer := s.say(line)
		text, _ := json.Marshal(answer)
		if codeOf(answer) != codeBadInput || !strings.Contains(string(text), field) || strings.Contains(string(text), "sekret") {
			t.Errorf("%s: %s", line, text)
		}
	}
}

func TestATunnelGoesUpAndDown(t *testing.T) {
	s := start(t, Client)
	s.say(hello)
	for range 2 {
		answer := s.say(`{"id":"a","do":"up","privateKey":"` + privateKey + `"}`)
		if answer["ok"] != true || answer["id"] != "a" || answer["port"] == float64(0) {
			t.Fatal(answer)
		}
		peer := base64.RawURLEncoding.EncodeToString(append(make([]byte, 31), 9))
		add := `{"id":1,"do":"peer.add","publicKey":"` + peer + `","allowedIp":"100.64.0.1"`
		if got := codeOf(s.say(add + `}`)); got != codeBadInput {
			t.Fatal(got)
		}
		if answer := s.say(add + `,"ownAddress":"100.64.0.2"}`); answer["ok"] != true {
			t.Fatal(answer)
		}
		outside := `{"id":1,"do":"forward.add","forward":"x","listen":"0.0.0.0:0","peer":"` + peer + `","port":5432}`
		if got := codeOf(s.say(outside)); got != codeFailed {
			t.Fatal("a forward listens for the whole network")
		}
		inside := strings.Replace(outside, "0.0.0.0", "127.0.0.1", 1)
		if answer := s.say(inside); answer["ok"] != true {
			t.Fatal(answer)
		}
		if answer := s.say(`{"id":1,"do":"stats"}`); answer["ok"] != true || len(answer["peers"].([]any)) != 1 {
			t.Fatal(answer)
		}
		if answer := s.say(`{"id":1,"do":"down"}`); answer["ok"] != true {
			t.Fatal(answer)
		}
	}
}

func TestTheEndOfInputIsTheEnd(t *testing.T) {
	s := start(t, Client)
	s.say(hello)
	s.say(`{"id":1,"do":"up","privateKey":"` + privateKey + `"}`)
	_ = s.in.Close()
	go func() { _, _ = io.Copy(io.Discard, s.out) }()
	select {
	case err := <-s.ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it lives on")
	}
}

func TestALineThatIsTooLongIsTheEnd(t *testing.T) {
	s := start(t, Client)
	go func() { _, _ = s.in.Write([]byte(strings.Repeat("x", MaxLineBytes+2) + "\n")) }()
	go func() { _, _ = io.Copy(io.Discard, s.out) }()
	if err := <-s.ended; err == nil {
		t.Fatal("it was read")
	}
}

func FuzzAnswer(f *testing.F) {
	for _, line := range []string{hello, `{"id":1,"do":"up"}`, `{"id":1,"do":"peer.add","publicKey":""}`, `{}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		server := NewServer(Client, "test", io.Discard, func(string) {})
		server.greeted = true
		server.answer(line)
		if server.tunnel != nil {
			server.tunnel.Close()
		}
	})
}
