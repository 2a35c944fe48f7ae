# make         build the page, static/index.html
# make run     build it, serve it and print its address
# make test    everything: set-up, checks, Go tests (native and js/wasm), end-to-end tests
# make bench   this engine beside onnxruntime-web in one browser; see e2e/bench/README.md

STATICCHECK_VERSION = v0.8.2
STATICCHECK = .tools/staticcheck-$(STATICCHECK_VERSION)
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
WASM_PACKAGES = ./internal/... ./lime/... ./model ./model/cells ./model/engine/... ./model/explain ./model/onnx ./model/picture ./model/synthetic

.PHONY: all run test setup node check test-go test-wasm test-e2e bench bench-native clean

all:
	go run ./build

run:
	go run ./build -serve

test: setup check test-go test-wasm test-e2e
	@echo "all tests passed"

setup: node $(NPM_INSTALLED)
	./e2e/packages.sh

node:
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 15)) { console.error("Node " + process.versions.node + " is too old for the tests; 20.15 or newer is needed"); process.exit(1); }'

$(NPM_INSTALLED): e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund
	touch $@

check: $(STATICCHECK)
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not gofmt-clean: $$bad"; exit 1; fi
	go vet ./...
	GOOS=js GOARCH=wasm go vet -tags simd ./wasm ./e2e/bench ./lime/... ./model/...
	$(STATICCHECK) ./...
	GOOS=js GOARCH=wasm $(STATICCHECK) -tags simd ./wasm ./e2e/bench ./lime/... ./model/...

$(STATICCHECK):
	GOBIN=$(abspath .tools) go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	mv .tools/staticcheck $@

test-go:
	go test ./...

test-wasm:
	$(GO_WASM) go test -exec=$(WASM_EXEC) $(WASM_PACKAGES)

test-e2e: all
	go build -o e2e/allnet ./cmd/allnet
	node --test web/
	cd e2e && npm test

bench: setup all
	go build -o e2e/allnet ./cmd/allnet
	node e2e/bench/bench.mjs

# For benchstat; see e2e/bench/README.md.
bench-native:
	@go test -run='^$$' -bench=. -count=$(or $(COUNT),6) ./model/engine ./lime

clean:
	rm -rf static/index.html static/index.html.sha256 e2e/allnet e2e/node_modules
