// Command daam-tunnel is the WireGuard sidecar of the desktop engine (--role=client) and of the agent (--role=agent). It
// is not started by hand: its parent speaks with it on stdin and stdout (package control), and its end is theirs.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"daam/tunnel/control"
)

// version is set when it is built.
var version = "development"

const memoryLimit = 128 << 20

func main() {
	role := flag.String("role", "", "client or agent")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}
	if flag.NArg() > 0 || (*role != string(control.Client) && *role != string(control.Agent)) {
		fmt.Fprintln(os.Stderr, "usage: daam-tunnel --role=client|agent (commands on stdin, events on stdout)")
		os.Exit(64)
	}
	debug.SetMemoryLimit(memoryLimit)
	log := func(text string) { fmt.Fprintln(os.Stderr, text) }
	if err := control.NewServer(control.Role(*role), version, os.Stdout, log).Serve(os.Stdin); err != nil {
		log("control: " + err.Error())
		os.Exit(1)
	}
}
