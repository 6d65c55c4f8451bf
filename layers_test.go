// Package leida_test holds the map of the house: who may import whom, and which package owns which outside library.
package leida_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "leida"

// pure are the packages below the line: no I/O, no clock, no randomness of their own.
var pure = []string{"internal/exam", "internal/rating", "internal/quality", "internal/profile", "internal/assessment", "internal/item", "internal/casebook", "internal/stats", "internal/capability", "internal/org", "internal/text", "internal/fault"}

// mayImport is the whole map. A package that is not here fails the test.
var mayImport = map[string][]string{
	"cmd/leida": {"*"},
	"cmd/sbom":  {}, // what a binary is made of; a tool for releases
	// a centre made and put under load: the store fills it, the rest goes over HTTP
	"cmd/load":      {"internal/store", "internal/store/pgtest", "internal/web", "internal/client", "internal/org", "internal/exam", "internal/plain"},
	"internal/web":  {"internal/*", "static", "templates"},
	"internal/demo": {"internal/store", "internal/exam", "internal/profile", "internal/assessment", "internal/item", "internal/capability", "internal/org", "internal/text", "internal/fault"}, // the demonstration centre: simulated agents through the real engine and the real store
	// an agent without a browser: it knows the pages and nothing behind them
	"internal/client":       {},
	"internal/store":        pure,
	"internal/store/pgtest": {},                                                                                                                                // for tests and measurements: a private PostgreSQL from the installed binaries
	"internal/rescore":      {"internal/store", "internal/exam", "internal/profile", "internal/assessment", "internal/item", "internal/org", "internal/fault"}, // a corrected item carried through what was sat, for the pages and the command line
	"internal/exchange/csv": pure,
	"internal/exchange/irt": pure, // banks of calibrated items
	"internal/chart":        {"internal/profile", "internal/capability", "internal/stats", "internal/text"},
	"internal/exam":         {"internal/assessment", "internal/item", "internal/profile", "internal/org", "internal/text", "internal/fault"},
	"internal/rating":       {"internal/item", "internal/stats", "internal/org", "internal/text", "internal/fault"}, // stats for the agreement of raters
	"internal/assessment":   {"internal/item", "internal/capability", "internal/casebook", "internal/text", "internal/fault"},
	"internal/quality":      {"internal/stats", "internal/item"}, // what answers say of items and forms, for trainers
	"internal/profile":      {"internal/capability", "internal/stats", "internal/org", "internal/fault"},
	"internal/item":         {"internal/stats", "internal/capability", "internal/casebook", "internal/text", "internal/fault"},
	"internal/casebook":     {"internal/text", "internal/fault"},
	"internal/org":          {"internal/text", "internal/fault"},
	"internal/capability":   {"internal/text", "internal/fault"},
	"internal/text":         {"internal/fault"},
	"internal/stats":        {},
	"internal/plain":        {"assessments"}, // definitions for tests and measurements
	"internal/hostile":      {},              // texts for tests, which no program imports
	"internal/fault":        {},
	"assessments":           {},
	"templates":             {},
	"static":                {},
}

// owners are the outside libraries that one package has to itself. cmd/load has the bare gin and the bare sqlite as well: what it measures leida by.
var owners = map[string][]string{
	"github.com/gin-gonic/gin":    {"internal/web", "cmd/load"},
	"gorm.io/":                    {"internal/store"},
	"database/sql":                {"internal/store", "internal/store/pgtest", "cmd/load"},
	"github.com/jackc/pgx":        {"internal/store", "internal/store/pgtest"},
	"github.com/mattn/go-sqlite3": {"internal/store", "cmd/load"},
	"github.com/pressly/goose":    {"internal/store"},
	"github.com/go-echarts":       {"internal/chart"},
	"go.yaml.in/yaml":             {"internal/assessment", "internal/hostile", "internal/exchange/irt"}, // the second only rewrites definitions for tests
	"gonum.org/":                  {"internal/stats"},
	"github.com/alecthomas/kong":  {"cmd/leida"},
	"github.com/yuin/goldmark":    {"internal/web"},
	"github.com/microcosm-cc":     {"internal/web"},
	"net/http":                    {"internal/web", "internal/client", "cmd/leida", "cmd/load"}, // client asks what web answers
	"golang.org/x/crypto":         {"internal/web"},
	"github.com/pquerna/otp":      {"internal/web"}, // codes of authenticator apps (RFC 6238)
	"rsc.io/qr":                   {"internal/web"}, // the code that the apps scan
	"github.com/prometheus":       {"internal/web", "cmd/leida"},
	"encoding/csv":                {"internal/exchange/csv"},
	"math/rand":                   {"internal/item", "internal/assessment", "internal/stats", "internal/demo", "cmd/load"}, // seeded by the caller, never by the clock
	"crypto/rand":                 {"cmd/leida", "cmd/load"},
	"github.com/HdrHistogram":     {"cmd/load"},
	"testing":                     {"internal/store/pgtest", "internal/plain"},
}

// forbiddenBelow are what the pure packages must not reach for.
var forbiddenBelow = []string{"os", "net", "net/http", "io/ioutil", "os/exec", "database/sql", "crypto/rand", "log", "log/slog", "context"}

func TestLayers(t *testing.T) {
	seen := map[string]bool{}
	for dir, imports := range importsOf(t) {
		seen[dir] = true
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("package %s is not on the map", dir)
			continue
		}
		for imp, file := range imports {
			if rest, ours := strings.CutPrefix(imp, module+"/"); ours {
				if !permits(allowed, rest) {
					t.Errorf("%s: %s may not import %s", file, dir, rest)
				}
				continue
			}
			for lib, who := range owners {
				if strings.HasPrefix(imp, lib) && !slices.Contains(who, dir) {
					t.Errorf("%s: %s belongs to %v, not to %s", file, lib, who, dir)
				}
			}
			if slices.Contains(pure, dir) && slices.Contains(forbiddenBelow, imp) {
				t.Errorf("%s: %s is pure and may not import %s", file, dir, imp)
			}
		}
	}
	for dir := range mayImport {
		if !seen[dir] {
			t.Errorf("the map has %s, which does not exist", dir)
		}
	}
}

// TestClockAndRandomnessAreHandedIn looks for what only cmd/leida may call.
func TestClockAndRandomnessAreHandedIn(t *testing.T) {
	forbidden := []string{"time.Now(", "os.Getenv(", "rand.Reader"}
	eachFile(t, func(file, dir string) {
		if dir == "cmd/leida" || dir == "cmd/load" || dir == "internal/store/pgtest" {
			return
		}
		src := read(t, file)
		for i, line := range strings.Split(src, "\n") {
			code, _, _ := strings.Cut(line, "//")
			for _, f := range forbidden {
				if strings.Contains(code, f) {
					t.Errorf("%s:%d: %s belongs to cmd/leida", file, i+1, strings.TrimSuffix(f, "("))
				}
			}
		}
	})
}

func permits(allowed []string, pkg string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		prefix, any := strings.CutSuffix(a, "*")
		return a == pkg || any && strings.HasPrefix(pkg, prefix)
	})
}

// importsOf maps each package to what it imports and a file that does, tests left out.
func importsOf(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	eachFile(t, func(file, dir string) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		if out[dir] == nil {
			out[dir] = map[string]string{}
		}
		for _, imp := range f.Imports {
			out[dir][strings.Trim(imp.Path.Value, `"`)] = file
		}
	})
	return out
}

func eachFile(t *testing.T, visit func(file, dir string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "data"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			visit(filepath.ToSlash(name), path.Dir(filepath.ToSlash(name)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
