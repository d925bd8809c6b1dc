package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"daam/tunnel/bind"
	"daam/tunnel/frames"
	"daam/tunnel/relayclient"
	"daam/tunnel/tunnel"
)

type crowdInput struct {
	Agent      string   `json:"agent"`
	AgentIP    string   `json:"agentIp"`
	Port       uint16   `json:"port"`
	Candidates []string `json:"candidates"`
	Relay      *struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	} `json:"relay"`
	Devices []struct {
		PrivateKey string `json:"privateKey"`
		Token      string `json:"token"`
		IP         string `json:"ip"`
	} `json:"devices"`
}

// crowd reads what to bring up from the first line of stdin, brings all of it up at once, and prints how long each took
// from nothing to the first answer from the far end. The devices stay until stdin ends.
func crowd([]string) (any, error) {
	decoder := json.NewDecoder(os.Stdin)
	var in crowdInput
	if err := decoder.Decode(&in); err != nil {
		return nil, err
	}
	began := time.Now()
	times := make([]time.Duration, len(in.Devices))
	failures := make([]error, len(in.Devices))
	var done sync.WaitGroup
	for at := range in.Devices {
		done.Add(1)
		go func() {
			defer done.Done()
			failures[at] = in.bringUp(at)
			times[at] = time.Since(began)
		}()
	}
	done.Wait()
	for at, err := range failures {
		if err != nil {
			return nil, fmt.Errorf("device %d: %w", at, err)
		}
	}
	slices.Sort(times)
	print(map[string]any{
		"devices": len(times), "p50Ms": times[len(times)/2].Milliseconds(), "allMs": times[len(times)-1].Milliseconds(),
	})
	_, err := io.Copy(io.Discard, io.MultiReader(decoder.Buffered(), os.Stdin))
	return map[string]any{}, err
}

func (in *crowdInput) bringUp(at int) error {
	device := in.Devices[at]
	private, err := key(device.PrivateKey)
	if err != nil {
		return err
	}
	agent, err := key(in.Agent)
	if err != nil {
		return err
	}
	config := tunnel.Config{PrivateKey: private, Events: silent()}
	if in.Relay != nil {
		config.RelayURL, config.RelayName, config.RelayToken = in.Relay.URL, in.Relay.Name, device.Token
	}
	up, err := tunnel.Start(config)
	if err != nil {
		return err
	}
	peer := tunnel.Peer{Key: agent}
	if peer.AllowedIP, err = netip.ParseAddr(in.AgentIP); err != nil {
		return err
	}
	if peer.OwnAddress, err = netip.ParseAddr(device.IP); err != nil {
		return err
	}
	for _, text := range in.Candidates {
		candidate, err := netip.ParseAddrPort(text)
		if err != nil {
			return err
		}
		peer.Candidates = append(peer.Candidates, candidate)
	}
	if err := up.AddPeer(peer); err != nil {
		return err
	}
	local, err := up.AddForward(tunnel.Forward{
		ID: "bench", Listen: netip.MustParseAddrPort("127.0.0.1:0"), Peer: agent, Port: in.Port,
	})
	if err != nil {
		return err
	}
	var conn net.Conn
	conn, err = ask(local.String())
	if err == nil {
		// It stays open: these are sessions at rest.
		err = conn.SetDeadline(time.Time{})
	}
	return err
}

func key(text string) (frames.Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != frames.KeyBytes {
		return frames.Key{}, fmt.Errorf("not a key")
	}
	return frames.Key(raw), nil
}

func silent() tunnel.Events {
	return tunnel.Events{
		Path:      func(frames.Key, bind.Kind, netip.AddrPort, time.Duration) {},
		Handshake: func(frames.Key) {},
		Knock:     func(frames.Key, []byte) {},
		Relay:     func(relayclient.State, time.Duration, string) {},
		Presence:  func(frames.Key, bool) {},
		ConnOpen:  func(uint64, string, frames.Key) {},
		ConnClose: func(uint64, uint64, uint64, string) {},
		Log:       func(string) {},
	}
}
