# What one types. What it does is in scripts/.

SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help run test test-n8n test-stripe screens proof bench bundle lint fmt bindings audit

help: ## Says what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Sets up what is missing and opens the app in the sandbox
	@scripts/run

test: ## Sets up what is missing, lints, and runs the tests: of the long ones a share
	@scripts/test

screens: ## Looks at every screen in a browser, over fabrik serve
	@scripts/screens

test-n8n: ## Runs the n8n client and step against a real n8n, which it installs
	@scripts/test-n8n

test-stripe: ## Runs the Stripe client and reading against localstripe, which it installs
	@scripts/test-stripe

proof: ## Tries every promise in full, and reports what came of each
	@scripts/proof

bench: ## Prints the figures: the window, the journal, three hundred customers, one, ten
	@scripts/bench

bundle: ## Makes the packages that people install
	@scripts/bundle

lint: ## Format, clippy, the UI's types
	@scripts/lint

fmt: ## Formats the Rust code
	@cargo fmt --all

bindings: ## Makes the UI's types from the Rust types
	@scripts/bindings

audit: ## Known vulnerabilities, licences and sources of what is depended on
	@scripts/audit
