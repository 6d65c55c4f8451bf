package main

import (
	"fmt"
	"runtime/debug"
)

// release is set by the Makefile's linker flag.
var release = "dev"

type versionCmd struct{}

func (versionCmd) Run(w *world) error {
	_, err := fmt.Fprintln(w.out, "leida", version())
	return err
}

// version is the release with the revision it was built from, where that is known.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return release + " (" + s.Value[:12] + ")"
			}
		}
	}
	return release
}
