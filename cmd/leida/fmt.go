package main

import (
	"bytes"
	"fmt"
	"os"

	"leida/internal/assessment"
)

type fmtCmd struct {
	Files []string `arg:"" name:"file" type:"existingfile" help:"Definition files; they are rewritten in place."`
	List  bool     `short:"l" help:"Only list the files whose layout would change; exit with 1 if there are any."`
}

func (c *fmtCmd) Run(w *world) error {
	failed := false
	for _, name := range c.Files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out, report := assessment.Format(name, raw)
		switch {
		case out == nil:
			failed = true
			if err := report.Write(w.err, w.lang); err != nil {
				return err
			}
		case bytes.Equal(out, raw):
		case c.List:
			failed = true
			fmt.Fprintln(w.out, name)
		default:
			if err := replaceFile(name, out); err != nil {
				return err
			}
			fmt.Fprintln(w.out, name)
		}
	}
	if failed {
		return errFindings
	}
	return nil
}

// replaceFile writes beside the file and renames, so that an interruption never leaves half a definition.
func replaceFile(name string, data []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp := name + ".leida-fmt"
	if err := os.WriteFile(tmp, data, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
