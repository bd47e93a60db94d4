# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Shared by tests/oracle/*.sh: run sshkeep and the real programs on the same input and compare.
# The sourcing script sets PROG, and counts in $passed and $failed.

# The keywords of the keepalive family that `effective --format ssh` prints (9.2).
ORACLE_CLIENT='batchmode controlmaster clearallforwardings exitonforwardfailure gatewayports sessiontype stdinnull
forkafterauthentication tcpkeepalive connectionattempts serveralivecountmax serveraliveinterval controlpath
dynamicforward localforward remoteforward forwardagent connecttimeout controlpersist rekeylimit proxycommand
proxyjump channeltimeout obscurekeystroketiming'
ORACLE_SERVER='clientaliveinterval clientalivecountmax tcpkeepalive channeltimeout unusedconnectiontimeout
logingracetime maxsessions maxstartups allowtcpforwarding allowagentforwarding gatewayports permitopen permitlisten
disableforwarding rekeylimit persourcemaxstartups persourcenetblocksize persourcepenalties'

oracle_init() { # folder for scratch files
	ORACLE_TMP=$1
	ORACLE_LIVE='' ORACLE_WHY=''
	ORACLE_SSH=$(command -v ssh)
	ORACLE_SSHD=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)
	if [ -z "$ORACLE_SSH" ] || [ -z "$ORACLE_SSHD" ]; then
		ORACLE_WHY='ssh or sshd is not installed'
	elif ! "$ORACLE_SSH" -V 2>&1 | grep -q 'OpenSSH_9\.2p1 Debian'; then
		ORACLE_WHY="the installed release is $("$ORACLE_SSH" -V 2>&1), the cases are of 9.2p1 Debian"
	else
		ORACLE_LIVE=1
		# sshd -T as root wants its privilege separation folder.
		[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
		ssh-keygen -q -t ed25519 -N '' -C '' -f "$ORACLE_TMP/key"
	fi
}

# Run a Python program of tests/ against the installed programs, in a folder of its own, then end; or say why not.
oracle_python() { # what it tests, program, folder of modules ...
	local base=${TMPDIR:-/tmp} what=$1 program=$2
	shift 2
	# Small folders are written for each config: in memory where there is such a file system.
	[ ! -w /dev/shm ] || base=/dev/shm
	ORACLE_TMP=$(mktemp -d "$base/sshkeep-oracle.XXXXXX") || exit 2
	trap 'rm -rf "$ORACLE_TMP"' EXIT
	oracle_init "$ORACLE_TMP"
	if [ -z "$ORACLE_LIVE" ]; then
		echo "SKIPPED $what: $ORACLE_WHY"
		echo "0 passed, 0 failed, 1 skipped"
		exit 0
	fi
	export ORACLE_CLIENT ORACLE_SERVER SSH=$ORACLE_SSH SSHD=$ORACLE_SSHD KEY=$ORACLE_TMP/key PYTHONDONTWRITEBYTECODE=1
	PYTHONPATH=$(IFS=: && echo "$*") python3 "$program" "$ORACLE_TMP" "$PWD"
	exit
}

# Family lines of a dump, keyword lower-cased.
oracle_family() { # client|server
	local keys=$ORACLE_CLIENT
	[ "$1" = server ] && keys=$ORACLE_SERVER
	awk -v keys="$keys" 'BEGIN { n = split(keys, a); for (i = 1; i <= n; i++) k[a[i]] = 1 }
	    tolower($1) in k { sub(/^[^ ]+/, tolower($1)); print }'
}

# Run the real program (argv as in a case: ssh -G ... or sshd -T ...) in folder $1.
oracle_theirs() {
	local w=$1 side=client
	shift
	local -a argv=("$@")
	if [ "${argv[0]}" = sshd ]; then
		side=server
		argv=("$ORACLE_SSHD" "${argv[@]:1}" -h "$ORACLE_TMP/key")
	else
		argv[0]=$ORACLE_SSH
	fi
	(cd "$w" && exec env -i PATH="$PATH" HOME="$w/home" SHELL=/bin/sh LC_ALL=C timeout 30 "${argv[@]}") \
	    >"$ORACLE_TMP/theirs.all" 2>"$ORACLE_TMP/theirs.raw" </dev/null
	theirs_status=$?
	: >"$ORACLE_TMP/theirs"
	[ $theirs_status -ne 0 ] || oracle_family $side <"$ORACLE_TMP/theirs.all" >"$ORACLE_TMP/theirs"
	sed -e 's/\r$//' -e '/^Pseudo-terminal will not be allocated/d' "$ORACLE_TMP/theirs.raw" >"$ORACLE_TMP/theirs.err"
}

# The same through sshkeep.
oracle_ours() {
	local w=$1
	shift
	local -a argv=("$PROG" effective --format ssh --openssh "${ORACLE_VERSION:-9.2p1+debian}")
	if [ "$1" = sshd ]; then
		argv+=(--server)
	fi
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		-G | -T) ;;
		*) argv+=("$1") ;;
		esac
		shift
	done
	(cd "$w" && exec env -i PATH="$PATH" HOME="$w/home" SHELL=/bin/sh LC_ALL=C \
	    ASAN_OPTIONS="${ASAN_OPTIONS:-}" timeout 30 "${argv[@]}") \
	    >"$ORACLE_TMP/ours" 2>"$ORACLE_TMP/ours.err" </dev/null
	ours_status=$?
}

# Stored results were kept without these keywords (fixtures/openssh-cases/regenerate.sh).
oracle_ours_without() {
	grep -vE "^($1) " "$ORACLE_TMP/ours" >"$ORACLE_TMP/ours.cut"
	mv "$ORACLE_TMP/ours.cut" "$ORACLE_TMP/ours"
}

# name, OpenSSH's status, file of its family lines, file of its messages.
# Messages are compared where OpenSSH refuses: an accepted file's remarks are not part of the values.
oracle_judge() {
	local name=$1 status=$2 want=$3 want_err=$4 ok=1 word got=$ORACLE_TMP/ours.got
	cp "$ORACLE_TMP/ours" "$got"
	# Match exec is never run: what it decides is unknown here, and agreed when that is what is said.
	if grep -q 'unknown: Match .*exec' "$got"; then
		sed -n 's/^# \([a-z]*\) unknown: .*/\1/p' "$got" >"$got.words"
		while read -r word; do
			grep -vE "^(# )?$word " "$got" >"$got.cut"
			mv "$got.cut" "$got"
			grep -vE "^$word " "$want" >"$want.cut"
			mv "$want.cut" "$want"
		done <"$got.words"
	fi
	# A bad -C is a usage error of ours.
	if [ "$ours_status" -eq 3 ] && grep -q '^Invalid test mode specification' "$want_err"; then
		passed=$((passed + 1))
		return
	fi
	if [ "$status" -eq 0 ]; then
		[ "$ours_status" -eq 0 ] || ok=
		cmp -s "$want" "$got" || ok=
	else
		[ "$ours_status" -eq 2 ] || ok=
		[ ! -s "$got" ] || ok=
		cmp -s "$want_err" "$ORACLE_TMP/ours.err" || ok=
	fi
	if [ -n "$ok" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAILED $name: OpenSSH exits $status, sshkeep $ours_status"
	diff -u -L OpenSSH -L sshkeep "$want" "$got" | tail -n +3
	if [ "$status" -ne 0 ]; then
		diff -u -L OpenSSH -L sshkeep "$want_err" "$ORACLE_TMP/ours.err" | tail -n +3
	fi
}
