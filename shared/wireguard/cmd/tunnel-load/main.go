// Command tunnel-load measures ways through which TCP can be carried, for `npm run bench -- --only tunnel`. It is no part
// of the product. `serve` is the far end, on TCP and on a Unix socket behind the PROXY header as the agent's; `measure`
// is the near end; `crowd` brings up many devices at once, each a tunnel of its own in this process.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func(arguments []string) (any, error){
		"serve": serve, "measure": measure, "crowd": crowd,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: tunnel-load serve|measure|crowd …")
		os.Exit(64)
	}
	result, err := commands[os.Args[1]](os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	print(result)
}

func print(value any) { _ = json.NewEncoder(os.Stdout).Encode(value) }
