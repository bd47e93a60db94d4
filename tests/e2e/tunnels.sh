#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031,SC2030 # functions are called through lab_run, in subshells
# Launchers that come back: what sshkeep launcher writes, with the real autossh, ssh and sshd in the lab.  How soon a
# tunnel has to be up again is read from the launcher itself, and from what audit says of the server.
# (systemd is not process 1 here: lib/supervise.py runs the units the way it would, and says what it leaves out.)
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init autossh conntrack python3 flock
LIMIT_MS=${LIMIT_MS:-100000} # of one wait: far more than any prediction here
SUPERVISE=$LAB_HERE/tests/e2e/lib/supervise.py

# A policy with numbers that a test can wait for.
printf '%s\n' '[policy quick]' 'about = quick' 'assumed_timeout = 240s' 'margin = 2' 'notice = 4s-9s' 'outage = 2s' \
    'measured_for = 1d' >"$LAB_TOP/quick.ini"

# ---- the parts of a test

# Write $LAB/tunnel of this kind.  Forwards: the server's own sshd by way of the client's port 8080 (local), or by way
# of the server's port 2222 (remote).
launcher() { # kind, local|remote, host
	local forward=(-L 127.0.0.1:8080:127.0.0.1:22)
	[ "$2" = local ] || forward=(-R "127.0.0.1:2222:$LAB_SERVER:22")
	"$PROG" launcher --config "$LAB_TOP/quick.ini" --policy quick --path-timeout 8s -F "$LAB/config" --kind "$1" \
	    "${forward[@]}" --to "$LAB/tunnel.$1" -- "$3" >"$LAB/launcher.said" 2>&1 || lab_fail "no launcher: $(cat "$LAB/launcher.said")"
	KIND=$1 SIDE=$2 TUNNEL=$LAB/tunnel.$1
	AGAIN=$(comment 'is up again within ([0-9]+) s') AGAIN_LATE=$(comment '(grows up to [0-9]+ s: within|freed the port, plus) ([0-9]+) s')
}

# A number of the launcher's comments, in milliseconds.
comment() { # regex whose last group is the number
	local text
	text=$(sed -n 's/^# *//p' "$LAB/tunnel.$KIND" | tr '\n' ' ')
	[[ $text =~ $1 ]] && echo $((BASH_REMATCH[${#BASH_REMATCH[@]} - 1] * 1000))
}

# A network, an sshd, a launcher.  The home has blanks in its name.
prepare() { # kind, local|remote, word of lab_up ...
	local kind=$1 side=$2
	shift 2
	export HOME="$LAB/a home" TUNNEL_HOST=${TUNNEL_HOST:-lab}
	export XDG_STATE_HOME=$HOME/state
	mkdir -p "$HOME"
	lab_up timeout=12 "$@"
	lab_sshd 'ClientAliveInterval 2' 'ClientAliveCountMax 3'
	lab_config
	launcher "$kind" "$side" "$TUNNEL_HOST"
}

script() { # word: the launcher script in the client's namespace
	lab_in client sh "$LAB/tunnel.script" "$@" </dev/null >"$LAB/script.said" 2>&1
}

says() { # what, status, text, word of the script
	local rc
	script "$4"
	rc=$?
	lab_check "$1 ($(tr '\n' '|' <"$LAB/script.said"))" [ "$rc:$(grep -cF -e "$3" "$LAB/script.said")" = "$2:1" ]
}

# One connection through the tunnel gets the greeting of the sshd behind it.
carries() {
	local role=client port=8080
	[ "$SIDE" = local ] || role=server port=2222
	# shellcheck disable=SC2016 # of the inner shell
	lab_in "$role" timeout 3 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && read -r line <&3 && [[ $line = SSH-2.0-* ]]' \
	    "$port" 2>/dev/null
}

up() { # what
	lab_timed "$1" lab_until "$LIMIT_MS" carries
}

# Carries bytes within the time predicted, counted from the event.
up_within() { # what, milliseconds, [LAB_NOW at the event; now]
	local from ok
	lab_now
	from=${3:-$LAB_NOW}
	if lab_until "$LIMIT_MS" carries; then ok=yes; else ok=no; fi
	lab_now
	# (One look takes a moment, on a busy machine two.)
	if [ "$ok" = yes ] && [ $((LAB_NOW - from)) -le $(($2 + 2000)) ]; then
		lab_ok "$1: up after $((LAB_NOW - from)) ms, predicted within $2"
	else
		lab_late "$1: up ($ok) after $((LAB_NOW - from)) ms, predicted within $2; $(tail -n 3 "$LAB"/*.log "$XDG_STATE_HOME"/sshkeep/tunnel/*/*.log 2>/dev/null)"
	fi
}

state() { # file of the script's state folder
	cat "$XDG_STATE_HOME/sshkeep/tunnel/${NAME:-lab}/$1" 2>/dev/null
}

autossh_pid() { state pid | tr -cd 0-9; }

ssh_pid() { # of the script's autossh, or of the unit's main process
	local p=${1:-$(autossh_pid)}
	[ -n "$p" ] && tr -d ' ' <"/proc/$p/task/$p/children" 2>/dev/null
}
# The ssh of whatever was started.
tunnel_ssh() {
	case $KIND in
	script) ssh_pid ;;
	systemd-ssh) main_pid ;;
	*) ssh_pid "$(main_pid)" ;;
	esac
}
is_pid() { [[ $1 =~ ^[0-9]+$ ]]; }
# It is another ssh than the one of before, which is what must have ended.
another_ssh() { # pid of before
	local now
	now=$(tunnel_ssh)
	is_pid "$1" && is_pid "$now" && [ "$now" != "$1" ] && ! dead "$now"
}

# Are all processes in the client's namespace gone?  (pids of our own checks pass.)
client_empty() { [ -z "$(ip netns pids "$LAB_ID.client")" ]; }
left() { for p in $(ip netns pids "$LAB_ID.client"); do tr '\0' ' ' <"/proc/$p/cmdline"; echo; done 2>/dev/null; }

no_orphans() {
	lab_check "no process is left" lab_until 8000 client_empty
	client_empty || left
}

# A unit under the stand-in for systemd; main_pid is its main process.
supervise() {
	# what an earlier one told is no news of this one
	rm -f "$LAB/events.log"
	lab_in client python3 "$SUPERVISE" "$TUNNEL" "$LAB/events.log" >"$LAB/unit.log" 2>&1 &
	UNIT=$!
}
main_pid() { awk '$2 == "start" { p = $3 } $2 == "end" { p = "" } END { print p }' "$LAB/events.log" 2>/dev/null; }
unit_stop() {
	kill "$(awk '$2 == "supervisor" { p = $3 } END { print p }' "$LAB/events.log")"
	wait "$UNIT"
	lab_check 'the unit stops' grep -q ' stopped$' "$LAB/events.log"
	no_orphans
}

begin() { # start whatever was prepared, and wait for bytes
	if [ "$KIND" = script ]; then script start; else supervise; fi
	up 'it starts and carries'
}
end() {
	if [ "$KIND" = script ]; then
		says 'it stops' 0 'stopped' stop
		no_orphans
	else
		unit_stop
	fi
}

# Has the process ended?  Whoever adopted it may be slow to ask how.
dead() { # pid
	is_pid "$1" || return 1
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# ---- scenarios

# start, status, restart, stop, two starts at once; with another autossh beside it.
life() {
	local other born a b
	prepare script local
	# Somebody else's autossh, which nothing here may touch.
	lab_in client env AUTOSSH_GATETIME=0 AUTOSSH_PIDFILE="$LAB/other.pid" autossh -M 0 -f -- -N -F "$LAB/config" \
	    -L 127.0.0.1:9090:127.0.0.1:22 lab </dev/null >/dev/null 2>&1
	lab_until 5000 test -s "$LAB/other.pid"
	other=$(cat "$LAB/other.pid")
	born=$(lab_owner "$other")
	begin
	a=$(autossh_pid)
	says 'status' 0 "up (autossh $a" status
	says 'a second start' 0 "already running (autossh $a)" start
	says 'restart' 0 'started' restart
	up 'after restart'
	lab_check 'restart makes a new one' [ "$(autossh_pid)" != "$a" ]
	lab_check 'and ends the old one' dead "$a"
	says 'stop' 0 'stopped' stop
	says 'status after stop' 3 'not running' status
	says 'stop again' 0 'not running' stop
	# a pid file that names it
	mkdir -p "$XDG_STATE_HOME/sshkeep/tunnel/lab"
	echo "$other" >"$XDG_STATE_HOME/sshkeep/tunnel/lab/pid"
	says "stop with another's pid" 0 'not running' stop
	echo "$other" >"$XDG_STATE_HOME/sshkeep/tunnel/lab/pid"
	says "start with another's pid" 0 'started' start
	lab_check 'the other autossh was not touched by its pid' [ "$(lab_owner "$other")" = "$born" ]
	up "after another's pid"
	says "stop after another's pid" 0 'stopped' stop
	lab_in client sh "$TUNNEL" start >"$LAB/one" 2>&1 </dev/null &
	a=$!
	lab_in client sh "$TUNNEL" start >"$LAB/two" 2>&1 </dev/null &
	b=$!
	wait "$a"
	a=$?
	wait "$b"
	b=$?
	lab_check "two starts at once ($a $b): one starts" [ "$(cat "$LAB/one" "$LAB/two" | grep -c ': started')" -eq 1 ]
	up 'after two starts'
	lab_check 'two starts at once: one autossh' [ "$(autosshes)" -eq 2 ]
	lab_check 'the other autossh was not touched' [ "$(lab_owner "$other")" = "$born" ]
	says 'stop at the end' 0 'stopped' stop
	lab_check 'the other autossh was not touched by stop' [ "$(lab_owner "$other")" = "$born" ]
	kill "$other"
	no_orphans
}
autosshes() { # how many run here
	local p n=0
	for p in $(ip netns pids "$LAB_ID.client"); do
		grep -qx autossh "/proc/$p/comm" && n=$((n + 1))
	done 2>/dev/null
	echo "$n"
}

# A host name full of quotes and blanks is passed on as it is, and nothing in it is run.
# shellcheck disable=SC2016,SC1003 # the name is meant so
hostile() {
	local evil='it'\''s a "$(touch pwned)"`touch pwned`;touch pwned \'
	TUNNEL_HOST=$evil
	prepare script local
	NAME=$(sed -n 's/^NAME=//p' "$TUNNEL")
	sed -i 's/^Host lab/Host */' "$LAB/config"
	cd "$LAB" || return
	# Since 9.6, and in some distributions before, ssh itself takes no such name.
	if lab_in client ssh -F "$LAB/config" -o ConnectTimeout=5 "$evil" true 2>"$LAB/by.hand"; then
		begin
	else
		says 'ssh refuses the name, and start tells' 0 'but ssh has failed' start
		says 'check shows why' 1 "$(head -n 1 "$LAB/by.hand" | tr -d '\r')" check
	fi
	says 'it stops' 0 'stopped' stop
	lab_check 'nothing of the name was run' [ -z "$(find "$LAB" "$HOME" "$LAB_HERE" -maxdepth 1 -name pwned)" ]
	no_orphans
	launcher systemd-ssh local "$evil"
	supervise
	lab_check 'the unit starts ssh' lab_until 5000 grep -qs ' start ' "$LAB/events.log"
	[ ! -s "$LAB/by.hand" ] || lab_check 'which says the same' lab_until 5000 grep -qsF "$(head -n 1 "$LAB/by.hand" | tr -d '\r')" "$LAB/unit.log"
	unit_stop
	lab_check 'nothing of the name was run by the unit' [ -z "$(find "$LAB" "$HOME" / -maxdepth 1 -name pwned)" ]
}

# Names that no launcher is made for.
names() {
	local bad said
	lab_up
	lab_config
	for bad in '-oProxyCommand=touch x' $'a\nb' $'a\033b' '' 'user@-oProxyCommand=touch x'; do
		said=$(cd "$LAB" && "$PROG" launcher -F "$LAB/config" -L 127.0.0.1:8080:127.0.0.1:22 -- "$bad" 2>&1)
		lab_check "the host name '${bad@Q}' is refused: $said" [ $? -eq 3 ]
		lab_check 'and nothing is run' [ ! -e "$LAB/x" ]
	done
}

# The line is cut for longer than everybody's patience, and comes back.
cut() { # kind, side
	prepare "$1" "$2"
	begin
	lab_cut
	# the router forgets, ssh gives up, the far sshd gives up, and tries fail for a while
	lab_sleep 24000
	lab_check 'nothing is carried meanwhile' eval '! carries'
	lab_restore
	up_within 'the line is back' "$AGAIN"
	end
}

# The router forgets the connection; the line itself is fine.
forgotten() {
	local from k
	prepare systemd-ssh local
	begin
	k=$(tunnel_ssh)
	lab_forget
	lab_now
	from=$LAB_NOW
	# packets of what was forgotten vanish, so ssh has to notice by itself
	lab_timed 'the old connection is dead' lab_until 30000 eval '! carries'
	up_within 'the router forgot' "$AGAIN" "$from"
	lab_check 'by another ssh' another_ssh "$k"
	end
}

# The same without ServerAlive: nobody notices.  What the tests above find is not found by luck.
deaf() {
	prepare script local
	sed -i 's/ServerAliveInterval=[0-9]*/ServerAliveInterval=0/' "$TUNNEL"
	begin
	lab_forget
	lab_sleep $((AGAIN + 5000))
	lab_check 'without ServerAlive the tunnel stays dead' eval '! carries'
	end
}

# The server goes without a word, stays away, and refuses at first when it is back.
reboot() { # kind
	local k
	prepare "$1" local
	begin
	k=$(tunnel_ssh)
	lab_reboot
	lab_sshd_stop
	lab_timed 'the server is gone' lab_until 30000 eval '! carries'
	lab_check 'and its ssh' lab_until 30000 dead "$k"
	# up, but no sshd yet: tries are refused at once
	lab_sleep 10000
	lab_sshd_start
	up_within 'the server is back' "$AGAIN_LATE"
	lab_check 'by another ssh' another_ssh "$k"
	end
}

# The client vanishes, and its ghost on the server holds the port.
ghost() { # kind
	local until_s
	prepare "$1" remote
	begin
	until_s=$("$PROG" audit --server -f "$LAB/sshd_config" --format json --exit-zero | jq '.hosts[0].notice_max_s')
	lab_cut
	for p in $(ip netns pids "$LAB_ID.client"); do kill -KILL "$p"; done
	[ "$KIND" = script ] || wait "$UNIT"
	# what asks for the client finds nobody who would answer
	lab_forget
	lab_restore
	lab_check 'the ghost holds the port' lab_listens server 2222
	if [ "$KIND" = script ]; then script start; else supervise; fi
	lab_timed "a try is refused by the ghost" lab_until 15000 grep -qs 'remote port forwarding failed' \
	    "$LAB/unit.log" "$XDG_STATE_HOME/sshkeep/tunnel/lab/ssh.log"
	up_within "the ghost is gone (audit: within $until_s s)" $((until_s * 1000 + AGAIN_LATE))
	end
}

# Somebody ends ssh; status 1 when there is none.
ssh_ends() { # signal, function that says its pid, milliseconds until the tunnel carries again
	local k from
	k=$("$2")
	lab_timed 'there is an ssh' is_pid "$k" || return
	kill -s "$1" "$k"
	lab_now
	from=$LAB_NOW
	lab_check "$1 ends ssh" lab_until 3000 dead "$k"
	up_within "ssh got $1" "$3" "$from"
	lab_check 'by another ssh' another_ssh "$k"
}

# Somebody ends ssh, or autossh itself.
ended() {
	local a k from
	prepare script local
	begin
	for signal in HUP KILL; do
		ssh_ends "$signal" ssh_pid "$AGAIN" || return
	done
	# ssh -N that gets TERM exits 0: to autossh that is an end that was wished for
	a=$(autossh_pid) k=$(ssh_pid)
	lab_timed 'there is an ssh for TERM' is_pid "$k" || return
	kill -TERM "$k"
	lab_check 'TERM to ssh is an end' lab_until 5000 dead "$a"
	says 'and status says so' 3 'not running' status
	no_orphans
	begin
	a=$(autossh_pid) k=$(ssh_pid)
	lab_timed 'there is an ssh to be orphaned' is_pid "$k" || return
	kill -KILL "$a"
	says 'autossh was killed' 1 "orphan $k" status
	says 'a start sees the orphan' 1 'holds the ports' start
	says 'a restart ends it' 0 'started' restart
	lab_check 'the orphan is gone' dead "$k"
	up 'after the restart'
	kill -KILL "$(autossh_pid)"
	says 'stop ends an orphan, too' 0 'ending ssh' stop
	no_orphans
}

ended_unit() { # kind
	local pid k from
	prepare "$1" local
	begin
	for signal in TERM HUP KILL; do
		ssh_ends "$signal" tunnel_ssh "$AGAIN_LATE" || return
	done
	pid=$(main_pid) k=$(tunnel_ssh)
	lab_timed 'there is a main process' is_pid "$pid" || return
	kill -KILL "$pid"
	lab_now
	from=$LAB_NOW
	lab_check 'the main process is gone' lab_until 3000 dead "$pid"
	lab_check 'and its ssh' lab_until 8000 dead "$k"
	up_within 'the main process was killed' "$AGAIN_LATE" "$from"
	lab_check 'by another ssh' another_ssh "$k"
	# what systemctl restart does
	pid=$(main_pid) k=$(tunnel_ssh)
	unit_stop
	lab_check 'stop ends the main process' dead "$pid"
	lab_check 'and ssh' dead "$k"
	supervise
	up 'it carries after stop and start'
	lab_check 'by another ssh' another_ssh "$k"
	end
}

# Pid files that lie, and a stop while autossh waits.
pids() {
	local a n
	prepare script local
	begin
	says 'stop' 0 'stopped' stop
	mkdir -p "$XDG_STATE_HOME/sshkeep/tunnel/lab"
	echo 4194303 >"$XDG_STATE_HOME/sshkeep/tunnel/lab/pid"
	says 'a stale pid file' 1 'without removing its pid file' status
	says 'start removes it' 0 'stale pid file' start
	up 'after a stale pid file'
	says 'stop again' 0 'stopped' stop
	# the pid was given to another process
	sleep 300 &
	n=$!
	echo "$n" >"$XDG_STATE_HOME/sshkeep/tunnel/lab/pid"
	says 'stop does not touch a foreign pid' 0 'not running' stop
	echo "$n" >"$XDG_STATE_HOME/sshkeep/tunnel/lab/pid"
	says 'start neither' 0 'started' start
	lab_check 'the foreign process lives' kill -0 "$n"
	kill "$n"
	up 'after a foreign pid'
	# backing off
	lab_sshd_stop
	k=$(ssh_pid)
	for p in $(ip netns pids "$LAB_ID.server"); do kill -KILL "$p"; done
	lab_until 5000 dead "$k"
	lab_timed 'it waits before the next try' lab_until 60000 backing_off
	a=$(autossh_pid)
	says 'stop while it waits' 0 'stopped' stop
	lab_check 'autossh has ended' dead "$a"
	no_orphans
}
backing_off() {
	script status
	grep -q 'backing off' "$LAB/script.said"
}

# One scenario alone:  tests/e2e/tunnels.sh 'cut script local'
if [ $# -gt 0 ]; then
	lab_run "$@"
	lab_end
fi
lab_run life hostile names 'cut script local' 'cut systemd remote' 'cut systemd-ssh local' forgotten deaf 'reboot script' \
    'reboot systemd-ssh' 'ghost script' 'ghost systemd-ssh' ended 'ended_unit systemd' 'ended_unit systemd-ssh' pids
lab_end
