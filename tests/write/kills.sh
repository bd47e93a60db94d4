#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 at random moments while `fix --write` and `undo` alternate on a config of three files (tests/lib/kill_writer.c).
# KILLS=n SEED=n.  One of five on the disk of TMPDIR, where fsync takes its time; the rest in memory.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}" "${BUILD:=$PWD/build/release}" "${KILLS:=2000}" "${SEED:=1}"
tmp=$(mktemp -d) || exit 2
mem=$tmp
[ -w /dev/shm ] && mem=$(mktemp -d /dev/shm/sshkeep.XXXXXX)
trap 'rm -rf "$tmp" "$mem"' EXIT
passed=0 failed=0 kills=0 early=0 mid=0 mixed=0 temps=0

round() { # folder, kills, seed
	local s=$1/home/u/.ssh k e m x t
	mkdir -p "$s"
	chmod 755 "$1"
	printf 'Include a.conf\nInclude b.conf\nHost main\n\tServerAliveInterval 0\nHost *\n\tServerAliveInterval 0\n' >"$s/config"
	printf 'Host a1\n\tServerAliveInterval 0\n' >"$s/a.conf"
	printf 'Host b1\n\tServerAliveInterval 0\n' >"$s/b.conf"
	chmod 700 "$s"
	chmod 600 "$s"/*
	if "$BUILD/tests/kill_writer" "$PROG" "$1" u "$2" "$3" >"$tmp/out" 2>&1; then
		passed=$((passed + $2))
	else
		failed=$((failed + 1))
		cat "$1/last.log"
	fi
	sed '/^counts: /d' "$tmp/out"
	read -r k e m x t < <(sed -n 's/^counts: //p' "$tmp/out")
	kills=$((kills + ${k:-0})) early=$((early + ${e:-0})) mid=$((mid + ${m:-0}))
	mixed=$((mixed + ${x:-0})) temps=$((temps + ${t:-0}))
}

disk=$((KILLS / 5))
round "$tmp/disk" "$disk" "$SEED"
round "$mem/memory" $((KILLS - disk)) $((SEED + 1))
# (Some dozens need not meet every phase.)
if [ "$mid" -eq 0 ] || { [ "$KILLS" -ge 500 ] && { [ $((mid * 20)) -lt "$KILLS" ] || [ $((early * mixed * temps)) -eq 0 ]; }; }; then
	echo "FAILED the kills did not spread over all phases: $early early, $mid mid, $mixed half old, $temps temporaries"
	failed=$((failed + 1))
fi
echo "writer: $kills kills ($mid mid-transaction)"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
