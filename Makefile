# leida: make alone prints what there is.
SHELL := /bin/bash
BIN := bin/leida
RELEASE := $(shell git describe --tags --always 2>/dev/null || echo dev)
LDFLAGS := -X main.release=$(RELEASE)
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help run build test check vet bench fuzz crash soak picture assets clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, fill ./data with the demo on the first start, serve http://localhost:8080
	$(BIN) serve --demo

build: ## build bin/leida
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/leida

test: ## run all tests, the store and the pages on PostgreSQL too (what needs chromium or PostgreSQL skips without it)
	go test -timeout 25m ./...
	LEIDA_TEST_DB=postgres go test -timeout 25m ./internal/store ./internal/web

check: vet ## what CI runs beside the tests: format, vet, staticcheck, race detector, fuzzing, definitions
	go test -race -short -timeout 25m ./...
	$(MAKE) fuzz FUZZTIME=20s
	$(MAKE) crash ROUNDS=100
	go run ./cmd/leida check assessments

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'not gofmt-ed'; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	go mod verify

FUZZTIME ?= 20s
fuzz: ## fuzz every target that a test file has, FUZZTIME=20s each
	@set -e; for file in $$(git grep -l '^func Fuzz' -- '*_test.go'); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
	    echo "$$target ($$(dirname $$file)), $(FUZZTIME)"; \
	    go test ./$$(dirname $$file) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 200x; \
	  done; \
	done

ROUNDS ?= 1000
ROUNDS_POSTGRES ?= 50
crash: ## kill the server under load, ROUNDS=1000 times, and look for all that it acknowledged
	LEIDA_CRASH_ROUNDS=$(ROUNDS) LEIDA_CRASH_POSTGRES_ROUNDS=$(ROUNDS_POSTGRES) go test ./cmd/leida -run "^TestCrash" -count=1 -v -timeout 3h

soak: ## two hours: every fuzz target for ten minutes, the long crash run, a browser offline for five minutes
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) crash ROUNDS=1000
	LEIDA_SOAK=1 go test ./cmd/leida -run '^TestBrowser$$/^Network$$/^five_minutes$$' -count=1 -v -timeout 30m

bench: build ## print the figures: scoring, profile, team pages, saves, start-up, size, memory
	go test -run '^$$' -bench . -benchmem ./internal/... ./cmd/...

picture: ## take the README's picture anew (needs chromium)
	LEIDA_README_SHOT=$(CURDIR)/docs/radar.png go test ./cmd/leida -count=1 -run 'TestBrowser/Readme'

assets: ## rebuild static/dist from static/src (needs Node; commit the result)
	cd static/src && npm ci --no-audit --no-fund && node build.mjs

clean: ## remove what was built, and the demo's data
	rm -rf bin data out static/src/node_modules

docs: ## write the tables of docs/security.md anew from the code
	LEIDA_WRITE_DOCS=1 go test ./internal/web -count=1 -run 'AreDocumented|AreClassified'
.PHONY: docs
