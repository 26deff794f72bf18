# SPDX-License-Identifier: Apache-2.0
# `make run` and `make test` are all that a newcomer needs: each installs what is missing first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
.PHONY: help setup build install run test test-deep check format bench clean

help: ## Print what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what building and running need, if it is missing (Debian and Ubuntu).
	@Scripts/setup build lapack digest mpi

build: setup ## Build the command, optimized, as .build/release/lockstep.
	swift build --configuration release

install: ## Install the command, its manual page and completions under PREFIX (/usr/local); no Swift is needed there.
	@Scripts/setup build
	@Scripts/install "$(DESTDIR)$(PREFIX)"

run: build ## Cluster a year of weather with four MPI processes, one file each.
	@Scripts/main-job

test: ## Run the tests of each day: in process, under MPICH and Open MPI, from Python.
	@Scripts/test

test-deep: ## Run the long tests: every repetition, sanitizers, fuzzing, scikit-learn's own.
	@Scripts/test-deep

check: ## Check format, import arrows, file lengths, scripts, documentation and README, as CI does.
	@Scripts/check

format: ## Rewrite the Swift sources in the house's format.
	swift format --in-place --recursive --parallel Package.swift Sources Tests Examples Fuzz/Sources

bench: build ## Run the benchmarks, beside the peers that are installed.
	@[ -x out/peers/bin/python ] || Benchmarks/setup out/peers
	@out/peers/bin/python Benchmarks/table

clean: ## Remove what was built.
	rm -rf .build .build-* out
