#!/bin/bash
# SPDX-License-Identifier: MIT
# Random configs whose blocks overlap, with negations: a line that lint says never wins (SK130, SK135) must win for no
# name, user and address that the installed ssh -G and sshd -T are asked for.
#   LATE=n    how many of each side (200)            SEED=n  another series (1)
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}"
: "${LATE:=200}" "${SEED:=1}"
export PROG LATE SEED

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_python 'lines that never win' tests/oracle/late.py
