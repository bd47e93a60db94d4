#!/bin/bash
# SPDX-License-Identifier: MIT
# The launcher script does what it says: with the real autossh around a stand-in for ssh, and around the real one with an
# sshd on the loopback.
set -u
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/launcher.sh
. tests/lib/launcher.sh

# ---- The script, with a stand-in for ssh

cat >"$FAKE/ssh" <<'END'
#!/bin/sh
# Stands in for ssh: says what it was told, then stays, or fails when $FAKE/fail exists.
printf '%s\n' "$@" >"$FAKE/args"
log=/dev/stderr
[ "$1" = -E ] && log=$2
if [ -e "$FAKE/fail" ]; then
	echo "ssh: connect to host web: Connection refused" >>"$log"
	exit 255
fi
for last; do :; done
[ "$last" = true ] && exit 0
trap 'exit 0' TERM
trap 'exit 255' HUP
while :; do
	sleep 1 &
	wait $!
done
END
chmod +x "$FAKE/ssh"
export SSHKEEP_SSH=$FAKE/ssh

if ! command -v autossh >/dev/null; then
	skip "the script itself: no autossh" 1
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
fi

launcher -L 127.0.0.1:8080:web:80 web >"$T/web" || fail web "no script"
launcher -L 127.0.0.1:9090:web:80 other >"$T/other" || fail other "no script"
chmod +x "$T/web" "$T/other"
S=$T/web
W=$STATE/web

t "usage" 2 "usage:" "$S"
t "usage, word" 2 "usage:" "$S" begin
t "status before the first start" 3 "not running" "$S" status
t "stop before the first start" 0 "not running" "$S" stop
t "start" 0 "started" "$S" start
A=$(pid_of web) K=$(ssh_of web)
is "mode of the folder" "$(stat -c %a "$W")" 700
is "mode of the log" "$(stat -c %a "$W/autossh.log")" 600
t "status" 0 "autossh $A, ssh $K" "$S" status
t "second start" 0 "already running (autossh $A)" "$S" start
is "second start leaves the first alone" "$(pid_of web) $(ssh_of web)" "$A $K"

# Our words, the host last, and no word of autossh's.
want=$(printf '%s\n' -E "$W/ssh.log" -T -o BatchMode=yes -o ConnectTimeout=15)
is "first words of ssh" "$(head -n 7 "$FAKE/args")" "$want"
is "last words of ssh" "$(tail -n 3 "$FAKE/args")" "$(printf '%s\n' -L 127.0.0.1:8080:web:80 web)"
for word in ServerAliveCountMax=3 ExitOnForwardFailure=yes ControlMaster=no ControlPath=none -N; do
	is "words of ssh" "$(grep -Fx -e "$word" "$FAKE/args")" "$word"
done
is "variables of autossh" "$(tr '\0' '\n' <"/proc/$A/environ" | grep -c '^AUTOSSH_')" 6

# ssh that dies is started again.
kill -KILL "$K"
back() { K2=$(ssh_of web) && [ -n "$K2" ] && [ "$K2" != "$K" ]; }
if soon back; then pass; else fail "ssh killed" "does not come back"; fi
is "ssh killed, autossh stays" "$(pid_of web)" "$A"

# shellcheck disable=SC2016 # of the inner shell
t "other arguments" 1 "other arguments" sh -c \
    'sed "s/8080:web/8081:web/" "$1" >"$1.2" && sh "$1.2" start' sh "$S"
t "restart" 0 "started" "$S" restart
if alive "$A" || alive "$K2"; then fail "restart" "the old ones still run"; else pass; fi
A=$(pid_of web) K=$(ssh_of web)
t "stop" 0 "stopped" "$S" stop
if alive "$A" || alive "$K"; then fail "stop" "something still runs"; else pass; fi
is "stop removes the pid file" "$(pid_of web)" ""
t "status after stop" 3 "not running" "$S" status
t "check" 0 "logs in" "$S" check

# ---- Inherited variables that would end or redirect autossh
t "inherited variables" 0 "started" env AUTOSSH_POLL=1m AUTOSSH_GATETIME= AUTOSSH_LOGLEVEL= AUTOSSH_MAXSTART=0 \
    AUTOSSH_PIDFILE="$T/elsewhere" AUTOSSH_PORT=20000 AUTOSSH_NTSERVICE=yes "$S" start
if [ -e "$T/elsewhere" ]; then fail "inherited variables" "the pid file is elsewhere"; else pass; fi
t "inherited variables, stop" 0 "stopped" "$S" stop

# ---- Pid files that lie
echo 999999999 >"$W/pid"
t "stale pid file, status" 1 "pid file" "$S" status
t "stale pid file, start" 0 "stale pid file" "$S" start
t "stale pid file, stop" 0 "stopped" "$S" stop
sleep 300 &
helpers=$!
echo "$helpers" >"$W/pid"
t "pid of another process, status" 1 "pid file" "$S" status
t "pid of another process, stop" 0 "not running" "$S" stop
echo "$helpers" >"$W/pid"
t "pid of another process, start" 0 "started" "$S" start
t "pid of another process, stop again" 0 "stopped" "$S" stop
if alive "$helpers"; then pass; else fail "pid of another process" "it was ended"; fi
t "another tunnel" 0 "started" "$T/other" start
O=$(pid_of other)
echo "$O" >"$W/pid"
t "pid of another autossh, status" 1 "pid file" "$S" status
t "pid of another autossh, stop" 0 "not running" "$S" stop
if alive "$O"; then pass; else fail "pid of another autossh" "it was ended"; fi
for junk in "" "-1" "1; touch $T/junk" "$O $O" "0" "$(head -c 3000 /dev/zero | tr '\0' 7)"; do
	printf '%s' "$junk" >"$W/pid"
	t "junk in the pid file" 1 "pid file" "$S" status
done
t "junk in the pid file, start" 0 "started" "$S" start
rm "$W/pid"
t "lost pid file, status" 0 "pid file is lost" "$S" status
t "lost pid file, start" 0 "already running" "$S" start
A=$(pid_of web) K=$(ssh_of web)
t "lost pid file, stop" 0 "stopped" "$S" stop

# ---- An autossh that was killed leaves its ssh
t "orphan, start" 0 "started" "$S" start
A=$(pid_of web) K=$(ssh_of web)
kill -KILL "$A"
t "orphan, status" 1 "orphan $K" "$S" status
t "orphan, second start" 1 "holds the ports" "$S" start
if alive "$K"; then pass; else fail "orphan" "start ended it"; fi
t "orphan, stop" 0 "ending ssh $K" "$S" stop
if alive "$K"; then fail "orphan" "stop left it"; else pass; fi
t "orphan, status after stop" 3 "not running" "$S" status
t "orphan, start again" 0 "started" "$S" start
kill -KILL "$(pid_of web)"
t "orphan, restart" 0 "started" "$S" restart
is "orphan, one ssh after restart" "$(running ssh)" 1
t "orphan, end" 0 "stopped" "$S" stop

# ---- An ssh that is stuck
t "stuck, start" 0 "started" "$S" start
A=$(pid_of web) K=$(ssh_of web)
kill -STOP "$K"
t "stuck, status" 4 "stuck" "$S" status
t "stuck, stop" 0 "stopped" "$S" stop
if alive "$A" || alive "$K"; then fail "stuck, stop" "something still runs"; else pass; fi

# ---- Backing off
touch "$FAKE/fail"
t "failing ssh, check" 1 "cannot log in" "$S" check
t "failing ssh, start" 0 "Connection refused" "$S" start
A=$(pid_of web)
sleep 3
t "failing ssh, status" 0 "backing off" "$S" status
t "failing ssh, stop" 0 "stopped" "$S" stop
if alive "$A"; then fail "failing ssh" "autossh still runs"; else pass; fi
rm "$FAKE/fail"

# ---- One at a time
"$S" start >"$T/one" 2>&1 &
one=$!
"$S" start >"$T/two" 2>&1 &
two=$!
wait $one
r1=$?
wait $two
r2=$?
if [ $((r1 + r2)) -le 1 ] && grep -qh "started" "$T/one" "$T/two"; then
	pass
else
	fail "two starts" "$r1 $r2: $(cat "$T/one" "$T/two")"
fi
is "two starts, one autossh" "$(running autossh)" 1
is "two starts, one ssh" "$(running ssh)" 1
t "two starts, stop" 0 "stopped" "$S" stop
flock "$W/lock" sleep 3 &
sleep 0.5
t "lock held" 1 "is at work" "$S" start
wait $!
export SSHKEEP_FLOCK=
mkdir "$W/lock.d"
echo "$helpers" >"$W/lock.d/pid"
t "lock folder held" 1 "is at work" "$S" start
echo 999999999 >"$W/lock.d/pid"
t "lock folder stale" 0 "started" "$S" start
if [ -e "$W/lock.d" ]; then fail "lock folder" "is left"; else pass; fi
t "lock folder, stop" 0 "stopped" "$S" stop
mkdir "$W/lock.d"
t "lock folder without owner" 0 "not running" "$S" stop
unset SSHKEEP_FLOCK

# ---- In the foreground
foreground() { # lock
	SSHKEEP_FLOCK=$1 "$S" run >"$T/run.log" 2>&1 </dev/null &
	R=$!
	up() { [ "$(pid_of web)" = "$R" ] && [ -n "$(ssh_of web)" ]; }
	if soon up; then pass; else fail "run" "$(cat "$T/run.log")"; fi
	t "run, status" 0 "autossh $R" "$S" status
	# run holds the lock for a moment after ssh is up
	unlocked() { ! env SSHKEEP_FLOCK="$L" "$S" start 2>&1 | grep -q 'is at work'; }
	L=$1
	soon unlocked || true
	t "run, start" 0 "already running" env SSHKEEP_FLOCK="$1" "$S" start
	t "run, run" 1 "already running" env SSHKEEP_FLOCK="$1" "$S" run
	K=$(ssh_of web)
	kill -TERM "$R"
	wait "$R"
	is "run, status of autossh" "$?" 1
	if alive "$K"; then fail "run" "ssh is left"; else pass; fi
	t "run, status after" 3 "not running" "$S" status
}
foreground flock
is "run, what autossh says" "$(grep -c "starting ssh" "$T/run.log")" 1
foreground ""
"$S" run >/dev/null 2>&1 </dev/null &
R=$!
soon up
t "run, stop" 0 "stopped" "$S" stop
wait $R

# ---- Without /proc, and other shells
sed 's|PROC=/proc|PROC=/nowhere|' "$S" >"$T/noproc"
t "no /proc, start" 0 "started" sh "$T/noproc" start
t "no /proc, status" 0 "autossh $(pid_of web)" sh "$T/noproc" status
t "no /proc, second start" 0 "already running" sh "$T/noproc" start
t "no /proc, stop" 0 "stopped" sh "$T/noproc" stop
t "no /proc, orphan start" 0 "started" sh "$T/noproc" start
K=$(ssh_of web)
kill -KILL "$(pid_of web)"
adopted() { [ "$(ps -o ppid= -p "$K" | tr -d ' ')" = 1 ]; }
if soon adopted; then
	t "no /proc, orphan status" 1 "orphan $K" sh "$T/noproc" status
	t "no /proc, orphan stop" 0 "ending ssh $K" sh "$T/noproc" stop
else
	skip "orphans are not adopted by process 1 here" 2
	"$S" stop >/dev/null
fi
echo "$O" >"$W/pid"
echo "$O Mon_Jan_1" >"$W/born"
t "no /proc, pid of another autossh" 0 "not running" sh "$T/noproc" stop
if alive "$O"; then pass; else fail "no /proc" "ended another autossh"; fi
for shell in "bash --posix" ksh mksh yash "busybox sh"; do
	command -v "${shell%% *}" >/dev/null || continue
	# shellcheck disable=SC2086 # words
	t "$shell, start" 0 "started" $shell "$S" start
	# shellcheck disable=SC2086 # words
	t "$shell, status" 0 "autossh" $shell "$S" status
	# shellcheck disable=SC2086 # words
	t "$shell, stop" 0 "stopped" $shell "$S" stop
done

# ---- Places and names
t "no HOME" 1 "HOME" env -u HOME "$S" status
t "XDG_STATE_HOME" 0 "started" env XDG_STATE_HOME="$T/x d g" "$S" start
if [ -s "$T/x d g/sshkeep/tunnel/web/pid" ]; then pass; else fail "XDG_STATE_HOME" "no pid file there"; fi
t "XDG_STATE_HOME, stop" 0 "stopped" env XDG_STATE_HOME="$T/x d g" "$S" stop
t "relative state" 1 "absolute" env SSHKEEP_STATE=x "$S" status
t "state folder that cannot be" 1 "cannot make" env SSHKEEP_STATE=/proc/x "$S" start
t "no ssh" 5 "absolute path" env SSHKEEP_SSH=/nowhere/ssh "$S" start
# shellcheck disable=SC2016,SC1003 # the name is meant so
evil='it'\''s "$(touch pwned)" `touch pwned`; touch pwned \'
launcher -L 8080:web:80 -o 'User="a b"' -- "$evil" >"$T/evil" || fail "hostile host" "no script"
t "hostile host, start" 0 "started" sh "$T/evil" start
is "hostile host, as it is" "$(tail -n 1 "$FAKE/args")" "$evil"
is "hostile value, as it is" "$(grep -Fx -e 'User="a b"' "$FAKE/args")" 'User="a b"'
t "hostile host, stop" 0 "stopped" sh "$T/evil" stop
is "hostile host, nothing ran" "$(find "$T" . -maxdepth 3 -name pwned -not -path './.git/*')" ""

t "the other tunnel was never touched" 0 "autossh $O" "$T/other" status
t "the other tunnel, stop" 0 "stopped" "$T/other" stop
kill "$helpers"
wait "$helpers" 2>/dev/null
helpers=
nothing() { [ -z "$(mine)" ]; }
if soon nothing; then pass; else fail "left behind" "$(mine)"; fi

# ---- The real ssh
unset SSHKEEP_SSH
real() {
	local port=$((20000 + RANDOM % 20000)) sshd
	sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || return 1
	command -v ssh-keygen >/dev/null && [ "$(id -u)" -eq 0 ] || return 1
	mkdir -p "$T/sshd" && [ -d /run/sshd ] || mkdir -p /run/sshd || return 1
	ssh-keygen -q -t ed25519 -N '' -f "$T/sshd/host" && ssh-keygen -q -t ed25519 -N '' -f "$T/sshd/key" || return 1
	cp "$T/sshd/key.pub" "$T/sshd/authorized"
	printf '%s\n' "Port $port" "ListenAddress 127.0.0.1" "HostKey $T/sshd/host" "PidFile none" "StrictModes no" \
	    "AuthorizedKeysFile $T/sshd/authorized" "PermitRootLogin yes" "UsePAM no" >"$T/sshd/config"
	tests/lib/with_home "$T/sshd/home" "$sshd" -D -e -f "$T/sshd/config" 2>"$T/sshd/log" &
	helpers=$!
	LOCAL=$((port + 1)) REMOTE=$((port + 2))
	printf '%s\n' "Host real" "  HostName 127.0.0.1" "  Port $port" "  User $(id -un)" \
	    "  IdentityFile $T/sshd/key" "  IdentitiesOnly yes" "  UserKnownHostsFile $T/sshd/known" \
	    "  ControlMaster auto" "  ControlPath $T/sshd/mux" "  ControlPersist 60" \
	    "  LocalForward 127.0.0.1:$LOCAL 127.0.0.1:$port" \
	    "  RemoteForward 127.0.0.1:$REMOTE 127.0.0.1:$port" >"$T/sshd/client"
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$T/sshd/host.pub")" >"$T/sshd/known"
	"$PROG" launcher -F "$T/sshd/client" real >"$T/real" || fail "forwards of the config" "none taken"
}
banner() {
	local line=
	{ exec 5<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
	read -r -t 5 line <&5
	exec 5>&-
	[ "${line#SSH-2.0-}" != "$line" ]
}
if real; then
	t "real ssh, check" 0 "logs in; remote status 0" sh "$T/real" check
	t "real ssh, start" 0 "the forwards stand" sh "$T/real" start
	K=$(ssh_of real)
	t "real ssh, status" 0 "up (autossh" sh "$T/real" status
	if banner "$LOCAL"; then pass; else fail "real ssh" "-L carries nothing"; fi
	if soon banner "$REMOTE"; then pass; else fail "real ssh" "-R carries nothing"; fi
	if [ -e "$T/sshd/mux" ]; then fail "real ssh" "it is shared"; else pass; fi
	kill -KILL "$K"
	again() { [ -n "$(ssh_of real)" ] && [ "$(ssh_of real)" != "$K" ] && banner "$LOCAL" && banner "$REMOTE"; }
	if soon again; then pass; else fail "real ssh killed" "the tunnel does not come back"; fi
	A=$(pid_of real) K=$(ssh_of real)
	kill -KILL "$A"
	t "real ssh, orphan" 1 "orphan $K" sh "$T/real" status
	t "real ssh, restart" 0 "started" sh "$T/real" restart
	if soon banner "$LOCAL"; then pass; else fail "real ssh" "no tunnel after the restart"; fi
	t "real ssh, stop" 0 "stopped" sh "$T/real" stop
	if banner "$LOCAL"; then fail "real ssh" "the port is still open"; else pass; fi
	rm "$T/sshd/authorized"
	t "real ssh, no login" 1 "Permission denied" sh "$T/real" check
	t "real ssh, no login, start" 0 "started" sh "$T/real" start
	denied() { grep -qs "Permission denied" "$STATE/real/ssh.log"; }
	if soon denied; then pass; else fail "real ssh, no login" "not in the log"; fi
	t "real ssh, no login, status" 0 "Permission denied" sh "$T/real" status
	t "real ssh, no login, stop" 0 "stopped" sh "$T/real" stop
	kill "$helpers"
	wait "$helpers" 2>/dev/null
	helpers=
else
	skip "real ssh: needs root, sshd and ssh-keygen" 17
fi
if soon nothing; then pass; else fail "left behind at the end" "$(mine)"; fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
