# Every task of the project, one target each; `make help` lists them.
#
# Two builds exist. The release build carries the io_uring driver: build tag `uring`, and
# -checklinkname=0 because the ring library reaches into the runtime by linkname, which the
# linker refuses without that flag. The plain build (`go build ./...`) has no tag, needs no
# flag and serves by epoll. The tests run both. What is released is compiled with a profile of the
# server under load as well (-pgo), which takes longer and changes nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.NOTPARALLEL:

MODULE  := github.com/crucible-cache/crucible
TOOLS   := $(CURDIR)/.tools
TOOLBIN := $(TOOLS)/bin

# A tagged commit names the version; any other tree keeps the default of internal/version.
VERSION := $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' --exact-match 2>/dev/null))
COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null)

VERSION_FLAGS := $(if $(VERSION),-X $(MODULE)/internal/version.Version=$(VERSION)) \
	$(if $(COMMIT),-X $(MODULE)/internal/version.Commit=$(COMMIT))
URING   := -tags uring -ldflags=-checklinkname=0
PROFILE := cmd/crucible-server/release.pgo
RELEASE := -trimpath -buildvcs=false -tags uring -pgo=$(CURDIR)/$(PROFILE) -ldflags "-checklinkname=0 -s -w $(VERSION_FLAGS)"

# Pinned: newer releases of some of these cannot be built with the Go of go.mod.
GOLANGCI_LINT := v2.15.0
GOFUMPT       := v0.12.0
GORELEASER    := v2.15.1

FUZZTIME   ?= 60s
TESTFLAGS  ?=
BENCHFLAGS ?=
COMPATFLAGS ?=
SOAK       ?= 30m

##@ Build and run

.PHONY: build
build: ## Build bin/crucible-server, bin/crucible-benchmark and bin/crucible-compat (default)
	CGO_ENABLED=0 go build $(RELEASE) -o bin/ ./cmd/...

.PHONY: profile
profile: build ## Record anew what the release build is optimised for, two minutes on a quiet machine
	scripts/profile $(PROFILE)

.PHONY: run
run: build ## Serve Redis on 6379 and Memcached on 11211 from one process
	exec bin/crucible-server packaging/example.toml

.PHONY: clean
clean: ## Remove what was built (installed tools stay in .tools)
	rm -rf bin dist tmp/package tmp/compat

##@ Test

.PHONY: test
test: ## Everything below that judges: both builds, both drivers, parity, clients, lint, package
	scripts/stages incumbents tools build test-plain test-invariant test-uring cross lint compat compat-clients package-test

.PHONY: test-plain
test-plain: build ## go vet and go test of the plain build (no tag, epoll)
	go vet ./...
	go test $(TESTFLAGS) ./...

# What drives a built server from outside has been run by test-plain: the race detector sees nothing of it.
.PHONY: test-uring
test-uring: build ## go vet and go test -race of the release build (io_uring and epoll)
	go vet -tags uring ./...
	CGO_ENABLED=1 go test -race $(URING) $(TESTFLAGS) $$(go list -tags uring ./... | grep -v -e /apptest$$ -e /crucible/compat/)

.PHONY: cross
cross: ## Build and vet for macOS and for arm64
	GOOS=darwin CGO_ENABLED=0 go build -buildvcs=false ./...
	GOOS=darwin CGO_ENABLED=0 go vet ./...
	GOARCH=arm64 CGO_ENABLED=0 go build -buildvcs=false ./...
	GOARCH=arm64 CGO_ENABLED=0 go build -buildvcs=false $(URING) ./...
	GOARCH=arm64 CGO_ENABLED=0 go vet -tags uring ./...

.PHONY: compat
compat: build incumbents ## Replay compat/*/cases on us and on the reference servers, under both drivers
	scripts/compat $(COMPATFLAGS)
	go test -count=1 $(URING) $(TESTFLAGS) ./compat/rdb

.PHONY: compat-backends
compat-backends: build incumbents ## Replay them with every backend and policy (COMPATFLAGS=--stores=slab/lra,heap/lfu for some)
	bin/crucible-compat stores --profile compat/redis.toml $(COMPATFLAGS)
	bin/crucible-compat stores --profile compat/memcached.toml $(COMPATFLAGS)

.PHONY: compat-clients
compat-clients: build incumbents ## Drive real client libraries (Go and Python) against the server
	go test -count=1 $(URING) $(TESTFLAGS) ./compat/clients/...

.PHONY: test-invariant
test-invariant: ## The tests of storage with the checks of the tag invariant, which look at everything all the time
	go test -tags invariant -short $(TESTFLAGS) ./internal/index/... ./internal/store/... ./internal/object/... ./internal/keyspace/...

.PHONY: test-blocked
test-blocked: build ## Two hundred blocked clients on ten keys, for a minute under each driver
	APPTEST_BLOCKED=60s go test -count=1 $(URING) $(TESTFLAGS) -v -run 'TestBlockedClients$$' ./apptest

.PHONY: soak
soak: ## Use a full cache of each backend for SOAK (30m) each: memory stays flat, every count is true, nothing leaks
	CRUCIBLE_SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run 'TestSoak$$' ./internal/keyspace

.PHONY: fuzz
fuzz: ## Run each fuzz target of the parsers and sessions for FUZZTIME (60s)
	scripts/fuzz $(FUZZTIME) internal/protocol internal/session internal/script

.PHONY: fuzz-parity
fuzz-parity: build incumbents ## Send us and Redis the same made-up requests for ten minutes, a new seed each time (COMPATFLAGS=...)
	bin/crucible-compat random --profile compat/redis.toml --seed 0 $(COMPATFLAGS)

.PHONY: bench
bench: build incumbents ## Compare with redis-server and memcached side by side (BENCHFLAGS=...)
	bin/crucible-benchmark bench $(BENCHFLAGS)

# The machine is to be quiet: two of its CPUs are used, one by the server and one by the load.
.PHONY: bench-quick
bench-quick: build incumbents ## The short comparison, within 5 minutes, recorded under benchmark/results
	bin/crucible-benchmark compare --suite quick --out benchmark/results $(BENCHFLAGS)

.PHONY: bench-full
bench-full: build incumbents ## The whole comparison, within 35 minutes, recorded under benchmark/results
	bin/crucible-benchmark compare --suite full --out benchmark/results $(BENCHFLAGS)

# The quick and full suites' reports are named by their time; a memory report isn't meant.
.PHONY: bench-screenshot
bench-screenshot: ## Render the newest recorded comparison for the README (needs chromium)
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1240,1560 \
		--screenshot=$(CURDIR)/docs/images/benchmark.png file://$(CURDIR)/$(lastword $(sort $(wildcard benchmark/results/2*.html)))

.PHONY: bench-generators
bench-generators: build incumbents ## How much load a core makes, beside redis-benchmark and memcslap; a minute
	bin/crucible-benchmark generators --at-least 1.5 $(BENCHFLAGS)

.PHONY: bench-check
bench-check: incumbents ## Hold the load's own figures within 3 % of redis-benchmark's, memcslap's and a packet capture's (needs root)
	CRUCIBLE_BENCHMARK_EXACTLY=1 go test -count=1 -v -run '^TestCrossCheck$$' ./cmd/crucible-benchmark

.PHONY: bench-memory
bench-memory: build incumbents ## Memory per item, small and large, of us, Redis and Memcached (BENCHFLAGS=...)
	bin/crucible-benchmark memory $(BENCHFLAGS)

.PHONY: bench-types
bench-types: build incumbents ## CPU per request and memory per element of every collection type against Redis (BENCHFLAGS=...)
	bin/crucible-benchmark types --against redis-8.0.2 --memory-mib 4096 $(BENCHFLAGS)

.PHONY: bench-hitratio
bench-hitratio: build incumbents ## Miss ratios of our policies, Redis and Memcached on the same traces (BENCHFLAGS=--quick)
	bin/crucible-benchmark simulate $(BENCHFLAGS)

.PHONY: bench-growth
bench-growth: build incumbents ## Latency of reads while the index grows to 20 M keys and a full cache evicts (BENCHFLAGS=...)
	bin/crucible-benchmark growth $(BENCHFLAGS)

.PHONY: bench-stalls
bench-stalls: build incumbents ## Longest wait of others while a collection of ten million elements goes (BENCHFLAGS=...)
	bin/crucible-benchmark stalls --against redis-8.0.2 --memory-mib 8192 $(BENCHFLAGS)

.PHONY: bench-gc
bench-gc: build ## Garbage collection beside 20 million elements, in collections and as strings (BENCHFLAGS=...)
	bin/crucible-benchmark garbage --memory-mib 8192 $(BENCHFLAGS)

.PHONY: lint
lint: tools ## gofumpt and golangci-lint over both builds
	scripts/lint

.PHONY: fmt
fmt: tools ## Format every Go file in place
	git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0r $(TOOLBIN)/gofumpt -w

##@ Package

.PHONY: deb
deb: packages ## Build the .deb packages into dist/
	ls -l dist/*.deb

.PHONY: rpm
rpm: packages ## Build the .rpm packages into dist/
	ls -l dist/*.rpm

.PHONY: packages
packages: $(TOOLBIN)/goreleaser-$(GORELEASER) ## Build deb, rpm and tar.gz for amd64 and arm64 into dist/
	GORELEASER=$< scripts/packages

.PHONY: package-test
package-test: packages ## Install, run and purge the deb under a real systemd in a throw-away root (needs root)
	packaging/test/run

##@ Set up

.PHONY: incumbents
incumbents: ## Install the servers and clients we are compared with (needs root on Debian 12, once)
	scripts/incumbents $(TOOLS)

.PHONY: tools
tools: $(TOOLBIN)/golangci-lint-$(GOLANGCI_LINT) $(TOOLBIN)/gofumpt-$(GOFUMPT) ## Install the pinned lint tools into .tools/bin

# $(call install,import path,version): the file keeps its version in its name, so that a new pin
# is a new target; the unversioned name beside it is what people and editors call.
define install
	mkdir -p $(TOOLBIN)
	GOBIN=$(TOOLBIN) go install $(1)@$(2)
	mv -f $(TOOLBIN)/$(notdir $(1)) $@
	ln -sf $(notdir $@) $(TOOLBIN)/$(notdir $(1))
endef

$(TOOLBIN)/golangci-lint-$(GOLANGCI_LINT):
	$(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT))

$(TOOLBIN)/gofumpt-$(GOFUMPT):
	$(call install,mvdan.cc/gofumpt,$(GOFUMPT))

# The import path of goreleaser ends in its major version, its binary does not.
$(TOOLBIN)/goreleaser-$(GORELEASER):
	mkdir -p $(TOOLBIN)
	GOBIN=$(TOOLBIN) go install github.com/goreleaser/goreleaser/v2@$(GORELEASER)
	mv -f $(TOOLBIN)/goreleaser $@
	ln -sf $(notdir $@) $(TOOLBIN)/goreleaser

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-zA-Z_-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
