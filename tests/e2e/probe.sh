#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031 # functions are called through lab_run, in subshells
# sshkeep probe in the lab: the number that the box was told, in every variant; what it says when it cannot measure; and
# what audit makes of it.  Words on the command line choose tests: tests/e2e/probe.sh 'finds 10 silent both timeout=10'
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init conntrack haproxy script python3 cc

# Run it from the client; $LAB/probe.json, .err and $LAB_RC.
probe() { # option ...
	lab_in client env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json "$@" lab \
		>"$LAB/probe.json" 2>"$LAB/probe.err"
	LAB_RC=$?
	[ "$LAB_RC" -eq 3 ] || [ ! -s "$LAB/probe.json" ] || lab_valid 'probe' "$LAB/probe.json"
}

audit() { # option ...
	lab_in client env XDG_STATE_HOME="$LAB/state" "$PROG" audit -F "$LAB/config" --format json "$@" lab
}

value() { jq -r ".$1" "$LAB/probe.json"; } # field

# The field has this value.
says() { # field, value
	[ "$(value "$1")" = "$2" ] && return
	echo "$1 is $(value "$1"), not $2: $(cat "$LAB/probe.json" "$LAB/probe.err")"
	return 1
}

# This is true of the output.
holds() { # jq expression
	[ "$(jq -r "$1" "$LAB/probe.json")" = true ] && return
	echo "not $1: $(cat "$LAB/probe.json" "$LAB/probe.err")"
	return 1
}

# A sentence on standard error, or a note, has these words.
tells() { # words
	grep -qF -- "$1" "$LAB/probe.err" "$LAB/probe.json" && return
	echo "nobody says \"$1\": $(cat "$LAB/probe.json" "$LAB/probe.err")"
	return 1
}

ends() { # exit status
	[ "$LAB_RC" -eq "$1" ] && return
	echo "exit $LAB_RC, not $1: $(cat "$LAB/probe.json" "$LAB/probe.err")"
	return 1
}

# The bracket holds the number, and neither end is more than 2 s away from it.
brackets() { # seconds
	local low high
	low=$(value low_s) high=$(value high_s)
	[ "$high" != null ] && [ "$low" -le "$1" ] && [ "$high" -ge "$1" ] && [ $(($1 - low)) -le 2 ] && [ $((high - $1)) -le 2 ] &&
		return
	echo "$low to $high, not $1: $(cat "$LAB/probe.json" "$LAB/probe.err")"
	return 1
}

# What audit says of the path: "confidence seconds".
path_is() { # text, audit's option ...
	local want=$1 got
	shift
	got=$(audit "$@" | jq -r '.hosts[0] | "\(.confidence) \(.path_timeout_s)"')
	[ "$got" = "$want" ] && return
	echo "audit says $got, not $want"
	return 1
}

# No process of this test is left at the client, and no session at the server.
nobody_left() {
	local left
	left=$(lab_in client pgrep -af "ssh -F $LAB/config")
	[ -z "$left" ] && return
	echo "left: $left"
	return 1
}

# A variant of the lab: its number, how that looks, in which direction.
finds() { # seconds, symptom, direction, word ...
	local s=$1 symptom=$2 direction=$3
	shift 3
	# The long ones first: not all logins at once.
	lab_sleep $(((45 - s) * 1500))
	lab_up "$@"
	lab_sshd
	lab_config
	if [ "$s" -lt 45 ]; then probe --max $((s + 10))s --resolution 1s --parallel 4; else probe --max 50s --resolution 1s; fi
	lab_check 'it ends well' ends 0
	lab_check "$s s" brackets "$s"
	lab_check "it looks like $symptom" says symptom "$symptom"
	lab_check "direction $direction" says direction "$direction"
	lab_check 'whether a packet from here brings it back' says revived "$([ "$direction" = server-sent ] && echo true || echo false)"
	lab_check 'audit has it as measured' path_is "measured $(value low_s)"
	lab_check 'nothing is left' nobody_left
}

# Nothing forgets: that is said of the maximum and of nothing more.
none() { # word ...
	lab_up "$@"
	lab_sshd
	lab_config
	probe --max 15s --resolution 1s
	lab_check 'it ends well' ends 0
	lab_check 'no upper end' says high_s null
	lab_check 'up to the maximum' says low_s 15
	lab_check 'nothing died' says symptom none
	lab_check 'the reason is said' tells 'none was found up to the maximum of 15 s'
	lab_check 'a floor below the assumption changes nothing' path_is 'assumed 240'
	lab_check 'so it is not kept' says kept false
	# As if it had waited longer.
	(umask 077; mkdir -p "$LAB/state/sshkeep/probe")
	printf '[probe]\nhost = %s\nport = %s\nvia = none\nnetwork = %s\nwhen = %s\nlow = 3900\nhigh = none\nsymptom = none\ndied = none\nsurvived = none\n' \
		"$(value hostname)" "$(value port)" "$(value network)" "$(date +%s)" >"$LAB/state/sshkeep/probe/0.ini"
	lab_check 'one above it raises it' path_is 'assumed 3900'
	lab_check 'what is declared counts more' path_is 'declared 100' --path-timeout 100s
}

# The config's host is reached through a jump host, which is the same server: the first leg has the NAT.
through_gate() {
	{
		sed 's/^Host lab$/Host gate/' "$LAB/config"
		printf 'Host lab\n\tProxyJump gate\n'
		sed '1d; s/HostName .*/HostName 127.0.0.1/' "$LAB/config"
	} >"$LAB/both" && mv "$LAB/both" "$LAB/config"
}

# The server's ClientAlive speaks (this release: every other interval), or its kernel does.
masked() { # sshd | kernel | jump (where the socket is not seen)
	lab_up timeout=300
	case $1 in
	sshd | jump) lab_sshd 'ClientAliveInterval 4' 'ClientAliveCountMax 3' ;;
	kernel)
		lab_sysctl server ipv4/tcp_keepalive_time 6
		lab_sshd 'TCPKeepAlive yes'
		;;
	esac
	lab_config
	[ "$1" != jump ] || through_gate
	probe --max 25s --resolution 1s
	lab_check 'it ends well' ends 0
	lab_check 'nothing is claimed beyond' says high_s null
	lab_check 'it says how long the silence was' holds '.spoken_s >= 3 and .spoken_s <= 9 and .low_s <= .spoken_s + 1'
	lab_check 'and who speaks' tells "$([ "$1" = kernel ] && echo 'neither ssh nor sshd spoke' || echo "the server's own ClientAlive speaks")"
	lab_check 'it is not kept' says kept false
}

# A server that would speak later than the path forgets hides nothing.
not_masked() {
	lab_up timeout=6
	lab_sshd 'ClientAliveInterval 15'
	lab_config
	probe --max 20s --resolution 1s
	lab_check '6 s' brackets 6
}

# What the config says of keepalives, sharing, terminals and forwards is not in the way.
own_config() {
	lab_up timeout=6
	lab_sshd
	lab_config 'ServerAliveInterval 1' 'TCPKeepAlive yes' 'ControlMaster auto' "ControlPath $LAB/mux" 'ControlPersist 60' \
		'RequestTTY force' 'RemoteCommand false' 'LogLevel QUIET' 'LocalForward 9999 localhost:22' 'BatchMode no' \
		'PermitLocalCommand yes' "LocalCommand touch $LAB/touched" 'StdinNull yes' 'ForkAfterAuthentication yes'
	probe --max 20s --resolution 1s -o ServerAliveInterval=1
	lab_check '6 s' brackets 6
	lab_check 'no master is made' [ ! -e "$LAB/mux" ]
	lab_check 'no LocalCommand is run' [ ! -e "$LAB/touched" ]
}

# Words before ours, and lines that look like ours; room for one login at a time.
hostile_far_end() {
	lab_up timeout=6
	lab_sshd 'MaxStartups 1:100:1' "ForceCommand echo noise; echo sshkeep-alive-not; printf sshkeep-ready; echo; echo >&2 \"Connection reset by nobody\"; exec sh -c \"\$SSH_ORIGINAL_COMMAND\"" \
		"Banner $LAB/banner"
	printf 'Permission denied (publickey).\n' >"$LAB/banner"
	lab_config
	probe --max 20s --resolution 1s
	lab_check '6 s' brackets 6
	lab_check 'it looks like what it is, not like those words' says symptom silent
}

# Sessions that log in and end by themselves teach nothing, and not for ever.
short_sessions() {
	lab_up
	lab_sshd "ForceCommand case \"\$SSH_ORIGINAL_COMMAND\" in *sleep*) exec timeout 3 sh -c \"\$SSH_ORIGINAL_COMMAND\";; *) exec sh -c \"\$SSH_ORIGINAL_COMMAND\";; esac"
	lab_config
	probe --max 60s --resolution 1s
	lab_check 'exit 2' ends 2
	lab_check 'it says so' says ending no-login
	lab_check 'no number' says high_s null
}

# The server ends the control session, too: that is no path that is down.
cut_off() {
	lab_up
	lab_sshd "ForceCommand timeout 6 sh -c \"\$SSH_ORIGINAL_COMMAND\""
	lab_config
	probe --max 60s --resolution 1s
	lab_check 'exit 2' ends 2
	lab_check 'it says so' says ending cut-off
	lab_check 'no number' says high_s null
}

# Through a jump host.
jump() {
	lab_up timeout=6
	lab_sshd
	lab_config
	through_gate
	probe --max 20s --resolution 1s
	lab_check '6 s' brackets 6
	lab_check 'it says what it could not see' tells 'could not be watched'
	lab_check 'and that the first leg has a config of its own' tells 'keepalives that the first leg has'
}

# The path goes down while everybody is silent: no number comes of that.
cut() {
	local pid
	lab_up
	lab_sshd
	lab_config
	probe --max 60s --resolution 1s &
	pid=$!
	lab_until 20000 grep -qs 'Starting session' "$LAB/sshd.log"
	lab_sleep 12000
	lab_cut
	lab_until 40000 grep -qs '"ending"' "$LAB/probe.json"
	wait "$pid"
	lab_check 'it says so' says ending path-down
	lab_check 'no number' says high_s null
	lab_check 'nothing is left' nobody_left
}

# The server reboots: all sessions end at once, and that is not the path's number either.
reboot() {
	local pid
	lab_up
	lab_sshd
	lab_config
	probe --max 60s --resolution 1s &
	pid=$!
	lab_until 60000 accepted 9
	lab_sleep 8000
	lab_reboot
	# (It answers with resets at once only to those who speak: the control session does.)
	lab_until 40000 grep -qs '"ending"' "$LAB/probe.json"
	wait "$pid"
	lab_timed 'it says so' says ending cut-off
	lab_check 'no number' says high_s null
	lab_check 'nothing is left' nobody_left
}

# A proxy on the way restarts: it closes them all.
proxy_restart() {
	local pid
	lab_up proxy=haproxy proxy_timeout=300
	lab_sshd
	lab_config
	probe --max 60s --resolution 1s &
	pid=$!
	lab_until 60000 accepted 9
	lab_sleep 8000
	# shellcheck disable=SC2046 # a list: only haproxy runs there
	kill -9 $(ip netns pids "$(lab_ns router)")
	lab_until 40000 grep -qs '"ending"' "$LAB/probe.json"
	wait "$pid"
	lab_check 'it says so' says ending cut-off
	lab_check 'no number' says high_s null
}

# With a library in front of the program; AddressSanitizer wants to come first, and need not.
shimmed() { # library, command ...
	local so=$1
	shift
	LD_PRELOAD=$so ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@"
}

# The machine sleeps in the middle: its clocks say so, and nothing that was silent then counts.
suspend() {
	cat >"$LAB/sleep.c" <<-'SHIM'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <time.h>
		#include <unistd.h>
		int
		clock_gettime(clockid_t id, struct timespec *t)
		{
			int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
			int rc = real(id, t);
			if (id == CLOCK_BOOTTIME && access(SLEPT, F_OK) == 0)
				t->tv_sec += 300;
			return rc;
		}
	SHIM
	lab_check 'the shim is built' cc -shared -fPIC -w -DSLEPT="\"$LAB/slept\"" -o "$LAB/sleep.so" "$LAB/sleep.c"
	lab_up timeout=6
	lab_sshd
	lab_config
	(lab_sleep 9000; : >"$LAB/slept") &
	shimmed "$LAB/sleep.so" probe --max 60s --resolution 1s
	lab_check 'exit 2' ends 2
	lab_check 'it says so' says ending suspended
	lab_check 'no number' says high_s null
	lab_check 'nothing is kept' says kept false
	lab_check 'nothing is left' nobody_left
}

# The program itself stands still (Ctrl-Z and fg): who should have been asked meanwhile would be asked beyond the box's
# time, and the reset of that says nothing of the silence that was planned.  (7 logins: up to the trials of 19 s, after
# the control session and those of 4 and 9 s.  3: in the middle of the logins.)
held() { # logins before it stands still, milliseconds after the last of them
	local pid
	lab_up timeout=30 expiry=reject
	lab_sshd
	lab_config
	exec ip netns exec "$(lab_ns client)" env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json --max 40s --resolution 1s \
		lab >"$LAB/probe.json" 2>"$LAB/probe.err" &
	pid=$!
	lab_until 90000 accepted "$1"
	lab_sleep "$2"
	kill -s STOP "$pid"
	lab_sleep 20000
	kill -s CONT "$pid"
	wait "$pid"
	LAB_RC=$?
	lab_check 'it ends well' ends 0
	lab_check '30 s' brackets 30
	lab_check 'it looks like what it is' says symptom reset
	lab_check 'nothing is left' nobody_left
}

# The same without a login: no number comes of what was asked late.
banner_held() {
	local pid
	lab_up timeout=30 expiry=reject
	lab_sshd
	lab_config
	exec ip netns exec "$(lab_ns client)" env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json --banner --max 15s \
		--resolution 3s lab >"$LAB/probe.json" 2>"$LAB/probe.err" &
	pid=$!
	lab_until 60000 connected 1
	lab_sleep 7000
	kill -s STOP "$pid"
	lab_sleep 30000
	kill -s CONT "$pid"
	wait "$pid"
	LAB_RC=$?
	lab_check 'it ends well' ends 0
	lab_check 'no upper end' says high_s null
	lab_check 'up to the maximum' says low_s 15
	lab_check 'the connection was made anew' connected 2
}

# The machine is so busy that ssh ends long after the packet that ended its connection: the silence was over with that.
busy() {
	local pid
	lab_up proxy=haproxy proxy_timeout=10
	lab_sshd
	lab_config
	exec ip netns exec "$(lab_ns client)" env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json --max 20s --resolution 1s --parallel 4 \
		lab >"$LAB/probe.json" 2>"$LAB/probe.err" &
	pid=$!
	lab_until 60000 accepted 5
	lab_sleep 8500
	kill -s STOP $(pgrep -P "$pid" -x ssh)
	lab_sleep 4000
	kill -s CONT $(pgrep -P "$pid" -x ssh)
	wait "$pid"
	LAB_RC=$?
	lab_check 'it ends well' ends 0
	lab_check '10 s' brackets 10
	lab_check 'it looks like what it is' says symptom close
	lab_check 'nothing is left' nobody_left
}

# What goes wrong before a measurement: exit 2, ssh's own words, one connection, no waiting.
fails() { # what, words ...
	local from conns=1 what=$1
	shift
	set -- "$what" "$*"
	lab_up
	lab_sshd
	case $1 in
	name) LAB_HOST=nowhere.invalid conns=0 ;;
	refused) LAB_PORT=23 conns=0 ;;
	forced) lab_sshd 'ForceCommand echo no shell here' ;;
	esac
	lab_config
	case $1 in
	auth) ssh-keygen -q -t ed25519 -N '' -f "$LAB/other" && sed -i "s|IdentityFile .*|IdentityFile $LAB/other|" "$LAB/config" ;;
	hostkey) sed -i 's|UserKnownHostsFile .*|UserKnownHostsFile none|' "$LAB/config" ;;
	config) lab_config 'Foo bar' && conns=0 ;;
	esac
	lab_now
	from=$LAB_NOW
	probe --max 60s
	lab_now
	lab_check "$1: exit 2" ends 2
	lab_check "$1: it says why" tells "$2"
	lab_check "$1: at once" [ $((LAB_NOW - from)) -lt 40000 ]
	lab_check "$1: no second try" [ "$(grep -c 'Connection from' "$LAB/sshd.log")" -eq "$conns" ]
	lab_check "$1: nothing is kept" [ ! -e "$LAB/state" ]
}

no_ssh() {
	lab_up
	lab_config
	# shellcheck disable=SC2016 # expands in the namespace
	lab_in client unshare -m sh -c 'mount --bind /dev/null "$(readlink -f /usr/bin/ssh)"; shift; exec "$@"' sh sh \
		"$PROG" probe -F "$LAB/config" lab >"$LAB/probe.json" 2>"$LAB/probe.err"
	LAB_RC=$?
	lab_check 'no ssh: exit 2' ends 2
	lab_check 'no ssh: it says so' tells 'ssh is not installed'
	for w in '' 'a b' 'lab --max 0' 'lab --max soon' 'lab --max never' 'lab --parallel 0' 'lab --parallel 13' 'lab --format xml' 'lab -F -' \
		'lab --resolution -1' '-- -oProxyCommand=touch'; do
		# shellcheck disable=SC2086 # words
		"$PROG" probe $w >"$LAB/probe.json" 2>"$LAB/probe.err"
		LAB_RC=$?
		lab_check "usage: probe $w" ends 3
	done
}

accepted() { [ "$(grep -c "Accepted publickey" "$LAB/sshd.log")" -ge "$1" ]; } # logins

# Ctrl-C: what is known is said, nothing stays, and what is worth it is kept.
stop() { # signal, when
	local pid
	lab_up timeout=5
	lab_sshd
	lab_config
	exec ip netns exec "$(lab_ns client)" env --default-signal=INT,TERM,HUP XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json \
		--max 40s --resolution 1s lab >"$LAB/probe.json" 2>"$LAB/probe.err" &
	pid=$!
	# (Late: the first round is over, so a bracket is known.)
	if [ "$2" = early ]; then lab_until 15000 catches "$pid" && lab_sleep 300; else lab_until 90000 accepted 11; fi
	kill -s "$1" "$pid"
	wait "$pid"
	LAB_RC=$?
	lab_check "$1 $2: exit 2" ends 2
	lab_check "$1 $2: it says so" says ending interrupted
	lab_check "$1 $2: nothing is left" nobody_left
	if [ "$2" = early ]; then
		lab_check "$1 $2: nothing is claimed" says low_s 0
	else
		lab_check "$1 $2: the bracket holds the number" holds '.low_s < 6 and .high_s >= 5 and .high_s < 41'
		lab_check "$1 $2: too wide a bracket is not kept" path_is 'assumed 240'
	fi
}

catches() { # pid: it is the program by now, and has a handler of its own for INT
	local caught
	grep -qx sshkeep "/proc/$1/comm" || return 1
	caught=$(sed -n 's/^SigCgt:\s*//p' "/proc/$1/status")
	[ $((0x${caught:-0} & 2)) -ne 0 ]
}

# On a terminal a line moves.
bar() {
	lab_up
	lab_sshd
	lab_config
	lab_in client script -qec "env XDG_STATE_HOME=$LAB/state '$PROG' probe -F '$LAB/config' --max 5s --resolution 1s --parallel 2 lab" \
		"$LAB/typescript" >"$LAB/probe.json" 2>"$LAB/probe.err" </dev/null
	lab_check 'a bar' grep -qE '\[=*\?+\] above [0-9]+ s, about [0-9]+ s left' "$LAB/typescript"
	lab_check 'the result behind it' grep -q 'lab: no timeout below 5 s' "$LAB/typescript"
}

# Without a login.
banner() {
	lab_up timeout=6
	lab_sshd
	lab_config
	probe --banner --max 20s --resolution 2s
	lab_check 'it ends well' ends 0
	lab_check '6 s' brackets 6
	lab_check 'only this side spoke' says direction client-sent
	lab_check 'nobody logged in' [ "$(grep -cE 'Accepted|Failed' "$LAB/sshd.log")" -eq 0 ]
	lab_check 'few connections' [ "$(grep -c 'Connection from' "$LAB/sshd.log")" -le 12 ]
}

# The server's patience ends it: that is no timeout of the path.
banner_grace() {
	lab_up
	lab_sshd 'LoginGraceTime 12'
	lab_config
	probe --banner --max 30s --resolution 3s
	lab_check 'it ends well' ends 0
	lab_check 'no upper end' says high_s null
	lab_check 'below the grace time' holds '.low_s >= 6 and .low_s <= 11'
	lab_check 'it says why' tells 'LoginGraceTime'
	lab_check 'it is not kept' says kept false
}

# The host goes away in the middle: what was known then is told, as JSON, too.
banner_lost() {
	local pid
	lab_up timeout=5
	lab_sshd
	lab_config
	probe --banner --max 9s --resolution 1s &
	pid=$!
	lab_until 60000 connected 3
	kill "$(cat "$LAB/sshd.pid")"
	wait "$pid"
	LAB_RC=$(value exit)
	lab_check 'exit 2' ends 2
	lab_check 'it says so' says ending failed
	lab_check 'what was known is told' holds '.high_s == 9'
	lab_check 'and why' tells 'port 22: Connection refused'
}

connected() { [ "$(grep -c "Connection from" "$LAB/sshd.log")" -ge "$1" ]; } # connections

# Something listens that never comes to a version line: --banner waits for it once, not for each byte.
banner_endless() { # drip | flood
	lab_up
	lab_config
	lab_in server python3 - "$1" <<-'SERVER' &
		import socket, sys, time
		listener = socket.create_server(("", 22))
		while True:
		    far, _ = listener.accept()
		    try:
		        while True:
		            far.sendall(b"x" if sys.argv[1] == "drip" else b"x" * 65536)
		            if sys.argv[1] == "drip":
		                time.sleep(1)
		    except OSError:
		        pass
	SERVER
	lab_until 15000 lab_listens server 22
	lab_in client timeout 40 env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json --banner lab \
		>"$LAB/probe.json" 2>"$LAB/probe.err"
	LAB_RC=$?
	lab_check "$1: exit 2" ends 2
	lab_check "$1: it says why" tells 'no version line came'
	lab_check "$1: in time" [ "$(value took_s)" -le 20 ]
}

# What cannot be sent is said, not tried for ever.
banner_unsent() {
	cat >"$LAB/unsent.c" <<-'SHIM'
		#define _GNU_SOURCE
		#include <errno.h>
		#include <string.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		ssize_t
		write(int fd, const void *p, size_t n)
		{
			if (n > 8 && memcmp(p, "SSH-2.0-", 8) == 0) {
				errno = EIO;
				return -1;
			}
			return syscall(SYS_write, fd, p, n);
		}
	SHIM
	lab_check 'the shim is built' cc -shared -fPIC -w -o "$LAB/unsent.so" "$LAB/unsent.c"
	lab_up
	lab_sshd
	lab_config
	shimmed "$LAB/unsent.so" lab_in client timeout 40 env XDG_STATE_HOME="$LAB/state" "$PROG" probe -F "$LAB/config" --format json \
		--banner --max 2s --resolution 1s lab >"$LAB/probe.json" 2>"$LAB/probe.err"
	LAB_RC=$?
	lab_check 'exit 2' ends 2
	lab_check 'it says so' says ending failed
	lab_check 'and why' tells 'the version line cannot be sent'
}

# A measurement counts where it was made, and for a while.
elsewhere() {
	lab_up timeout=4
	lab_sshd
	lab_config
	probe --max 10s --resolution 1s
	lab_check 'measured here' path_is "measured $(value low_s)"
	sed -i 's/^when = .*/when = 1700000000/' "$LAB"/state/sshkeep/probe/*.ini
	lab_check 'too old' path_is 'assumed 240'
	lab_check 'it says so' grep -q 'older than measured_for' <(audit)
	sed -i "s/^when = .*/when = $(date +%s)/" "$LAB"/state/sshkeep/probe/*.ini
	lab_check 'fresh again' path_is "measured $(value low_s)"
	lab_check 'not for another port' [ "$(audit -p 23 | jq -r '.hosts[0].confidence')" = assumed ]
	ip -n "$LAB_ID.router" link set dev inner address 02:00:00:00:00:99
	ip -n "$LAB_ID.client" neigh flush all
	lab_check 'a network that is not known yet' path_is 'assumed 240'
	lab_until 9000 lab_in client bash -c "exec 3<>/dev/tcp/$LAB_HOST/22"
	lab_check 'another network' path_is 'assumed 240'
	lab_check 'it says so, too' grep -q 'in another network' <(audit)
	echo 'low = x' >>"$LAB"/state/sshkeep/probe/"$(ls "$LAB/state/sshkeep/probe")"
	lab_check 'a damaged file is a note' grep -q 'a measurement of probe does not count' <(audit)
}

# Which network this is, without a measurement: nobody listens there, but the router is asked for the way.
network() {
	probe --banner -p 9
	value network
}

# All IPv6 routers may have the same address: what tells networks apart is the router's hardware.
elsewhere6() {
	local one two
	lab_up ipv6=yes
	lab_config
	ip -n "$LAB_ID.client" neigh flush all
	one=$(network)
	lab_check 'the router is in it' [ "${one/$(hardware_of inner)/}" != "$one" ]
	ip -n "$LAB_ID.router" link set dev inner address 02:00:00:00:00:99
	ip -n "$LAB_ID.client" neigh flush all
	two=$(network)
	lab_check 'another router, another network' [ "${two/02:00:00:00:00:99/}" != "$two" ]
}

# Hardware address of an interface of the router.
hardware_of() { ip -n "$LAB_ID.router" -j link show dev "$1" | jq -r '.[0].address'; } # interface

if [ $# -gt 0 ]; then
	lab_run "$@"
	lab_end
fi
all=(none 'none loose=1' 'masked sshd' 'masked kernel' 'masked jump' not_masked own_config hostile_far_end short_sessions
	cut_off jump cut reboot proxy_restart suspend 'held 7 12000' 'held 3 0' busy banner_held 'stop INT early' 'stop INT late'
	'stop TERM late' bar banner banner_grace banner_lost 'banner_endless drip' 'banner_endless flood' banner_unsent elsewhere
	elsewhere6 no_ssh 'fails name Could not resolve hostname' 'fails refused Connection refused'
	'fails auth Permission denied' 'fails hostkey Host key verification failed' 'fails config Bad configuration option'
	'finds 10 silent server-sent client_filter=10' 'finds 20 silent server-sent timeout=20 loose=1 expiry=reject'
	'fails forced does this account run commands')
numbers='10 20 45'
[ "${E2E:-all}" = all ] || numbers=10
for s in $numbers; do
	all+=(
		"finds $s silent both timeout=$s"
		"finds $s reset both timeout=$s expiry=reject"
		"finds $s silent server-sent timeout=$s loose=1"
		"finds $s silent client-sent server_filter=$s"
		"finds $s close both proxy=haproxy proxy_timeout=$s"
		"finds $s silent both timeout=70 hop2=$s"
		"finds $s silent both timeout=$s ipv6=yes"
	)
done
lab_run "${all[@]}"
lab_end
