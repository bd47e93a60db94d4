#!/bin/bash
# SPDX-License-Identifier: MIT
# Real configurations (shared/corpus beside the checkout, when it is there): effective values against
# effective.tsv, refusals against results.tsv, every literal host against the installed ssh -G and sshd -T, and an
# audit of each file that must not crash.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${PROG:=$PWD/build/sshkeep}"
corpus=$PWD/../shared/corpus
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

if [ ! -f "$corpus/effective.tsv" ]; then
	echo "SKIPPED corpus: ../shared/corpus is not there"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"
mkdir -p "$tmp/home/.ssh"

fail() {
	failed=$((failed + 1))
	echo "FAILED $*"
}

value() { # keyword in $tmp/ours
	awk -v k="$1" '$1 == k { sub(/^[^ ]+ /, ""); print; found = 1; exit } END { if (!found) print "-" }' "$tmp/ours"
}

# Rows of effective.tsv: six values of each host tried.
rows=0
while IFS=$'\t' read -r file kind target v1 v2 v3 v4 v5 v6; do
	[ "$file" != file ] || continue
	rows=$((rows + 1))
	if [ "$kind" = client ]; then
		oracle_ours "$tmp" ssh -G -F "$corpus/$file" "$target"
		got="$(value serveraliveinterval)|$(value serveralivecountmax)|$(value tcpkeepalive)"
		got="$got|$(value controlmaster)|$(value controlpersist)|$(value connecttimeout)"
	else
		oracle_ours "$tmp" sshd -T -f "$corpus/$file" -C "$target"
		got="$(value clientaliveinterval)|$(value clientalivecountmax)|$(value tcpkeepalive)"
		got="$got|$(value logingracetime)|$(value unusedconnectiontimeout)|$(value channeltimeout)"
	fi
	if [ "$got" = "$v1|$v2|$v3|$v4|$v5|$v6" ]; then
		passed=$((passed + 1))
	else
		fail "$file $target: $got instead of $v1|$v2|$v3|$v4|$v5|$v6"
	fi
done <"$corpus/effective.tsv"
echo "agreement with corpus/effective.tsv: $passed of $rows rows"

# Refusals.
refused=0
while IFS=$'\t' read -r file kind _ status _ first _; do
	if [ "$file" = file ] || [ "$status" != rejected ]; then continue; fi
	refused=$((refused + 1))
	if [ "$kind" = client ]; then
		oracle_ours "$tmp" ssh -G -F "$corpus/$file" somehost
	else
		oracle_ours "$tmp" sshd -T -f "$corpus/$file" -C user=u,host=h,addr=192.0.2.9
	fi
	want=${first%% | *}
	got=$(head -n 1 "$tmp/ours.err")
	if [ $ours_status -eq 2 ] && [ "${got#"$corpus/"}" = "$want" ]; then
		passed=$((passed + 1))
	else
		fail "$file: exit $ours_status, \"$got\" instead of \"$want\""
	fi
done <"$corpus/results.tsv"
echo "refusals of the corpus: $refused"

# The installed programs on every literal host name, families whole.
if [ -n "$ORACLE_LIVE" ]; then
	for file in "$corpus"/client/*; do
		if grep -qiE '^[[:space:]]*match.*exec' "$file"; then continue; fi
		for host in $(sed -nE 's/\r$//; s/^[[:space:]]*[Hh][Oo][Ss][Tt][[:space:]=]+//p' "$file" | tr -s '[:blank:]' '\n' |
		    grep -vE '[*?!"#,]' | head -n 50) somehost; do
			oracle_ours "$tmp" ssh -G -F "$file" "$host"
			oracle_theirs "$tmp" ssh -G -F "$file" "$host"
			oracle_judge "$file $host" "$theirs_status" "$tmp/theirs" "$tmp/theirs.err"
		done
	done
	for file in "$corpus"/server/*; do
		for spec in user=u,host=h,addr=192.0.2.9,lport=22 user=root,host=h,addr=10.0.0.1,lport=22; do
			oracle_ours "$tmp" sshd -T -f "$file" -C "$spec"
			oracle_theirs "$tmp" sshd -T -f "$file" -C "$spec"
			oracle_judge "$file $spec" "$theirs_status" "$tmp/theirs" "$tmp/theirs.err"
		done
	done
else
	echo "SKIPPED live comparison: $ORACLE_WHY"
	skipped=$((skipped + 1))
fi

# An audit of every file: exit 0 or 1, never anything else.
for file in "$corpus"/client/* "$corpus"/server/*; do
	side=-F
	[ "$(basename "$(dirname "$file")")" = server ] && side=-f
	env -i PATH="$PATH" HOME="$tmp/home" LC_ALL=C "$PROG" audit $side "$file" >"$tmp/audit" 2>"$tmp/audit.err" </dev/null
	rc=$?
	if [ $rc -le 1 ] && [ -s "$tmp/audit" ]; then
		passed=$((passed + 1))
	else
		fail "audit of $file: exit $rc: $(head -n 3 "$tmp/audit.err")"
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
