package pathmsg

import (
	"crypto/rand"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/crypto/curve25519"
)

func keyPair(t testing.TB) (private, public [32]byte) {
	t.Helper()
	_, _ = rand.Read(private[:])
	point, err := curve25519.X25519(private[:], curve25519.Basepoint)
	if err != nil {
		t.Fatal(err)
	}
	return private, [32]byte(point)
}

func pairs(t testing.TB) (one, two *Pair) {
	t.Helper()
	privateOne, publicOne := keyPair(t)
	privateTwo, publicTwo := keyPair(t)
	one, err := NewPair(privateOne, publicOne, publicTwo)
	if err != nil {
		t.Fatal(err)
	}
	if two, err = NewPair(privateTwo, publicTwo, publicOne); err != nil {
		t.Fatal(err)
	}
	return one, two
}

func TestMessagesAreReadByTheOtherPeerAlone(t *testing.T) {
	one, two := pairs(t)
	addresses := []netip.AddrPort{
		netip.MustParseAddrPort("192.0.2.7:4711"), netip.MustParseAddrPort("[2001:db8::7]:65535"),
	}
	sent := Message{Kind: Candidates, TxID: NewTxID(), Addresses: addresses}
	packet := one.Seal(sent)
	got, err := two.Open(packet)
	if err != nil || got.Kind != sent.Kind || got.TxID != sent.TxID || !slices.Equal(got.Addresses, addresses) {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := one.Open(packet); err == nil {
		t.Fatal("the sender's own message was taken back: it could be reflected")
	}
	other, _ := pairs(t)
	if _, err := other.Open(packet); err == nil {
		t.Fatal("a stranger read it")
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	one, two := pairs(t)
	packet := one.Seal(Message{Kind: Ping, TxID: NewTxID()})
	for at := range packet {
		packet[at] ^= 0x10
		if _, err := two.Open(packet); err == nil {
			t.Fatalf("byte %d", at)
		}
		packet[at] ^= 0x10
	}
}

func TestAKeyOfLowOrderIsRefused(t *testing.T) {
	private, public := keyPair(t)
	if _, err := NewPair(private, public, [32]byte{}); err == nil {
		t.Fatal("accepted")
	}
}

func FuzzOpen(f *testing.F) {
	one, two := pairs(f)
	f.Add(one.Seal(Message{Kind: Ping, TxID: NewTxID()}))
	f.Add([]byte{0xDA, 'p', 'm', 1})
	f.Fuzz(func(_ *testing.T, packet []byte) { _, _ = two.Open(packet) })
}
