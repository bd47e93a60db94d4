#!/bin/bash
# SPDX-License-Identifier: MIT
# What a fix may touch: fix --write and undo on real and random configs, with the installed ssh -G and sshd -T before
# and after (tests/fix/minimal/).
#   FIX=n     how many random configs (10000)        SEED=n     another series (1)
#   CASE=n    show case n of the seed                WORKERS=n  processes (one per core)
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}"
: "${FIX:=10000}" "${SEED:=1}"
base=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || base=/dev/shm
tmp=$(mktemp -d "$base/sshkeep-fix.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"
if [ -z "$ORACLE_LIVE" ]; then
	echo "SKIPPED what a fix touches: $ORACLE_WHY"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
SSH=$ORACLE_SSH SSHD=$ORACLE_SSHD KEY=$tmp/key
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$PWD/tests/oracle/random
export PROG FIX SEED SSH SSHD KEY ORACLE_CLIENT ORACLE_SERVER PYTHONDONTWRITEBYTECODE PYTHONPATH
python3 tests/fix/minimal/main.py "$tmp" "$PWD"
