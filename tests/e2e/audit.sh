#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031,SC2154 # functions are called through lab_run, in subshells; jq sets variables
# What `audit` says must happen on a wire: per network and pair of configs, does an idle session survive, which box
# forgets it, when, how does that look, and when does each end notice that; and when the cable is cut.  All expectations
# are read from `audit --format json`, run on the client for its side and on the server for its own; the tolerance is
# 1 s plus 10 %.
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init conntrack haproxy

# How long to look for an end that is predicted later than LATEST, which is not measured (ms).
LOOK=14000 LATEST=34000

# The networks and configs: words of lab_up, lines of the client's and the server's config, sysctls of the client.
variant_of() { # name; sets net, client, server, sysctl
	net=(timeout=6) client=() server=() sysctl=()
	case $1 in
	off) ;;
	client-2x3) client=('ServerAliveInterval 2' 'ServerAliveCountMax 3') ;;
	client-8x2) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	# (On 9.2 an interval of 2 acts as 4, and one of 4 as 8.)
	server-2x2) server=('ClientAliveInterval 2' 'ClientAliveCountMax 2') ;;
	server-4x1) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	kernel) sysctl=(tcp_keepalive_time=3 tcp_keepalive_intvl=2 tcp_keepalive_probes=3) ;;
	kernel-off) sysctl=(tcp_keepalive_time=3 tcp_keepalive_intvl=2) client=('TCPKeepAlive no') server=('TCPKeepAlive no') ;;
	retries) client=('ServerAliveInterval 2' 'ServerAliveCountMax 30') sysctl=(tcp_retries2=5) ;;
	count-0) client=('ServerAliveInterval 3' 'ServerAliveCountMax 0') ;;
	reject) net+=(expiry=reject) ;;
	reject-8x2) net+=(expiry=reject) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') server=('ClientAliveInterval 5' 'ClientAliveCountMax 1') ;;
	reject-both) net+=(expiry=reject-both) server=('ClientAliveInterval 4' 'ClientAliveCountMax 3') ;;
	loose) net+=(loose=1) ;;
	loose-client) net+=(loose=1) client=('ServerAliveInterval 11' 'ServerAliveCountMax 2') ;;
	loose-server) net+=(loose=1) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	loose-both) net+=(loose=1) client=('ServerAliveInterval 11' 'ServerAliveCountMax 2') server=('ClientAliveInterval 4' 'ClientAliveCountMax 3') ;;
	filter) net=(server_filter=6) ;;
	filter-client) net=(server_filter=6) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	filter-server) net=(server_filter=6) server=('ClientAliveInterval 6' 'ClientAliveCountMax 1') ;;
	filter-strict) net=(server_filter=6 server_loose=0) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	own) net=(client_filter=6 client_loose=0) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	own-loose) net=(client_filter=6) client=('ServerAliveInterval 11' 'ServerAliveCountMax 1') ;;
	proxy) net=(proxy=haproxy proxy_timeout=6) ;;
	proxy-2x3) net=(proxy=haproxy proxy_timeout=6) client=('ServerAliveInterval 2' 'ServerAliveCountMax 3') ;;
	proxy-kernel) net=(proxy=haproxy proxy_timeout=6) sysctl=(tcp_keepalive_time=2) ;;
	hops) net=(timeout=30 hop2=6) client=('ServerAliveInterval 9' 'ServerAliveCountMax 1') ;;
	hops-near) net=(timeout=6 hop2=30) ;;
	hops-2x3) net=(timeout=9 hop2=6) client=('ServerAliveInterval 2' 'ServerAliveCountMax 3') ;;
	ipv6) net=(timeout=6 ipv6=yes) ;;
	ipv6-8x2) net=(timeout=6 ipv6=yes) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	ipv6-2x3) net=(timeout=6 ipv6=yes) client=('ServerAliveInterval 2' 'ServerAliveCountMax 3') ;;
	*) return 1 ;;
	esac
}

# ---- what is predicted

# The row of one side, asked where that side is: sets verdict, killer, at, looks, path, timeout, min, max, noticed
# with the side's letter in front (c_verdict, s_verdict ...); times in ms, "never" for infinity.
ask() { # client | server
	local x=${1:0:1} vars
	lab_site "$1"
	lab_in "$1" "$PROG" audit -F "$LAB/config" -f "$LAB/sshd_config" --config "$LAB/site.ini" --exit-zero --format json lab \
		>"$LAB/$1.json" 2>"$LAB/$1.json.err" || { lab_fail "audit: $(cat "$LAB/$1.json.err")"; return 1; }
	vars=$(jq -r --arg side "$1" --arg x "$x" '
	    def ms: if type == "number" then . * 1000 elif . == "never" then . else "unknown" end;
	    .hosts[] | select(.side == $side) | { verdict, killer: (.killer // ""), looks: (.looks_like // ""), at: (.killed_at_s | ms),
	    path: .path_by, timeout: (.path_timeout_s | ms), min: (.notice_min_s | ms), max: (.notice_max_s | ms), noticed: (.noticed_at_s | ms) }
	    | to_entries[] | "\($x)_\(.key)=\(.value | @sh)"' "$LAB/$1.json")
	[ -n "$vars" ] || { lab_fail "no row of the $1"; return 1; }
	eval "$vars"
}

# ---- what happens

# The moment of an end, counted from ZERO, against the prediction: between low and high (ms or never).
at_end() { # what, session, client|server, low, high, zero
	local wait=lab_wait_end until=$LOOK ended=1 waits=no
	[ "$3" = client ] || wait=lab_wait_sshd
	case $4$5 in *unknown*) lab_fail "$1: audit does not know"; return ;; esac
	[ "$5" = never ] || [ "$5" -gt "$LATEST" ] || waits=yes until=$(($5 + 3000 + $5 / 10))
	lab_now
	$wait "$2" $(($6 + until - LAB_NOW)) || ended=0
	if [ "$ended" -eq 1 ] && [ "$4" != never ]; then
		lab_within "$1" $((LAB_AT - $6)) "$4" "$([ "$5" = never ] && echo 999999999 || echo "$5")"
	elif [ "$ended" -eq 1 ]; then
		lab_late "$1: $((LAB_AT - $6)) ms, predicted $4 to $5"
	elif [ "$waits" = no ]; then
		lab_ok "$1: not within $until ms, predicted $4 to $5"
	else
		lab_late "$1: not within $until ms, predicted $4 to $5"
	fi
}

# How a session that ended or hangs looks to the person at it, in audit's words.
seen_as() { # session
	if ! lab_ended "$1"; then
		echo 'hang, no message'
	elif grep -q 'closed by remote host' "$LAB/$1.err"; then
		echo 'closed by remote'
	elif grep -qE 'Broken pipe|Connection reset' "$LAB/$1.err"; then
		echo 'reset at next key'
	elif grep -q 'not responding' "$LAB/$1.err"; then
		echo 'Timeout, server not responding'
	else
		echo "status $(cat "$LAB/$1.end"): $(tail -n 1 "$LAB/$1.err")"
	fi
}

# How many boxes know a session: a line for each role that does.
knowing() { # client port
	local role
	for role in client router middle server; do
		[ ! -e "/run/netns/$LAB_ID.$role" ] ||
			! lab_in "$role" conntrack -L -p tcp 2>/dev/null | grep -q "ESTABLISHED.*sport=$1 " || echo "$role"
	done
}

# The box that is named has forgotten the session; the others still know it.
the_box() { # killer, client port of a session that is dead, roles that knew it
	local role left here=
	[ -n "$2" ] || { lab_late 'the session has no port'; return; }
	case $1 in
	lab-proxy) return ;; # (That it closes the session is seen by both ends.)
	"this machine's conntrack") here=lab-client ;;
	esac
	for role in client router middle server; do
		[ -e "/run/netns/$LAB_ID.$role" ] || continue
		left=$(lab_in "$role" conntrack -L -p tcp 2>/dev/null | grep -c "ESTABLISHED.*sport=$2 ")
		if [ "lab-$role" = "${here:-$1}" ]; then
			lab_timed "$1 knew it" grep -qw "$role" <<<"$3"
			lab_timed "$1 has forgotten it" [ "$left" -eq 0 ]
		elif [ "$role" = router ] || [ "$role" = middle ]; then
			lab_timed "the $role still knows it" [ "$left" -ne 0 ]
		fi
	done
}

# ---- the phases of one variant

last_data() { # session, client|server: the moment when that end last got data
	local ago
	ago=$(lab_heard "$1" "$2" data)
	lab_now
	if [ -n "$ago" ]; then echo $((LAB_NOW - ago)); else echo "${LAB_ZERO[$1]}"; fi
}

# Idle sessions: one that is used just before the predicted end, one just after, one whose far end speaks just after
# (both see what the other does not), and one that nobody touches.
idle() {
	local end=$c_at late early port knew zero_c zero_s
	[ "$end" != never ] || end=11000
	early=$((end - 1000 - end / 10)) late=$((end + 1000 + end / 10))
	lab_open still && lab_open far -- "sleep $((late / 1000 + 1)); echo spoken; exec cat" && lab_open late && lab_open early || return
	port=$(lab_port late)
	knew=$(knowing "$port" | paste -sd ' ')
	lab_until $((late + 12000)) lab_line "$LAB/far.out" spoken && lab_now && echo "$LAB_NOW" >"$LAB/heard" &
	lab_now
	lab_sleep $((LAB_ZERO[early] + early - LAB_NOW))
	[ "$c_at" = never ] || lab_timed "used after $early ms it lives" lab_echo early 9000
	# (sshd 9.2 at times probes early; what counts is how long the wire was silent.)
	if [ "$c_at" = never ]; then
		lab_now
		lab_sleep $((LAB_ZERO[late] + late - LAB_NOW))
	else
		lab_timed "the wire is silent for $late ms" lab_idle late "$late"
	fi
	zero_c=$(last_data still client) zero_s=$(last_data still server)
	case $c_verdict in
	survives | fragile)
		# (TCP repeats what was typed before the server's words opened its filter again.)
		lab_timed "used after $late ms it lives" lab_echo late 9000
		# (A box that one side revives still loses what the other side says first.)
		if [ "$c_at" = never ]; then
			lab_timed "the far end's word arrives" lab_until 3000 lab_line "$LAB/far.out" spoken
			at_end 'an idle session ends' still client never never "$zero_c"
		fi
		;;
	drops)
		lab_echo late 2500 && lab_late "used after $late ms it still lives"
		lab_timed "after $late ms it looks like: $c_looks" [ "$(seen_as late)" = "$c_looks" ]
		[[ $c_killer != lab-* && $c_killer != *conntrack ]] || the_box "$c_killer" "$port" "$knew"
		at_end 'the client notices' still client "$c_noticed" "$c_noticed" "$zero_c"
		# (An ssh that gives up says goodbye; a box is known to the server's own row.)
		case $c_killer in
		'ssh itself'*) at_end 'the server is told' still server "$c_noticed" "$c_noticed" "$zero_c" ;;
		*) at_end 'the server notices' still server "$s_noticed" "$s_noticed" "$zero_s" ;;
		esac
		;;
	*) lab_fail "audit decides nothing: $c_verdict" ;;
	esac
	# (A filter on the server itself lets the server's words out, and remembers the session again.)
	if [ "$c_at" != never ] && [ "$c_killer" != lab-server ]; then
		lab_now
		lab_sleep $((LAB_ZERO[far] + late + 2500 - LAB_NOW))
		lab_timed "what the far end says after $late ms does not arrive" heard_late $((LAB_ZERO[far] + late + 2500))
	fi
}

heard_late() { # the far end's word did not come before this moment
	[ ! -e "$LAB/heard" ] || [ "$(cat "$LAB/heard")" -gt "$1" ]
}

# A cable that is cut while all is well.
cut() {
	local zero
	lab_open cut || return
	lab_sleep 1300
	lab_cut
	lab_now
	zero=$LAB_NOW
	at_end 'the client notices the cut' cut client "$c_min" "$c_max" "$zero"
	lab_now
	# What answers the server's packets with a reset does so with the client gone, too.
	if [ "$s_looks" = 'reset at next key' ] && [ "$s_noticed" != never ] && [ "$s_noticed" -lt "$s_min" ]; then
		s_min=$((s_noticed > 1300 ? s_noticed - 1300 : 0))
	fi
	# The server's side of a proxy is not cut: when the proxy has heard nothing for its time, it closes.
	if [[ $s_path == lab-proxy ]]; then
		s_min=0
		[ "$s_max" != never ] && [ "$s_max" -lt "$s_timeout" ] || s_max=$s_timeout
	fi
	at_end 'the server notices the cut' cut server "$s_min" "$s_max" "$zero"
	lab_restore
}

variant() { # name
	local net client server sysctl w
	variant_of "$1" || { lab_fail 'there is no such variant'; return; }
	lab_up "${net[@]}"
	for w in "${sysctl[@]}"; do lab_sysctl client "ipv4/${w%%=*}" "${w#*=}"; done
	lab_sshd "${server[@]}"
	lab_config "${client[@]}"
	ask client && ask server || return
	echo "predicted $LAB_TEST: $c_verdict, $c_killer at $c_at, $c_looks; client notices at $c_noticed, cut $c_min to $c_max;" \
		"server notices at $s_noticed, cut $s_min to $s_max"
	idle
	cut
}

# The predictions themselves are of every kind; else the rest would prove little.
kinds() {
	local word
	for word in survives fragile drops 'hang, no message' 'reset at next key' 'closed by remote' lab-router lab-server lab-proxy \
		lab-middle "this machine's conntrack"; do
		lab_check "some variant is predicted: $word" grep -q "^predicted .*$word" "$LAB_TOP"/t*/said
	done
}

# These few are one of each kind; all take 75 s.
few='off client-8x2 client-2x3 server-4x1 reject loose filter own proxy hops ipv6'
mapfile -t all < <(sed -n "/^variant_of/,/^}/s/^\t\([a-z0-9-]*\)) .*;;\$/\1/p" "$0")
[ "${E2E:-all}" = all ] || read -ra all <<<"$few"
[ $# -eq 0 ] || all=("$@")
lab_run "${all[@]/#/variant }"
[ $# -gt 0 ] || lab_run kinds
lab_end
