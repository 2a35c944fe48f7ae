package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"allnet/model/synthetic"
)

// examples writes the built-in drawn pictures as PNG files.
func examples(_ context.Context, args []string, stdout, stderr io.Writer) error {
	set := flags("examples", stderr)
	if err := parse(set, args, 1, 1); err != nil {
		return err
	}
	if err := os.MkdirAll(set.Arg(0), 0o755); err != nil {
		return err
	}
	for _, example := range synthetic.Examples() {
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			return err
		}
		name := filepath.Join(set.Arg(0), example.Name+".png")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s: %s\n", name, example.Caption)
	}
	return nil
}
