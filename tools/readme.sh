#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's runs:  tools/readme.sh check|update
# Behind each "<!-- run: sshkeep ... -->" stands the block with what the program prints, behind "<!-- config -->" the
# config that the runs use.  check compares, update rewrites.
set -eu
cd "$(dirname "$0")/.."
: "${PROG:=$PWD/build/sshkeep}"
PROG=$(realpath "$PROG")
here=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/w/fixtures/proc"
cp -r fixtures/proc/laptop-nat "$tmp/w/fixtures/proc/"
cp -r fixtures/readme "$tmp/w/fixtures/"
cp fixtures/readme/config "$tmp/w/config"
export LC_ALL=C NO_COLOR=1
unset XDG_STATE_HOME XDG_CONFIG_HOME COLUMNS || true

skip=0
while IFS= read -r line; do
	if [ $skip -eq 1 ]; then
		# The old block: blank line, fence, text, fence.
		case $line in
		'```'*) fences=$((fences + 1)) ;;
		esac
		if [ "$fences" -eq 2 ]; then skip=0; fi
		if [ "$fences" -gt 0 ] || [ -z "$line" ]; then continue; fi
		skip=0
	fi
	printf '%s\n' "$line"
	case $line in
	'<!-- config -->')
		# shellcheck disable=SC2016 # back quotes are meant
		printf '\n```\n%s\n```\n' "$(cat "$tmp/w/config")"
		skip=1 fences=0
		;;
	'<!-- run: sshkeep '*)
		cmd=${line#<!-- run: sshkeep }
		cmd=${cmd% -->}
		read -r -a argv <<<"$cmd"
		printf '\n```\n$ sshkeep %s\n' "$cmd"
		(cd "$tmp/w" && exec "$PROG" "${argv[@]}" 2>&1 </dev/null) | sed -E \
		    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/2026-11-21 12:00:00 UTC/' -e "s|$tmp/w/|/tmp/try/|" || true
		printf '```\n'
		skip=1 fences=0
		;;
	esac
done <README.md >"$tmp/new"
cmp -s "$tmp/w/config" "$here/fixtures/readme/config" || { echo "undo did not restore the config"; exit 1; }
if [ "${1:-}" = update ]; then
	cp "$tmp/new" README.md
else
	diff -u README.md "$tmp/new"
fi
