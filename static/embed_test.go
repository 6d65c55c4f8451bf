package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

type manifestEntry struct {
	Hash    string
	Size    int
	Inputs  []string
	Sources string
}

func manifest(t *testing.T) map[string]manifestEntry {
	t.Helper()
	f, err := Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var m map[string]manifestEntry
	if err := json.NewDecoder(f).Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// entries are the sources that dist must have been built from.
func entries(t *testing.T) []string {
	t.Helper()
	names := []string{"LICENSES.txt"}
	for _, pattern := range []string{"*.js", "*.css", "*.svg", "items/*.js", "items/*.css"} {
		found, err := filepath.Glob("src/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if !strings.HasPrefix(filepath.Base(f), "_") {
				names = append(names, filepath.ToSlash(strings.TrimPrefix(f, "src"+string(filepath.Separator))))
			}
		}
	}
	return names
}

func TestDistIsBuiltFromTheSources(t *testing.T) {
	built := manifest(t)
	wanted := entries(t)
	if len(wanted) != len(built) {
		t.Errorf("%d sources to build, %d built: run make assets", len(wanted), len(built))
	}
	for _, name := range wanted {
		entry, ok := built[name]
		if !ok {
			t.Errorf("%s is not built: run make assets", name)
			continue
		}
		sum := sha256.New()
		for _, input := range entry.Inputs {
			data, err := os.ReadFile("src/" + input)
			if err != nil {
				t.Errorf("%s: %v: run make assets", name, err)
			}
			sum.Write([]byte(input + "\n"))
			sum.Write(data)
			sum.Write([]byte("\n"))
		}
		if hex.EncodeToString(sum.Sum(nil)) != entry.Sources {
			t.Errorf("%s is older than its sources: run make assets", name)
		}
	}
}

// TestScripts runs the tests that the scripts have of their own.
func TestScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has Node: ", err)
		}
		t.Skip("no Node here: the scripts' own tests did not run")
	}
	tests, err := filepath.Glob("src/test/*.test.mjs")
	if err != nil || len(tests) < 4 {
		t.Fatal(tests, err)
	}
	out, err := exec.Command(node, append([]string{"--test"}, tests...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCompressedCopiesAreTheOriginals(t *testing.T) {
	built := manifest(t)
	if len(built) != len(byName) {
		t.Errorf("%d files in the manifest, %d served", len(built), len(byName))
	}
	for name, a := range byName {
		sum := sha256.Sum256(a.plain)
		if entry := built[name]; entry.Hash != hex.EncodeToString(sum[:]) || entry.Size != len(a.plain) {
			t.Errorf("%s differs from the manifest", name)
		}
		zip, err := gzip.NewReader(bytes.NewReader(a.coded["gzip"]))
		if err != nil {
			t.Fatalf("%s.gz: %v", name, err)
		}
		plain, err := io.ReadAll(zip)
		if err != nil || !bytes.Equal(plain, a.plain) {
			t.Errorf("%s.gz holds something else (%v)", name, err)
		}
		if n := len(a.coded["br"]); n == 0 || n > len(a.coded["gzip"]) {
			t.Errorf("%s.br has %d bytes, gzip %d", name, n, len(a.coded["gzip"]))
		}
	}
}

func TestURLRoundTrips(t *testing.T) {
	shape := regexp.MustCompile(`^/static/(items/)?[A-Za-z_]+\.[0-9a-f]{8}\.(css|js|svg|txt)$`)
	for name, a := range byName {
		url := URL(name)
		if !shape.MatchString(url) {
			t.Errorf("URL(%q) = %q", name, url)
		}
		data, contentType, encoding, ok := Lookup(url, "")
		if !ok || encoding != "" || contentType == "" || !bytes.Equal(data, a.plain) {
			t.Errorf("Lookup(%q) = %d bytes, %q, %q, %v", url, len(data), contentType, encoding, ok)
		}
		if _, _, encoding, _ := Lookup(url, "gzip, deflate, br, zstd"); encoding != "br" {
			t.Errorf("%s is sent as %q to a browser that takes br", name, encoding)
		}
	}
	for _, path := range []string{"/static/charts.js", "/static/charts.00000000.js", "/static/manifest.json", "charts.js", ""} {
		if _, _, _, ok := Lookup(path, ""); ok {
			t.Errorf("Lookup(%q) found something", path)
		}
	}
	if URL("nothing.js") != "" || Has("nothing.js") || !Has("charts.js") {
		t.Error("an unknown name has a URL, or a known one has none")
	}
}

func TestAcceptEncoding(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "br": "br", "GZIP;q=0.5": "gzip", "br;q=0, gzip": "gzip", "*": "br", "*;q=0": "", "gzip;q=0, *": "br",
		"br; q=0": "", "br;q=x": "", "brotli": "", "gzip;q=1.0, identity;q=0.5": "gzip", "br;q=0,*;q=0.3": "gzip",
	} {
		if _, _, got, _ := Lookup(URL("charts.js"), header); got != want {
			t.Errorf("Accept-Encoding %q gives %q, want %q", header, got, want)
		}
	}
}

// The content policy forbids code made from strings and style attributes; our own modules must not lean on either. In what they are bundled with, only code from strings is looked for: a style attribute set through the object model is allowed.
func TestModulesKeepTheContentPolicy(t *testing.T) {
	banned := regexp.MustCompile(`\beval\(|new Function\b|cssText|setAttribute\(\s*['"]style|innerHTML|outerHTML|insertAdjacentHTML|document\.write`)
	for _, pattern := range []string{"src/*.js", "src/items/*.js"} {
		found, _ := filepath.Glob(pattern)
		for _, file := range found {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if hit := banned.Find(data); hit != nil {
				t.Errorf("%s uses %s", file, hit)
			}
		}
	}
	for name, a := range byName {
		if hit := regexp.MustCompile(`\beval\(|new Function\b`).Find(a.plain); hit != nil && filepath.Ext(name) == ".js" {
			t.Errorf("%s holds %s", name, hit)
		}
	}
}

func TestLicencesNameEveryPackage(t *testing.T) {
	text := string(byName["LICENSES.txt"].plain)
	for _, want := range []string{"echarts ", "zrender ", "tslib ", "Apache License", "The Apache Software Foundation", "BSD 3-Clause", "Permission to use, copy, modify"} {
		if !strings.Contains(text, want) {
			t.Errorf("LICENSES.txt does not hold %q", want)
		}
	}
}
