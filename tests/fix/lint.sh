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
export PROG FIX SEED

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_python 'what lint --fix touches' tests/fix/lint.py "$PWD/tests/oracle/random" "$PWD/tests/fix/minimal"
