package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

const (
	echoBytes = 64
	// firstBytes of a stream find out how many fill the time asked for.
	firstBytes = 4 << 20
	connectFor = 30 * time.Second
)

// measure prints one number set of one scenario through one address.
func measure(arguments []string) (any, error) {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	address := flags.String("to", "", "address:port")
	scenario := flags.String("scenario", "", "echo, down, up or connect")
	lasting := flags.Duration("for", time.Second, "how long")
	streams := flags.Int("streams", 1, "connections at once")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	switch *scenario {
	case "echo":
		return measureEcho(*address, *lasting)
	case "down":
		return measureStreams(*address, askDown, *lasting, *streams)
	case "up":
		return measureStreams(*address, askUp, *lasting, *streams)
	case "connect":
		return measureConnects(*address, *lasting)
	default:
		return nil, errors.New("unknown scenario")
	}
}

func open(address string) (net.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(connectFor))
}

// ask opens a connection, and waits for the first answer: what the way does at its start is not measured.
func ask(address string) (net.Conn, error) {
	conn, err := open(address)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write([]byte{askEcho}); err != nil {
		return nil, err
	}
	return conn, exchange(conn, make([]byte, echoBytes))
}

func exchange(conn net.Conn, message []byte) error {
	if _, err := conn.Write(message); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, message)
	return err
}

type echoResult struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50Ms"`
	P99   float64 `json:"p99Ms"`
}

func measureEcho(address string, lasting time.Duration) (any, error) {
	conn, err := ask(address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	message := make([]byte, echoBytes)
	for range 200 {
		if err := exchange(conn, message); err != nil {
			return nil, err
		}
	}
	return timed(lasting, func() error { return exchange(conn, message) })
}

func measureConnects(address string, lasting time.Duration) (any, error) {
	return timed(lasting, func() error {
		conn, err := ask(address)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

func timed(lasting time.Duration, once func() error) (any, error) {
	var times []time.Duration
	for end := time.Now().Add(lasting); time.Now().Before(end); {
		began := time.Now()
		if err := once(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	quantile := func(share float64) float64 {
		return float64(times[int(float64(len(times)-1)*share)].Nanoseconds()) / 1e6
	}
	return echoResult{Count: len(times), P50: quantile(0.5), P99: quantile(0.99)}, nil
}

type streamResult struct {
	Bytes    int64   `json:"bytes"`
	Mbit     float64 `json:"mbitPerSecond"`
	LastedMs float64 `json:"lastedMs"`
}

// measureStreams first sends little, then as much as fills the time at that speed.
func measureStreams(address string, kind byte, lasting time.Duration, streams int) (any, error) {
	first, err := streamAll(address, kind, firstBytes, streams)
	if err != nil {
		return nil, err
	}
	warm, err := streamAll(address, kind, sized(firstBytes, first, lasting/4), streams)
	if err != nil {
		return nil, err
	}
	bytes := sized(sized(firstBytes, first, lasting/4), warm, lasting)
	took, err := streamAll(address, kind, bytes, streams)
	if err != nil {
		return nil, err
	}
	total := bytes * int64(streams)
	return streamResult{
		Bytes: total, Mbit: float64(total) * 8 / took.Seconds() / 1e6, LastedMs: float64(took.Milliseconds()),
	}, nil
}

func sized(bytes int64, took, lasting time.Duration) int64 {
	return max(firstBytes, int64(float64(bytes)*lasting.Seconds()/took.Seconds()))
}

// streamAll is the time from the first byte asked for to the last one there.
func streamAll(address string, kind byte, bytes int64, streams int) (time.Duration, error) {
	conns := make([]net.Conn, streams)
	for at := range conns {
		conn, err := open(address)
		if err != nil {
			return 0, err
		}
		defer func() { _ = conn.Close() }()
		conns[at] = conn
	}
	began := time.Now()
	failures := make(chan error, streams)
	var done sync.WaitGroup
	for _, conn := range conns {
		done.Add(1)
		go func() {
			defer done.Done()
			failures <- stream(conn, kind, bytes)
		}()
	}
	done.Wait()
	close(failures)
	took := time.Since(began)
	for err := range failures {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

func stream(conn net.Conn, kind byte, bytes int64) error {
	if _, err := conn.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(bytes))); err != nil {
		return err
	}
	if kind == askDown {
		return receive(conn, bytes)
	}
	if err := send(conn, bytes); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, make([]byte, 1))
	return err
}
