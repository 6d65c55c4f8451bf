package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLicences asks it of every module that go.mod names, direct and indirect, those for tests among them.
func TestLicences(t *testing.T) {
	cache, err := moduleCache()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var named [][]string
	download := []string{"mod", "download"} // what no build here uses, such as what a build tag would bring, is fetched to be read
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(f) >= 2 && strings.HasPrefix(f[1], "v") && strings.Contains(f[0], ".") {
			named = append(named, f)
			download = append(download, f[0]+"@"+f[1])
		}
	}
	if out, err := exec.Command("go", download...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(download[:2], " "), err, out)
	}
	found := map[string]int{}
	for _, f := range named {
		id, err := moduleLicence(cache, f[0], f[1], forTests...)
		if err != nil {
			t.Error(err)
		}
		found[id]++
		if id == "MPL-2.0" && f[0] != "pgregory.net/rapid" {
			t.Errorf("%s is under %s: only what tests use may be", f[0], id)
		}
	}
	if len(found) < 3 || found["MIT"] < 10 {
		t.Errorf("licences %v", found)
	}
	t.Log(found)
}

func TestUnknownLicences(t *testing.T) {
	cache := t.TempDir()
	for path, text := range map[string]string{"a.example/!g!p!l": "GNU GENERAL PUBLIC LICENSE Version 3", "a.example/none": "", "a.example/mozilla": "Mozilla Public License\nVersion 2.0"} {
		dir := filepath.Join(cache, path+"@v1.0.0")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range []string{"a.example/GPL", "a.example/none", "a.example/mozilla", "a.example/absent"} {
		if id, err := moduleLicence(cache, path, "v1.0.0"); err == nil {
			t.Errorf("%s passes as %s", path, id)
		}
	}
	if id, err := moduleLicence(cache, "a.example/mozilla", "v1.0.0", forTests...); id != "MPL-2.0" {
		t.Error(id, err)
	}
}

// TestDocument reads the list of this very test's binary: the standard library and the scripts are in it, and it is the same twice.
func TestDocument(t *testing.T) {
	t.Chdir("../..")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var one, two bytes.Buffer
	if err := run(self, &one); err != nil {
		t.Fatal(err)
	}
	if err := run(self, &two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same binary makes another document", err)
	}
	var d document
	if err := json.Unmarshal(one.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	refs := map[string]bool{}
	for _, c := range d.Components {
		if refs[c.Ref] || c.Version == "" || len(c.Licences) != 1 || c.Licences[0].License.ID == "" {
			t.Errorf("%+v", c)
		}
		refs[c.Ref] = true
	}
	if d.Format != "CycloneDX" || len(d.Serial) != len("urn:uuid:")+36 || len(d.Dependencies[0].DependsOn) != len(d.Components) {
		t.Errorf("%+v", d)
	}
	for _, name := range []string{"pkg:golang/std@", "pkg:npm/echarts@"} {
		if !strings.Contains(one.String(), name) {
			t.Errorf("no %s", name)
		}
	}
	if strings.Contains(one.String(), "esbuild") {
		t.Error("the bundler is no part of the program")
	}
	if err := run("go.mod", &one); err == nil {
		t.Error("go.mod is no binary")
	}
}
