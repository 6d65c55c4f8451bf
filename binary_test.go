package leida_test

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBinary reads the binary that make build made, named by LEIDA_BINARY, and asks of it what its flags promise. make binary runs it.
func TestBinary(t *testing.T) {
	name := os.Getenv("LEIDA_BINARY")
	if name == "" {
		t.Skip("make binary builds the program and looks at it")
	}
	f, err := elf.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Type != elf.ET_DYN || flag(t, f, elf.DT_FLAGS_1)&uint64(elf.DF_1_PIE) == 0 {
		t.Errorf("%v is no position-independent executable", f.Type)
	}
	if flag(t, f, elf.DT_FLAGS)&uint64(elf.DF_BIND_NOW) == 0 && flag(t, f, elf.DT_FLAGS_1)&uint64(elf.DF_1_NOW) == 0 {
		t.Error("its symbols are bound late: the table of them stays writable")
	}
	var relro, stack bool
	for _, p := range f.Progs {
		switch {
		case p.Type == elf.PT_GNU_RELRO:
			relro = true
		case p.Type == elf.PT_GNU_STACK:
			stack = p.Flags&elf.PF_X == 0
		case p.Type == elf.PT_LOAD && p.Flags&elf.PF_W != 0 && p.Flags&elf.PF_X != 0:
			t.Error("a part of it is writable and executable")
		}
	}
	if !relro || !stack {
		t.Errorf("relocations read-only: %v, stack not executable: %v", relro, stack)
	}
	if names, err := f.DynString(elf.DT_RPATH); err != nil || len(names) > 0 {
		t.Errorf("RPATH %v %v", names, err)
	}
	if names, err := f.DynString(elf.DT_RUNPATH); err != nil || len(names) > 0 {
		t.Errorf("RUNPATH %v %v", names, err)
	}
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	guarded, checked := false, false
	for _, s := range symbols {
		guarded = guarded || s.Name == "__stack_chk_fail"
		checked = checked || strings.HasSuffix(s.Name, "_chk") && s.Name != "__stack_chk_fail"
		if s.Name == "dlopen" || s.Name == "dlsym" {
			t.Errorf("it can load libraries at run time: %s", s.Name)
		}
	}
	if !guarded || !checked {
		t.Errorf("C's stacks guarded: %v, its calls checked: %v", guarded, checked)
	}
	info, err := buildinfo.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["-trimpath"] != "true" || settings["-buildmode"] != "pie" || settings["CGO_ENABLED"] != "1" {
		t.Errorf("built with %v", settings)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("DEFAULT_MEMSTATUS=0")) { // as PRAGMA compile_options says it
		t.Error("SQLite counts its memory, under a lock at each allocation")
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	env, err := exec.Command("go", "env", "GOROOT", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(strings.Fields(string(env)), here, home+"/", os.TempDir()+"/go-build") {
		if bytes.Contains(raw, []byte(path)) {
			t.Errorf("it holds the path %s", path)
		}
	}
}

func flag(t *testing.T, f *elf.File, tag elf.DynTag) uint64 {
	t.Helper()
	values, err := f.DynValue(tag)
	if err != nil {
		t.Fatal(err)
	}
	var out uint64
	for _, v := range values {
		out |= v
	}
	return out
}
