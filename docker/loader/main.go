// Loads a compose file exactly as the engine does, with every profile, and prints the project as JSON.
//
// Usage: loader docker-compose.yml. Variables come from the environment alone, so that a developer's .env changes
// nothing.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := load(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func load(files []string) error {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	rendered, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(rendered)
	return err
}
