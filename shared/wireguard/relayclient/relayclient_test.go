package relayclient

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
	"time"
)

func TestGoldenProofOfPossession(t *testing.T) {
	text, err := os.ReadFile("../../identity/possession-golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		DevicePrivate, DevicePublic, VerifierKey, Nonce, Document, Audience, Proof string
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	private, _ := base64.RawURLEncoding.DecodeString(golden.DevicePrivate)
	public, _ := base64.RawURLEncoding.DecodeString(golden.DevicePublic)
	proof, err := Prove([32]byte(private), [32]byte(public), golden.Nonce, golden.VerifierKey, golden.Document, golden.Audience)
	if err != nil || proof != golden.Proof {
		t.Fatalf("%s %v", proof, err)
	}
	for _, bad := range []string{"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := Prove([32]byte(private), [32]byte(public), golden.Nonce, bad, "", ""); err == nil {
			t.Fatalf("the relay key %q was accepted", bad)
		}
	}
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	for failures, limit := range map[int]time.Duration{0: firstRetry, 3: 8 * firstRetry, 99: longestRetry} {
		for range 100 {
			if wait := backOff(failures); wait < limit/2 || wait > limit {
				t.Fatalf("%d failures: %s", failures, wait)
			}
		}
	}
}
