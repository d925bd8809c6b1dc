package frames

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// The golden bytes are shared with shared/relay-protocol/golden.test.ts.
type golden struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Frames  []struct {
		Type    byte   `json:"type"`
		Key     string `json:"key"`
		Payload string `json:"payload"`
	} `json:"frames"`
	Malformed bool `json:"malformed"`
}

func readGolden(t testing.TB) []golden {
	t.Helper()
	text, err := os.ReadFile("../../relay-protocol/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestGoldenBytes(t *testing.T) {
	for _, want := range readGolden(t) {
		t.Run(want.Name, func(t *testing.T) {
			message := unhex(t, want.Message)
			var got []Frame
			err := Decode(message, func(frame Frame) { got = append(got, frame) })
			if want.Malformed {
				if !errors.Is(err, ErrMalformed) || len(got) > 0 {
					t.Fatalf("accepted: %v, %d frames", err, len(got))
				}
				return
			}
			if err != nil || len(got) != len(want.Frames) {
				t.Fatalf("%d frames, %v", len(got), err)
			}
			var encoded []byte
			for at, frame := range got {
				expected := want.Frames[at]
				if byte(frame.Type) != expected.Type || !bytes.Equal(frame.Key[:], unhex(t, expected.Key)) ||
					!bytes.Equal(frame.Payload, unhex(t, expected.Payload)) {
					t.Fatalf("frame %d: %+v", at, frame)
				}
				if encoded, err = Append(encoded, frame); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(encoded, message) {
				t.Fatalf("encoded to %x", encoded)
			}
		})
	}
}

func TestAppendRefusesPayloadsOutsideTheirBounds(t *testing.T) {
	for _, frame := range []Frame{
		{Type: Send},
		{Type: Send, Payload: make([]byte, MaxPayloadBytes+1)},
		{Type: Ping, Payload: make([]byte, 9)},
		{Type: 99, Payload: []byte{1}},
	} {
		if _, err := Append(nil, frame); err == nil {
			t.Fatalf("type %d with %d bytes was encoded", frame.Type, len(frame.Payload))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, each := range readGolden(f) {
		f.Add(unhex(f, each.Message))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		var encoded []byte
		err := Decode(message, func(frame Frame) { encoded, _ = Append(encoded, frame) })
		if err == nil && !bytes.Equal(encoded, message) {
			t.Fatalf("decoded and encoded to other bytes: %x %x", message, encoded)
		}
	})
}
