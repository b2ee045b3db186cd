# `make` alone lists what there is to make.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run demo test lint lint-rust lint-page doc test-native test-wasm test-package test-page ran prove coverage fuzz wasm package page docs bench build fmt setup setup-native setup-page setup-firefox setup-bench check-port clean

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# A fresh Rust installation isn't on PATH before the next login.
export PATH := $(PATH):$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin

heading = @printf '\n=== %s ===\n' '$(1)'

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
		printf '%-14s %s\n' "$$target" "$$text"; done

run: check-port setup-page page ## set up, build the page and serve it on http://127.0.0.1:4173 (PORT changes it)
	$(call heading,Page)
	@node www/serve.mjs

demo: setup-native build ## set up, build the command line and play a sample through it
	$(call heading,Demonstration)
	@scripts/demo.sh

test: setup lint doc test-native test-wasm package test-package page test-page ran ## set up and run every check and test, browser included

lint: setup lint-rust lint-page ## check formatting, types and clippy's rules, natively, for wasm and for the page

lint-rust: # a part of `lint`
	$(call heading,Formatting)
	cargo fmt --check
	cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
	$(call heading,Clippy: everything)
	cargo clippy --all-targets --all-features -- -D warnings
	$(call heading,Clippy: the library without features)
	cargo clippy --lib -- -D warnings
	$(call heading,Clippy: wasm)
	cargo clippy --target wasm32-unknown-unknown --lib --tests -- -D warnings
	$(call heading,Clippy: wasm with everything)
	cargo clippy --target wasm32-unknown-unknown --features wasm --lib --tests -- -D warnings

lint-page: package # a part of `lint`; the page's types are those of the package
	$(call heading,TypeScript: types and formatting)
	npm run --silent check --workspace pkg
	@scripts/package-docs.sh --check
	npm run --silent check --workspace www

doc: ## build the documentation; a warning is an error
	$(call heading,Documentation)
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

test-native: ## run the native tests and the documentation's examples
	$(call heading,Native tests)
	@mkdir -p target/ran
	cargo test --all-features | tee target/ran/native.log

test-wasm: setup ## run the browser tests in headless Chromium
	$(call heading,Browser tests)
	@mkdir -p target/ran
	scripts/wasm-test.sh | tee target/ran/wasm.log

test-package: ## run the npm package's tests: as it is packed, in apps of all kinds
	$(call heading,Package tests)
	@mkdir -p target/ran
	@scripts/package-test.sh | tee target/ran/package.log

test-page: ## run the page's tests in headless Chromium, against the page that was built
	$(call heading,Page tests)
	@mkdir -p target/ran
	@scripts/page-test.sh | tee target/ran/page.log

coverage: ## measure which lines the native tests run; model, machine, journal and engine have a bar
	$(call heading,Coverage)
	@scripts/coverage.sh

# What the parts need that were asked for: those without a browser need neither page nor package.
native_parts = faults sqlite races fuzz
prove_needs = $(if $(PARTS),$(if $(filter-out $(native_parts),$(PARTS)),setup package page,setup-native),setup setup-firefox package page)
prove_needs += $(if $(filter firefox,$(PARTS)),setup-firefox)

prove: $(prove_needs) ## try at length what is promised: faults, kills, full disks, races (PARTS chooses)
	$(call heading,Proof)
	@scripts/prove.sh $(PARTS)

fuzz: ## fuzz what reads bytes from outside, each target for FUZZ_SECONDS (600); TARGETS names some
	$(call heading,Fuzzing)
	@scripts/fuzz.sh $(TARGETS)

ran: # the end of `test`
	$(call heading,Tests that the documentation names)
	@node scripts/ran.mjs

wasm: ## build the module that JavaScript loads
	$(call heading,Module for JavaScript)
	@scripts/build-wasm.sh

package: wasm ## build the npm package into pkg/dist
	$(call heading,npm package)
	@scripts/build-package.sh

docs: package ## make the npm package's reference, in pkg/reference
	$(call heading,Reference)
	@scripts/package-docs.sh

page: package ## build the page
	$(call heading,Page build)
	npm run --silent build --workspace www

bench: setup-bench package ## run the benchmarks; PART=limits, peers, module or growth runs one part
	@scripts/bench.sh $(PART)

build: ## build the command line for release
	$(call heading,Build)
	cargo build --release --features cli

fmt: ## format the code
	cargo fmt
	cargo fmt --manifest-path tests/fuzz/Cargo.toml

setup: ## find or install all that `make test` needs
	$(call heading,Set-up)
	@scripts/setup.sh all

check-port: # part of `run`
	@scripts/check-port.sh

setup-native: # what the command line needs; part of `setup`
	$(call heading,Set-up)
	@scripts/setup.sh native

setup-page: # what `make run` needs; part of `setup`
	$(call heading,Set-up)
	@scripts/setup.sh page

setup-firefox: # what `prove` needs besides; without it only that part of it fails
	$(call heading,Set-up)
	@scripts/setup.sh firefox || true

setup-bench: # what `bench` needs
	$(call heading,Set-up)
	@scripts/setup.sh bench

clean: ## delete what was built; installed tools stay in .tools
	cargo clean
