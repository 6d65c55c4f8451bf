// Command sbom writes what a built leida is made of, as a CycloneDX 1.6 document: sbom bin/leida > leida.cdx.json
//
// The Go modules and their checksums are read from the binary itself, the scripts of the chart bundle from their lock file, SQLite's version from the source that
// was compiled in, licences from the module cache. The same binary makes the same document. A licence that is not on the list is an error.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sbom BINARY")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// The parts of CycloneDX that are used here.
type document struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	PURL     string    `json:"purl,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

func run(binary string, out io.Writer) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	cache, err := moduleCache()
	if err != nil {
		return err
	}
	d := document{Format: "CycloneDX", Spec: "1.6", Version: 1}
	d.Metadata.Component = component{Type: "application", Ref: "leida", Name: "leida", Version: cmp.Or(release(info), info.Main.Version), Hashes: []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(raw))}}}
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	d.Components = append(d.Components, make1("library", "std", goVersion, "pkg:golang/std@"+goVersion, "BSD-3-Clause"))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		id, err := moduleLicence(cache, m.Path, m.Version)
		if err != nil {
			return err
		}
		c := make1("library", m.Path, m.Version, "pkg:golang/"+m.Path+"@"+m.Version, id)
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && m.Sum != "" {
			c.Hashes = []hash{{"SHA-256", fmt.Sprintf("%x", sum)}} // of the module's files, as go.sum has it
		}
		d.Components = append(d.Components, c)
		if m.Path == "github.com/mattn/go-sqlite3" {
			version, err := sqliteVersion(filepath.Join(cache, escape(m.Path)+"@"+m.Version))
			if err != nil {
				return err
			}
			d.Components = append(d.Components, make1("library", "sqlite", version, "pkg:generic/sqlite@"+version, "blessing"))
		}
	}
	scripts, err := scripts(filepath.Join("static", "src", "package-lock.json"))
	if err != nil {
		return err
	}
	d.Components = append(d.Components, scripts...)
	whole := dependency{Ref: "leida"}
	for _, c := range d.Components {
		whole.DependsOn = append(whole.DependsOn, c.Ref)
	}
	d.Dependencies = []dependency{whole}
	id := sha256.Sum256(raw)
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8: what its bits mean is ours to say
	d.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}

func make1(kind, name, version, purl, id string) component {
	c := component{Type: kind, Ref: purl, Name: name, Version: version, PURL: purl, Licences: make([]licence, 1)}
	c.Licences[0].License.ID = id
	return c
}

// release is what the linker was told.
func release(info *debug.BuildInfo) string {
	for _, s := range info.Settings {
		if s.Key == "-ldflags" {
			if m := regexp.MustCompile(`main\.release=([^\s'"]+)`).FindStringSubmatch(s.Value); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

func moduleCache() (string, error) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	return strings.TrimSpace(string(out)), err
}

// escape is a module's path as the cache writes it: capitals as ! and the small letter.
func escape(path string) string {
	var b strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// permissive are the licences of what the program is made of; tests may also use what forTests lists.
var (
	permissive = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "blessing"}
	forTests   = []string{"MPL-2.0"}
)

// marks are words by which a licence's text is known, the more particular first.
var marks = []struct{ id, words string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
}

// moduleLicence is the licence of a module in the cache. Its error says that there is none, that nobody knows it, or that the list lacks it.
func moduleLicence(cache, path, version string, more ...string) (string, error) {
	dir := filepath.Join(cache, escape(path)+"@"+version)
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("%s is not in the module cache: %w", path, err)
	}
	for _, f := range files {
		name := strings.ToLower(f.Name())
		if f.IsDir() || !strings.HasPrefix(name, "licen") && !strings.HasPrefix(name, "copying") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		text := strings.Join(strings.Fields(string(raw)), " ")
		for _, m := range marks {
			if !strings.Contains(text, m.words) {
				continue
			}
			if !slices.Contains(append(more, permissive...), m.id) {
				return "", fmt.Errorf("%s is under %s, which is not on the list", path, m.id)
			}
			return m.id, nil
		}
	}
	return "", fmt.Errorf("%s has no licence that is known here", path)
}

func sqliteVersion(dir string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "sqlite3-binding.h"))
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`#define SQLITE_VERSION\s+"([0-9.]+)"`).FindSubmatch(raw)
	if m == nil {
		return "", fmt.Errorf("%s does not say SQLite's version", dir)
	}
	return string(m[1]), nil
}

// scripts are what the chart bundle is built from. The bundler itself is not in it.
func scripts(lock string) ([]component, error) {
	raw, err := os.ReadFile(lock)
	if err != nil {
		return nil, err
	}
	var l struct {
		Packages map[string]struct{ Version, License, Integrity string }
	}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&l); err != nil {
		return nil, err
	}
	var out []component
	for at, p := range l.Packages {
		name := strings.TrimPrefix(at, "node_modules/")
		if name == "" || strings.Contains(name, "esbuild") {
			continue
		}
		if !slices.Contains(permissive, p.License) {
			return nil, fmt.Errorf("%s is under %q, which is not on the list", name, p.License)
		}
		c := make1("library", name, p.Version, "pkg:npm/"+name+"@"+p.Version, p.License)
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Integrity, "sha512-")); err == nil && len(sum) == 64 {
			c.Hashes = []hash{{"SHA-512", fmt.Sprintf("%x", sum)}}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	return out, nil
}
