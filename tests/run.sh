#!/bin/bash
# SPDX-License-Identifier: MIT
# Run test suites and add up their counts:  tests/run.sh unit golden oracle ...
# Environment: PROG (the program), BUILD (build folder of this mode), MODE, CI.
# A suite is a folder of tests/ whose *.sh print "N passed, N failed, N skipped" last; "unit" are cmocka programs.
# The last line is the sum.  With CI set, a skip is a failure, save in unit and write (what they skip depends on the
# file system) and where the corpus is not there.
set -u
cd "$(dirname "$0")/.." || exit 2
PROG=$(realpath "${PROG:-build/sshkeep}")
BUILD=$(realpath "${BUILD:-build/release}")
export PROG BUILD LC_ALL=C.UTF-8
export ASAN_OPTIONS=${ASAN_OPTIONS:-allow_user_segv_handler=0:detect_leaks=1}
passed=0 failed=0 skipped=0 writer=()

add() { # name, log, exit status, seconds it took
	local line p f s
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$2" | tail -n 1)
	if [ -z "$line" ]; then
		echo "FAILED $1: it did not report"
		tail -n 30 "$2"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ s _ <<<"${line//,/}"
	if [ "$3" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "FAILED $1: exit $3, though it counted no failure"
		tail -n 30 "$2"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-28s %s, %s s\n' "$1" "$line" "$4"
	if [ "$f" -gt 0 ]; then
		grep -E '^(FAILED|not ok)|^[-+ @]' "$2" | head -n 60
	fi
	grep -E '^(SKIPPED|again) ' "$2" | head -n 20
	grep -E '^configs: |^kills: ' "$2"
	# (The corpus is beside the checkout or not; everything else of these suites must run.)
	if [ "$s" -gt 0 ] && [ -n "${CI:-}" ] && ! grep -q '^SKIPPED corpus: ../shared/corpus is not there' "$2"; then
		case $1 in
		golden/* | formats/* | lint/* | fix/* | fuzz/* | oracle/* | e2e/*) echo "FAILED $1: nothing of it may be skipped in CI"; failed=$((failed + 1)) ;;
		esac
	fi
}

unit() {
	local log name rc ran bad left
	for src in tests/unit/test_*.c; do
		name=$(basename "$src" .c)
		log=$BUILD/tests/$name.log
		[ "$name" != test_faults ] || writer+=("$log")
		if [ ! -x "$BUILD/tests/$name" ]; then
			echo "FAILED unit/$name: it was not built"
			failed=$((failed + 1))
			continue
		fi
		CMOCKA_MESSAGE_OUTPUT=STDOUT timeout 600 "$BUILD/tests/$name" >"$log" 2>"$log.err" </dev/null
		rc=$?
		# two files, because the two streams may meet in the middle of a line
		cat "$log.err" >>"$log"
		rm -f "$log.err"
		ran=$(grep -c '^\[       OK \]' "$log")
		# cmocka names a failed or skipped test twice; the sums at its end name the numbers
		bad=$(sed -n 's/^ *\([0-9][0-9]*\) FAILED TEST(S)$/\1/p' "$log" | tail -n 1)
		bad=${bad:-0}
		# A program that died counts as one more failure.
		if [ $rc -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
		if [ $rc -ne 0 ]; then
			echo "FAILED unit/$name (exit $rc)"
			grep -vE '^\[( RUN      |       OK )\]' "$log" | head -n 40
		fi
		left=$(sed -n 's/^ *\([0-9][0-9]*\) SKIPPED TEST(S)$/\1/p' "$log" | tail -n 1)
		left=${left:-0}
		sed -n "s|^\[  SKIPPED \] \([a-z_A-Z0-9]*\)\$|SKIPPED unit/$name: \1|p" "$log" | sort -u
		if [ $rc -eq 0 ] && [ $((ran + left)) -eq 0 ]; then
			echo "FAILED unit/$name: no test ran"
			bad=1
		fi
		passed=$((passed + ran)) failed=$((failed + bad)) skipped=$((skipped + left))
	done
	echo "unit: $passed tests passed so far"
}

# The scripts of a suite, at most $2 at a time; they are counted in the order of their names.
suite() {
	local t name log rc took n=0
	mkdir -p "$BUILD/tests"
	for t in tests/"$1"/*.sh; do
		if [ ! -e "$t" ]; then
			echo "$1: there is no script in tests/$1"
			continue
		fi
		log=$BUILD/tests/$1-$(basename "$t" .sh).log
		[ "$n" -lt "$2" ] || wait -n
		n=$((n + 1))
		{
			SECONDS=0
			timeout 1500 "$t" >"$log" 2>&1 </dev/null
			echo $? $SECONDS >"$log.status"
		} &
	done
	wait
	for t in tests/"$1"/*.sh; do
		[ -e "$t" ] || continue
		name=$1/$(basename "$t" .sh)
		log=$BUILD/tests/$1-$(basename "$t" .sh).log
		[ "$1" != write ] || writer+=("$log")
		read -r rc took <"$log.status"
		add "$name" "$log" "$rc" "$took"
		rm -f "$log.status"
	done
}

# One check of the tree: passes or fails as a whole.
tree() {
	if tools/check.sh "$1"; then
		passed=$((passed + 1))
	else
		echo "FAILED check-$1"
		failed=$((failed + 1))
	fi
}

for s in "$@"; do
	case $s in
	unit) unit ;;
	golden | formats | lint | write | fix | oracle | fuzz) suite "$s" 1 ;;
	# these wait more than they work
	e2e) suite "$s" 2 ;;
	man | layers | headers) tree "$s" ;;
	*) echo "tests/run.sh: no suite $s" >&2; exit 2 ;;
	esac
done
# What the tests of the writer counted, in one line.
[ ${#writer[@]} -eq 0 ] || sed -n 's/^ *writer: //p' "${writer[@]}" | paste -sd, | sed 's/,/, /g; s/^./writer: &/'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
