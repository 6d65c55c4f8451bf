package main

import (
	"fmt"
	"io/fs"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/item"
	"leida/internal/text"
)

type checkCmd struct {
	Dirs            []string `arg:"" name:"dir" help:"Directories of definitions. One without a capability model is checked against the built-in model."`
	JSON            bool     `name:"json" help:"Print the findings as JSON."`
	Strict          bool     `help:"Exit with 1 on warnings as well."`
	WithoutStimulus string   `name:"without-stimulus" placeholder:"ITEM" help:"Print an item as a candidate sees it who reads nothing but the question and the options."`
	Stats           bool     `help:"Print what the bank covers, what candidates who read nothing score, and what the assessments are expected to show."`
	WithStimulus    string   `name:"with-stimulus" placeholder:"ITEM" help:"Print an item as a candidate sees it."`
}

// Help is printed below the flags.
func (checkCmd) Help() string {
	return "Findings are path:line:column: message with the offending line. Exit status: 0 sound, 1 findings, 2 usage."
}

func (c *checkCmd) Run(w *world) error {
	bad := 0
	all := assessment.Report{}
	for _, dir := range c.Dirs {
		lib, report, err := loadDir(dir)
		if err != nil {
			return err
		}
		bad += report.Errors()
		if c.Strict {
			bad += report.Warnings()
		}
		for i := range report {
			report[i].File = dir + "/" + report[i].File
		}
		all = append(all, report...)
		switch {
		case c.JSON:
		case c.WithoutStimulus != "" || c.WithStimulus != "":
			if err := c.print(w, lib); err != nil {
				return err
			}
		default:
			if err := report.Write(w.out, w.lang); err != nil {
				return err
			}
			if err := summary(w, dir, lib, report); err != nil {
				return err
			}
			if c.Stats {
				if err := coverage(w, lib); err != nil {
					return err
				}
			}
		}
	}
	if c.JSON {
		if err := all.WriteJSON(w.out, w.lang); err != nil {
			return err
		}
	}
	if bad > 0 {
		return errFindings
	}
	return nil
}

// summary says what was found, what candidates who read nothing would score, and what is expected of those who do.
func summary(w *world, dir string, lib *assessment.Library, report assessment.Report) error {
	fmt.Fprintln(w.out, text.Say(w.lang, "check.summary", "dir", dir, "errors", report.Errors(), "warnings", report.Warnings()))
	if lib == nil {
		return nil
	}
	fmt.Fprintln(w.out, text.Say(w.lang, "check.sound", "items", len(lib.Items), "assessments", len(lib.Assessments), "model", lib.Model.ID, "version", lib.Model.Version))
	for _, a := range lib.Assessments {
		fmt.Fprintf(w.out, "  %-12s", a.ID)
		for _, s := range item.Strategies {
			fmt.Fprintf(w.out, "  %s %.1f", text.Say(w.lang, "check.blind."+string(s)), lib.Blind(a, s))
		}
		fmt.Fprintln(w.out)
	}
	if len(lib.Assessments) == 0 {
		return nil
	}
	return precision(w, lib)
}

// loadDir reads a directory of definitions; one that cannot be opened is a wrong call.
func loadDir(dir string) (*assessment.Library, assessment.Report, error) {
	lib, report, err := readDir(dir, builtInModel(), nil)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return lib, report, nil
}

// builtIn are the definitions that the program carries. They are sound: a test says so.
func builtIn() *assessment.Library {
	lib, report := assessment.Load(assessments.FS, nil, nil)
	if lib == nil {
		panic(fmt.Sprintf("the built-in definitions are unsound: %v", report))
	}
	return lib
}

func builtInModel() *capability.Model {
	lib, _ := assessment.Load(modelOnly{assessments.FS}, nil, nil)
	return lib.Model
}

// modelOnly shows of the built-in definitions only the capability model.
type modelOnly struct{ fs.FS }

func (m modelOnly) ReadDir(string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(m.FS, "capability-model.yaml")
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
