package assessment

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"leida/internal/capability"
	"leida/internal/casebook"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)

// Library is one sound state of the definitions. It is never changed: a reload makes a new one.
type Library struct {
	Model       *capability.Model
	Items       []*item.Item    // by id
	Assessments []*Assessment   // by id
	Cases       []casebook.Case // by id

	sources map[string]Source
	byHash  map[string]*item.Item
}

// Source is a definition as it was written, pinned by the hash of its content.
type Source struct {
	Hash    string
	ID      string
	Version int
	Schema  string
	Text    []byte
}

// Known are the definitions that people have sat: "id v1" -> content hash. Changing one without raising its version is an error.
type Known map[string]string

// Load reads every definition below a directory: one capability model, items and assessments. The report holds every problem of every file; the library is nil when any of them refuses.
// fallback is the model where the directory has none (nil: that is an error); known may be nil.
func Load(fsys fs.FS, fallback *capability.Model, known Known) (*Library, Report) {
	files, report := readFiles(fsys)
	l := &Library{sources: map[string]Source{}, byHash: map[string]*item.Item{}}
	var items, forms, cases []*source
	models := map[string]*source{}
	for _, s := range files {
		switch schema := s.schema(); schema {
		case item.Schema:
			items = append(items, s)
		case Schema:
			forms = append(forms, s)
		case casebook.Schema:
			cases = append(cases, s)
		case capability.Schema:
			models[s.file] = s
		case "":
			if s.root != nil {
				s.at(place{1, 1}, fault.At("schema", "yaml.no_schema", "known", schemas))
			}
		default:
			s.at(s.placeOf("schema"), fault.At("schema", "define.one_of", "got", schema, "known", schemas))
		}
	}
	l.Model = fallback
	for _, name := range slices.Sorted(maps.Keys(models)) {
		if len(models) > 1 && name != slices.Sorted(maps.Keys(models))[0] {
			models[name].whole("model.second")
			continue
		}
		l.Model = models[name].model()
	}
	if l.Model == nil {
		report = append(report, Finding{File: "capability-model.yaml", Problem: fault.At("", "model.none")})
		l.Model = &capability.Model{}
	}
	sound := l.takeItems(items, known)
	l.takeForms(forms, known, sound)
	l.takeCases(cases)
	for _, s := range files {
		report = append(report, s.findings...)
	}
	if report = report.sorted(); report.Errors() > 0 {
		return nil, report
	}
	return l, report
}

var schemas = []string{capability.Schema, item.Schema, Schema, casebook.Schema}

// readFiles opens every YAML file; a file that cannot be read is a finding like any other.
func readFiles(fsys fs.FS) ([]*source, Report) {
	var files []*source
	var report Report
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		ext := path.Ext(name)
		switch {
		case err != nil:
			report = append(report, Finding{File: name, Problem: fault.At("", "yaml.unreadable")})
			return nil
		case d.IsDir() || ext != ".yaml" && ext != ".yml":
			return nil
		}
		raw, err := readLimited(fsys, name)
		if err != nil {
			report = append(report, Finding{File: name, Problem: fault.At("", "yaml.unreadable")})
			return nil
		}
		files = append(files, open(name, raw))
		return nil
	})
	if err != nil {
		report = append(report, Finding{File: ".", Problem: fault.At("", "yaml.unreadable")})
	}
	return files, report
}

// readLimited reads at most a byte more than a definition may have, so that a huge file costs nothing.
func readLimited(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, 0, 8192)
	for len(buf) <= MaxFileBytes {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil {
			if err.Error() == "EOF" || errors.Is(err, fs.ErrClosed) {
				break
			}
			return nil, err
		}
	}
	return buf, nil
}

// takeItems fills the bank and reports whether every item in it is sound.
func (l *Library) takeItems(files []*source, known Known) bool {
	first := map[string]*source{}
	sound := true
	for _, s := range files {
		it := s.item(l.Model)
		sound = sound && s.findings.Errors() == 0
		if it == nil || it.ID == "" {
			continue
		}
		if before, twice := first[it.ID]; twice {
			pl := before.placeOf("id")
			s.at(s.placeOf("id"), fault.At("id", "define.id_in_two", "id", it.ID, "file", before.file, "line", pl.line, "column", pl.column))
			continue
		}
		first[it.ID] = s
		s.checkKnown(it.Name(), it.Hash, known)
		l.Items = append(l.Items, it)
		l.byHash[it.Hash] = it
		l.sources[it.Hash] = Source{Hash: it.Hash, ID: it.ID, Version: it.Version, Schema: item.Schema, Text: s.raw}
	}
	slices.SortFunc(l.Items, func(a, b *item.Item) int { return cmp.Compare(a.ID, b.ID) })
	return sound
}

// takeCases reads the case library.
func (l *Library) takeCases(files []*source) {
	first := map[string]*source{}
	for _, s := range files {
		f := new(casebook.File)
		s.guard(func() {
			s.decode(f)
			s.validated(f.Validate())
			s.lintText()
		})
		for i, c := range f.Cases {
			at := fault.Index("cases", i) + ".id"
			if before, twice := first[c.ID]; twice && c.ID != "" {
				s.at(s.placeOf(at), fault.At(at, "define.id_in_two", "id", c.ID, "file", before.file, "line", before.placeOf("cases").line, "column", before.placeOf("cases").column))
				continue
			}
			first[c.ID] = s
			l.Cases = append(l.Cases, c)
		}
	}
	slices.SortFunc(l.Cases, func(a, b casebook.Case) int { return cmp.Compare(a.ID, b.ID) })
}

// takeForms reads the assessments. Blind candidates are tried on a sound bank only: an item without options cannot be answered.
func (l *Library) takeForms(files []*source, known Known, sound bool) {
	first := map[string]*source{}
	for _, s := range files {
		a := s.assessment(l.Model)
		if a.ID == "" {
			continue
		}
		if before, twice := first[a.ID]; twice {
			pl := before.placeOf("id")
			s.at(s.placeOf("id"), fault.At("id", "define.id_in_two", "id", a.ID, "file", before.file, "line", pl.line, "column", pl.column))
			continue
		}
		first[a.ID] = s
		s.checkKnown(a.Name(), a.Hash, known)
		if s.findings.Errors() == 0 {
			s.guard(func() {
				s.add(l.stock(a))
				if sound {
					s.add(l.lintBlind(a))
				}
			})
		}
		l.Assessments = append(l.Assessments, a)
		l.sources[a.Hash] = Source{Hash: a.Hash, ID: a.ID, Version: a.Version, Schema: Schema, Text: s.raw}
	}
	slices.SortFunc(l.Assessments, func(a, b *Assessment) int { return cmp.Compare(a.ID, b.ID) })
}

func (s *source) checkKnown(name, hash string, known Known) {
	if was, ok := known[name]; ok && was != hash {
		s.at(s.placeOf("version"), fault.At("version", "define.version_changed", "name", name))
	}
}

// schema is the file's schema field, which says what it defines.
func (s *source) schema() string {
	if s.root == nil {
		return ""
	}
	for i := 0; i+1 < len(s.root.Content); i += 2 {
		if s.root.Content[i].Value == "schema" {
			v := s.root.Content[i+1]
			s.places["schema"] = place{v.Line, v.Column}
			return v.Value
		}
	}
	return ""
}

func (s *source) placeOf(path string) place {
	if pl, ok := s.places[path]; ok {
		return pl
	}
	return place{1, 1}
}

// validated adds problems of values, except where the same value, or what it is part of, already failed to be read.
func (s *source) validated(ps []fault.Problem) {
	failed := map[string]bool{}
	for _, f := range s.findings {
		failed[f.Path] = failed[f.Path] || f.Path != ""
	}
	for _, p := range ps {
		path := p.Path
		for path != "" && !failed[path] && !s.unread[s.places[path]] {
			path = parent(path)
		}
		if path == "" {
			s.add([]fault.Problem{p})
		}
	}
}

func (s *source) model() *capability.Model {
	m := new(capability.Model)
	s.guard(func() {
		s.decode(m)
		s.validated(m.Validate())
	})
	return m
}

// kindOf finds a kind; tests have kinds of their own.
var kindOf = item.KindOf

// item reads an item; nil when its kind is unknown.
func (s *source) item(m *capability.Model) *item.Item {
	it := &item.Item{File: s.file}
	name := s.scalarAt("type")
	kind, ok := kindOf(name)
	if !ok {
		s.unknownKind(name)
		return nil
	}
	s.guard(func() {
		it.Body = kind.New()
		s.decode(it, it.Body)
		it.Hash = s.hash()
		s.validated(it.Validate(m))
		if s.findings.Errors() == 0 {
			s.add(it.Lint())
		}
		s.lintText()
	})
	return it
}

func (s *source) assessment(m *capability.Model) *Assessment {
	a := &Assessment{Version: 1, File: s.file}
	s.guard(func() {
		s.decode(a)
		a.Hash = s.hash()
		s.validated(a.Validate(m))
	})
	return a
}

func (s *source) unknownKind(name string) {
	pl := s.placeOf("type")
	switch near := fault.Near(name, item.KindNames()); {
	case name == "":
		s.at(place{1, 1}, fault.At("type", "item.no_type", "known", item.KindNames()))
	case near != "":
		s.at(pl, fault.At("type", "item.kind_near", "got", name, "known", item.KindNames(), "near", near))
	default:
		s.at(pl, fault.At("type", "define.one_of", "got", name, "known", item.KindNames()))
	}
}

func (s *source) scalarAt(field string) string {
	for i := 0; i+1 < len(s.root.Content); i += 2 {
		if s.root.Content[i].Value == field {
			v := s.root.Content[i+1]
			s.places[field] = place{v.Line, v.Column}
			return v.Value
		}
	}
	return ""
}

// ParseItem reads one item against a model, as leida score and pinned versions do. The item is nil when the report refuses it.
func ParseItem(file string, raw []byte, m *capability.Model) (*item.Item, Report) {
	s := open(file, raw)
	if s.root == nil {
		return nil, s.findings
	}
	if schema := s.schema(); schema != item.Schema {
		s.at(s.placeOf("schema"), fault.At("schema", "define.schema", "want", item.Schema))
		return nil, s.findings
	}
	it := s.item(m)
	if r := s.findings.sorted(); r.Errors() > 0 {
		return nil, r
	}
	return it, s.findings
}

// ParseAssessment reads one assessment against a model, as pinned versions are. It is nil when the report refuses it; whether a bank can fill it is not asked.
func ParseAssessment(file string, raw []byte, m *capability.Model) (*Assessment, Report) {
	s := open(file, raw)
	if s.root == nil {
		return nil, s.findings
	}
	s.schema()
	a := s.assessment(m)
	if r := s.findings.sorted(); r.Errors() > 0 {
		return nil, r
	}
	return a, s.findings
}

// Item finds the current version of an item.
func (l *Library) Item(id string) (*item.Item, bool) {
	for _, it := range l.Items {
		if it.ID == id {
			return it, true
		}
	}
	return nil, false
}

// ItemAt finds an item by the hash of its content.
func (l *Library) ItemAt(hash string) (*item.Item, bool) { it, ok := l.byHash[hash]; return it, ok }

// SubName is a sub-competency's name, or its id where the model does not have it.
func (l *Library) SubName(id string) text.Text {
	if sub, _, ok := l.Model.Sub(id); ok {
		return sub.Name
	}
	return text.Text{ZH: id}
}

// Assessment finds the current version of an assessment.
func (l *Library) Assessment(id string) (*Assessment, bool) {
	for _, a := range l.Assessments {
		if a.ID == id {
			return a, true
		}
	}
	return nil, false
}

// Source is a definition as written, by the hash of its content.
func (l *Library) Source(hash string) (Source, bool) { s, ok := l.sources[hash]; return s, ok }

var rawHTML = regexp.MustCompile(`(?i)<\s*(/?[a-z][a-z0-9]*)[\s>/]|javascript:|data:image/svg`)

// lintText warns of HTML and scripts in texts. They are shown as they stand and do nothing, so they are never what the author meant.
func (s *source) lintText() {
	for i, line := range s.lines {
		if m := rawHTML.FindStringIndex(line); m != nil && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			p := fault.Warn("", "yaml.html", "found", strings.TrimSpace(line[m[0]:m[1]]))
			s.at(place{i + 1, len([]rune(line[:m[0]])) + 1}, p)
		}
	}
}
