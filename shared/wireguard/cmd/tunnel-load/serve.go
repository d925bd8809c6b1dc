package main

import (
	"encoding/binary"
	"flag"
	"io"
	"net"
	"os"
)

// What a connection asks for with its first byte; the length that follows a stream's is 8 bytes, big-endian.
const (
	askEcho = 'E'
	askDown = 'D'
	askUp   = 'U'
)

const blockBytes = 64 << 10

// serve listens until stdin ends, and prints where.
func serve(arguments []string) (any, error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	socket := flags.String("unix", "", "Unix socket")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	behindHeader, err := net.Listen("unix", *socket)
	if err != nil {
		return nil, err
	}
	go acceptAll(plain, func(conn net.Conn) error { return answer(conn) })
	go acceptAll(behindHeader, func(conn net.Conn) error {
		if err := skipHeader(conn); err != nil {
			return err
		}
		return answer(conn)
	})
	print(map[string]any{"tcp": plain.Addr().String()})
	_, err = io.Copy(io.Discard, os.Stdin)
	return map[string]any{}, err
}

func acceptAll(listener net.Listener, handle func(conn net.Conn) error) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			_ = handle(conn)
			_ = conn.Close()
		}()
	}
}

// skipHeader reads the PROXY header (version 2): 16 bytes, of which the last two say how many follow.
func skipHeader(conn net.Conn) error {
	var head [16]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint16(head[14:])))
	return err
}

func answer(conn net.Conn) error {
	var asked [1]byte
	if _, err := io.ReadFull(conn, asked[:]); err != nil {
		return err
	}
	if asked[0] == askEcho {
		return echo(conn)
	}
	var length [8]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return err
	}
	bytes := int64(binary.BigEndian.Uint64(length[:]))
	if asked[0] == askDown {
		return send(conn, bytes)
	}
	if err := receive(conn, bytes); err != nil {
		return err
	}
	_, err := conn.Write([]byte{askUp})
	return err
}

func echo(conn net.Conn) error {
	buffer := make([]byte, 4096)
	for {
		count, err := conn.Read(buffer)
		if err != nil {
			return err
		}
		if _, err := conn.Write(buffer[:count]); err != nil {
			return err
		}
	}
}

func send(conn net.Conn, bytes int64) error {
	block := make([]byte, blockBytes)
	for at := range block {
		block[at] = byte(at * 7)
	}
	for bytes > 0 {
		count, err := conn.Write(block[:min(bytes, blockBytes)])
		if err != nil {
			return err
		}
		bytes -= int64(count)
	}
	return nil
}

func receive(conn net.Conn, bytes int64) error {
	block := make([]byte, blockBytes)
	for bytes > 0 {
		count, err := conn.Read(block[:min(bytes, blockBytes)])
		bytes -= int64(count)
		if err != nil && bytes > 0 {
			return err
		}
	}
	return nil
}
