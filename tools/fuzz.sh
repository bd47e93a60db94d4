#!/bin/bash
# SPDX-License-Identifier: MIT
# Run the fuzz targets, two at once:  tools/fuzz.sh SECONDS [NAME...]     (make fuzz FUZZ_SECONDS=600)
# BUILD is the folder of the libFuzzer build.  What a run learns stays in $BUILD/corpus/NAME for the next one.  The
# input of a finding is kept in tests/fuzz/found/NAME, where make test replays it; then the exit status is 1.
set -u
cd "$(dirname "$0")/.." || exit 2
: "${BUILD:=build/fuzz}"
seconds=${1:-600}
shift
case $seconds in
'' | *[!0-9]*) echo "usage: tools/fuzz.sh SECONDS [NAME...]" >&2; exit 2 ;;
esac
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		source=$(basename "$source" .c)
		names+=("${source#fuzz_}")
	done
fi
# shellcheck source=tests/lib/fuzz_seeds.sh
. tests/lib/fuzz_seeds.sh
rm -rf "$BUILD/seeds"
fuzz_seeds "$BUILD/seeds"
for name in doc apply; do
	mkdir -p "$BUILD/seeds/$name"
	cp "$BUILD"/seeds/client/* "$BUILD"/seeds/server/* "$BUILD/seeds/$name/"
done

one() { # name
	local name=$1 log=$BUILD/fuzz_$1.log folders options=() known
	folders=("$BUILD/corpus/$name")
	mkdir -p "$BUILD/corpus/$name" "$BUILD/new/$name"
	for known in "tests/fuzz/corpus/$name" "tests/fuzz/found/$name" "$BUILD/seeds/$name"; do
		[ ! -d "$known" ] || folders+=("$known")
	done
	[ ! -f "tests/fuzz/$name.dict" ] || options+=("-dict=tests/fuzz/$name.dict")
	# NAME.options: one libFuzzer option a line, as OSS-Fuzz has them below [libfuzzer]
	[ ! -f "tests/fuzz/$name.options" ] ||
	    while read -r known; do options+=("-${known// = /=}"); done < <(grep -E '^[a-z_]+ = ' "tests/fuzz/$name.options")
	"$BUILD/tests/fuzz_$name" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2560 -print_final_stats=1 \
	    -artifact_prefix="$BUILD/new/$name/" "${options[@]}" "${folders[@]}" >"$log" 2>&1
}

for name in "${names[@]}"; do
	[ -x "$BUILD/tests/fuzz_$name" ] || { echo "tools/fuzz.sh: there is no $BUILD/tests/fuzz_$name" >&2; exit 2; }
	rm -rf "$BUILD/new/$name"
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
		wait -n
	done
	one "$name" &
done
wait

rc=0
for name in "${names[@]}"; do
	log=$BUILD/fuzz_$name.log
	runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
	seen=$(grep -aoE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)
	if [ -z "$(ls "$BUILD/new/$name")" ] && grep -aq '^Done ' "$log"; then
		echo "$name: ${runs:-0} runs, ${seen:-nothing seen}, no finding"
		continue
	fi
	rc=1
	echo "FAILED $name: ${runs:-0} runs; see $log"
	grep -aE '^PROPERTY|runtime error|ERROR:|SUMMARY' "$log" | cut -c1-300 | head -n 5
	for input in "$BUILD/new/$name"/*; do
		[ -e "$input" ] || continue
		mkdir -p "tests/fuzz/found/$name"
		cp "$input" "tests/fuzz/found/$name/"
		echo "  kept: tests/fuzz/found/$name/$(basename "$input")"
		echo "  again: $BUILD/tests/fuzz_$name tests/fuzz/found/$name/$(basename "$input")"
	done
done
exit $rc
