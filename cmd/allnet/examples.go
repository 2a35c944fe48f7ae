package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"allnet/internal/terminal"
	"allnet/model/synthetic"
)

// examples writes the built-in drawn pictures as PNG files.
func examples(*flag.FlagSet) action {
	return func(_ context.Context, args []string, stdout, stderr io.Writer) error {
		if err := os.MkdirAll(args[0], 0o755); err != nil {
			return err
		}
		for _, example := range synthetic.Examples() {
			data, err := synthetic.PNG(example.Name)
			if err != nil {
				return err
			}
			name := filepath.Join(args[0], example.Name+".png")
			if err := os.WriteFile(name, data, 0o644); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "%s: %s\n", terminal.Shown(name), example.Caption)
		}
		return nil
	}
}
