package forward

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"unicode/utf8"
)

type spoken struct {
	net.Conn
	from io.Reader
}

func (s spoken) Read(into []byte) (int, error)  { return s.from.Read(into) }
func (s spoken) Write(from []byte) (int, error) { return len(from), nil }

func startupWith(parameters ...string) []byte {
	body := append([]byte{0, 3, 0, 0}, strings.Join(parameters, "\x00")+"\x00\x00"...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)), body...)
}

func watch(t *testing.T, from io.Reader) *Watched {
	t.Helper()
	watched := Watch(spoken{from: from})
	_, err := io.Copy(io.Discard, struct{ io.Reader }{watched})
	if err != nil {
		t.Fatal(err)
	}
	return watched
}

var (
	asksTLS = []byte{0, 0, 0, 8, 4, 210, 22, 47}
	asksGSS = []byte{0, 0, 0, 8, 4, 210, 22, 48}
)

func TestTheProgramIsReadWhereverTheStartIsCut(t *testing.T) {
	start := append(bytes.Clone(asksGSS), asksTLS...)
	start = append(start, startupWith("user", "mina", "application_name", "psql", "database", "shop")...)
	start = append(start, "Q\x00\x00\x00\x0dselect 1\x00"...)
	for cut := range start {
		watched := watch(t, io.MultiReader(bytes.NewReader(start[:cut]), bytes.NewReader(start[cut:])))
		if name, known := watched.Program(); name != "psql" || !known {
			t.Fatalf("cut at %d: %q", cut, name)
		}
		if in, _ := watched.Bytes(); in != uint64(len(start)) || watched.head != nil {
			t.Fatalf("%d bytes", in)
		}
	}
	watched := watch(t, bytes.NewReader(startupWith("user", "application_name", "application_name", "real")))
	if name, _ := watched.Program(); name != "real" {
		t.Fatalf("a value is taken for a name: %q", name)
	}
}

func TestNoProgramIsKnownOfStartsThatTellNone(t *testing.T) {
	for name, start := range map[string][]byte{
		"none":         startupWith("user", "mina"),
		"empty":        startupWith("user", "mina", "application_name", ""),
		"encrypted":    append(bytes.Clone(asksTLS), 0x16, 3, 1, 0, 200, 1, 0, 0, 0),
		"cancel":       {0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2},
		"too long":     {0, 1, 0, 0, 0, 3, 0, 0, 'u'},
		"too short":    {0, 0, 0, 1, 0, 3, 0, 0, 'u'},
		"requests":     bytes.Repeat(asksTLS, 9),
		"not finished": startupWith("application_name", "psql")[:20],
	} {
		watched := watch(t, bytes.NewReader(start))
		if program, known := watched.Program(); known {
			t.Errorf("%s: %q", name, program)
		}
	}
}

func TestTheProgramIsShortAndPrintable(t *testing.T) {
	for given, wanted := range map[string]string{
		"a\nb\x1b[31m":            "a?b?[31m",
		"\xff\xfe":                "?",
		strings.Repeat("é", 60):   strings.Repeat("é", 31),
		"  DBeaver 24.1 - Main  ": "DBeaver 24.1 - Main",
		"\u202egnp.exe":           "?gnp.exe",
		"<img src=x onerror=y>":   "<img src=x onerror=y>",
	} {
		watched := watch(t, bytes.NewReader(startupWith("application_name", given)))
		if name, _ := watched.Program(); name != wanted || len(name) > maxProgram {
			t.Errorf("%q: %q", given, name)
		}
	}
}

func FuzzWatched(f *testing.F) {
	f.Add(startupWith("user", "mina", "application_name", "psql"))
	f.Add(append(bytes.Clone(asksTLS), startupWith("application_name", "\xff")...))
	f.Fuzz(func(t *testing.T, start []byte) {
		cut := 0
		if len(start) > 0 {
			cut = rand.IntN(len(start))
		}
		watched := watch(t, io.MultiReader(bytes.NewReader(start[:cut]), bytes.NewReader(start[cut:])))
		name, _ := watched.Program()
		if in, _ := watched.Bytes(); in != uint64(len(start)) || len(name) > maxProgram || !utf8.ValidString(name) {
			t.Fatalf("%q of %d bytes", name, in)
		}
	})
}
