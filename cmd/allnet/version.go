package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"allnet/model"
)

// What a release is linked with; see build/release.go.
var (
	version  = "development"
	revision = ""
	// pageHash is the SHA-256 of the page that was released with this program.
	pageHash = ""
)

// sourceRevision is the commit that this program was made of, as far as it is known.
func sourceRevision() string {
	if revision != "" {
		return revision
	}
	commit, after := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				after = "+changes"
			}
		}
	}
	return commit + after
}

func writeVersion(*flag.FlagSet) action {
	return func(_ context.Context, _ []string, stdout, _ io.Writer) error {
		fmt.Fprintf(stdout, "version %s\nrevision %s\n%s %s/%s\n", version, sourceRevision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		for _, network := range model.Shipped() {
			fmt.Fprintf(stdout, "weights of %s: SHA-256 %x\n", network.Name, sha256.Sum256(network.Weights()))
		}
		if pageHash != "" {
			fmt.Fprintf(stdout, "page of this release: SHA-256 %s\n", pageHash)
		}
		return nil
	}
}
