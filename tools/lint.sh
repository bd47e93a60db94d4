#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions are called through step
# make lint: format, static analysis, sizes, layers, shell scripts.  Every finding is an error.
set -u
cd "$(dirname "$0")/.." || exit 2
: "${BUILD:=build/release}"
rc=0

step() {
	local name=$1
	shift
	if "$@"; then
		printf '%-14s ok\n' "$name"
	else
		printf '%-14s FAILED\n' "$name"
		rc=1
	fi
}

format() {
	find src tests tools -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
}

tidy() {
	# shellcheck disable=SC2016 # "$@" is for the inner shell
	find src tools -name '*.c' -print0 | xargs -0 -P 2 -n 6 sh -c 'exec clang-tidy --quiet --warnings-as-errors="*" "$@" -- \
	    -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc "-DSSHKEEP_VERSION=\"\""' sh >"$BUILD/tidy.log" 2>"$BUILD/tidy.err" ||
	    { grep -hE 'error:|warning:' "$BUILD/tidy.log" "$BUILD/tidy.err" | sort -u | head -n 60; return 1; }
}

check_cpp() {
	cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 -j 2 \
	    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -Isrc -D_POSIX_C_SOURCE=200809L \
	    '-DSSHKEEP_VERSION=""' src tools
}

shell() {
	git ls-files -co --exclude-standard '*.sh' .ci/run | grep -vE '^(fixtures|tests/golden/[^/]*)/' | xargs shellcheck -x
}

mkdir -p "$BUILD"
step format format
step layers tools/check.sh layers
step headers tools/check.sh headers
step size tools/check.sh size
step words tools/check.sh words
step banned tools/check.sh banned
step shellcheck shell
step cppcheck check_cpp
step clang-tidy tidy
exit $rc
