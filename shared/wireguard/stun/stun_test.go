package stun

import (
	"encoding/hex"
	"net/netip"
	"testing"
)

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// RFC 5769 sections 2.2 and 2.3 (sample responses over IPv4 and IPv6).
const (
	responseV4 = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643" +
		"000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
	responseV6 = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9fa" +
		"a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
)

func TestSampleResponsesOfTheStandard(t *testing.T) {
	for text, want := range map[string]string{
		responseV4: "192.0.2.1:32853",
		responseV6: "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
	} {
		id, got, err := Parse(bytesOf(t, text))
		if err != nil || got != netip.MustParseAddrPort(want) || hex.EncodeToString(id[:]) != "b7e7a701bc34d686fa87dfae" {
			t.Errorf("%v %x %v", got, id, err)
		}
	}
}

func TestRequestIsTheBindingMethodWithFingerprint(t *testing.T) {
	var id TxID
	copy(id[:], bytesOf(t, "b7e7a701bc34d686fa87dfae"))
	got := hex.EncodeToString(Request(id))
	if got[:40] != "000100082112a442b7e7a701bc34d686fa87dfae" || got[40:48] != "80280004" || len(got) != 56 {
		t.Fatal(got)
	}
}

func TestTruncatedAndForeignMessagesAreRefused(t *testing.T) {
	whole := bytesOf(t, responseV4)
	for length := range whole {
		if _, _, err := Parse(whole[:length]); err == nil {
			t.Fatalf("%d bytes were accepted", length)
		}
	}
	if _, _, err := Parse(Request(NewTxID())); err == nil {
		t.Fatal("a request was accepted as an answer")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(bytesOf(f, responseV4))
	f.Add(bytesOf(f, responseV6))
	f.Fuzz(func(t *testing.T, message []byte) {
		if _, address, err := Parse(message); err == nil && !address.IsValid() {
			t.Fatal("an answer without an address")
		}
	})
}
