package main

import (
	"flag"
	"io"
	"testing"
)

func TestTheRecordOfACallSaysWhatWasSwitchedOffAsWellAsOn(t *testing.T) {
	set := flag.NewFlagSet("eval", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Bool("compact", false, "")
	set.Bool("plain", true, "")
	set.String("json", "", "")
	set.Int("every", 1, "")
	for call, want := range map[string][]string{
		"allnet eval DIR":                          nil,
		"allnet eval -compact -every 3 -plain DIR": {"-compact", "-every", "3", "-plain", "-json", "x"},
		"allnet eval -compact=false DIR":           {"-compact=false"},
		"allnet eval -plain=false DIR":             {"-plain=0"},
	} {
		if err := set.Parse(want); err != nil {
			t.Fatal(err)
		}
		if got := commandLine(set, "DIR", "json"); got != call {
			t.Errorf("%v is recorded as %q, want %q", want, got, call)
		}
		set = again(set)
	}
}

// again is a set with the same options, none of which was given.
func again(set *flag.FlagSet) *flag.FlagSet {
	fresh := flag.NewFlagSet(set.Name(), flag.ContinueOnError)
	set.VisitAll(func(f *flag.Flag) {
		f.Value.Set(f.DefValue)
		fresh.Var(f.Value, f.Name, f.Usage)
	})
	return fresh
}
