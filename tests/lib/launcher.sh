# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the tests of launchers share, sourced by them: a folder $T with a home of its own, counts, and looks at processes.
# Only processes that the test started are ever signalled: all of them carry a path below $T in their environment.
PROG=$(realpath -e "${PROG:-build/sshkeep}") || exit 2
T=$(mktemp -d) || exit 2
passed=0 failed=0 skipped=0
HOME="$T/home of it"
export HOME FAKE="$T/fake"
unset XDG_STATE_HOME XDG_CONFIG_HOME SSHKEEP_STATE SSHKEEP_FLOCK SSHKEEP_AUTOSSH
STATE=$HOME/.local/state/sshkeep/tunnel
mkdir -p "$HOME" "$FAKE"

# Everything of ours that is alive, by pid.
mine() {
	grep -l -F -e "AUTOSSH_PIDFILE=$T/" /proc/[0-9]*/environ 2>/dev/null | tr -cd '0-9\n'
}

finish() {
	for p in $(mine) ${helpers-}; do
		kill -KILL "$p" 2>/dev/null
	done
	rm -rf "$T"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

pass() {
	passed=$((passed + 1))
}

fail() { # what, why
	failed=$((failed + 1))
	echo "FAILED $1: $2"
}

skip() {
	skipped=$((skipped + $2))
	echo "SKIPPED $1"
}

# t NAME STATUS TEXT COMMAND...: the command ends with STATUS and says TEXT.
t() {
	local name=$1 want=$2 text=$3 rc
	shift 3
	"$@" >"$T/out" 2>&1 </dev/null
	rc=$?
	if [ $rc -ne "$want" ]; then
		fail "$name" "status $rc, not $want: $(tail -n 3 "$T/out")"
	elif ! grep -qF -e "$text" "$T/out"; then
		fail "$name" "does not say \"$text\": $(tail -n 3 "$T/out")"
	else
		pass
	fi
}

# is NAME GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "\"$2\", not \"$3\""
	fi
}

alive() {
	kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

# Wait until a command holds, at most 10 s.
soon() {
	for _ in {1..100}; do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

pid_of() {
	cat "$STATE/$1/pid" 2>/dev/null
}

ssh_of() { # name: the child of its autossh
	local p
	p=$(pid_of "$1")
	[ -n "$p" ] && { tr -d ' ' <"/proc/$p/task/$p/children"; } 2>/dev/null
}

running() { # word: how many processes of the tunnel web have that name
	local p n=0
	for p in $(mine); do
		if grep -qx "$1" "/proc/$p/comm" && tr '\0' '\n' <"/proc/$p/environ" | grep -qFx "AUTOSSH_PIDFILE=$W/pid"; then
			n=$((n + 1))
		fi
	done 2>/dev/null
	echo $n
}

launcher() {
	"$PROG" launcher -F none --path-timeout 240s "$@"
}
