#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks of the tree:  tools/check.sh layers|headers|man|size|words|banned
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C

# No include against the stream: what each folder of src/ may see.
layers() {
	# shellcheck disable=SC2016 # awk, not shell
	find src -name '*.[ch]' | sort | xargs awk '
	BEGIN {
		may["base"] = "base"
		may["conf"] = "base conf"
		may["tree"] = "base conf tree"
		may["eval"] = "base conf eval"
		may["detect"] = "base detect"
		may["start"] = "base start"
		may["model"] = "base conf eval model detect/facts.h"
		may["rule"] = "base conf eval model rule detect/facts.h start/start.h"
		may["edit"] = "base conf eval model rule edit detect/facts.h"
		may["report"] = "base conf eval model rule report detect/facts.h"
		may["probe"] = "base probe"
		may["launch"] = "base conf eval model launch detect/facts.h"
		may["cli"] = "base cli"
		may["sys"] = "base conf sys"
		# a run as a whole, and what only some commands do with it
		run = "base conf tree eval detect start model rule edit report probe launch cli sys session"
		may["session"] = run
		may["fix"] = run " fix"
		may["lint"] = run " lint fix/plan.h"
		may["live"] = run " live"
		may["measure"] = run " measure"
		bad = 0
	}
	/^#include "/ {
		split(FILENAME, path, "/")
		from = path[2]
		if (from == "cmd" || from == "main.c")
			next
		target = $2
		gsub(/"/, "", target)
		split(target, part, "/")
		n = split(may[from], ok, " ")
		good = 0
		for (i = 1; i <= n; i++)
			if (ok[i] == part[1] || ok[i] == target)
				good = 1
		if (!good) {
			print FILENAME ":" FNR ": " from "/ may not include " target
			bad = 1
		}
	}
	/^#include <ini.h>/ && FILENAME != "src/base/ini.c" {
		print FILENAME ":" FNR ": only base/ini.c includes ini.h"
		bad = 1
	}
	/^#include <yaml.h>/ && FILENAME != "src/start/compose.c" {
		print FILENAME ":" FNR ": only start/compose.c includes yaml.h"
		bad = 1
	}
	END { exit bad }'
}

headers() {
	local h rc=0
	for h in $(find src -name '*.h' | sort); do
		echo "#include \"${h#src/}\"" |
		    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -Isrc -Wall -Wextra -Werror -fsyntax-only -x c - ||
		    { echo "$h does not compile alone"; rc=1; }
	done
	return $rc
}

man() {
	local rc=0 name
	mandoc -T lint -W warning man/*.[1-9] || rc=1
	# Every command and every option of the tables stands in the page.
	for name in $("$PROG" --complete 2>/dev/null); do
		case $name in
		-?) name="Fl ${name#-}" ;;
		--*) name="Fl -${name#--}" ;;
		esac
		grep -qF -- "$name" man/sshkeep.1 || { echo "man/sshkeep.1 does not name: $name"; rc=1; }
	done
	return $rc
}

# Functions to 100 lines, files to 800, headers to 300.
size() {
	local rc=0 f n
	while read -r n f; do
		case $f in
		total) ;;
		*.h) if [ "$n" -gt 300 ]; then echo "$f has $n lines (300)"; rc=1; fi ;;
		*) if [ "$n" -gt 800 ]; then echo "$f has $n lines (800)"; rc=1; fi ;;
		esac
	done < <(find src -name '*.[ch]' -exec wc -l {} +)
	# shellcheck disable=SC2046 # a list of files without blanks
	ctags --fields=+ne -o - --kinds-C=f $(find src -name '*.c') 2>/dev/null | awk -F'\t' '
	{
		line = end = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) line = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		if (end - line >= 100) {
			print $2 ":" line ": " $1 " has " end - line + 1 " lines (100)"
			bad = 1
		}
	}
	END {
		if (NR == 0) {
			print "ctags found no function"
			bad = 1
		}
		exit bad
	}' || rc=1
	return $rc
}

words() {
	! grep -rnE '\b(TODO|FIXME|XXX|HACK)\b' src rules man tests/unit tests/golden/*.sh Makefile ||
	    { echo "open ends in the tree"; return 1; }
}

# Functions that sshkeep does not use.
banned() {
	! grep -rnE '(^|[^a-zA-Z0-9_.>])(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|atoi|atol|mktemp|system|popen|gets)\(' \
	    src --include='*.[ch]' --exclude=banned.h || { echo "banned functions"; return 1; }
	! grep -rnE '\b(malloc|calloc|realloc)[ ]?\(' src --include='*.c' --exclude-dir=base ||
	    { echo "malloc outside base/"; return 1; }
}

case ${1:-} in
layers | headers | man | size | words | banned) "$1" ;;
*) echo "usage: tools/check.sh layers|headers|man|size|words|banned" >&2; exit 2 ;;
esac
