# leida: make alone prints what there is.
SHELL := /bin/bash
BIN := bin/leida
RELEASE := $(shell git describe --tags --always 2>/dev/null || echo dev)
LDFLAGS := -X main.release=$(RELEASE)
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: binary profile sbom vuln help run build test check vet bench fuzz crash soak picture pictures assets clean load

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, fill ./data with the demo on the first start, serve http://localhost:8080
	$(BIN) serve --demo

# Hardened: position-independent, relocations read-only and bound at the start, a guard on the stacks of C, checked calls of its library.
# SQLite cannot load extensions: nothing of ours does. The tests use Go's own flags, so that C is compiled once for each.
HARDENED := -trimpath -buildmode=pie -tags sqlite_omit_load_extension
# SQLite does not count its memory: it would take one lock for all connections at each allocation, for a figure that nobody reads.
# Optimized for what a profile shows it to do: a seventh less processor time for a save.
PROFILE := cmd/leida/leida.pgo
COMPILE := CGO_CFLAGS='-O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -DSQLITE_DEFAULT_MEMSTATUS=0' go build
build: ## build bin/leida
	$(COMPILE) $(HARDENED) -pgo=$(PROFILE) -ldflags '$(LDFLAGS) -extldflags "-Wl,-z,relro,-z,now,-z,noexecstack"' -o $(BIN) ./cmd/leida

binary: build ## prove that bin/leida is built as it should be: PIE, RELRO, BIND_NOW, no executable stack, no path of this machine
	LEIDA_BINARY=$(CURDIR)/$(BIN) go test -count=1 -run '^TestBinary$$' .

sbom: build ## write bin/leida.cdx.json, what the binary is made of (CycloneDX)
	go run ./cmd/sbom $(BIN) >$(BIN).cdx.json

# The database is https://vuln.go.dev, or a copy of it: VULNDB=file:///path
VULNDB ?= https://vuln.go.dev
vuln: ## ask the Go vulnerability database about every call (VULNDB=file:///path for a copy of it)
	@case '$(VULNDB)' in \
	  file://*) test -f '$(patsubst file://%,%,$(VULNDB))/index/db.json' || { echo 'vuln: no database at $(VULNDB)'; exit 1; };; \
	  *) command -v curl >/dev/null || { echo 'vuln: curl is missing, nothing is asked'; test "$$CI" != true; exit; }; \
	     curl -fsS -m 20 -o /dev/null '$(VULNDB)/index/db.json' 2>/dev/null || { echo 'vuln: skipped, $(VULNDB) cannot be reached'; exit 0; };; \
	esac; $(GOVULNCHECK) -db '$(VULNDB)' ./...

# PATIENCE is when a suite is taken to hang; the longest takes ten minutes on two idle cores.
PATIENCE := 45m
test: ## run all tests, the store and the pages on PostgreSQL too (what needs chromium or PostgreSQL skips without it)
	go test -timeout $(PATIENCE) ./...
	LEIDA_TEST_DB=postgres go test -timeout $(PATIENCE) ./internal/store ./internal/rescore ./internal/web

check: vet ## what CI runs beside the tests: format, vet, staticcheck, race detector, fuzzing, definitions
	go test -race -short -timeout $(PATIENCE) ./...
	LEIDA_TEST_DB=postgres go test -race -timeout $(PATIENCE) -run 'Crowd|Together|Postgres|Killed' ./internal/store ./internal/rescore # what is PostgreSQL's own
	$(MAKE) binary
	$(MAKE) vuln
	$(MAKE) fuzz FUZZTIME=20s
	$(MAKE) crash ROUNDS=100
	go run ./cmd/leida check assessments

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'not gofmt-ed'; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	go mod verify

FUZZTIME ?= 20s
# Go's fuzzer now and then takes its own deadline for a failure: it says so and keeps no input. Only then a target runs once more; what failed for an input need not fail again, and has failed.
fuzz: ## fuzz every target that a test file has, FUZZTIME=20s each
	@set -eo pipefail; said=$$(mktemp); trap "rm -f $$said" EXIT; for file in $$(git grep -l '^func Fuzz' -- '*_test.go'); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
	    echo "$$target ($$(dirname $$file)), $(FUZZTIME)"; \
	    run="go test ./$$(dirname $$file) -run ^\$$ -fuzz ^$$target\$$ -fuzztime $(FUZZTIME) -fuzzminimizetime 200x"; \
	    $$run 2>&1 | tee $$said && continue; \
	    grep -q 'context deadline exceeded' $$said && ! grep -q 'Failing input written' $$said && $$run || exit 1; \
	  done; \
	done

ROUNDS ?= 1000
ROUNDS_POSTGRES ?= 50
crash: ## kill the server under saves, submissions and rescoring, ROUNDS=1000 times, and look for all that it acknowledged
	LEIDA_CRASH_ROUNDS=$(ROUNDS) LEIDA_CRASH_POSTGRES_ROUNDS=$(ROUNDS_POSTGRES) go test ./cmd/leida -run "^TestCrash" -count=1 -v -timeout 3h

soak: ## two hours: every fuzz target for ten minutes, the long crash run, a browser offline for five minutes
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) crash ROUNDS=1000
	LEIDA_SOAK=1 go test ./cmd/leida -run '^TestBrowser$$/^Network$$/^five_minutes$$' -count=1 -v -timeout 30m

SOAK ?=
load: build ## put leida under load and print what it carries beside what the machine can do; SOAK=10m for a long one
	$(COMPILE) $(HARDENED) -o bin/load ./cmd/load # its ceilings have the same SQLite
	bin/load -program $(BIN) $(if $(SOAK),-soak $(SOAK))

bench: build ## print the figures: scoring, profile, team pages, saves, start-up, size, memory
	go test -run '^$$' -bench . -benchmem ./internal/... ./cmd/...
	go test ./cmd/leida -run '^TestBrowser$$/^FirstContent$$' -count=1 -v | grep 'first content' # pages on a slow device

profile: ## take the profile anew that the compiler optimizes bin/leida by: saves, and some pages
	@set -e; dir=$$(mktemp -d); trap "rm -rf $$dir" EXIT; \
	go test -trimpath -c -o $$dir/leida.test ./internal/web; \
	take() { (cd internal/web && $$dir/leida.test -test.run '^$$' -test.bench "^Benchmark$$1$$" -test.benchtime $$2 -test.cpuprofile $$dir/$$1); }; \
	take Saves 80000x; take QuizPage 4000x; take PersonPage 200x; \
	go tool pprof -proto -output $(PROFILE) $$dir/Saves $$dir/QuizPage $$dir/PersonPage

pictures: ## every page in every state as a picture, in out/shots: both languages, light and dark, phone and desktop
	LEIDA_SHOTS=$(CURDIR)/out/shots go test ./cmd/leida -count=1 -timeout $(PATIENCE) -run '^TestBrowser$$'

picture: ## take the README's picture anew (needs chromium)
	LEIDA_README_SHOT=$(CURDIR)/docs/radar.png go test ./cmd/leida -count=1 -run 'TestBrowser/Readme'

assets: ## rebuild static/dist from static/src (needs Node; commit the result)
	cd static/src && npm ci --no-audit --no-fund && node build.mjs

clean: ## remove what was built, and the demo's data
	rm -rf bin data out static/src/node_modules

docs: ## write docs/bank.md and the tables of docs/security.md anew from the code
	LEIDA_WRITE_DOCS=1 go test ./internal/web -count=1 -run 'AreDocumented|AreClassified'
	LEIDA_WRITE_DOCS=1 go test ./internal/assessment -count=1 -run BankIsDocumented
.PHONY: docs
