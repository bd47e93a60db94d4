#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031 # functions are called through lab_run, in subshells
# What `fix --write` is for: the session that died survives with the same command, a stale master no longer hangs new
# commands, the server drops ghosts when predicted; and these tests see a fix that is undone by hand.
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init

# The boxes of this lab, and a policy of the site's own whose seconds can be waited for.
site() { # client | server
	lab_site "$1"
	printf '%s\n' '[policy]' 'name = quick' '[policy quick]' 'about = the lab' 'assumed_timeout = 240s' 'margin = 2' \
		'notice = 4s-20s' 'outage = 1s' 'measured_for = 1d' >>"$LAB/site.ini"
}

# One number of the row that audit prints for a side, run where that side is; "never" and null as they are.
number() { # client|server, field
	site "$1"
	lab_in "$1" "$PROG" audit --policy quick -F "$LAB/config" -f "$LAB/sshd_config" --config "$LAB/site.ini" --exit-zero --format json lab |
		jq -r --arg side "$1" ".hosts[] | select(.side == \$side) | .$2"
}

# fix, on the client or the server, for the boxes of this lab.
fix() { # client | server, option ...
	local side=$1 args=()
	shift
	if [ "$side" = client ]; then args=(-F "$LAB/config" lab); else args=(--server -f "$LAB/sshd_config"); fi
	site "$side"
	lab_in "$side" env XDG_STATE_HOME="$LAB/state" "$PROG" fix --write --policy quick --config "$LAB/site.ini" "$@" "${args[@]}" >"$LAB/fix.out" 2>&1
}

# Idle past what the router remembers, then used; the same command each time.
survives() { # name
	lab_open "$1" || return 1
	lab_sleep $(($(number client path_timeout_s) * 1500))
	lab_echo "$1" 4000
}

dies() { ! survives "$1"; }

# The session dies, after the fix it survives, after undo it dies again; and with the old interval put back by hand the
# check that guards the fix fails, as it must.
before_and_after() { # the line that is wrong
	local line="${*:-}"
	lab_up timeout=6
	lab_sshd
	if [ -n "$line" ]; then lab_config "$line"; else lab_config; fi
	cp "$LAB/config" "$LAB/config.old"
	lab_check 'audit says that it drops' [ "$(number client verdict)" = drops ]
	lab_timed 'before the fix it dies' dies before
	lab_check 'fix --write' fix client || cat "$LAB/fix.out"
	lab_check 'audit no longer says that it drops' [ "$(number client verdict)" = survives ]
	lab_timed 'after the fix it survives' survives after
	cp "$LAB/config" "$LAB/config.new"
	# A wrong fix: all that it wrote, but the old interval.
	sed -i 's/^\([[:blank:]]*ServerAliveInterval\).*/\1 60/' "$LAB/config"
	lab_check 'the wrong fix is another file' [ -n "$(cmp "$LAB/config" "$LAB/config.new" 2>&1)" ]
	lab_check 'audit says that the wrong fix drops' [ "$(number client verdict)" = drops ]
	if survives wrong; then lab_fail 'a wrong fix is not noticed'; else lab_ok 'a wrong fix is noticed'; fi
	cp "$LAB/config.new" "$LAB/config"
	lab_in client env XDG_STATE_HOME="$LAB/state" "$PROG" undo >"$LAB/undo.out" 2>&1
	lab_check 'undo puts the old bytes back' cmp -s "$LAB/config" "$LAB/config.old"
	lab_timed 'and with them it dies again' dies undone
}

# The client is unplugged: its sshd stays as long as predicted, before and after the fix.
ghosts() { # line of the server's config ...
	local zero min max
	lab_up
	lab_sshd "$@"
	lab_config
	min=$(number server notice_min_s) max=$(number server notice_max_s)
	lab_check "a number is predicted ($min to $max s)" [ $((min * max)) -gt 0 ]
	lab_open ghost || return
	lab_sleep 1000
	lab_cut
	lab_now
	zero=$LAB_NOW
	if [ "$max" -gt 60 ]; then
		lab_wait_sshd ghost 20000 && lab_late "the ghost is gone after $((LAB_AT - zero)) ms, predicted $min to $max s"
		lab_check 'the ghost stays' [ -e "/proc/${LAB_SPID[ghost]}" ]
	elif lab_wait_sshd ghost $((max * 1100 + 3000)); then
		lab_within 'sshd drops the ghost' $((LAB_AT - zero)) $((min * 1000)) $((max * 1000))
		# The last word of a session's log tells why.
		lab_check 'because the client does not answer' grep -q 'Timeout, client not responding' "$LAB/sshd.log"
	else
		lab_late "the ghost stays, predicted $min to $max s"
	fi
}

# A server that keeps ghosts for hours is fixed; then they go when the new values say so.
ghosts_fixed() {
	local zero min max
	lab_up timeout=6
	lab_sshd
	lab_config
	lab_check 'before the fix a ghost stays for hours' [ "$(number server ghost_s)" -gt 3600 ]
	# (Ghosts alone are a note.)
	lab_check 'fix --write --server' fix server --fail-on note || cat "$LAB/fix.out"
	max=$(number server notice_max_s) min=$(number server notice_min_s)
	[ "$max" -lt 60 ] || { lab_fail "after the fix it still stays for $max s: $(cat "$LAB/fix.out")"; return; }
	lab_ok "after it for $max s"
	lab_sshd_start
	lab_open ghost || return
	lab_cut
	lab_now
	zero=$LAB_NOW
	if lab_wait_sshd ghost $((max * 1100 + 3000)); then
		lab_within 'sshd drops the ghost' $((LAB_AT - zero)) $((min * 1000)) $((max * 1000))
	else
		lab_late "the ghost stays, predicted $min to $max s"
	fi
}

# New commands through a master whose connection the router has forgotten.
stale_master() {
	local limit began rc
	lab_up timeout=6
	lab_sshd
	lab_config 'ControlMaster auto' "ControlPath $LAB/ctl" 'ControlPersist 600'
	lab_check 'a stale master would hang for a long time' [ "$(number client stale_master_s)" -gt 600 ]
	lab_check 'the master starts' lab_ssh -- true
	lab_sleep 9000
	timeout -k 1 6 ip netns exec "$LAB_ID.client" ssh -F "$LAB/config" lab echo here </dev/null >"$LAB/hang" 2>&1
	rc=$?
	lab_check "before the fix a new command hangs ($rc)" [ "$rc" -eq 124 ]
	lab_check 'and says nothing' [ ! -s "$LAB/hang" ]
	lab_ssh -O exit >/dev/null 2>&1
	lab_check 'fix --write' fix client || cat "$LAB/fix.out"
	lab_check 'the fix set an interval' grep -q ServerAliveInterval "$LAB/config"
	lab_check 'a new master starts' lab_ssh -- true
	lab_sleep 9000
	lab_now
	began=$LAB_NOW
	lab_check 'after the fix a new command runs' lab_ssh -- true </dev/null
	lab_now
	lab_timed "at once ($((LAB_NOW - began)) ms)" [ $((LAB_NOW - began)) -lt 3000 ]
	# And when the cable is cut for good, the master is gone when predicted, and commands no longer hang on it.
	limit=$(number client stale_master_s)
	began=$LAB_NOW
	lab_cut
	lab_timed "a master that is cut off ends within $limit s" lab_until $((limit * 1100 + 1000)) test ! -S "$LAB/ctl"
}

tests=('before_and_after' 'before_and_after ServerAliveInterval 60' 'ghosts' 'ghosts_of 2 2' 'ghosts_of 1 3' 'ghosts_of 5 1'
	ghosts_fixed stale_master)
ghosts_of() { ghosts "ClientAliveInterval $1" "ClientAliveCountMax $2"; } # interval, count
[ $# -eq 0 ] || tests=("$@")
lab_run "${tests[@]}"
lab_end
