#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031,SC2154,SC2016 # functions are called through lab_run, in subshells; texts are for other shells
# What `sessions` says of connections in known states, against what then happens to them: safe, at risk by a box on the
# way or by this kernel's conntrack, dead; who gives up when; masters, legs, the server's view, other namespaces, and
# what it cannot see.  Tolerance: 1 s plus 10 %.  Words on the command line
# choose tests: tests/e2e/sessions.sh 'limits 4'
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init conntrack setpriv python3

# The JSON of one look from ROLE's namespace into $LAB/look.json; it was taken between $FROM and $LAB_NOW.
look() { # role, option ...
	local role=$1
	shift
	lab_now
	FROM=$LAB_NOW
	lab_in "$role" "$PROG" sessions --format json "$@" >"$LAB/look.json" 2>"$LAB/look.err" </dev/null
	[ $? -le 1 ] || { lab_fail "sessions: $(cat "$LAB/look.err")"; return 1; }
	lab_now
	[ ! -s "$LAB/look.err" ] || lab_fail "sessions said: $(cat "$LAB/look.err")"
}

# A member of the row of process PID, "null" too; empty when there is no row.
of() { # pid, jq expression
	jq -r --argjson pid "$1" ".sessions[] | select(.pid == \$pid) | $2" "$LAB/look.json"
}

pid_of() { # session
	cat "$LAB/$1.pid"
}

# One check: a member is what it should be.
is() { # what, pid, jq expression, wanted
	local got
	got=$(of "$2" "$3")
	if [ "$got" = "$4" ]; then
		lab_ok "$1: $3 is $got"
	else
		lab_late "$1: $3 is \"$got\", not \"$4\" ($(of "$2" '.verdict + ": " + .why'))"
	fi
}

# One check: a number of seconds, cut, lies between.
between() { # what, pid, jq expression, low, high
	local got
	got=$(of "$2" "$3")
	if [[ $got =~ ^[0-9]+$ ]] && [ "$got" -ge "$4" ] && [ "$got" -le "$5" ]; then
		lab_ok "$1: $3 is $got"
	else
		lab_late "$1: $3 is \"$got\", not $4 to $5 ($(of "$2" '.verdict + ": " + .why'))"
	fi
}

# One check: a member is the number of seconds that a box remembers the connection, which a look lies between.
remembered() { # what, pid, jq expression, role that looks, role that remembers, option ...
	local what=$1 pid=$2 expr=$3 role=$4 box=$5 before after
	shift 5
	before=$(lab_remembers "$box")
	look "$role" "$@" || return
	after=$(lab_remembers "$box")
	between "$what: $before s before, $after s after" "$pid" "$expr" $((${after:-0} - 1)) $((${before:-0} + 1))
}

# One check: what was predicted between FROM and TO for N seconds later came about at AT, or up to EARLY s before that.
came_about() { # what, from, to, seconds, at, [early]
	local real=$(($4 * 1000)) early=${6:-0}
	[ $(($5 - $3)) -le "$real" ] || real=$(($5 - $3))
	[ $(($5 - $2)) -ge "$real" ] || real=$(($5 - $2))
	lab_within "$1" "$real" $((($4 - early) * 1000)) $(($4 * 1000 + 999))
}

# ---- safe

safe() {
	local p
	lab_up timeout=6
	lab_sshd
	lab_config 'ServerAliveInterval 2'
	lab_open one
	lab_site client
	lab_sleep 1000
	p=$(pid_of one)
	look client --config "$LAB/site.ini" || return
	is safe "$p" .verdict safe
	is safe "$p" .host lab
	is safe "$p" .user root
	is safe "$p" .peer "$LAB_SERVER:22"
	is safe "$p" '(.file + ":" + (.line | tostring))' "$LAB/config:2"
	is safe "$p" .master false
	is safe "$p" .next_by ServerAliveInterval
	between safe "$p" .next_s 0 1
	between safe "$p" .received_s 0 2
	is safe "$p" .path_timeout_s 6
	is safe "$p" .timer keepalive
	lab_check 'one row in this namespace' jq -e '[.sessions[] | select(.other_network_namespace | not)] | length == 1' "$LAB/look.json"
	lab_sleep 9000
	look client --config "$LAB/site.ini" || return
	is 'safe after 9 s of idleness' "$p" .verdict safe
	lab_timed 'it was' lab_echo one 3000
	# The same command, by people's eyes.
	lab_in client "$PROG" sessions --config "$LAB/site.ini" --color never >"$LAB/text"
	lab_check 'text names host, peer and line' grep -qE "^out lab +$LAB_SERVER:22 .* safe\$" "$LAB/text"
	lab_check 'text names the line' grep -qF "$LAB/config:2" "$LAB/text"
}

# ---- at risk, then dead: the router's own clock is the judge

forgotten() {
	local p
	lab_up timeout=14
	lab_sshd
	lab_config
	lab_open one
	lab_site client
	p=$(pid_of one)
	lab_sleep 3000
	remembered 'the router' "$p" .risk_s client router --config "$LAB/site.ini"
	is forgotten "$p" .verdict at_risk
	is forgotten "$p" .ended_by lab-router
	is forgotten "$p" .confidence declared
	lab_sleep 3000
	remembered 'the router, later' "$p" .risk_s client router --config "$LAB/site.ini"
	lab_sleep 9000
	look client --config "$LAB/site.ini" || return
	lab_check 'the router has forgotten it' test -z "$(lab_remembers router)"
	is forgotten "$p" .verdict dead
	is forgotten "$p" .ended_by lab-router
	lab_check 'and it is dead' test "$(lab_echo one 2000 && echo alive)" = ''
}

# A path of which nobody knows anything: no more than a risk, and no exit status.
assumed() {
	local p
	lab_up
	lab_sshd
	lab_config
	lab_open one
	p=$(pid_of one)
	lab_sleep 1500
	look client || return
	is assumed "$p" .verdict at_risk
	is assumed "$p" .confidence assumed
	between assumed "$p" '(.risk_s + .received_s)' 238 240
	# (Other labs on this machine have rows of their own, in namespaces of their own.)
	look client --path-timeout none || return
	is 'a path that never forgets' "$p" .verdict safe
	is 'a path that never forgets' "$p" .risk_s never
}

# ---- this machine's own conntrack

own_conntrack() {
	local p
	lab_up client_filter=14 client_loose=0
	lab_sshd
	lab_config
	lab_open one
	p=$(pid_of one)
	lab_sleep 3000
	remembered 'conntrack -L' "$p" .conntrack_s client client --path-timeout 600
	is own_conntrack "$p" .conntrack ESTABLISHED
	is own_conntrack "$p" .verdict at_risk
	is own_conntrack "$p" .confidence measured
	is own_conntrack "$p" .ended_by "this machine's conntrack"
	is own_conntrack "$p" .risk_s "$(of "$p" .conntrack_s)"
	lab_timed 'it lives' lab_echo one 2000
	# The user may not ask for the entry; the sysctl still tells.
	lab_in client setpriv --reuid 65534 --clear-groups "$PROG" sessions --format json --path-timeout 600 >"$LAB/look.json"
	lab_check 'a stranger sees no session of root' jq -e '[.sessions[] | select(.pid == '"$p"')] | length == 0' "$LAB/look.json"
	lab_check 'and is told that there are some' jq -e '.hidden > 0' "$LAB/look.json"
	lab_sleep 16000
	look client --path-timeout 600 || return
	is own_conntrack "$p" .verdict dead
	is own_conntrack "$p" .conntrack none
}

# ---- the link is cut: who gives up when

# The predicted end, asked at several moments, against the real one.
cut_and_ask() { # what, member of the JSON, session, seconds between looks, looks
	local p i from=() to=() v=()
	p=$(pid_of "$3")
	for ((i = 0; i < $5; i++)); do
		lab_sleep $(($4 * 1000))
		! lab_ended "$3" || break
		look client --path-timeout 600 || return
		[[ $(of "$p" "$2") =~ ^[0-9]+$ ]] || continue
		from+=("$FROM") to+=("$LAB_NOW") v+=("$(of "$p" "$2")")
		of "$p" .verdict >>"$LAB/verdicts"
	done
	lab_timed "$1: it could be asked" test "${#v[@]}" -ge 2
	lab_timed "$1: it ends" lab_wait_end "$3" 45000
	for i in "${!v[@]}"; do
		came_about "$1, asked $((LAB_AT - to[i])) to $((LAB_AT - from[i])) ms before" "${from[$i]}" "${to[$i]}" "${v[$i]}" "$LAB_AT"
	done
}

retries() {
	local p
	lab_up
	lab_sysctl client ipv4/tcp_retries2 6
	lab_sshd
	lab_config
	lab_open one
	p=$(pid_of one)
	lab_sleep 500
	lab_cut
	lab_type one 'is anybody there'
	cut_and_ask 'tcp_retries2 6' .kernel_gives_up_s one 3 6
	lab_timed 'at risk first' test "$(head -n 1 "$LAB/verdicts")" = at_risk
	lab_timed 'dead after ten seconds' test "$(tail -n 1 "$LAB/verdicts")" = dead
	is 'at the end' "$p" .ended_by 'the kernel (tcp_retries2)'
	is 'at the end' "$p" .timer retransmit
	lab_valid dead "$LAB/look.json"
	between 'at the end' "$p" .unacknowledged_bytes 17 200
	between 'at the end' "$p" .unanswered 5 7
	between 'at the end' "$p" .received_s 10 30
}

# Other limits and, where the kernel has it, another largest wait.
limits() { # tcp_retries2, [tcp_rto_max_ms]
	lab_up
	lab_sysctl client ipv4/tcp_retries2 "$1"
	[ -z "${2:-}" ] || lab_sysctl client ipv4/tcp_rto_max_ms "$2"
	lab_sshd
	lab_config
	lab_open one
	lab_sleep 500
	lab_cut
	lab_type one 'is anybody there'
	cut_and_ask "tcp_retries2 $1${2:+, longest wait $2 ms}" .kernel_gives_up_s one 2 7
}

alive() {
	lab_up
	lab_sshd
	lab_config 'ServerAliveInterval 4' 'ServerAliveCountMax 3'
	lab_open one
	lab_cut
	cut_and_ask 'ServerAlive 4 x 3' .ssh_gives_up_s one 3 4
	is 'ServerAlive' "$(pid_of one)" .ended_by ServerAliveCountMax
}

keepalive() {
	local p
	lab_up timeout=6
	lab_sysctl client ipv4/tcp_keepalive_time 3
	lab_sysctl client ipv4/tcp_keepalive_intvl 4
	lab_sysctl client ipv4/tcp_keepalive_probes 4
	lab_sshd 'TCPKeepAlive no'
	lab_config
	lab_open one
	lab_open off -o TCPKeepAlive=no
	lab_site client
	p=$(pid_of one)
	lab_sleep 4500
	look client --config "$LAB/site.ini" || return
	is 'kernel keepalive' "$p" .verdict safe
	is 'kernel keepalive' "$p" .timer keepalive
	is 'kernel keepalive' "$p" .next_by 'kernel keepalive (client)'
	between 'kernel keepalive' "$p" .timer_s 0 3
	between 'kernel keepalive' "$p" .received_s 4 20
	is 'kernel keepalive, no data but answers' "$p" '(.acknowledged_s < .received_s)' true
	is 'TCPKeepAlive no' "$(pid_of off)" .timer none
	is 'TCPKeepAlive no' "$(pid_of off)" '(.verdict == "at_risk" or .verdict == "dead")' true
	lab_sleep 4000
	lab_cut
	cut_and_ask 'kernel keepalive' '(if .unanswered > 0 then .kernel_gives_up_s else empty end)' one 4 5
	lab_timed 'dead after the second probe' test "$(tail -n 1 "$LAB/verdicts")" = dead
	is 'kernel keepalive' "$p" .ended_by 'the kernel (TCPKeepAlive)'
}

# ---- masters, legs, forwards

masters() {
	local p
	lab_up timeout=20
	lab_sshd
	lab_config 'ServerAliveInterval 5'
	lab_open one -M -S "$LAB/cm one"
	lab_ssh -o ControlMaster=auto -o "ControlPath=$LAB/p-%C" -o ControlPersist=60 -- true
	lab_open two -S "$LAB/cm one"
	look client || return
	p=$(pid_of one)
	is master "$p" .master true
	is master "$p" .control_path "$LAB/cm one"
	lab_valid masters "$LAB/look.json"
	is 'a session on a master is no connection' "$(pid_of two)" .pid ''
	p=$(jq -r '.sessions[] | select(.control_path // "" | startswith("'"$LAB"'/p-")) | .pid' "$LAB/look.json")
	lab_check 'the master in the background is there' test -n "$p"
	is 'background' "$p" .master true
	is 'background' "$p" .peer "$LAB_SERVER:22"
	is 'background' "$p" .host null
	is 'background' "$p" .verdict unknown
	lab_check 'and says why' test -n "$(of "$p" '.host_reason')"
	# A session on it tells whose it is.
	lab_ssh -o "ControlPath=$LAB/p-%C" -- sleep 60 &
	lab_sleep 1500
	look client || return
	is 'background, used' "$p" .host lab
	is 'background, used' "$p" .verdict safe
	is 'background, used' "$p" .line 2
	# So does a host of the user's own files.
	mkdir -p "$LAB/home/.ssh"
	sed "s|^Host lab|&\n\tControlPath $LAB/f-%r-%h-%n|" "$LAB/config" >"$LAB/home/.ssh/config"
	lab_in client ssh -F "$LAB/home/.ssh/config" -o ControlMaster=auto -o ControlPersist=60 lab true
	lab_in client unshare -m sh -c 'mount --bind "$1" /root && exec "$2" sessions --format json' sh "$LAB/home" "$PROG" >"$LAB/look.json"
	p=$(jq -r '.sessions[] | select(.control_path // "" | startswith("'"$LAB"'/f-root-")) | .pid' "$LAB/look.json")
	is 'background, from the files' "$p" .host lab
	is 'background, from the files' "$p" .line 3
}

legs() {
	local p leg
	lab_up timeout=20
	lab_sshd
	lab_config 'ServerAliveInterval 9'
	sed 's/^Host lab/Host far\n\tProxyJump lab/; s/Interval 9/Interval 3/' "$LAB/config" >"$LAB/far"
	cat "$LAB/far" >>"$LAB/config"
	lab_in client ssh -F "$LAB/config" far 'echo up; sleep 60' >"$LAB/far.out" 2>&1 &
	lab_in client ssh -F "$LAB/config" -o ServerAliveInterval=4 -o ServerAliveCountMax=2 -o 'ProxyCommand=bash -c "exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3"' \
		lab 'echo up; sleep 60' >"$LAB/pipe.out" 2>&1 &
	lab_until 15000 grep -qs up "$LAB/far.out" || lab_late "no session through the jump host: $(cat "$LAB/far.out")"
	lab_until 15000 grep -qs up "$LAB/pipe.out" || lab_late "no session through the command: $(cat "$LAB/pipe.out")"
	lab_sleep 1000
	look client --path-timeout 6 || return
	p=$(jq '.sessions[] | select(.host == "far") | .pid' "$LAB/look.json")
	leg=$(jq '.sessions[] | select(.carries == "far") | .pid' "$LAB/look.json")
	lab_valid legs "$LAB/look.json"
	is 'jumped' "$p" .socket_pid "$leg"
	is 'jumped' "$p" .through "ssh (pid $leg)"
	is 'the leg' "$leg" .host lab
	# Alone its 9 s would be too long for 6; what it carries speaks every 3 s.
	is 'the leg' "$leg" .verdict safe
	between 'the leg' "$leg" .next_s 0 3
	is 'jumped' "$p" .verdict safe
	p=$(jq '.sessions[] | select(.through // "" | startswith("bash")) | .pid' "$LAB/look.json")
	is 'piped' "$p" .host lab
	is 'piped' "$p" .peer "$LAB_SERVER:22"
	is 'piped' "$p" .verdict safe
	between 'piped' "$p" .ssh_gives_up_s 7 12
}

# Connections of forwarded ports belong to the same processes and are not listed.
forwards() {
	local p s
	lab_up
	lab_sshd
	lab_config
	lab_open one -L 7001:127.0.0.1:22 -R 7002:127.0.0.1:7003
	lab_in client bash -c 'exec 5<>/dev/tcp/127.0.0.1/7001; read -r line <&5; echo "$line"; sleep 20' >"$LAB/in.out" &
	lab_until 5000 grep -qs SSH "$LAB/in.out" || lab_late 'the forwarded port carries nothing'
	look client || return
	p=$(pid_of one)
	lab_check 'one row' test "$(of "$p" .pid | wc -l)" -eq 1
	is forwards "$p" .peer "$LAB_SERVER:22"
	look server || return
	s=$(jq "[.sessions[] | select(.other_network_namespace | not) | select(.side == \"server\") | .peer | select(startswith(\"127.\") | not)] | length" "$LAB/look.json")
	lab_check 'one row at the server, and one for what came through the port' test "$s" -eq 1
	is 'server' "${LAB_SPID[one]}" .user root
}

# A socket that somebody else opened is its input: inetd, a unit of systemd, a shell.
inherited() {
	local p want
	lab_up
	lab_sshd
	lab_config
	lab_in client bash -c 'exec 9<>"/dev/tcp/$1/22"; exec ssh -F "$2" lab "echo up; sleep 60" <&9' sh "$LAB_SERVER" "$LAB/config" >"$LAB/in.out" 2>&1 &
	lab_until 15000 grep -qs up "$LAB/in.out" || lab_late "no session: $(cat "$LAB/in.out")"
	look client || return
	p=$(jq '.sessions[] | select((.other_network_namespace | not) and .host == "lab") | .pid' "$LAB/look.json")
	want=$(lab_in client ss -Htnp | awk '/fd=3\)/ { print $4 }')
	lab_check 'two connections' test "$(lab_in client ss -Htn state established | wc -l)" -eq 2
	is 'its own one' "$p" .local "$want"
}

# ---- the server's view, and that of a third namespace

server() {
	local p from to v early=0
	lab_up timeout=60
	# (9.2 waits twice as long as it says.)
	lab_sshd 'ClientAliveInterval 2' 'ClientAliveCountMax 2'
	lab_config
	lab_open one
	lab_site server
	p=${LAB_SPID[one]}
	lab_sleep 1000
	look server --config "$LAB/site.ini" || return
	lab_valid server "$LAB/look.json"
	is server "$p" .side server
	is server "$p" .user root
	is server "$p" .verdict safe
	is server "$p" .next_by ClientAliveInterval
	is server "$p" '(.file + ":" + (.line | tostring))' "$LAB/sshd_config:1"
	lab_check 'the client comes from the router' test "$(of "$p" .peer | cut -d: -f1)" = "${LAB_NET}2${LAB_SEP}1"
	look router || return
	is 'from another namespace' "$p" .other_network_namespace true
	is 'from another namespace' "$(pid_of one)" .peer "$LAB_SERVER:22"
	lab_cut
	lab_sleep 2000
	look server --config "$LAB/site.ini" || return
	from=$FROM to=$LAB_NOW v=$(of "$p" .ssh_gives_up_s)
	lab_check 'the ghost ends' lab_wait_sshd one 30000
	# (9.2 to 9.4 compare whole seconds, and so wait twice, unless the first wait ends so late that a second has begun that
	# the clock did not have coming: that one question takes one interval less.  Behind it the clock stands at the
	# beginning of a second, so that it does not happen again soon.)
	case $(ssh -V 2>&1) in
	OpenSSH_9.[234]*) early=2 ;;
	esac
	came_about 'the ghost, by ClientAliveCountMax' "$from" "$to" "$v" "$LAB_AT" "$early"
}

ipv6() {
	local p
	lab_up ipv6=yes timeout=6
	lab_sshd
	lab_config 'ServerAliveInterval 2'
	lab_open one
	lab_site client
	p=$(pid_of one)
	look client --config "$LAB/site.ini" || return
	is ipv6 "$p" .peer "[$LAB_SERVER]:22"
	is ipv6 "$p" .verdict safe
	look server || return
	is 'ipv6, server' "${LAB_SPID[one]}" .local "[$LAB_SERVER]:22"
}

# ---- settings that the files no longer have

stale_settings() {
	local p
	lab_up
	lab_sshd
	lab_config
	lab_open one
	p=$(pid_of one)
	lab_config 'ServerAliveInterval 1'
	lab_sleep 7500
	look client || return
	is 'changed after it started' "$p" .settings_act false
	is 'changed after it started' "$p" .verdict at_risk
}

# A process that does not run says nothing, whatever its settings are.
stopped() {
	local p
	lab_up
	lab_sshd
	lab_config 'ServerAliveInterval 2'
	lab_open one
	p=$(pid_of one)
	kill -STOP "$p"
	lab_sleep 8000
	look client --path-timeout 60 || return
	is stopped "$p" .stopped true
	is stopped "$p" .settings_act false
	is stopped "$p" .verdict at_risk
	is stopped "$p" .ssh_gives_up_s never
	valid stopped
	lab_in client "$PROG" sessions --path-timeout 60 --color never >"$LAB/text"
	lab_check 'people are told' grep -q 'process is stopped' <(tr -s '\n ' ' ' <"$LAB/text")
	lab_check 'and nothing of other settings' test "$(grep -c 'older settings' <(tr -s '\n ' ' ' <"$LAB/text"))" -eq 0
	kill -CONT "$p"
	lab_sleep 1500
	look client --path-timeout 60 || return
	is continued "$p" .stopped false
	is continued "$p" .settings_act true
	is continued "$p" .verdict safe
}

# ---- without privilege

# One look of the unprivileged user, who sees nothing of other labs on this machine; the exit status into $STATUS.
look_as_user() { # option ...
	lab_in client setpriv --reuid 65534 --clear-groups env HOME=/nonexistent "$PROG" sessions --format json "$@" >"$LAB/look.json" 2>"$LAB/look.err"
	STATUS=$?
	lab_check "as a user, $*: nothing on standard error" test ! -s "$LAB/look.err"
}

# A session of that user, whose ssh is not root's.
open_as_user() { # name, option ...
	local out=$LAB/$1.out
	shift
	lab_in client setpriv --reuid 65534 --clear-groups ssh -F "$LAB/userconfig" "$@" lab 'echo up; sleep 60' >"$out" 2>&1 &
	lab_until 15000 grep -qs up "$out" || lab_late "no session: $(cat "$out")"
}

user() {
	local p
	lab_up
	lab_sshd
	lab_config 'ServerAliveInterval 3'
	chmod 711 "$LAB_TOP" "$LAB"
	install -o 65534 -m 600 "$LAB_TOP/key" "$LAB/userkey"
	sed "s|^\tIdentityFile .*|\tIdentityFile $LAB/userkey|" "$LAB/config" >"$LAB/userconfig"
	chmod 644 "$LAB/userconfig" "$LAB_TOP/known_hosts"
	open_as_user user
	look_as_user --path-timeout none
	lab_check 'a safe session: exit 0' test "$STATUS" -eq 0
	lab_check 'it is the only one' jq -e '[.sessions[].verdict] == ["safe"]' "$LAB/look.json"
	# Who speaks every 3 s is forgotten after 1.
	look_as_user --path-timeout 1
	lab_check 'a risk that is known, or worse: exit 1' test "$STATUS" -eq 1
	lab_check 'it is no longer safe' jq -e '.sessions[0].verdict | IN("at_risk", "dead")' "$LAB/look.json"
	look_as_user
	lab_check 'safe on a path that is assumed: exit 0' test "$STATUS" -eq 0
	p=$(jq '.sessions[].pid' "$LAB/look.json")
	is 'own session' "$p" .peer "$LAB_SERVER:22"
	is 'own session' "$p" .verdict safe
	is 'own session' "$p" .line 2
	lab_valid user "$LAB/look.json"
	is 'own session' "$p" .conntrack_s_reason 'reading conntrack entries needs CAP_NET_ADMIN'
	# root sees it, too, by the files of its user
	look client || return
	is 'root sees it' "$p" .verdict safe
	# A command line that leads root to a file it would not show.
	cp /bin/bash "$LAB/ssh"
	echo 'root:s3cret:19000' >"$LAB/shadow"
	lab_in client setpriv --reuid 65534 --clear-groups "$LAB/ssh" -c 'exec 3<>/dev/tcp/'"$LAB_SERVER"'/22; read -r line <&3; echo "$line"; sleep 60; true' \
		host -F "$LAB/shadow" >"$LAB/fake.out" &
	lab_until 5000 grep -qs SSH "$LAB/fake.out" || lab_late 'it does not connect'
	look client || return
	lab_check 'root is told that it is refused' grep -q 'OpenSSH refuses its configuration"' "$LAB/look.json"
	lab_check 'and not what stands there' test "$(grep -c s3cret "$LAB/look.json")" -eq 0
	open_as_user silent -o ServerAliveInterval=0
	look_as_user
	lab_check 'a risk that is only assumed: exit 0' test "$STATUS" -eq 0
	lab_check 'it is there' jq -e 'any(.sessions[]; .verdict == "at_risk" and .confidence == "assumed")' "$LAB/look.json"
}

# What sshd's process does not show its user stands in the environment of the shell.  (A stand-in for sshd, for the lab
# has no other account: root's process with a connection, and a shell of somebody else below it.)
incoming() {
	local p
	lab_up
	lab_sshd
	chmod 711 "$LAB_TOP" "$LAB"
	cp /bin/bash "$LAB/sshd"
	cat >"$LAB/serve" <<-'END'
		exec 3<>/dev/tcp/$1/22
		port=$(ss -Htn "dst $1" | sed -n 's/.*[0-9.]*:\([0-9]*\) .*:22 *$/\1/p')
		exec 4>"$3/look.json"
		setpriv --reuid 65534 --clear-groups env "SSH_CONNECTION=$1 22 $2 $port" HOME=/nonexistent sh -c '"$1" sessions --format json; true' sh "$4" >&4
		echo done >"$3/served"
	END
	lab_in client sh -c 'exec "$@"' sh bash -c 'exec -a "sshd: joe@pts/3" "$@"' sh "$LAB/sshd" "$LAB/serve" "$LAB_SERVER" "${LAB_NET}1${LAB_SEP}2" "$LAB" "$PROG" &
	lab_until 20000 test -e "$LAB/served" || lab_late 'the shell did not end'
	p=$(jq '.sessions[] | select(.user == "joe") | .pid' "$LAB/look.json")
	lab_check 'it is there' test -n "$p"
	is incoming "$p" .side server
	is incoming "$p" .peer "$LAB_SERVER:22"
	lab_check 'alone' jq -e '.sessions | length == 1' "$LAB/look.json"
}

# Anybody may call what he runs the session of root.
forged() {
	local p
	lab_up
	lab_sshd
	chmod 711 "$LAB_TOP" "$LAB"
	cp /bin/bash "$LAB/sshd"
	lab_in client setpriv --reuid 65534 --clear-groups bash -c 'exec -a "sshd: root@pts/0" "$@"' sh "$LAB/sshd" -c \
		'exec 3<>/dev/tcp/'"$LAB_SERVER"'/22; read -r line <&3; echo "$line"; sleep 20; true' >"$LAB/fake.out" &
	lab_until 5000 grep -qs SSH "$LAB/fake.out" || lab_late 'it does not connect'
	look client || return
	p=$(jq '.sessions[] | select((.other_network_namespace | not) and .uid == 65534) | .pid' "$LAB/look.json")
	is forged "$p" .side server
	is forged "$p" .user "$(id -nu 65534)"
	is forged "$p" .untrusted_title_user root
	lab_valid forged "$LAB/look.json"
}

# ---- what is wrong with the input

bad_input() {
	local rc
	lab_host client
	for args in 'web' '--watch=2' '--format xml' '--interval 3' '--color maybe' '--path-timeout 0'; do
		# shellcheck disable=SC2086 # words
		lab_in client "$PROG" sessions $args >"$LAB/out" 2>"$LAB/err"
		rc=$?
		lab_check "sessions $args: exit 3, a message, no output" test "$rc" -eq 3 -a -s "$LAB/err" -a ! -s "$LAB/out"
	done
	unshare -m sh -c 'mount -t tmpfs none /proc && exec "$1" sessions' sh "$PROG" >"$LAB/out" 2>"$LAB/err"
	rc=$?
	# (The leak detector of a sanitized build needs /proc itself, and has a status of its own.)
	grep -q LeakSanitizer "$LAB/err" || lab_check 'an empty /proc: exit 2' test "$rc" -eq 2
	lab_check 'and a message' grep -q '/proc shows no process' "$LAB/err"
	python3 "$(dirname "$0")/lib/no_netlink.py" "$PROG" sessions >"$LAB/out" 2>"$LAB/err"
	rc=$?
	if [ "$rc" -eq 77 ]; then
		lab_skip 'this kernel has no seccomp'
		return
	fi
	lab_check 'netlink refused: exit 2' test "$rc" -eq 2
	lab_check 'and a message' grep -q 'sock_diag' "$LAB/err"
}

# A process that calls itself ssh, with a name that talks to the terminal.
hostile() {
	lab_up
	lab_sshd
	cp /bin/bash "$LAB/ssh"
	lab_in client "$LAB/ssh" -c 'exec 3<>/dev/tcp/'"$LAB_SERVER"'/22; read -r line <&3; echo "$line"; sleep 20; true' $'\e]0;gone\a\e[31mhost\nx' \
		>"$LAB/ssh.out" &
	lab_until 5000 grep -qs SSH "$LAB/ssh.out" || lab_late 'it does not connect'
	lab_in client "$PROG" sessions --color never >"$LAB/text"
	lab_check 'it is shown' grep -qF '\x1B]0;gone\x07' "$LAB/text"
	lab_check 'no control byte gets out' test -z "$(tr -d '\n\t' <"$LAB/text" | tr -dc '\000-\037\177')"
	look client || return
	lab_check 'JSON holds it' jq -e '[.sessions[].host // "" | select(contains("gone"))] | length == 1' "$LAB/look.json"
}

# Processes that come and go while they are read.
comings_and_goings() {
	local i bad=0 end rc
	lab_up
	lab_sshd
	lab_config
	(
		while kill -0 $$ 2>/dev/null; do lab_ssh -o BatchMode=yes -- true >/dev/null 2>&1; lab_sleep 200; done
	) &
	(
		while kill -0 $$ 2>/dev/null; do lab_ssh -o BatchMode=yes -o Port=9 -- true >/dev/null 2>&1; lab_sleep 100; done
	) &
	lab_now
	end=$((LAB_NOW + 15000))
	for ((i = 0; LAB_NOW < end; i++)); do
		lab_in client "$PROG" sessions --format json >"$LAB/look.json" 2>"$LAB/look.err"
		rc=$?
		if [ "$rc" -gt 1 ] || [ -s "$LAB/look.err" ] || ! jq -e .sessions "$LAB/look.json" >/dev/null; then
			bad=$((bad + 1))
			echo "status $rc: $(head -n 1 "$LAB/look.err")"
		fi
		lab_now
	done
	lab_check "$bad looks failed" test "$bad" -eq 0
	lab_timed "$i looks" test "$i" -ge 5
}

watch() {
	local p
	lab_up
	lab_sshd
	lab_config
	lab_open one
	p=$(pid_of one)
	lab_in client timeout 12 "$PROG" sessions --watch --format json >"$LAB/look.json"
	lab_timed 'it looks every 2 s until it is told to stop' \
		jq -es --argjson pid "$p" '[.[].sessions[] | select(.pid == $pid) | .sent_s] | length >= 3 and . == sort and .[-1] - .[0] >= 3' "$LAB/look.json"
	lab_in client "$PROG" sessions --watch --format json 2>/dev/null | head -c 10 >/dev/null
	lab_check 'and ends when nobody reads' test "${PIPESTATUS[0]}" -ne 0
}

if [ $# -gt 0 ]; then
	lab_run "$@"
	lab_end
fi
longest=()
[ ! -e /proc/sys/net/ipv4/tcp_rto_max_ms ] || longest=('limits 10 2000')
lab_run safe forgotten assumed own_conntrack retries 'limits 4' 'limits 5' "${longest[@]}" alive keepalive masters legs forwards inherited server ipv6 stale_settings stopped user \
	incoming forged bad_input hostile comings_and_goings watch
lab_end
