package control

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func startClient(t *testing.T) *session {
	t.Helper()
	s := start(t, Client)
	s.say(hello)
	if answer := s.say(`{"id":1,"do":"up","privateKey":"` + privateKey + `"}`); answer["ok"] != true {
		t.Fatal(answer)
	}
	return s
}

func TestAForwardMayComeBeforeItsPeerAndCanBeChanged(t *testing.T) {
	s := startClient(t)
	peer := base64.RawURLEncoding.EncodeToString(append(make([]byte, 31), 9))
	for _, line := range []string{
		`{"id":1,"do":"forward.add","forward":"x","listen":"127.0.0.1:0","peer":"` + peer + `","port":5432}`,
		`{"id":1,"do":"forward.tls","forward":"x"}`,
		`{"id":1,"do":"forward.password","forward":"x","password":` + verifier + `}`,
		`{"id":1,"do":"forward.password","forward":"x"}`,
		`{"id":1,"do":"forward.refuse","forward":"x","refusal":{"code":"28000","message":"no","hint":"none"}}`,
		`{"id":1,"do":"forward.refuse","forward":"x"}`,
		`{"id":1,"do":"forward.sessions","forward":"x"}`,
		`{"id":1,"do":"forward.end","forward":"x","conn":1}`,
		`{"id":1,"do":"forward.remove","forward":"x"}`,
	} {
		if answer := s.say(line); answer["ok"] != true {
			t.Errorf("%s: %v", line, answer)
		}
	}
}

// 16 and twice 32 bytes.
const verifier = `{"salt":"AAAAAAAAAAAAAAAAAAAAAA==","iterations":4096,"storedKey":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",` +
	`"serverKey":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`

func TestAForwardMayListenOnASocketOfItsOwnerAlone(t *testing.T) {
	s := startClient(t)
	path := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	add := func(listen string) map[string]any {
		return s.say(`{"id":1,"do":"forward.add","forward":"x","listen":"` + listen + `","peer":"` + strings.Repeat("A", 43) +
			`","port":5432,"password":` + verifier + `}`)
	}
	if answer := add(path); answer["listen"] != path {
		t.Fatal(answer)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	s.say(`{"id":1,"do":"forward.remove","forward":"x"}`)
	if _, err := os.Stat(path); err == nil {
		t.Fatal("the socket is left behind")
	}
	for _, listen := range []string{"relative.sock", "/" + strings.Repeat("x", maxSocketPath), "@abstract", "192.0.2.1:1", ""} {
		if answer := add(listen); answer["ok"] == true {
			t.Error(listen)
		}
	}
}

func TestBadForwardsNameTheFieldAndNeverTheValue(t *testing.T) {
	s := startClient(t)
	long := strings.Repeat("x", maxRefusalText+1)
	for line, field := range map[string]string{
		`{"id":1,"do":"forward.tls","forward":"sekret"}`:                                                                               "forward",
		`{"id":1,"do":"forward.refuse","forward":"sekret"}`:                                                                            "forward",
		`{"id":1,"do":"forward.tls","forward":"x","tls":{"certificate":"sekret","key":"sekret"}}`:                                      "tls",
		`{"id":1,"do":"forward.tls","forward":"x","tls":{"certificate":"` + strings.Repeat("x", 33000) + `"}}`:                         "tls",
		`{"id":1,"do":"forward.tls","forward":"x","tls":{"key":{"sekret":1}}}`:                                                         "tls",
		`{"id":1,"do":"forward.password","forward":"x","password":{"salt":"sekret","iterations":4096}}`:                                "password.salt",
		`{"id":1,"do":"forward.password","forward":"x","password":` + strings.Replace(verifier, "4096", "1", 1) + `}`:                  "password.iterations",
		`{"id":1,"do":"forward.password","forward":"x","password":` + strings.Replace(verifier, "erKey\":\"AA", "erKey\":\"", 1) + `}`: "password.serverKey",
		`{"id":1,"do":"forward.refuse","forward":"x","refusal":{}}`:                                                                    "refusal.message",
		`{"id":1,"do":"forward.refuse","forward":"x","refusal":{"message":"` + long + `"}}`:                                            "refusal.message",
		`{"id":1,"do":"forward.refuse","forward":"x","refusal":{"message":"a","hint":"sekret\u0000"}}`:                                 "refusal.hint",
		`{"id":1,"do":"forward.refuse","forward":"x","refusal":{"message":"a","code":"sekre"}}`:                                        "refusal.code",
	} {
		answer := s.say(line)
		text, _ := json.Marshal(answer)
		if codeOf(answer) != codeBadInput || !strings.Contains(string(text), field) || strings.Contains(string(text), "sekre") {
			t.Errorf("%s: %s", line, text)
		}
	}
}

func TestManySessionsWithTheLongestNamesFitIntoALine(t *testing.T) {
	told := make([]map[string]any, maxSessions)
	for at := range told {
		told[at] = map[string]any{
			"conn": uint64(1 << 63), "program": strings.Repeat("<", 63), "ageMs": int64(1 << 60), "sent": uint64(1 << 63), "received": uint64(1 << 63),
		}
	}
	if line, err := json.Marshal(told); err != nil || len(line) > MaxLineBytes-1024 {
		t.Fatal(len(line), err)
	}
}
