#!/bin/bash
# SPDX-License-Identifier: MIT
# Two fixes at once, RACES times: one does the work, the other finds it done or is refused.  Then an editor that saves
# meanwhile, by rename and in place: what it saved is never lost, and no file is ever half of each.
set -u
umask 022
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-$PWD/build/sshkeep}")
: "${RACES:=200}" "${SEED:=1}"
RANDOM=$SEED
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
t=$tmp/tree home=$tmp/tree/home/u cfg=$tmp/tree/home/u/.ssh/config
passed=0 failed=0 both=0 turned=0 saved=0 refused=0
mkdir -p "$home/.ssh"
chmod 700 "$home/.ssh"

fix() { "$PROG" fix --write --client --path-timeout 350s --root "$t" --user u >"$tmp/out$1" 2>&1 </dev/null; }
lay() {
	printf 'Include a.conf\nHost main\n\tServerAliveInterval 0\n' >"$cfg"
	printf 'Host a1\n\tServerAliveInterval 0\n' >"$home/.ssh/a.conf"
	chmod 600 "$cfg" "$home/.ssh/a.conf"
}
sums() { cat "$cfg" "$home/.ssh/a.conf" | cksum; }
bad() { failed=$((failed + 1)); echo "FAILED race $i: $1"; sed 's/^/  /' "$tmp"/out*; }
clean() { [ -z "$(find "$t" -name '.sshkeep-*')" ] && ! grep -qs -e '^state prepared' -e '^state undoing' "$home"/.local/state/sshkeep/backup/*/journal; }

i=0
lay
fix 0 || bad "a single fix fails"
new=$(sums)
for ((i = 1; i <= RACES; i++)); do
	lay
	fix 1 &
	one=$!
	fix 2
	r2=$?
	wait $one
	r1=$?
	if [ "$(sums)" != "$new" ]; then
		bad "exits $r1 and $r2, and the files are not the new ones"
	elif [[ "$r1 $r2" != [04]" "[04] || "$r1 $r2" = "4 4" ]]; then
		bad "exits $r1 and $r2"
	elif ! clean; then
		bad "something is left"
	else
		passed=$((passed + 1))
		if [ "$r1 $r2" = "0 0" ]; then both=$((both + 1)); else turned=$((turned + 1)); fi
	fi
done

# The editor saves at any moment of the fix: the result is the fix's, the editor's, or the fix of what it saved.
for ((i = 1; i <= RACES; i++)); do
	lay
	fix 1 &
	one=$!
	for ((n = RANDOM % 400; n > 0; n--)); do :; done
	printf 'Include a.conf\nHost edited\n\tServerAliveInterval 0\n' >"$tmp/edit"
	chmod 600 "$tmp/edit"
	before=$(cksum <"$cfg")
	if [ $((i % 2)) -eq 0 ]; then cp "$tmp/edit" "$home/.ssh/.edit" && mv "$home/.ssh/.edit" "$cfg"; else cat "$tmp/edit" >"$cfg"; fi
	wait $one
	rc=$?
	a=$(grep -c 'Interval 60' "$home/.ssh/a.conf")
	if ! grep -q 'Host edited' "$cfg"; then
		bad "what the editor saved is lost (exit $rc, before: $before)"
	elif [ $rc -eq 4 ] && { ! cmp -s "$tmp/edit" "$cfg" || [ "$a" -ne 0 ]; }; then
		bad "refused, and something was changed"
	elif ! clean; then
		bad "something is left"
	else
		passed=$((passed + 1))
		if [ $rc -eq 4 ]; then refused=$((refused + 1)); else saved=$((saved + 1)); fi
	fi
done
echo "two at once: $both times the second found it done, $turned times it was refused; an editor between: $saved saved" \
    "before or after, $refused refused"
echo "writer: $((RACES * 2)) races"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
