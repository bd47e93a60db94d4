# SPDX-License-Identifier: MIT
# Shared by tests/lint/*.sh: a folder for each case, the program under bounds, counts.
# shellcheck shell=bash disable=SC2034 # set here, read by those who source this
set -u
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
TOP=$PWD
PROG=$(realpath "${PROG:-$TOP/build/sshkeep}")
: "${MODE:=release}"
export MODE LC_ALL=C.UTF-8
tmp=$(mktemp -d) || exit 2
chmod 755 "$tmp"
passed=0 failed=0 skipped=0 name='' t='' rc=0 took=''
# The sanitizers are slow, and their shadow memory counts.
slow=1
[ "$MODE" = asan ] && slow=8

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $name: $1 (exit $rc; $took)"
	head -qc 400 "$tmp/err" "$tmp/out" 2>/dev/null | cat -v | sed 's/^/  /'
	echo # what was cut ends in the middle of a line, and the sum stands on one of its own
}
skip() { skipped=$((skipped + 1)); echo "SKIPPED $1: $2"; }
check() { # what, command ...
	local what=$1
	shift
	if "$@"; then ok; else bad "$what"; fi
}

# A new case: its folder is $t, and we are in it.
new() {
	cd "$tmp" || exit 2
	[ -z "$t" ] || rm -rf "$t"
	name=$1
	t=$tmp/tree
	mkdir "$t"
	cd "$t" || exit 2
	: >"$tmp/out"
	: >"$tmp/err"
}

# lint ARGS within cpu (seconds) and mem (MiB): $rc, $tmp/out, $tmp/err.  A bound that is passed is a failure by itself, as
# is a status that the program does not have.  TELL=1 tells what each run took.
cpu=20 mem=1024
fault='out of memory|AddressSanitizer|runtime error|LeakSanitizer'
# The program keeps within RLIMIT_CPU by itself: that it had to is a bound passed, save where a case wants that.
out_of_time=' s of processor time'
exec 3>&2
lint() {
	local why
	"$TOP/tests/lint/lib/bound.py" "$tmp/took" $((cpu * slow)) $((mem * (slow > 1 ? 4 : 1))) "$PROG" lint "$@" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	read -r took <"$tmp/took"
	why=${took##* }
	[ -z "${TELL:-}" ] || printf '%-60s exit %d  %s\n' "$name" "$rc" "$took" >&3
	if [ "$why" = ok ] && [ "$rc" -le 4 ] && ! grep -qE "$fault${out_of_time:+|$out_of_time}" "$tmp/err"; then
		ok
	else
		bad "lint $* within $cpu s and $mem MiB: $why"
	fi
}
is() { [ "$rc" -eq "$1" ]; }
says() { grep -qE -- "$1" "$tmp/err"; } # on standard error
finds() { grep -qE -- "$1" "$tmp/out"; }
lacks() { ! grep -qaE -- "$1" "$tmp/out" "$tmp/err"; }

finish() {
	cd "$TOP" || exit 2
	rm -rf "$tmp"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}
