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

# What is not seen within this is taken for "later".
PATIENCE=34

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
	loose-client) net+=(loose=1) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	loose-server) net+=(loose=1) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	filter) net=(server_filter=6) ;;
	filter-client) net=(server_filter=6) client=('ServerAliveInterval 8' 'ServerAliveCountMax 2') ;;
	filter-server) net=(server_filter=6) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	filter-strict) net=(server_filter=6 server_loose=0) server=('ClientAliveInterval 4' 'ClientAliveCountMax 1') ;;
	own) net=(client_filter=6 client_loose=0) client=('ServerAliveInterval 8' 'ServerAliveCountMax 1') ;;
	own-loose) net=(client_filter=6) client=('ServerAliveInterval 8' 'ServerAliveCountMax 1') ;;
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

# The row of one side, asked where that side is: sets verdict, killer, at, looks, refresh, min, max, noticed with the
# side's letter in front (c_verdict, s_verdict ...); times in ms, "never" for infinity.
ask() { # client | server
	local x=${1:0:1} vars
	lab_site "$1"
	lab_in "$1" "$PROG" audit -F "$LAB/config" -f "$LAB/sshd_config" --config "$LAB/site.ini" --exit-zero --format json lab \
		>"$LAB/$1.json" 2>"$LAB/$1.json.err" || { lab_fail "audit: $(cat "$LAB/$1.json.err")"; return 1; }
	vars=$(jq -r --arg side "$1" --arg x "$x" '
	    def ms: if type == "number" then . * 1000 elif . == "never" then . else "unknown" end;
	    .hosts[] | select(.side == $side) | { verdict, killer: (.killer // ""), looks: (.looks_like // ""), at: (.killed_at_s | ms),
	    refresh: (.refresh_s | ms), min: (.notice_min_s | ms), max: (.notice_max_s | ms), noticed: (.noticed_at_s | ms) }
	    | to_entries[] | "\($x)_\(.key)=\(.value | @sh)"' "$LAB/$1.json") && [ -n "$vars" ] || { lab_fail "no row of the $1"; return 1; }
	eval "$vars"
}

is_soon() { # ms or never: will it be seen here?
	[ "$1" != never ] && [ "$1" != unknown ] && [ "$1" -le $((PATIENCE * 1000)) ]
}

# ---- what happens

# The moment of an end against the prediction; later than our patience must be later on the wire.
at_end() { # what, session, client|server, low, high (ms from zero, or never), zero
	local ended=1
	if [ "$3" = client ]; then
		lab_wait_end "$2" $(($6 + (PATIENCE + 6) * 1000 - LAB_NOW))
	else
		lab_wait_sshd "$2" $(($6 + (PATIENCE + 6) * 1000 - LAB_NOW))
	fi || ended=0
	if is_soon "$5"; then
		[ $ended -eq 1 ] || { lab_fail "$1: not within $((PATIENCE + 6)) s, predicted $4 to $5 ms"; return; }
		lab_within "$1" $((LAB_AT - $6)) "$4" "$5"
	elif [ $ended -eq 0 ]; then
		lab_ok "$1: later than we look, predicted $4 to $5"
	elif [ "$4" != never ] && [ $((LAB_AT - $6)) -ge $(($4 - 1000 - $4 / 10)) ]; then
		lab_ok "$1: $((LAB_AT - $6)) ms, predicted $4 to $5"
	else
		lab_fail "$1: $((LAB_AT - $6)) ms, predicted $4 to $5"
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

# The box that is named has forgotten the session; the others still know it.
the_box() { # killer, client port of a session that is dead
	local role left here=
	case $1 in
	lab-proxy) return ;; # (That it closes the session is seen by both ends.)
	"this machine's conntrack") here=lab-client ;;
	esac
	for role in client router middle server; do
		[ -e "/run/netns/$LAB_ID.$role" ] || continue
		left=$(lab_in "$role" conntrack -L -p tcp 2>/dev/null | grep -c "ESTABLISHED.*sport=$2 ")
		if [ "lab-$role" = "${here:-$1}" ]; then
			lab_check "$1 has forgotten it" [ "$left" -eq 0 ]
		elif [ "$role" = router ] || [ "$role" = middle ]; then
			lab_check "the $role still knows it" [ "$left" -ne 0 ]
		fi
	done
}

port_of() { # session: its port on the client
	lab_in client ss -Htnp | sed -n "s/.*[.:\]]\([0-9]*\) .*pid=$(cat "$LAB/$1.pid"),.*/\1/p"
}

# ---- the phases of one variant

# Idle sessions: one that is used just before the predicted end, one just after, one whose far end speaks just after
# (both see what the other does not), and one that nobody touches.
idle() {
	local end=$c_at late early zero port far
	if [ "$end" = never ]; then
		end=13000
	fi
	early=$((end - 1000 - end / 10)) late=$((end + 1000 + end / 10))
	far="sleep $((late / 1000 + 1)); echo spoken"
	lab_open early && lab_open late && lab_open still && zero=$LAB_NOW || return
	port=$(port_of late)
	lab_in client ssh -F "$LAB/config" lab "$far" </dev/null >"$LAB/far.out" 2>"$LAB/far.err" &
	lab_sleep $((zero + early - LAB_NOW))
	[ "$c_at" = never ] || lab_check "used after $early ms it lives" lab_echo early 2000
	lab_now
	lab_sleep $((zero + late - LAB_NOW))
	case $c_verdict in
	survives | fragile)
		# (Of a box that is revived from one side, what the other side says is lost.)
		lab_check "used after $late ms it lives" lab_echo late 3000
		if [ "$c_at" = never ]; then
			lab_check "and the far end's word arrives" lab_until 3000 grep -qs spoken "$LAB/far.out"
			at_end 'an idle session ends' still client never never "$zero"
		else
			lab_check "but the far end's word does not" [ ! -s "$LAB/far.out" ]
		fi
		;;
	drops)
		lab_echo late 2500 && lab_fail "used after $late ms it still lives"
		lab_check "at $late ms it looks like: $c_looks" [ "$(seen_as late)" = "$c_looks" ]
		[ "$c_killer" != "${c_killer#lab-}" ] && the_box "$c_killer" "$port"
		at_end 'the client notices' still client "$c_noticed" "$c_noticed" "$zero"
		at_end 'the server notices' still server "$s_noticed" "$s_noticed" "$zero"
		;;
	*) lab_fail "audit decides nothing: $c_verdict" ;;
	esac
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

if [ $# -gt 0 ]; then
	lab_run "${@/#/variant }"
else
	mapfile -t all < <(sed -n "s/^\t\([a-z0-9-]*\)) .*;;\$/variant \1/p" "$0" | grep -vx 'variant never')
	lab_run "${all[@]}"
fi
lab_end
