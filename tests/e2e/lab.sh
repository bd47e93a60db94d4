#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317,SC2119,SC2031 # functions are called through lab_run, in subshells
# The lab itself (lib/lab.sh): its parts do what they are called, and nothing of it stays however it ends.
set -u
# shellcheck source=tests/e2e/lib/lab.sh
. "$(dirname "$0")/lib/lab.sh"
lab_init conntrack

# A link that was cut carries again; a box that forgets ends a session; a server that rebooted answers with a reset.
parts() {
	lab_up timeout=300
	lab_sshd
	lab_config
	lab_open one || return
	lab_timed 'a session carries' lab_echo one 2000
	lab_check 'the router remembers it' [ "$(lab_remembers | wc -l)" -eq 1 ]
	lab_cut
	lab_echo one 1000 && lab_fail 'a cut link carries nothing'
	lab_restore
	lab_timed 'a restored link carries' lab_echo one 8000
	lab_cut server
	lab_echo one 1000 && lab_fail "a cut link on the server's side carries nothing"
	lab_restore server
	lab_timed "a restored link on the server's side carries" lab_echo one 8000
	lab_forget
	lab_echo one 1500 && lab_fail 'a router that forgot carries nothing'
	lab_check 'and nobody is told' [ ! -e "$LAB/one.end" ]
	lab_open two || return
	lab_reboot
	lab_type two word
	lab_check 'a server that rebooted ends the session' lab_wait_end two 3000
	lab_check 'with a reset' grep -qE 'reset|Broken pipe' "$LAB/two.err"
	lab_check 'and takes new ones' lab_open three
}

# A script of its own ends in each way, with sessions open; what is left of it?
ends() { # signal
	local pid n left
	# (What a script starts in the background ignores INT.)
	env --default-signal=INT bash "$LAB_HERE/tests/e2e/lab.sh" sleeper >"$LAB/sleeper" 2>&1 &
	pid=$!
	lab_until 20000 grep -qs '^open$' "$LAB/sleeper" || { lab_late "the script did not start: $(cat "$LAB/sleeper")"; return; }
	n=$(lab_owner "$pid")
	kill -s "$1" "$pid"
	wait "$pid" 2>/dev/null
	# A killed one is cleaned up after by the next.
	[ "$1" != KILL ] || lab_sweep
	left=$(ls -d /run/netns/"$LAB_PREFIX.$n".* "${TMPDIR:-/tmp}/$LAB_PREFIX.$n".* 2>/dev/null)
	lab_check "nothing stays after $1: $left" [ -z "$left" ]
	left=$(pgrep -f "$LAB_PREFIX.$n" -a)
	lab_check "nothing runs after $1: $left" [ -z "$left" ]
}

sleeper() {
	lab_up
	lab_sshd
	lab_config
	lab_open one && echo open >&9
	lab_sleep 60000
}

# Where it cannot run it says so, and counts as skipped.
cannot() {
	local said
	said=$(setpriv --reuid=65534 --clear-groups bash "$LAB_HERE/tests/e2e/lab.sh" 2>&1)
	lab_check 'without root it is skipped' [ "$said" = $'SKIPPED lab: it needs root (namespaces, sshd)\n0 passed, 0 failed, 1 skipped' ]
}

# What was late is measured once more; what is late again has failed, and what is wrong has at once.
twice() {
	local said
	said=$(bash "$LAB_HERE/tests/e2e/lab.sh" flaky steady slow broken early 2>&1)
	lab_check 'what was late once may pass then' grep -qx 'again LATE flaky: the second time' <<<"$said"
	lab_check 'it counts once' [ "$(grep -c '^ok flaky: ' <<<"$said")" -eq 2 ]
	lab_check 'what passed is not run again' [ "$(grep -c '^ok steady: ' <<<"$said")" -eq 1 ]
	lab_check 'what is late twice has failed' grep -qx 'FAILED slow: never' <<<"$said"
	lab_check 'what is wrong is not run again' [ "$(grep -c '^FAILED broken: at once' <<<"$said")" -eq 1 ]
	lab_check 'so has what does not end' grep -qx 'FAILED early: it did not come to its end' <<<"$said"
	lab_check 'the sum' [ "$(tail -n 1 <<<"$said")" = '3 passed, 4 failed, 0 skipped' ]
}
flaky() {
	lab_ok 'at first'
	lab_timed 'the second time' rmdir "$LAB_TOP/failed" 2>/dev/null || mkdir "$LAB_TOP/failed"
}
steady() { lab_check 'once' mkdir "$LAB_TOP/steady"; }
slow() { lab_late 'never'; }
broken() {
	lab_check 'at once' rmdir "$LAB_TOP/wrong" 2>/dev/null || mkdir "$LAB_TOP/wrong"
	lab_late 'too'
}
early() { exit; }

if [ "${1:-}" = flaky ]; then
	lab_run "$@"
	lab_end
fi
if [ "${1:-}" = sleeper ]; then
	exec 9>&1
	lab_run sleeper
	exit
fi
lab_run parts 'ends INT' 'ends TERM' 'ends KILL' cannot twice
lab_end
