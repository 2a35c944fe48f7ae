# make         build the page, static/index.html
# make run     build it, serve it and print its address
# make test    everything: checks, Go tests (native and js/wasm), set-up of browsers, end-to-end tests
# make check   what can be told without running anything: Go, scripts, workflows, the page's markup
# make types   the types of the page's scripts, and of the messages between page and program
# make release builds what is released into dist/; TAG=v1.2.3 holds it to that tag
# make fuzz    search for inputs that break the readers: FUZZTIME=60s for each target
# make soak    1,000 pictures with damaged ones and dying workers among them, in Chromium; memory over time
# make bench   this engine beside onnxruntime-web in one browser; see e2e/bench/README.md

STATICCHECK_VERSION = v0.8.2
STATICCHECK = .tools/staticcheck-$(STATICCHECK_VERSION)
ACTIONLINT_VERSION = v1.7.12
ACTIONLINT = .tools/actionlint-$(ACTIONLINT_VERSION)
NPM_INSTALLED = e2e/node_modules/.package-lock.json

# The Go release is part of the results (JPEG decoding differs between releases):
# a newer Go fetches the one that go.mod names.
export GOTOOLCHAIN := go$(shell sed -n 's/^go //p' go.mod)

# Pictures and fixtures for the tests that need them; see README, "Tests".
export ALLNET_SHARED ?= $(abspath ../shared)

# The Go tool that runs wasm tests in Node refuses large environments, so those
# tests are given a small one.
GO_WASM = env -i PATH="$(PATH)" HOME="$(HOME)" ALLNET_SHARED="$(ALLNET_SHARED)" \
	GOFLAGS="$(shell go env GOFLAGS)" GOPROXY="$(shell go env GOPROXY)" GOTOOLCHAIN="$(GOTOOLCHAIN)" GOOS=js GOARCH=wasm
WASM_EXEC = $(shell go env GOROOT)/lib/wasm/go_js_wasm_exec
WASM_PACKAGES = ./cases/... ./internal/... ./lime/... ./model ./model/cells ./model/engine/... ./model/explain ./model/nuclei ./model/onnx ./model/picture ./model/standard ./model/synthetic ./wasm/ask

.PHONY: all run release test setup node assembler browsers check check-go check-js check-workflows check-page types test-go test-wasm test-archive test-e2e soak bench bench-native fuzz clean

all:
	go run ./build

run:
	go run ./build -serve

release:
	go run ./build -release -tag "$(TAG)"

# Browsers come late: a fault in Go or in a script is told before they are there.
test: check assembler test-go test-archive test-wasm browsers test-e2e
	@echo "all tests passed"

setup: $(NPM_INSTALLED) assembler browsers

assembler browsers:
	./e2e/packages.sh $@

node:
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 15)) { console.error("Node " + process.versions.node + " is too old for the tests; 20.15 or newer is needed"); process.exit(1); }'

$(NPM_INSTALLED): e2e/package-lock.json | node
	cd e2e && npm ci --no-audit --no-fund
	touch $@

check: check-go check-js check-workflows check-page types

check-go: $(STATICCHECK)
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not gofmt-clean: $$bad"; exit 1; fi
	go vet ./...
	GOOS=js GOARCH=wasm go vet -tags simd ./cases/... ./wasm/... ./e2e/bench ./lime/... ./model/...
	$(STATICCHECK) ./...
	GOOS=js GOARCH=wasm $(STATICCHECK) -tags simd ./cases/... ./wasm/... ./e2e/bench ./lime/... ./model/...
	cd archive && go vet ./... && $(abspath $(STATICCHECK)) ./...

check-js: $(NPM_INSTALLED)
	e2e/node_modules/.bin/biome lint --config-path=e2e/lint.json --error-on-warnings web e2e model/engine/simd

check-workflows: $(ACTIONLINT)
	$(ACTIONLINT) -shellcheck= -pyflakes=

check-page: $(NPM_INSTALLED) all
	e2e/node_modules/.bin/html-validate -c e2e/page.htmlvalidate.json static/index.html

types: $(NPM_INSTALLED)
	e2e/node_modules/.bin/tsc -p web

$(STATICCHECK):
	GOBIN=$(abspath .tools) go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	mv .tools/staticcheck $@

$(ACTIONLINT):
	GOBIN=$(abspath .tools) go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	mv .tools/actionlint $@

# Networks of other makers run in a package of e2e/node_modules. check-go has vetted all of it.
test-go: node $(NPM_INSTALLED)
	go test -vet=off -timeout=20m ./...

# A module of its own; what it links is large, and larger still with the tables for debuggers. check-go vets it, and all that it needs, already.
test-archive:
	cd archive && go test -vet=off -ldflags='-s -w' ./...

test-wasm:
	$(GO_WASM) go test -vet=off -exec=$(WASM_EXEC) $(WASM_PACKAGES)

test-e2e: $(NPM_INSTALLED) all
	go build -o e2e/allnet ./cmd/allnet
	node --test web/
	cd e2e && npm test

soak: setup all
	go build -o e2e/allnet ./cmd/allnet
	node e2e/soak.mjs

bench: setup all
	go build -o e2e/allnet ./cmd/allnet
	node e2e/bench/bench.mjs

# For benchstat; see e2e/bench/README.md.
bench-native:
	@go test -run='^$$' -bench=. -count=$(or $(COUNT),6) ./model/engine ./lime

# Every fuzz target for FUZZTIME, on FUZZPROCS cores. Go keeps what it found from one call
# to the next (go env GOCACHE), and writes an input that fails to the package's
# testdata/fuzz, where `go test` runs it from then on.
FUZZTIME = 60s
FUZZPROCS = 2

fuzz:
	@grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z]*' . | sed 's|/[^/]*:func | |' | sort | while read folder target; do \
		echo "$$folder $$target"; \
		go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=200x -parallel=$(FUZZPROCS) $$folder || exit 1; \
	done

clean:
	rm -rf dist static/index.html static/index.html.sha256 e2e/allnet e2e/node_modules
