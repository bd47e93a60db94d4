#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing of the machine counts: the same tree gives the same bytes under another home, user, locale, time zone, host
# name, with settings and configs of a machine about, in another folder, and where nothing but the program and the tree is.
set -u
cd "$(dirname "$0")/../.." || exit 2
prog=$(realpath "${PROG:-build/sshkeep}")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
unset SSHKEEP_DEBUG
chmod 755 "$tmp"

# One tree of all that lint reads.
for case in lint-templates lint-other-files lint-tree; do
	mkdir -p "$tmp/tree/$case"
	cp -R "tests/golden/$case/." "$tmp/tree/$case"
	rm -f "$tmp/tree/$case"/expect.* "$tmp/tree/$case/cmd" "$tmp/tree/$case/.sshkeep.ini"
done
printf 'Host *\n    ServerAliveInterval 300\n    UserKnownHostsFile ~/%%u\nMatch localuser root exec "true"\n    Port 1\n' \
    >"$tmp/tree/ssh_config"
cp "$prog" "$tmp/sshkeep"
chmod -R a+rX "$tmp"
formats='text json sarif github gitlab junit checkstyle rdjson gcc'

# A machine that would say much: settings, configs and start files in the home and the XDG folders.
mkdir -p "$tmp/home/.ssh" "$tmp/home/.config/sshkeep" "$tmp/xdg/sshkeep"
printf 'Host *\n    ServerAliveInterval 5\n' >"$tmp/home/.ssh/config"
printf '[policy]\nname = tunnel\n[networks]\npath_timeout = 20s\n[rules]\nignore = SK2\n' |
    tee "$tmp/home/.config/sshkeep/config.ini" "$tmp/xdg/sshkeep/config.ini" >"$tmp/home/.sshkeep.ini"
printf '*\n' | tee "$tmp/home/.gitignore" "$tmp/home/.config/gitignore" >"$tmp/excludes"
printf '[core]\n\texcludesFile = %s\n' "$tmp/excludes" >"$tmp/home/.gitconfig"
chmod -R a+rX "$tmp"

lint() { # format: what is compared, standard error and exit status included
	cd "$tmp/tree" && "$tmp/sshkeep" lint --format "$1" 2>&1 </dev/null
	echo "exit $?"
}
for f in $formats; do
	(unset HOME XDG_CONFIG_HOME LANG LC_ALL TZ COLUMNS; lint "$f") >"$tmp/want.$f"
	case $(tail -n 1 "$tmp/want.$f") in
	'exit 1') passed=$((passed + 1)) ;;
	*) failed=$((failed + 1)); echo "FAILED anywhere: $f ends with $(tail -n 1 "$tmp/want.$f")"; head -n 3 "$tmp/want.$f" ;;
	esac
done

same() { # name, file of format $2
	if cmp -s "$tmp/want.$2" "$tmp/got"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED anywhere: $1, $2"
		diff "$tmp/want.$2" "$tmp/got" | head -n 10
	fi
}

try() { # name, command...
	local name=$1 f
	shift
	for f in $formats; do
		(cd "$tmp/tree" && { "$@" "$tmp/sshkeep" lint --format "$f" 2>&1 </dev/null; echo "exit $?"; }) >"$tmp/got"
		same "$name" "$f"
	done
}

try home env HOME="$tmp/home" USER=somebody LOGNAME=somebody SHELL=/bin/zsh SSH_AUTH_SOCK=/x XDG_CONFIG_HOME="$tmp/xdg" \
    XDG_STATE_HOME="$tmp/xdg" GIT_DIR="$tmp/home" GIT_CONFIG_GLOBAL="$tmp/home/.gitconfig" TMOUT=5
try locale env LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=de TZ=Pacific/Kiritimati NO_COLOR= TERM=xterm-256color
try empty env -i
try C env -i LC_ALL=C TZ=:nowhere
try limits bash -c 'ulimit -n 64; umask 077; exec "$@"' -
try nice nice -n 19

# The folder's own name is no part of it.
cp -R "$tmp/tree" "$tmp/other name"
for f in $formats; do
	(cd "$tmp/other name" && { "$tmp/sshkeep" lint --format "$f" 2>&1; echo "exit $?"; }) >"$tmp/got"
	same 'another folder' "$f"
done

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIPPED anywhere: other users, host names and roots need root'
	skipped=$((skipped + 1))
else
	try user setpriv --reuid=65534 --regid=65534 --clear-groups
	if unshare --uts true 2>/dev/null; then
		try host unshare --uts sh -c 'hostname other.example && exec "$@"' -
	else
		echo 'SKIPPED anywhere: this machine gives no host name of its own'
		skipped=$((skipped + 1))
	fi
	# Nothing but the program, its libraries and the tree: no /etc, no /proc.  The sanitizers want /proc.
	if grep -q __asan_init "$tmp/sshkeep"; then
		echo 'the sanitizers do not run without /proc: no bare root'
	else
		mkdir -p "$tmp/root"
		cp -R "$tmp/tree" "$tmp/sshkeep" "$tmp/root"
		ldd "$tmp/sshkeep" | grep -o '/[^ ]*' | while read -r lib; do
			mkdir -p "$tmp/root$(dirname "$lib")"
			cp -L "$lib" "$tmp/root$lib"
		done
		bare='import os, sys; os.chroot(sys.argv[1]); os.chdir("/tree"); os.execv("/sshkeep", ["sshkeep"] + sys.argv[2:])'
		for f in $formats; do
			{ python3 -c "$bare" "$tmp/root" lint --format "$f" 2>&1 </dev/null; echo "exit $?"; } >"$tmp/got"
			same 'bare root' "$f"
		done
	fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
