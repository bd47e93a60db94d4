#!/bin/bash
# SPDX-License-Identifier: MIT
# What lint --fix may touch: trees of real and random configs, with faults put into them, before and after, through git
# apply, --write and the installed ssh -G and sshd -T (tests/fix/lint.py).
#   FIX=n     a tenth as many configs (10000)        SEED=n     another series (1)
#   TREE=n    keep tree n of the seed in ./lint-fix-tree
set -u
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-$PWD/build/sshkeep}")
: "${FIX:=10000}" "${SEED:=1}"
base=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || base=/dev/shm
tmp=$(mktemp -d "$base/sshkeep-lint.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"
if [ -z "$ORACLE_LIVE" ]; then
	echo "SKIPPED what lint --fix touches: $ORACLE_WHY"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
SSH=$ORACLE_SSH SSHD=$ORACLE_SSHD KEY=$tmp/key
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$PWD/tests/oracle/random:$PWD/tests/fix/minimal
export PROG FIX SEED SSH SSHD KEY ORACLE_CLIENT ORACLE_SERVER PYTHONDONTWRITEBYTECODE PYTHONPATH
python3 tests/fix/lint.py "$tmp" "$PWD"
