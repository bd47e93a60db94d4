#!/bin/bash
# SPDX-License-Identifier: MIT
# Every keyword with every argument of values.args, one line a configuration: accepted or refused, OpenSSH's message,
# and for the keepalive family the printed value, against the installed ssh -G and sshd -T.
#   VALUES=n       ask the real programs of every n-th line (1), another one with each SEED; ours reads all of them
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${BUILD:=build/release}" "${VALUES:=1}" "${SEED:=1}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

# shellcheck source=tests/lib/oracle.sh
. tests/lib/oracle.sh
oracle_init "$tmp"
if [ -z "$ORACLE_LIVE" ]; then
	echo "SKIPPED values: $ORACLE_WHY"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi

# Keywords of a side that are active in 9.2; those of block structure have no value.
keywords() { # client|server
	awk -F '\t' -v side="$1" '$1 == side && $5 ~ /^active|^alias/ && $2 !~ /^(Host|Match|Include)$/ { print $2 }' \
	    fixtures/keywords.tsv
}

lines() { # client|server
	local k arg
	keywords "$1" | while read -r k; do
		while IFS= read -r arg; do
			printf '%s%s\n' "$k" "${arg:+ $arg}"
		done <tests/oracle/values.args
	done
}

# What the real program says of each line: "= STATUS", its messages, "> printed lines of that keyword".
# Only builtins beside the program itself: there are thousands of lines.
run() ( # client|server
	local line k name status
	local -a cmd=("$ORACLE_SSH" -G -F "$tmp/$1/c" h) text
	[ "$1" = client ] || cmd=("$ORACLE_SSHD" -T -f "$tmp/$1/c" -h "$tmp/key")
	cd "$tmp/$1" || exit 2
	for name in $(compgen -e); do
		[ "$name" = PATH ] || unset "$name"
	done
	export HOME=$tmp LC_ALL=C
	while IFS= read -r line; do
		printf '%s\n' "$line" >c
		"${cmd[@]}" >out 2>err </dev/null
		status=$?
		mapfile -t text <err
		printf '%s\n' "= $status" "${text[@]}"
		[ $status -eq 0 ] || continue
		k=${line%% *}
		k=${k,,}
		mapfile -t text <out
		for line in "${text[@]}"; do
			[[ $line != "$k "* ]] || printf '> %s\n' "${line#"$k "}"
		done
	done
)

# The answer of value_lines from such a record: messages that come after the file was read are not about the line.
judge() { # file name in the messages
	awk -v f="$1" '
	function flush() {
		if (n == 0)
			return
		if (msg == "") verdict = "ok"
		else if (counted) verdict = "counted"
		else verdict = status != 0 ? "fatal" : "ok"
		print verdict "\t" text "\t" (verdict == "ok" ? "" : msg)
	}
	{ sub(/\r$/, "") }
	/^= / { flush(); n++; status = $2; msg = ""; early = ""; text = ""; counted = 0; next }
	/^> / { text = text (text == "" ? "" : "\\n") substr($0, 3); next }
	index($0, f ": terminating") == 1 { counted = 1; next }
	index($0, f " line 1:") == 1 || index($0, f ": line 1:") == 1 {
		msg = msg (msg == "" ? "" : "\\n") early $0
		early = ""
		next
	}
	{ early = early $0 "\\n" }
	END { flush() }'
}

each_nth() { awk -v n="$VALUES" -v from="$SEED" 'NR % n == from % n'; }

theirs() { # client|server
	mkdir "$tmp/$1"
	lines "$1" >"$tmp/$1/all"
	each_nth <"$tmp/$1/all" >"$tmp/$1/lines"
	run "$1" <"$tmp/$1/lines" | judge "$tmp/$1/c" >"$tmp/$1/theirs"
}

compare() { # client|server
	local side=$1 family p f left
	if ! "$BUILD/tests/value_lines" "$side" 9.2p1+debian "$tmp/$side/c" <"$tmp/$side/all" >"$tmp/$side/answers" ||
	    [ "$(wc -l <"$tmp/$side/answers")" -ne "$(wc -l <"$tmp/$side/all")" ]; then
		echo "FAILED $side: value_lines did not answer each line"
		failed=$((failed + 1))
	fi
	each_nth <"$tmp/$side/answers" >"$tmp/$side/ours"
	family=" $ORACLE_CLIENT "
	[ "$side" = client ] || family=" $ORACLE_SERVER "
	paste "$tmp/$side/lines" "$tmp/$side/theirs" "$tmp/$side/ours" | awk -F '\t' -v family="${family//$'\n'/ }" -v side="$side" \
	    -v defaults="$tmp/defaults.$side" '
	BEGIN { while ((getline line <defaults) > 0) { p = index(line, " "); dflt[substr(line, 1, p - 1)] = substr(line, p + 1) } }
	{
		# Lines that doc.c judges, not the value parsers: nothing behind the keyword, bad quotes, unknown words.
		if ($5 == "none" || $5 == "quotes" || $5 == "unknown" || $5 == "inert") { left++; next }
		# A path holds tokens that only a host resolves; a routing domain is a network device of this machine.
		split($1, w, " ")
		k = tolower(w[1])
		if ($1 ~ /rdomain x/) { left++; next }
		bad = $2 != $5 || ($2 != "ok" && $4 != $7)
		if ($2 == "ok" && $3 != "" && index(family, " " k " ") && k != "controlpath" && k != "forwardagent")
			bad = bad || ($6 == "" ? $3 != dflt[k] : $3 != $6)
		if (bad) {
			failed++
			printf "FAILED %s: %s\n-%s %s %s\n+%s %s %s\n", side, $1, $2, $3, $4, $5, $6, $7
		} else {
			passed++
		}
	}
	END { printf "= %d %d %d\n", passed, failed, left }' >"$tmp/verdict"
	grep -v '^= ' "$tmp/verdict"
	read -r _ p f left <<<"$(grep '^= ' "$tmp/verdict")"
	echo "$side: $p lines agree, $f differ, $left are not for the value parsers"
	passed=$((passed + p)) failed=$((failed + f))
}

env -i PATH="$PATH" HOME="$tmp" LC_ALL=C "$ORACLE_SSH" -G -F none h >"$tmp/defaults.client" 2>/dev/null </dev/null
env -i PATH="$PATH" LC_ALL=C "$ORACLE_SSHD" -T -f none -h "$tmp/key" >"$tmp/defaults.server" 2>/dev/null </dev/null
theirs client &
theirs server
wait
compare client
compare server
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
