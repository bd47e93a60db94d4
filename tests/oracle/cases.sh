#!/bin/bash
# SPDX-License-Identifier: MIT
# Every case of fixtures/openssh-cases: sshkeep's effective values, status and messages against the stored result
# of OpenSSH 9.2p1 (Debian), and against the installed ssh and sshd when these are that release.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}"
cases=$PWD/fixtures/openssh-cases
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0 live=0

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"

lay() { # case folder -> $tmp/w as fixtures/openssh-cases/README.md says
	local c=$1 w=$tmp/w line mode
	rm -rf "$w"
	mkdir -p "$w"
	w=$w perl -pe 's/\@DIR\@/$ENV{w}/g' "$c/config" >"$w/config"
	if [ -d "$c/files" ]; then
		(cd "$c/files" && find . -type f) | while IFS= read -r line; do
			mkdir -p "$w/$(dirname "$line")"
			w=$w perl -pe 's/\@DIR\@/$ENV{w}/g' "$c/files/$line" >"$w/$line"
		done
	fi
	find "$w" -type d -exec chmod 0755 {} +
	find "$w" -type f -exec chmod 0644 {} +
	if [ -f "$c/links" ]; then
		while read -r line mode; do
			mkdir -p "$w/$(dirname "$line")"
			ln -s "$mode" "$w/$line"
		done <"$c/links"
	fi
	if [ -f "$c/modes" ]; then
		while read -r mode line; do chmod "$mode" "$w/$line"; done <"$c/modes"
	fi
}

for c in "$cases"/[cs]-*; do
	name=$(basename "$c")
	lay "$c"
	argv=()
	while IFS= read -r line; do argv+=("${line//@DIR@/$tmp/w}"); done <"$c/args"
	# -W and a remote command are words of ssh's command line that sshkeep does not take.
	case " ${argv[*]} " in
	*' -W '* | *' alpha true ')
		echo "left out: $name (${argv[*]:4})"
		continue
		;;
	esac
	oracle_ours "$tmp/w" "${argv[@]}"
	status=$(cat "$c/status")
	extra=$(cat "$c/keys" 2>/dev/null)
	w=$tmp/w perl -ne 's/\@DIR\@/$ENV{w}/g; print' "$c/expected" >"$tmp/want"
	if [ -n "$extra" ]; then
		grep -vE "^(${extra// /|}) " "$tmp/want" >"$tmp/want2"
		mv "$tmp/want2" "$tmp/want"
	fi
	: >"$tmp/want.err"
	[ -f "$c/stderr" ] && w=$tmp/w perl -pe 's/\@DIR\@/$ENV{w}/g' "$c/stderr" >"$tmp/want.err"
	if [ -n "$ORACLE_LIVE" ]; then
		oracle_theirs "$tmp/w" "${argv[@]}"
		oracle_judge "$name (live)" "$theirs_status" "$tmp/theirs" "$tmp/theirs.err"
		live=$((live + 1))
	fi
	oracle_ours_without disableforwarding
	oracle_judge "$name (stored)" "$status" "$tmp/want" "$tmp/want.err"
done
if [ -z "$ORACLE_LIVE" ]; then
	echo "SKIPPED live comparison: $ORACLE_WHY"
	skipped=$((skipped + 1))
fi
echo "agreement with openssh-cases: $passed of $((passed + failed)) comparisons, $live of them live"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
