#!/bin/bash
# SPDX-License-Identifier: MIT
# lint --fix --write in a hostile or busy tree: folders that become links while it writes, two runs at once, an editor,
# a full disk, a crash.  Nothing outside the tree is ever written and no byte is lost.  RACES=n of each kind.
set -u
umask 022
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-$PWD/build/sshkeep}")
: "${RACES:=200}" "${SEED:=1}"
RANDOM=$SEED
tmp=$(mktemp -d) || exit 2
held=''
trap '[ -z "$held" ] || umount -l "$held"; rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0 wrote=0 refused=0
t=$tmp/tree out=$tmp/out

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/  /' "$tmp"/log* 2>/dev/null | head -n 8; }
check() { # what, command ...
	local what=$1
	shift
	if "$@"; then ok; else bad "$what"; fi
}
# In the background its pid is the program's own.
run() { cd "$t" && exec "$PROG" lint --fix --write --path-timeout 350s >"$tmp/log$1" 2>&1 </dev/null; }
fix() { (run "$1"); }
text() { printf 'Host %s\n\tServerAliveInterval 0\n' "$1"; }
lay() {
	rm -rf "$t" "$out"
	mkdir -p "$t/a/.ssh" "$t/b/.ssh" "$out/.ssh"
	text a >"$t/a/.ssh/config"
	text b >"$t/b/.ssh/config"
	text b >"$out/.ssh/config"
}
temps() { find "$tmp" -name '.sshkeep-*' | wc -l; }

lay
cp "$out/.ssh/config" "$tmp/outside"
fix 0
check "a single fix fails, exit $?" test $? -eq 0
check "nothing was written" grep -q 'Interval 60' "$t/b/.ssh/config"

# The folder is swapped for a link to one outside, and back, while it works.
for ((i = 1; i <= RACES; i++)); do
	lay
	run 1 &
	one=$!
	for ((n = RANDOM % 4000; n > 0; n--)); do :; done
	mv "$t/b" "$t/aside" && ln -s "$out" "$t/b"
	wait $one
	rc=$?
	if ! cmp -s "$tmp/outside" "$out/.ssh/config"; then
		bad "race $i: the file outside was written"
	elif [ "$(temps)" -ne 0 ]; then
		bad "race $i: a temporary is left"
	elif [ $rc -eq 4 ] && grep -q 'Interval 60' "$t/a/.ssh/config"; then
		bad "race $i: refused, and something was changed"
	else
		ok
		if [ $rc -eq 4 ]; then refused=$((refused + 1)); else wrote=$((wrote + 1)); fi
	fi
done
echo "a folder becomes a link: $wrote times it was written or left alone, $refused times refused"

# Two runs at once: the files are the new ones in the end, whoever wrote them.
for ((i = 1; i <= RACES; i++)); do
	lay
	run 1 &
	one=$!
	fix 2
	r2=$?
	wait $one
	r1=$?
	[[ "$r1 $r2" = [04]" "[04] ]] || bad "two at once: exits $r1 and $r2"
	[[ "$r1 $r2" = "4 4" ]] && fix 3
	check "two at once, exits $r1 $r2: not the new bytes" grep -q 'Interval 60' "$t/a/.ssh/config" "$t/b/.ssh/config"
	[ "$(temps)" -eq 0 ] || bad "two at once: a temporary is left"
done

# An editor saves meanwhile: what it saved is there in the end.
for ((i = 1; i <= RACES; i++)); do
	lay
	run 1 &
	one=$!
	for ((n = RANDOM % 6000; n > 0; n--)); do :; done
	text edited >"$t/.new" && mv "$t/.new" "$t/b/.ssh/config"
	wait $one
	check "an editor: what it saved is lost" grep -q 'Host edited' "$t/b/.ssh/config"
	[ "$(temps)" -eq 0 ] || bad "an editor: a temporary is left"
done

# Killed at any moment: each file is old or new, and the next run finishes.
old=$(text a | cksum) full=0 halves=0
for ((i = 1; i <= RACES; i++)); do
	lay
	run 1 &
	one=$!
	for ((n = RANDOM % 6000; n > 0; n--)); do :; done
	kill -KILL $one 2>/dev/null
	wait $one 2>/dev/null
	for f in a b; do
		if [ "$(sed 's/Host b/Host a/' "$t/$f/.ssh/config" | cksum)" = "$old" ]; then halves=$((halves + 1)); else full=$((full + 1)); fi
		check "killed: $f is neither old nor new" grep -qE 'Interval (0|60)$' "$t/$f/.ssh/config"
	done
	fix 2
	check "killed: the next run fails, exit $?" test $? -eq 0
	check "killed: the next run left something" grep -q 'Interval 60' "$t/a/.ssh/config" "$t/b/.ssh/config"
done
echo "killed: $halves files were old, $full new"

# No room, no right to write, over the limit.
lay
{ text a; head -c 20000 /dev/zero | tr '\0' '#'; echo; } >"$t/a/.ssh/config"
cp "$t/a/.ssh/config" "$tmp/long"
(ulimit -f 16 && fix 1)
check "over the limit: exit" test $? -eq 4
check "over the limit: the bytes changed" cmp -s "$tmp/long" "$t/a/.ssh/config"
check "over the limit: the other file changed" grep -q 'Interval 0' "$t/b/.ssh/config"
check "over the limit: a temporary is left" test "$(temps)" -eq 0
check "over the limit: does not say that nothing was changed" grep -q 'nothing was changed' "$tmp/log1"
if [ "$(id -u)" -eq 0 ] && mkdir "$tmp/mnt" && mount -t tmpfs -o size=64k none "$tmp/mnt" 2>/dev/null; then
	held=$tmp/mnt
	lay
	mkdir -p "$tmp/mnt/.ssh"
	cp "$tmp/long" "$tmp/mnt/.ssh/config"
	mkdir "$t/c"
	mount --bind "$tmp/mnt" "$t/c"
	head -c 1000000 /dev/zero >"$tmp/mnt/filler" 2>/dev/null
	fix 1
	check "disk full: exit" test $? -eq 4
	check "disk full: does not say why" grep -q 'No space left' "$tmp/log1"
	check "disk full: the bytes changed" cmp -s "$tmp/long" "$t/c/.ssh/config"
	check "disk full: another file changed" grep -q 'Interval 0' "$t/a/.ssh/config"
	rm "$tmp/mnt/filler"
	fix 1
	check "room again: exit" test $? -eq 0
	umount "$t/c"
	umount "$tmp/mnt"
	held=''
	lay
	if chattr +i "$t/b/.ssh/config" 2>/dev/null; then
		fix 1
		rc=$?
		chattr -i "$t/b/.ssh/config"
		check "immutable: exit $rc" test $rc -ne 0
		check "immutable: the bytes changed" grep -q 'Interval 0' "$t/b/.ssh/config"
	fi
else
	skipped=1
	echo "SKIPPED a full disk: mount needs root"
fi
echo "writer: $((RACES * 4)) races of lint"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
