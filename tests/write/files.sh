#!/bin/bash
# SPDX-License-Identifier: MIT
# What stands in the writer's way: each a reason that names the file, exit 4, the old bytes, no temporary.  What needs
# root (mounts, chattr, other users) is skipped with a reason elsewhere.  Also links, undo, and sshd's reload with stubs.
set -u
umask 022
cd "$(dirname "$0")/../.." || exit 2
PROG=$(realpath "${PROG:-$PWD/build/sshkeep}")
tmp=$(mktemp -d) || exit 2
chmod 755 "$tmp"
trap 'clean; rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0 refusals=0
name='' t='' home='' cfg='' st='' held=''
bob=54321 names='' as_bob=''

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $name: $1"; sed 's/^/  /' "$tmp/err" "$tmp/out" 2>/dev/null | head -n 8; }
check() { # what, command ...
	local what=$1
	shift
	if "$@"; then ok; else bad "$what"; fi
}
skip() { skipped=$((skipped + 1)); echo "SKIPPED $1: $2"; }

clean() {
	[ -n "$held" ] && chattr -ia "$held" 2>/dev/null
	held=''
	for m in "$tmp"/*/mnt "$tmp"/*/tree/home/u/.ssh/config "$tmp"/*/tree/home/u/.ssh; do
		mountpoint -q "$m" 2>/dev/null && umount -l "$m"
	done
}

# A tree with the config of user u; t, home, cfg, st.
new() {
	clean
	name=$1
	t=$tmp/$name/tree
	home=$t/home/u
	cfg=$home/.ssh/config
	st=$home/.local/state/sshkeep
	mkdir -p "$home/.ssh"
	chmod 700 "$home/.ssh"
	text >"$cfg"
	chmod 600 "$cfg"
	text >"$tmp/old"
	: >"$tmp/out"
	: >"$tmp/err"
}
text() { printf 'Host web\n\tServerAliveInterval 0\n\tUser me\n'; }

run() { "$PROG" "$@" --root "$t" --user u >"$tmp/out" 2>"$tmp/err" </dev/null; }
fix() { run fix --write --client --path-timeout 350s "$@"; }

no_temp() { [ -z "$(find "$tmp/$name" -name '.sshkeep-*' 2>/dev/null)" ]; }
says() { grep -qiE -- "$1" "$tmp/err"; }
# A refusal: exit status, reason, file named, bytes.
refused() { # reason, [file of the old bytes], [options ...]
	local why=$1 file=${2:-$cfg} rc
	shift
	[ $# -gt 0 ] && shift
	fix "$@" web
	rc=$?
	refusals=$((refusals + 1))
	check "exit $rc, not 4" test "$rc" -eq 4
	check "does not say: $why" says "$why"
	check "does not name the file" says "${names:-$(basename "$file")}"
	check "the bytes changed" cmp -s "$tmp/old" "$file"
	check "a temporary is left" no_temp
}
# On the running system by -F, with a state folder of its own; as bob with as_bob set.
own() {
	local as=()
	if [ -n "$as_bob" ]; then as=(setpriv "--reuid=$bob" "--regid=$bob" --clear-groups); fi
	HOME=$home XDG_STATE_HOME=$home/state "${as[@]}" "$PROG" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
}
alone() { # reason
	own fix -F "$cfg" --write --path-timeout 350s web
	local rc=$?
	check "exit $rc, not 4" test $rc -eq 4
	refusals=$((refusals + 1))
	check "does not say: $1" says "$1"
	check "does not name the file" says config
	check "the bytes changed" cmp -s "$tmp/old" "$cfg"
	check "a temporary is left" no_temp
}
# The fix works now, and undo too.
works() { # [options ...]
	fix "$@"
	check "fix --write fails, exit $?" test $? -eq 0
	check "nothing was written" grep -q 'ServerAliveInterval 60' "$cfg"
	run undo
	check "undo fails, exit $?" test $? -eq 0
	check "undo does not bring the old bytes" cmp -s "$tmp/old" "$cfg"
	check "a temporary is left" no_temp
}

links() {
	new link
	mkdir "$home/dots"
	mv "$cfg" "$home/dots/real"
	ln -s ../dots/second "$cfg"
	ln -s real "$home/dots/second"
	works
	check "the link is gone" test "$(readlink "$cfg")" = ../dots/second
	check "the second link is gone" test "$(readlink "$home/dots/second")" = real

	new dangling
	rm "$cfg"
	ln -s nowhere "$cfg"
	run fix --write --client --path-timeout 350s web
	check "a dangling link was replaced" test "$(readlink "$cfg")" = nowhere
	check "a file was made behind it" test ! -e "$home/.ssh/nowhere"

	new hard
	ln "$cfg" "$home/other"
	refused 'hard links.*--in-place'
	works --in-place
	check "the link was cut" test "$cfg" -ef "$home/other"
}

# Mode, owner, access list, attributes and flags stay, and none is got from the folder.  Where the file system or a tool
# is lacking, that part is skipped, not passed.
keeps() {
	local was acl='' attr='' flags=''
	new keeps
	chmod 640 "$cfg"
	[ "$(id -u)" -eq 0 ] && chown -R 12345:23456 "$t"
	setfacl -m u:2222:r "$cfg" 2>/dev/null && acl=1
	setfattr -n user.note -v kept "$cfg" 2>/dev/null && attr=1
	chattr +dA "$cfg" 2>/dev/null && flags=1
	was=$(state)
	[ -n "$acl" ] && check "no access list to keep" grep -q 'user:2222:r' <<<"$was"
	[ -n "$attr" ] && check "no attribute to keep" grep -q 'user.note="kept"' <<<"$was"
	[ -n "$flags" ] && check "no flags to keep" grep -q '^flags .*d.*A' <<<"$was"
	[ -n "$acl" ] || skip keeps/acl "no setfacl, or the file system has no access lists"
	[ -n "$attr" ] || skip keeps/attributes "no setfattr, or the file system has no attributes for users"
	[ -n "$flags" ] || skip keeps/flags "no chattr +dA on this file system"
	fix
	check "fix fails" grep -q 'ServerAliveInterval 60' "$cfg"
	check "mode, owner, access list, attributes or flags moved" test "$was" = "$(state)"

	new inherits
	if setfacl -d -m u:2222:rw "$home/.ssh" 2>/dev/null; then
		setfacl -b "$cfg"
		was=$(state)
		check "an access list to begin with" test "$(grep -c 2222 <<<"$was")" -eq 0
		fix
		check "fix fails" grep -q 'ServerAliveInterval 60' "$cfg"
		check "the folder's default access list came in" test "$was" = "$(state)"
	else
		skip inherits "no default access lists here"
	fi
}
state() {
	stat -c '%a %u %g' "$cfg"
	getfacl -cpn "$cfg" 2>/dev/null
	getfattr -d "$cfg" 2>/dev/null
	echo "flags $(lsattr "$cfg" 2>/dev/null | cut -d' ' -f1)"
}

undoes() {
	new undo
	fix
	echo mine >>"$cfg"
	cp "$cfg" "$tmp/mine"
	run undo
	check "undo over a change: exit $?" test $? -eq 4
	check "does not name what changed" says 'config.*--force'
	refusals=$((refusals + 1))
	run undo --force
	check "undo --force fails" cmp -s "$tmp/old" "$cfg"
	run undo --list
	check "the list does not show both" test "$(grep -c UTC "$tmp/out")" -eq 2
	run undo
	check "what stood there is lost" cmp -s "$tmp/mine" "$cfg"

	# a link made since: the way out that the message names is there
	new linked-since
	fix
	ln "$cfg" "$home/other"
	run undo
	check "undo through a hard link: exit $?" test $? -eq 4
	check "does not name the way" says 'hard links.*--in-place'
	refusals=$((refusals + 1))
	run undo --in-place
	check "undo --in-place fails" cmp -s "$tmp/old" "$home/other"
	check "the link was cut" test "$cfg" -ef "$home/other"

	new usage
	fix
	for id in '' abc 1x -1 ' 1'; do
		run undo -- "$id"
		check "undo '$id': exit $?" test $? -eq 3
	done
	check "something was taken back" grep -q 'ServerAliveInterval 60' "$cfg"
	mkdir -p "$home/.config/sshkeep"
	echo '[nonsense' >"$home/.config/sshkeep/config.ini"
	run fix
	check "fix with broken settings: exit $?" test $? -eq 3
	run undo
	check "undo fails for broken settings" cmp -s "$tmp/old" "$cfg"

	new damaged
	fix
	echo x >>"$st/backup/1/0.old"
	cp "$cfg" "$tmp/new"
	run undo
	check "a damaged backup was used, exit $?" test $? -eq 4
	check "the bytes changed" cmp -s "$tmp/new" "$cfg"
	refusals=$((refusals + 1))
	sed -i 's/state done/state prepared/' "$st/backup/1/journal"
	run undo --list
	check "the list does not show the damage" grep -q 'damaged' "$tmp/out"
	cp "$tmp/old" "$cfg"
	names=backup/1
	refused 'damaged.*move'
	names=''
	mv "$st/backup/1" "$tmp/damaged/aside"
	works
}

# The report finds no room, or nobody who reads it, when the files are written: not exit 4, which means that they are not.
no_report() {
	new no-report
	"$PROG" fix --write --client --path-timeout 350s --root "$t" --user u >/dev/full 2>"$tmp/err" </dev/null
	check "fix: exit" test $? -eq 2
	check "fix does not tell that it wrote" says 'files were written; .sshkeep undo .* 1. puts'
	check "nothing was written" grep -q 'ServerAliveInterval 60' "$cfg"
	"$PROG" undo --list --root "$t" --user u >/dev/full 2>"$tmp/err" </dev/null
	check "undo --list: exit" test $? -eq 4
	"$PROG" undo --root "$t" --user u >/dev/full 2>"$tmp/err" </dev/null
	check "undo: exit" test $? -eq 2
	check "undo does not tell that it did" says 'were put back'
	check "undo did not" cmp -s "$tmp/old" "$cfg"
	fix_to_nobody 2>"$tmp/err" | :
	check "nobody reads: exit" test "${PIPESTATUS[0]}" -eq 2
	check "nobody reads: does not tell that it wrote" says 'files were written'
	run undo

	new limit
	# the smallest limit is in units of 1024 bytes
	{ text; head -c 20000 /dev/zero | tr '\0' '#'; echo; } >"$tmp/old"
	cp "$tmp/old" "$cfg"
	(ulimit -f 16 && fix)
	check "over the limit: exit" test $? -eq 4
	check "does not say why" says 'File too large'
	check "the bytes changed" cmp -s "$tmp/old" "$cfg"
	check "a temporary is left" no_temp
	refusals=$((refusals + 1))
	works
}
fix_to_nobody() {
	sleep 0.2
	exec "$PROG" fix --write --client --path-timeout 350s --root "$t" --user u </dev/null
}

# A journal with another state and the sum that belongs to it (FNV-1a).
set_state() { # file, state
	local text h=-3750763034362895579 i c
	text=$(sed -e '$d' -e "s/^state .*/state $2/" "$1"; echo x)
	text=${text%x}
	for ((i = 0; i < ${#text}; i++)); do
		printf -v c %d "'${text:i:1}"
		h=$(((h ^ c) * 1099511628211))
	done
	printf '%send %u\n' "$text" "$h" >"$1"
}

# Options that must not meet: sshd of this machine is not told of another tree's files.
options() {
	local rc
	new options
	mkdir -p "$t/etc/ssh"
	printf 'ClientAliveInterval 7200\n' >"$t/etc/ssh/sshd_config"
	cp "$t/etc/ssh/sshd_config" "$tmp/options/was"
	run fix --write --reload --server --path-timeout 350s
	rc=$?
	check "--reload with --root: exit $rc" test $rc -eq 3
	check "does not say why" says 'reload.*not for --root'
	check "the bytes changed" cmp -s "$tmp/options/was" "$t/etc/ssh/sshd_config"
}

# Somebody holds a lock: a reason and exit 4 after a few seconds, never a hang; also in the way of a recovery.
locks() {
	local of
	new locked
	fix
	run undo
	for of in "$st/lock" "$home/.ssh"; do
		exec 9<"$of"
		flock -x 9
		names=$of
		SECONDS=0
		refused 'at work'
		check "waited $SECONDS s" test $SECONDS -le 10
		exec 9<&-
		names=''
	done
	works

	new locked-crash
	fix
	# as a crash leaves it: prepared, with the sum that belongs to that
	set_state "$st/backup/1/journal" prepared
	cp "$cfg" "$tmp/new"
	for of in "$st/lock" "$home/.ssh"; do
		exec 9<"$of"
		flock -x 9
		for cmd in undo "fix --write"; do
			SECONDS=0
			# shellcheck disable=SC2086 # words
			run $cmd
			check "$cmd, $of: exit $?" test $? -eq 4
			check "$cmd, $of: does not say why" says 'at work'
			check "$cmd, $of: waited $SECONDS s" test $SECONDS -le 10
			check "$cmd, $of: the bytes changed" cmp -s "$tmp/new" "$cfg"
			refusals=$((refusals + 1))
		done
		exec 9<&-
	done
	run undo --list
	check "the next run does not put back" cmp -s "$tmp/old" "$cfg"
	check "does not say so" says 'interrupted fix --write .* put back'
}

state_of_others() {
	new others
	mkdir -p "$st/backup"
	chmod 777 "$st"
	fix
	check "a state folder that all may write: exit $?" test $? -eq 4
	check "does not say why" says 'written by others'
	check "the bytes changed" cmp -s "$tmp/old" "$cfg"
	refusals=$((refusals + 1))
}

as_root() {
	local img
	if [ "$(id -u)" -ne 0 ]; then
		skip as_root "mounts, chattr and other users need root"
		return
	fi
	new foreign-link
	# bob's link to root's file, in bob's home
	mkdir -p "$t/etc/ssh"
	mv "$cfg" "$t/etc/ssh/config"
	ln -s ../../../etc/ssh/config "$cfg"
	chown -hR $bob:$bob "$home"
	alone 'link of another user'
	check "root's file moved" cmp -s "$tmp/old" "$t/etc/ssh/config"
	chown -h 0:0 "$cfg"
	own fix -F "$cfg" --write --path-timeout 350s web
	check "root's own link is not followed" grep -q 'ServerAliveInterval 60' "$t/etc/ssh/config"

	new open-folder
	chmod 777 "$home/.ssh"
	refused 'anybody may replace'

	new other-owner
	chown -R $bob:$bob "$t"
	works
	check "the owner moved" test "$(stat -c %u "$cfg")" -eq $bob
	check "folders of root's in bob's home" \
	    test "$(stat -c %u "$home/.local" "$home/.local/state" "$st-root" | tr '\n' ' ')" = "$bob $bob 0 "
	setpriv --reuid=$bob --regid=$bob --clear-groups \
	    "$PROG" fix --write --client --path-timeout 350s --root "$t" --user u >"$tmp/out" 2>"$tmp/err" </dev/null
	check "bob is locked out, exit $?" test $? -eq 0
	check "bob wrote nothing" grep -q 'ServerAliveInterval 60' "$cfg"
	check "bob's journal" test "$(stat -c %u "$st")" -eq $bob

	new theirs
	# root's file in bob's folder, which he may write: replacing it would make it his
	chown -R $bob:$bob "$home"
	chown 0:$bob "$cfg"
	chmod 660 "$cfg"
	as_bob=1
	alone 'owner or group would change'
	as_bob=''

	new immutable
	if chattr +i "$cfg" 2>/dev/null; then
		held=$cfg
		refused 'immutable'
		chattr -i "$cfg"
		chattr +a "$cfg"
		refused 'immutable or append-only'
		chattr -a "$cfg"
		chattr +i "$home/.ssh"
		held=$home/.ssh
		refused 'immutable'
		chattr -i "$held"
		held=''
		works
	else
		skip immutable "no chattr +i on this file system"
	fi

	new full
	mkdir "$tmp/full/mnt"
	if ! mount -t tmpfs -o size=64k,nr_inodes=32 none "$tmp/full/mnt" 2>/dev/null; then
		skip mounts "mount is not allowed here"
		return
	fi
	mkdir "$tmp/full/mnt/.ssh"
	{ text; head -c 20000 /dev/zero | tr '\0' '#'; echo; } >"$tmp/old"
	chmod 700 "$tmp/full/mnt/.ssh"
	mount --bind "$tmp/full/mnt/.ssh" "$home/.ssh"
	cp "$tmp/old" "$cfg"
	chmod 600 "$cfg"
	head -c 1000000 /dev/zero >"$home/.ssh/filler" 2>/dev/null
	refused 'No space left'
	rm "$home/.ssh/filler"
	works
	umount "$home/.ssh"

	new full-state
	# the backup finds no room
	mkdir -p "$tmp/full-state/mnt" "$home/.local/state"
	mount -t tmpfs -o size=16k none "$tmp/full-state/mnt"
	ln -s "$tmp/full-state/mnt" "$st"
	ln -sfn "$(realpath --relative-to="$home/.local/state" "$tmp/full-state/mnt")" "$st"
	chmod 700 "$tmp/full-state/mnt"
	head -c 1000000 /dev/zero >"$tmp/full-state/mnt/filler" 2>/dev/null
	fix
	check "no room for the backup: exit $?" test $? -eq 4
	check "the bytes changed" cmp -s "$tmp/old" "$cfg"
	check "a temporary is left" no_temp
	refusals=$((refusals + 1))

	new read-only
	mount --bind "$home/.ssh" "$home/.ssh" && mount -o remount,ro,bind "$home/.ssh"
	refused 'Read-only|read-only'
	umount "$home/.ssh"
	works

	new mounted-file
	cp "$cfg" "$tmp/mounted-file/real"
	mount --bind "$tmp/mounted-file/real" "$cfg"
	refused 'mount point.*--in-place'
	works --in-place
	umount "$cfg"

	# btrfs counts for itself; the quotas of other file systems need a kernel with their formats
	new quota
	img=$tmp/quota/img
	mkdir "$tmp/quota/mnt"
	truncate -s 120M "$img"
	if mkfs.btrfs -q "$img" >/dev/null 2>&1 && mount -o loop "$img" "$tmp/quota/mnt" 2>/dev/null; then
		mkdir "$tmp/quota/mnt/.ssh"
		mount --bind "$tmp/quota/mnt/.ssh" "$home/.ssh"
		text >"$cfg"
		chmod 700 "$home/.ssh"
		chmod 600 "$cfg"
		btrfs quota enable "$tmp/quota/mnt" && btrfs qgroup limit 4K "$tmp/quota/mnt"
		refused 'quota'
		umount "$home/.ssh" "$tmp/quota/mnt"
	else
		skip quota "no btrfs image can be mounted here"
	fi
}

# Root's one state folder serves all homes: the undo that is printed, and one for a home, take back only what is meant.
homes() {
	new homes
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		skip homes "a state folder of root's for a test needs a mount namespace"
		return
	fi
	mkdir -p "$home/two/.ssh"
	chmod 700 "$home/two/.ssh"
	cp -p "$cfg" "$home/two/.ssh/config"
	# shellcheck disable=SC2016 # for the shell inside
	unshare -m bash -c 'mount --make-rprivate / && mount -t tmpfs none /var/lib || exit 77
		for h in "$2" "$2/two"; do
			"$1" fix --write --client --path-timeout 350s --home "$h" web >"$3/said.$(basename "$h")" || exit 1
		done
		"$1" undo --home "$2" && ! "$1" undo --home "$2" && cmp "$3/old" "$2/.ssh/config" &&
		    ! cmp -s "$3/old" "$2/two/.ssh/config" || exit 1
		undo=$(sed -n "s/^\`sshkeep \(undo .*\)\` puts the old bytes back$/\1/p" "$3/said.two")
		[ "$undo" = "undo --home $2/two 2" ] && "$1" $undo && cmp "$3/old" "$2/two/.ssh/config"' \
	    _ "$PROG" "$home" "$tmp" >"$tmp/out" 2>"$tmp/err"
	local rc=$?
	if [ $rc -eq 77 ]; then skip homes "no tmpfs over /var/lib"; else check "an undo of the wrong home" test $rc -eq 0; fi
}

reloads() {
	new reload
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		skip reload "a mount namespace needs root"
		return
	fi
	unshare -m "$PWD/tests/write/reload_inside" "$PROG" "$tmp/reload" >"$tmp/out" 2>"$tmp/err"
	case $? in
	0) passed=$((passed + $(grep -c '^ok ' "$tmp/out"))) ;;
	77) skip reload "$(tail -n 1 "$tmp/err")" ;;
	*) bad "see above"; grep -v "^ok" "$tmp/out" ;;
	esac
	refusals=$((refusals + $(grep -c '^ok refused' "$tmp/out")))
}

links
keeps
undoes
no_report
options
locks
state_of_others
as_root
homes
reloads
echo "writer: $refusals refusals"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
