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
# Two small folders are written per config: in memory where there is such a file system.
base=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || base=/dev/shm
tmp=$(mktemp -d "$base/sshkeep-random.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"
if [ -z "$ORACLE_LIVE" ]; then
	echo "SKIPPED random configs: $ORACLE_WHY"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
SSH=$ORACLE_SSH SSHD=$ORACLE_SSHD KEY=$tmp/key
PYTHONDONTWRITEBYTECODE=1
export PROG CLIENT SERVER SEED SSH SSHD KEY ORACLE_CLIENT ORACLE_SERVER PYTHONDONTWRITEBYTECODE
python3 tests/oracle/random/main.py "$tmp" "$PWD"
