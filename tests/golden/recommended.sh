#!/bin/bash
# SPDX-License-Identifier: MIT
# Recommendations satisfy all built-in rules (see recommended.py).
set -u
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-build/sshkeep}")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
python3 tests/golden/recommended.py "$PROG" "$work"
