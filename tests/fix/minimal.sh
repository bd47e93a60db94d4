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
export PROG FIX SEED

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_python 'what a fix touches' tests/fix/minimal/main.py "$PWD/tests/oracle/random"
