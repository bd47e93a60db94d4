#!/bin/bash
# SPDX-License-Identifier: MIT
# Every fuzz target on every kept input: tests/fuzz/corpus/NAME, tests/fuzz/found/NAME and what other fixtures give.
# The document target also reads every file of fixtures/ and rules/ and the real configurations of ../shared/corpus.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${BUILD:=$PWD/build/release}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
# shellcheck source=tests/lib/fuzz_seeds.sh
. tests/lib/fuzz_seeds.sh
fuzz_seeds "$tmp"

if [ ! -d ../shared/corpus ]; then
	echo "SKIPPED corpus: ../shared/corpus is not there"
	skipped=1
fi

inputs() { # target
	local folder
	for folder in "tests/fuzz/corpus/$1" "tests/fuzz/found/$1" "$tmp/$1"; do
		[ ! -d "$folder" ] || find "$folder" -type f
	done
	case $1 in
	doc) find fixtures rules tests/fuzz tests/golden -type f ;;
	client | server | apply) find "$tmp" fixtures/openssh-cases/*/expected -type f ;;
	esac
	case $1 in
	doc | client | server | apply) [ ! -d ../shared/corpus ] || find ../shared/corpus -type f ;;
	esac
}

for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	inputs "$name" | LC_ALL=C sort -u >"$tmp/list"
	if [ ! -s "$tmp/list" ]; then
		echo "FAILED $name: there is no input"
		failed=$((failed + 1))
		continue
	fi
	"$BUILD/tests/fuzz_$name" - <"$tmp/list" >"$tmp/out" 2>"$tmp/err"
	read -r p _ f _ < <(tail -n 1 "$tmp/out")
	if [ "$p" -gt 0 ] 2>/dev/null && [ $((p + f)) -eq "$(wc -l <"$tmp/list")" ]; then
		passed=$((passed + p)) failed=$((failed + f))
		echo "$name: $((p + f)) inputs, $f failed"
	else
		echo "FAILED $name: it did not run all of its $(wc -l <"$tmp/list") inputs"
		failed=$((failed + 1))
	fi
	grep '^FAILED' "$tmp/out" | sed "s/^FAILED/FAILED $name:/" | head -n 20
	grep -aE '^PROPERTY|runtime error|ERROR:|^    #[0-9]+ ' "$tmp/err" | sed 's/^/+ /' | cut -c1-300 | head -n 20
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
