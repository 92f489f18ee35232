# SPDX-License-Identifier: Apache-2.0
# Short names for the steps of building Descant. CMake and tools/setup do the work.
JOBS := $(shell nproc)
export DESCANT_DEPS ?= $(CURDIR)/build/deps
SIZE ?= small

.DEFAULT_GOAL := help
.PHONY: help setup build test demo bench format asan clean

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup:  ## Bring everything that building, testing and benchmarks need
	@tools/setup build test

build:  ## Build the program: build/descant
	@tools/setup build
	@test -f build/build.ninja || cmake --preset release
	@cmake --build build --target descant -j$(JOBS)

test: setup  ## Build everything and run every test
	@test -f build/build.ninja -a -d build/python/descant || cmake --preset release
	@cmake --build build -j$(JOBS)
	@ctest --preset release -j$(JOBS)

demo: build  ## Simulate, refresh, analyse, and write the report of the demo project
	@build/descant demo build/demo

bench: setup build  ## Compare with other engines; SIZE=small or SIZE=full
	@test -d build/python/descant || cmake --preset release
	@cmake --build build --target descant_bench descant_python -j$(JOBS)
	@$(DESCANT_DEPS)/venv/bin/python bench/run --size $(SIZE)

format: setup  ## Format every C++ file
	@tools/format

asan: setup  ## Build with the address and undefined-behaviour sanitizers, and run the tests
	@test -f build-asan/build.ninja || cmake --preset asan
	@cmake --build build-asan -j$(JOBS)
	@ctest --preset asan -j$(JOBS) --label-exclude style

clean:  ## Remove what was built, but not what setup brought
	@rm -rf build-*
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +; fi
