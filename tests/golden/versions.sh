#!/bin/bash
# SPDX-License-Identifier: MIT
# The version table of OpenSSH, row by row: fixtures/versions/table.tsv says what a configuration gives on the release
# before a change and on the release that has it, and the program is asked for both with --openssh.
# Columns, separated by TABs:
#   row     the release whose row of the table this is (reference, section 6), as it is named there
#   what    the statement that is tested
#   see     what is looked at: a keyword of --format ssh, "accepted", "messages" (how many lines OpenSSH says), or
#           json.FIELD of --format json
#   file    the configuration: \n, \t, \r and \0NNN as printf %b has them; @N@ stands for N blanks
#   args    -F config HOST ..., or -f config --server ...; %s is the configuration
#   before, value, at, value: two releases, and what each gives.  "refused: TEXT" is what OpenSSH says first, in which
#           the path of the configuration is shown as CONF; "-" is a keyword that is not printed.
# Other files stand in fixtures/versions/root (below --root).  A row with "none" under `see` says why nothing is tested.
set -u
cd "$(dirname "$0")/../.." || exit 2
prog=$(realpath "${PROG:-build/sshkeep}")
table=fixtures/versions/table.tsv
reference=../shared/reference/openssh-config.md
rows='6.6 6.7 6.8 6.9-7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 8.0 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.8 8.9 9.0-9.1 9.2 9.3 9.4 9.5 9.6 9.7 9.8 9.9 10.0 10.1 10.2 10.3 10.4 10.5'
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cp -R fixtures/versions/root "$tmp/root" && chmod -R u=rwX,go=rX "$tmp/root"
passed=0 failed=0

result() { # ok?, text
	if [ "$1" -eq 1 ]; then
		passed=$((passed + 1))
	else
		echo "FAILED $2"
		failed=$((failed + 1))
	fi
}

# What one release makes of a case.
ask() { # see, args, release
	local see=$1 args=${2//%s/$tmp/conf} rc format=ssh
	case $see in json.*) format=json ;; esac
	# shellcheck disable=SC2086 # words of the table
	eval "\"$prog\" effective --root \"$tmp/root\" --home /home/u --user u --openssh $3 --format $format $args" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	if [ "$see" = messages ]; then
		wc -l <"$tmp/err"
		return
	fi
	if [ $rc -ge 2 ]; then
		head -n 1 "$tmp/err" | sed -e "s|$tmp/conf|CONF|g" -e 's/^/refused: /'
		return
	fi
	case $see in
	accepted) echo accepted ;;
	json.*) jq -r ".hosts[0].${see#json.}" "$tmp/out" ;;
	*)
		if grep -q "^# $see unknown" "$tmp/out"; then
			echo unknown
		elif ! grep -q "^$see " "$tmp/out"; then
			echo -
		else
			sed -n "s/^$see //p" "$tmp/out" | paste -sd ';'
		fi
		;;
	esac
}

one() { # number, columns of a line
	local n=$1 row=$2 what=$3 see=$4 file=$5 args=$6 rel want got
	shift 6
	# @N@: N blanks, for long lines
	while [[ $file =~ @([0-9]+)@ ]]; do
		printf -v got '%*s' "${BASH_REMATCH[1]}" ''
		file=${file/"${BASH_REMATCH[0]}"/"$got"}
	done
	printf '%b' "$file" >"$tmp/conf"
	while [ $# -ge 2 ]; do
		rel=$1 want=$2
		shift 2
		got=$(ask "$see" "$args" "$rel")
		result "$([ "$got" = "$want" ] && echo 1 || echo 0)" "$table:$n $row $what: $rel gives \"$got\", not \"$want\""
	done
}

n=0
while IFS= read -r line; do
	n=$((n + 1))
	case $line in '' | '#'*) continue ;; esac
	IFS=$'\t' read -r -a col <<<"$line"
	if [ "${col[2]}" = none ]; then
		result "$([ ${#col[@]} -eq 4 ] && echo 1 || echo 0)" "$table:$n a row without a test says why"
	else
		result "$([ ${#col[@]} -eq 9 ] && echo 1 || echo 0)" "$table:$n has ${#col[@]} columns, not 9"
		one "$n" "${col[@]}"
	fi
done <"$table"

# Every row is there; and the rows are those of the reference where it is at hand.
for r in $rows; do
	grep -q "^$r	" "$table"
	result $((!$?)) "$table has no row $r"
done
if [ -r "$reference" ]; then
	theirs=$(sed -n '/^## 6\. /,/^## 7\. /p' "$reference" | sed -n 's/^| \([0-9][0-9., -]*\).*/\1/p' | tr -d ' ' | sed 's/,/-/' | paste -sd ' ')
	result "$([ "$theirs" = "$rows" ] && echo 1 || echo 0)" "the reference has the rows $theirs"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
