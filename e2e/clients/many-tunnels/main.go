// Command many-tunnels is many devices in one process: each connection to its Unix socket is the conversation that a
// sidecar of the client's role has on stdin and stdout, with a tunnel of its own. It ends when its own stdin does.
//
// It is built within the sidecar's module: go build -C shared/wireguard <this file>.
package main

import (
	"fmt"
	"io"
	"net"
	"os"

	"daam/tunnel/control"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: many-tunnels SOCKET")
		os.Exit(64)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("listening")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(connection)
	}
}

func serve(connection net.Conn) {
	defer connection.Close()
	quiet := func(string) {}
	_ = control.NewServer(control.Client, "many", connection, quiet).Serve(connection)
}
