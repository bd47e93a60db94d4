#!/bin/bash
# SPDX-License-Identifier: MIT
# Rows judged together equal rows judged alone (see shared.py).
set -u
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-build/sshkeep}")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
python3 tests/golden/shared.py "$PROG" "$work"
