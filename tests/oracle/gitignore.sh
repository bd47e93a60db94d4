#!/bin/bash
# SPDX-License-Identifier: MIT
# Which files a lint looks at in random repositories, against real git: nested .gitignore, .git/info/exclude, tracked files.
#   REPOS=n SEED=n; CASE=n shows one
set -u
cd "$(dirname "$0")/../.." || exit 2
prog=$(realpath "${PROG:-build/sshkeep}")
if ! command -v git >/dev/null; then
	echo "SKIPPED gitignore: git is not installed"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
case ${MODE:-release} in asan) n=60 ;; *) n=300 ;; esac
exec python3 tests/oracle/gitignore.py "$prog" "${SEED:-1}" "${REPOS:-$n}" "${CASE:-}"
