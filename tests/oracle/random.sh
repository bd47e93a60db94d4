#!/bin/bash
# SPDX-License-Identifier: MIT
# Random client and server configs from a grammar of everything OpenSSH reads (tests/oracle/random/): sshkeep's effective
# values, and refusals with message and line, against the installed ssh -G and sshd -T.
#   CLIENT=n SERVER=n   how many of each (20000)         SEED=n  another series (1)
#   CASE=n              show case n of the seed          WORKERS=n  processes (one per core)
# A difference is made smaller, written to fixtures/random-found, and replayed by every later run.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}"
: "${CLIENT:=20000}" "${SERVER:=20000}" "${SEED:=1}"
export PROG CLIENT SERVER SEED

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_python 'random configs' tests/oracle/random/main.py
