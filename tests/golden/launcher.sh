#!/bin/bash
# SPDX-License-Identifier: MIT
# Launchers: what sshkeep writes passes the checkers of its kind.
set -u
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/launcher.sh
. tests/lib/launcher.sh

well_formed() { # name, words...
	local name=$1
	shift
	if launcher --kind script "$@" >"$T/x.sh" 2>"$T/err" && sh -n "$T/x.sh" && bash -n "$T/x.sh"; then
		pass
	else
		fail "$name, sh -n" "$(cat "$T/err")"
	fi
	if command -v shellcheck >/dev/null; then
		if shellcheck "$T/x.sh" >"$T/out" 2>&1; then pass; else fail "$name, shellcheck" "$(head -n 8 "$T/out")"; fi
	else
		skip "$name: no shellcheck" 1
	fi
	for kind in systemd systemd-ssh; do
		if ! command -v systemd-analyze >/dev/null; then
			skip "$name, $kind: no systemd-analyze" 1
			continue
		fi
		mkdir -p "$T/units" "$T/run"
		launcher --kind $kind "$@" >"$T/units/sshkeep-x.service" 2>"$T/err" || fail "$name, $kind" "$(cat "$T/err")"
		# It says what it does not know, but does not fail: nothing may be said.
		XDG_RUNTIME_DIR=$T/run systemd-analyze --user verify "$T/units/sshkeep-x.service" >"$T/out" 2>&1
		is "$name, $kind" "$? $(cat "$T/out")" "0 "
	done
	launcher --kind launchd "$@" >"$T/x.plist" 2>"$T/err" || fail "$name, launchd" "$(cat "$T/err")"
	if command -v xmllint >/dev/null; then
		if xmllint --noout --nonet "$T/x.plist" 2>"$T/out"; then pass; else fail "$name, plist" "$(cat "$T/out")"; fi
		is "$name, host in the plist" "$(xmllint --nonet --xpath 'string(//array/string[last()])' "$T/x.plist")" \
		    "${*: -1}"
	else
		skip "$name: no xmllint" 2
	fi
}

well_formed plain -L 127.0.0.1:8080:web:80 web
well_formed all -L 8080:web:80 -R 2222:localhost:22 -D '[::1]:1080' -L '/tmp/a b.sock:h:1' relay
# shellcheck disable=SC2016,SC1003,SC1112 # the names are meant so
for host in 'a b' "it's" '$(touch x)`touch y`' 'a;b|c&d' 'a"b' 'a\' 'a<b>&c--d' '%n %h $HOME' '*?[a]{b,c}~#!' \
    'ä’“b' 'shellcheck disable=all'; do
	well_formed "host $host" -L 127.0.0.1:8080:web:80 -- "$host"
done
if command -v systemd-analyze >/dev/null; then
	for kind in systemd systemd-ssh; do
		launcher --user root --kind $kind -L 127.0.0.1:8080:web:80 web >"$T/units/sshkeep-x.service"
		systemd-analyze verify "$T/units/sshkeep-x.service" >"$T/out" 2>&1
		is "system unit, $kind" "$? $(cat "$T/out") $(grep -c '^User=root$' "$T/units/sshkeep-x.service")" "0  1"
	done
fi
# A check that cannot fail proves nothing.
if command -v systemd-analyze >/dev/null; then
	sed 's/^Restart=.*/Frobnicate=yes/' "$T/units/sshkeep-x.service" >"$T/units/sshkeep-bad.service"
	XDG_RUNTIME_DIR=$T/run systemd-analyze --user verify "$T/units/sshkeep-bad.service" >"$T/out" 2>&1
	if [ -s "$T/out" ]; then pass; else fail "bad unit" "systemd-analyze is content with it"; fi
fi

# The forwards of a config, as words of the launcher, are the same forwards to ssh: it sees none of them twice.
cat >"$T/forwards" <<'END'
Host web
	LocalForward 8080 web:80
	LocalForward [127.0.0.1]:8081 [::1]:81
	LocalForward *:8082 h:82
	LocalForward [fe80::1%lo]:8083 h:83
	LocalForward :8084 h:84
	LocalForward "/tmp/a b.sock" h:85
	LocalForward /tmp/a\:b.sock h:86
	LocalForward /tmp/a.sock /tmp/b.sock
	LocalForward 8087 /tmp/b.sock
	RemoteForward 2222 localhost:22
	RemoteForward 127.0.0.1:2223 localhost:22
	RemoteForward 1080
	RemoteForward *:1081
	RemoteForward /run/x.sock h:80
	RemoteForward 0 h:88
	DynamicForward 1080
	DynamicForward [::1]:1081
	DynamicForward *:1082
END
as_ssh_sees() {
	"$@" 2>/dev/null | grep -E '^(local|remote|dynamic)forward '
}
if command -v ssh >/dev/null && "$PROG" launcher -F "$T/forwards" web >"$T/forwards.sh"; then
	sed -n '1,/^# What follows/p' "$T/forwards.sh" >"$T/forwards.fn"
	# shellcheck disable=SC2016 # of the inner shell
	is "forwards of a config" \
	    "$(as_ssh_sees sh -c '. "$1"; options forwards ssh -G' sh "$T/forwards.fn")" \
	    "$(as_ssh_sees ssh -G -F "$T/forwards" web)"
	is "forwards of a config, how many" "$(as_ssh_sees ssh -G -F "$T/forwards" web | grep -c .)" 20
else
	skip "forwards of a config: no ssh, or no launcher" 2
fi

refused() { # name, what it says, words...
	local name=$1 text=$2
	shift 2
	t "$name" 3 "$text" launcher "$@"
}
refused "option as host" "" -L 8080:a:1 -- '-oProxyCommand=touch x'
refused "line feed in the host" "" -L 8080:a:1 -- $'a\nb'
refused "escape in the host" "" -L 8080:a:1 -- $'a\033b'
refused "no such spec" "forwarding" -L 8080 web
refused "option as spec" "forwarding" -L -x web

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
