// Package plain is definitions for tests and measurements of everything but the kinds of items: what leida ships, with short forms of questions that are answered in one step instead of its own.
package plain

import (
	"embed"
	"io/fs"
	"path"
	"testing/fstest"

	"leida/assessments"
)

//go:embed *.yaml
var forms embed.FS

// FS is the definitions. The forms have the ids of those that are shipped.
func FS() fstest.MapFS {
	files := fstest.MapFS{}
	add := func(from fs.FS, take func(name string) bool) {
		err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !take(name) {
				return err
			}
			raw, err := fs.ReadFile(from, name)
			files[name] = &fstest.MapFile{Data: raw}
			return err
		})
		if err != nil {
			panic(err) // the files are compiled in
		}
	}
	add(assessments.FS, func(name string) bool { return path.Dir(name) != "." || name == "capability-model.yaml" })
	add(forms, func(string) bool { return true })
	return files
}
