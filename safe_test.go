package leida_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What this program never does, asked of its source. A line of these lists needs a reason.

// source is a file of ours, tests left out.
type source struct {
	name, dir string
	ast       *ast.File
	fset      *token.FileSet
}

// sources are the files of the packages that the program is made of: what cmd/leida imports, directly or not. Tools for tests and measurements are not among them.
func sources(t *testing.T) []source {
	t.Helper()
	imports, program := importsOf(t), map[string]bool{}
	var add func(dir string)
	add = func(dir string) {
		if program[dir] {
			return
		}
		program[dir] = true
		for i := range imports[dir] {
			if rest, ours := strings.CutPrefix(i, module+"/"); ours {
				add(rest)
			}
		}
	}
	add("cmd/leida")
	var out []source
	eachFile(t, func(file, dir string) {
		if !program[dir] {
			return
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{file, dir, f, fset})
	})
	return out
}

// calls visits every call of a.b(...) by those two names; a is what stands before the last dot, "" where that is no name.
func (s source) calls(visit func(on, name string, c *ast.CallExpr, at string)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		at := s.fset.Position(c.Pos()).String()
		switch f := c.Fun.(type) {
		case *ast.SelectorExpr:
			on := ""
			if x, ok := f.X.(*ast.Ident); ok {
				on = x.Name
			}
			visit(on, f.Sel.Name, c, at)
		case *ast.Ident:
			visit("", f.Name, c, at)
		}
		return true
	})
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.ast.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

// constants are the names that a package declares as constants, and those of its functions' own.
func constants(files []source) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, f := range files {
		if out[f.dir] == nil {
			out[f.dir] = map[string]bool{}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
				for _, spec := range d.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						out[f.dir][name.Name] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// written reports whether an expression is in the source as it will be at run time: literals and constants, joined or not.
func written(e ast.Expr, constant map[string]bool) bool {
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return constant[x.Name]
	case *ast.BinaryExpr:
		return written(x.X, constant) && written(x.Y, constant)
	case *ast.ParenExpr:
		return written(x.X, constant)
	}
	return false
}

// builtSQL are the parts of statements that the test cannot follow: file, function and part -> why it is none of anybody's.
var builtSQL = map[string]string{
	"migrate.go SchemaVersion goose.DefaultTablename": "a name that goose gives",
	"store.go Engine s.engine.version()":              "one of two expressions, by the kind of database",
	"hot.go row w.in(db)":                             "what write was given, which is held to the same",
	"hot.go eachRow w.in(db)":                         "what write was given, which is held to the same",
	"hot.go exec w.in(db)":                            "what write was given, which is held to the same",
	"rescoring_apply.go RewriteResults mark":          "one of two columns",
	"digest.go":                                       "reads and compares whole tables, by the names that the schema itself gives",
	"move.go":                                         "copies whole tables from one database to another, by the names that the schema itself gives",
}

// TestSQLIsWrittenOut holds that no statement is made of what somebody sent: each is joined of literals, constants and parameters for which every caller
// gives literals or constants. Values go beside it.
func TestSQLIsWrittenOut(t *testing.T) {
	takes := []string{"Raw", "Exec", "Where", "Or", "Not", "Order", "Joins", "Select", "Table", "Having", "Group", "Pluck", "Expr", "Query", "QueryRow", "QueryContext", "QueryRowContext", "ExecContext", "Prepare", "PrepareContext"}
	files := slices.DeleteFunc(sources(t), func(f source) bool { return f.dir != "internal/store" })
	constant := constants(files)["internal/store"]
	seen, met := 0, map[string]bool{}
	passed := map[string]map[int]bool{"write": {0: true}} // function -> parameters that become SQL
	for _, f := range files {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			known := maps.Clone(constant)
			ast.Inspect(fn, func(n ast.Node) bool { // what is given a name once, and was written out
				if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 {
					if x, ok := a.Lhs[0].(*ast.Ident); ok {
						known[x.Name] = a.Tok == token.DEFINE && written(a.Rhs[0], known)
					}
				}
				return true
			})
			parameter := map[string]int{}
			for _, p := range fn.Type.Params.List {
				for _, name := range p.Names {
					parameter[name.Name] = len(parameter)
				}
			}
			one := f
			one.ast = &ast.File{Name: f.ast.Name, Decls: []ast.Decl{fn}}
			one.calls(func(on, name string, c *ast.CallExpr, at string) {
				if !slices.Contains(takes, name) || len(c.Args) == 0 || on == "cmp" || on == "errors" {
					return
				}
				seen++
				sql := c.Args[0]
				if strings.HasSuffix(name, "Context") && len(c.Args) > 1 {
					sql = c.Args[1]
				}
				for _, part := range parts(sql) {
					x, _ := part.(*ast.Ident)
					place, given := 0, false
					if x != nil {
						place, given = parameter[x.Name]
					}
					key := path.Base(f.name) + " " + fn.Name.Name + " " + text(part)
					switch {
					case written(part, known):
					case given && !ast.IsExported(fn.Name.Name):
						if passed[fn.Name.Name] == nil {
							passed[fn.Name.Name] = map[int]bool{}
						}
						passed[fn.Name.Name][place] = true
					case builtSQL[key] != "":
						met[key] = true
					case builtSQL[path.Base(f.name)] != "":
						met[path.Base(f.name)] = true
					default:
						t.Errorf("%s: %s.%s takes SQL that is not written out: %s", at, on, name, key)
					}
				}
			})
		}
	}
	for _, f := range files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				for _, part := range parts(lit) {
					if !written(part, constant) {
						t.Errorf("%s: SQL that is not written out: %s", f.fset.Position(lit.Pos()), text(part))
					}
				}
			}
			return true
		})
		f.calls(func(_, name string, c *ast.CallExpr, at string) {
			for place := range passed[name] {
				for _, part := range parts(c.Args[place]) {
					if file := path.Base(f.name); builtSQL[file] != "" {
						met[file] = true
					} else if !written(part, constant) {
						t.Errorf("%s: %s makes SQL of %s, which is not written out", at, name, text(part))
					}
				}
			}
		})
	}
	if seen < 50 || len(passed) == 0 {
		t.Errorf("only %d statements seen, %d functions that are given parts of one", seen, len(passed))
	}
	for key := range builtSQL {
		if !met[key] {
			t.Errorf("%s is excused for nothing", key)
		}
	}
}

// parts are what a text is joined of.
func parts(e ast.Expr) []ast.Expr {
	switch x := e.(type) {
	case *ast.BinaryExpr:
		return append(parts(x.X), parts(x.Y)...)
	case *ast.CompositeLit: // a clause of gorm's: what it says in SQL
		var out []ast.Expr
		ast.Inspect(x, func(n ast.Node) bool {
			if kv, ok := n.(*ast.KeyValueExpr); ok && text(kv.Key) == "SQL" {
				out = append(out, parts(kv.Value)...)
			}
			return true
		})
		return out
	}
	return []ast.Expr{e}
}

// text is an expression as it is written.
func text(e ast.Expr) string {
	var b strings.Builder
	_ = format.Node(&b, token.NewFileSet(), e)
	return b.String()
}

// bannedImports are what no part of the program needs: import -> why not. the program's edge, cmd/leida, has no use for them either.
var bannedImports = map[string]string{
	"os/exec":  "commands of the system are never run",
	"plugin":   "no code is loaded at run time",
	"net/smtp": "no mail is sent", "net/rpc": "no calls of other programs", "encoding/gob": "types would be chosen by the sender", "net/http/pprof": "inner workings for everybody", "expvar": "inner workings for everybody",
	"text/template": "escapes nothing", "unsafe": "no memory of our own making", "net/http/cgi": "commands", "net/http/httputil": "no proxy",
	"crypto/md5": "broken", "crypto/sha1": "broken", "crypto/des": "broken", "crypto/rc4": "broken", "crypto/dsa": "broken", "crypto/elliptic": "raw curves", "crypto/rsa": "nothing is signed or encrypted with it", "crypto/cipher": "nothing is encrypted: no mode to choose wrongly", "crypto/aes": "nothing is encrypted: no mode to choose wrongly",
	"golang.org/x/crypto/md4": "broken", "golang.org/x/crypto/bcrypt": "cuts passwords at 72 bytes",
}

// inspiteOf are the exceptions: file and import -> reason.
var inspiteOf = map[string]string{
	"internal/web/breached.go crypto/sha1": "the form in which lists of breached passwords are published; nothing is kept or protected by it",
}

func TestBannedImports(t *testing.T) {
	for _, f := range sources(t) {
		for _, i := range f.imports() {
			if why := bannedImports[i]; why != "" && inspiteOf[f.name+" "+i] == "" {
				t.Errorf("%s imports %s: %s", f.name, i, why)
			}
		}
		f.calls(func(on, name string, _ *ast.CallExpr, at string) {
			if on == "xml" && name != "EscapeText" {
				t.Errorf("%s: xml.%s: entities and external parts", at, name)
			}
		})
	}
}

// unescaped are the places that make markup out of a string: function -> why what it holds is safe.
var unescaped = map[string]string{
	"internal/web/render.go kindPart": "the output of a template, escaped by it",
	"internal/web/funcs.go inertJSON": "encoding/json, which escapes <, > and &",
	"internal/web/funcs.go markdown":  "bluemonday's output, tags and attributes by list",
	"internal/chart/svg.go html":      "our own drawing, its words escaped",
}

// TestMarkupComesFromTemplates holds that html/template is told to trust a string in the listed places alone, and that it reads templates from inside the binary alone.
func TestMarkupComesFromTemplates(t *testing.T) {
	trust := []string{"HTML", "HTMLAttr", "JS", "JSStr", "URL", "CSS", "Srcset"}
	met := map[string]bool{}
	for _, f := range sources(t) {
		for _, d := range f.ast.Decls {
			fn, _ := d.(*ast.FuncDecl)
			one := f
			one.ast = &ast.File{Name: f.ast.Name, Decls: []ast.Decl{d}}
			one.calls(func(on, name string, c *ast.CallExpr, at string) {
				if on == "template" && slices.Contains(trust, name) {
					key := f.name + " "
					if fn != nil {
						key += fn.Name.Name
					}
					met[key] = true
					if unescaped[key] == "" {
						t.Errorf("%s: template.%s (%s)", at, name, key)
					}
				}
				if slices.Contains(f.imports(), "html/template") && slices.Contains([]string{"Parse", "ParseFiles", "ParseGlob"}, name) && on != "url" && on != "time" && on != "html" {
					t.Errorf("%s: a template that is not built in", at)
				}
				if name == "ParseFS" && len(c.Args) > 0 {
					if from, ok := c.Args[0].(*ast.SelectorExpr); !ok || from.Sel.Name != "FS" {
						t.Errorf("%s: a template that is not built in", at)
					}
				}
			})
		}
	}
	for key := range unescaped {
		if !met[key] {
			t.Errorf("%s is excused for nothing", key)
		}
	}
}

// TestRegexpsAreOurs holds that no pattern comes from outside.
func TestRegexpsAreOurs(t *testing.T) {
	files := sources(t)
	constant := constants(files)
	for _, f := range files {
		f.calls(func(on, name string, c *ast.CallExpr, at string) {
			if on == "regexp" && (strings.Contains(name, "Compile") || strings.HasPrefix(name, "Match")) && !written(c.Args[0], constant[f.dir]) {
				t.Errorf("%s: a pattern that is not written out", at)
			}
		})
	}
}

// TestNothingIsCalled holds that the server opens no connection but the database's: there is no client in it that an address could be given to.
func TestNothingIsCalled(t *testing.T) {
	client := map[string][]string{
		"http": {"Get", "Head", "Post", "PostForm", "NewRequest", "NewRequestWithContext"}, "net": {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "LookupHost", "LookupIP", "LookupAddr"}, "tls": {"Dial", "DialWithDialer", "Client"}, "smtp": {"SendMail", "Dial"}, "websocket": {"Dial", "Upgrade"},
	}
	for _, f := range sources(t) {
		f.calls(func(on, name string, _ *ast.CallExpr, at string) {
			if slices.Contains(client[on], name) {
				t.Errorf("%s: %s.%s", at, on, name)
			}
		})
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if on, ok := x.X.(*ast.Ident); ok && on.Name == "http" && slices.Contains([]string{"Client", "Transport", "DefaultClient", "DefaultTransport"}, x.Sel.Name) {
					t.Errorf("%s: http.%s", f.fset.Position(x.Pos()), x.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestCertificatesAreChecked holds that no TLS is told to believe anybody, in no test either.
func TestCertificatesAreChecked(t *testing.T) {
	for _, name := range tracked(t) {
		if strings.HasSuffix(name, ".go") && name != "safe_test.go" && strings.Contains(read(t, name), "InsecureSkipVerify") {
			t.Errorf("%s: InsecureSkipVerify", name)
		}
	}
}

// writers are the files that write files: file -> which, all under names of our own.
var writers = map[string]string{
	"internal/store/sqlite.go":  "the database, 0600",
	"cmd/leida/serve.go":        "the data directory, 0700",
	"cmd/leida/watch.go":        "the last sound definitions, 0600, under names found by walking a directory",
	"cmd/leida/fmt.go":          "the definition file named on the command line",
	"cmd/leida/analyze_irt.go":  "the bank and the abilities, to the files named on the command line",
	"cmd/leida/demo.go":         "the demonstration's database, made beside and renamed",
	"cmd/leida/backup.go":       "the directory of backups, 0700",
	"internal/store/backup.go":  "backups, under names made of the time",
	"internal/store/restore.go": "the database, put in the place of one that is set aside",
	"internal/store/file.go":    "backups, 0600",
	"internal/store/lock.go":    "the lock beside the database, 0600",
}

// TestFilesWritten holds that nothing is written to the disk but what the list says: no upload, no log file, no name that somebody sent.
func TestFilesWritten(t *testing.T) {
	writing := []string{"Create", "CreateTemp", "WriteFile", "OpenFile", "Rename", "Remove", "RemoveAll", "Mkdir", "MkdirAll", "MkdirTemp", "Symlink", "Link", "Chmod", "Chown", "Truncate"}
	met := map[string]bool{}
	for _, f := range sources(t) {
		f.calls(func(on, name string, _ *ast.CallExpr, at string) {
			if on == "os" && slices.Contains(writing, name) {
				met[f.name] = true
				if writers[f.name] == "" {
					t.Errorf("%s: os.%s", at, name)
				}
			}
		})
	}
	for name := range writers {
		if !met[name] {
			t.Errorf("%s is excused for nothing", name)
		}
	}
}

// tracked are the files of the repository.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files").Output()
	if err != nil {
		t.Skip("no repository here: ", err)
	}
	return strings.Fields(string(out))
}

// TestNoSecretsAreKept looks through the repository for what looks like a key or a token.
func TestNoSecretsAreKept(t *testing.T) {
	if testing.Short() {
		t.Skip("reads files, in one goroutine")
	}
	secret := regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[0-9A-Za-z-]{10}|eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.|glpat-[A-Za-z0-9_-]{20}|postgres(ql)?://[a-z]+:[^@ "'$<{%]{4,}@[a-z0-9]`)
	for _, name := range tracked(t) {
		raw, err := os.ReadFile(name)
		if err != nil || name == "safe_test.go" || strings.HasPrefix(name, "static/dist/") {
			continue
		}
		if hit := secret.Find(raw); hit != nil {
			t.Errorf("%s holds %.40s…", name, hit)
		}
		if base := path.Base(name); strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".pem") || strings.HasSuffix(base, ".key") || strings.HasSuffix(base, ".db") {
			t.Errorf("%s is no file of a repository", name)
		}
	}
}

// TestScriptsAreInert holds that our scripts make no markup, run no text, listen to no other page and hinder no password manager.
func TestScriptsAreInert(t *testing.T) {
	never := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|\beval\s*\(|new Function|set(Timeout|Interval)\(\s*['"` + "`" + `]|addEventListener\(\s*['"]message|window\.onmessage|\.srcdoc|window\.open|document\.cookie|onpaste|['"]paste['"]|__proto__|\.prototype\b|for \((const|let|var) \w+ in `)
	storage := regexp.MustCompile(`localStorage\.\w+\((['"][^'"]*['"])`)
	scripts := 0
	for _, name := range tracked(t) {
		if !strings.HasPrefix(name, "static/src/") || !strings.HasSuffix(name, ".js") {
			continue
		}
		scripts++
		for i, line := range strings.Split(read(t, name), "\n") {
			code, _, _ := strings.Cut(line, "// ")
			if hit := never.FindString(code); hit != "" {
				t.Errorf("%s:%d: %s", name, i+1, hit)
			}
			if strings.Contains(code, "sessionStorage") && name != "static/src/items/data_insight.js" {
				t.Errorf("%s:%d: sessionStorage is for the scratch pad", name, i+1)
			}
			if strings.Contains(code, "localStorage") && (storage.FindStringSubmatch(code) == nil || !slices.Contains([]string{"'leida-theme'", "'leida-keys'"}, storage.FindStringSubmatch(code)[1])) {
				t.Errorf("%s:%d: localStorage is for what a device is set to: theme and keys", name, i+1)
			}
		}
	}
	if scripts < 8 {
		t.Error(scripts, " scripts")
	}
	for _, name := range tracked(t) {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		page := read(t, name)
		for _, hit := range regexp.MustCompile(`<input[^>]*name="(password|current|repeat|code)"[^>]*>`).FindAllString(page, -1) {
			if !strings.Contains(hit, `type="password"`) && !strings.Contains(hit, `autocomplete="one-time-code"`) || !strings.Contains(hit, "autocomplete=") || strings.Contains(hit, `autocomplete="off"`) {
				t.Errorf("%s: %s", name, hit)
			}
		}
		if hit := regexp.MustCompile(`(?i)<(object|embed|applet|iframe|frame)\b|hint_question|security_question`).FindString(page); hit != "" {
			t.Errorf("%s: %s", name, hit)
		}
	}
}
