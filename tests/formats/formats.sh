#!/bin/bash
# SPDX-License-Identifier: MIT
# Reports of audit and lint against their schemas, each other and the files they speak of (check.py); the files for CI
# services against theirs (ci.py).
#   tests/formats/formats.sh [CASE ...]
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
prog=$(realpath "${PROG:-build/sshkeep}")
export SCHEMAS=$root/build/schemas
passed=0 failed=0 skipped=0
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
formats="text json sarif github gitlab junit checkstyle rdjson gcc html"

python=
for py in /usr/bin/python3 python3; do
	[ -n "$python" ] || ! "$py" -c 'import jsonschema' 2>/dev/null || python=$py
done
if [ -z "$python" ] || [ ! -e "$SCHEMAS/rdjson.json" ]; then
	echo "SKIPPED formats: no python3 with the jsonschema module, or no build/schemas (tools/schemas.sh)"
	[ -n "${CI:-}" ] && { echo "FAILED formats: nothing may be skipped in CI"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi

ok() { # name, condition as a command; what it prints goes to the log when it fails
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		echo "FAILED formats/$name"
		printf '%s\n' "$said" | head -n 40
		failed=$((failed + 1))
	fi
}

# Run sshkeep in $tmp/w, all formats at once, and check them; the status must be the one given.
reports() { # name, status, inputs not read, arguments of sshkeep
	local name=$1 status=$2 failures=$3 f rc args=()
	shift 3
	rm -rf "$tmp/out" && mkdir "$tmp/out"
	for f in $formats; do args+=(--output "$f=$tmp/out/$f"); done
	(cd "$tmp/w" && timeout 60 "$prog" "$@" "${args[@]}" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null)
	rc=$?
	ok "$name: status $rc" [ $rc -eq "$status" ]
	ok "$name: standard output" cmp "$tmp/stdout" "$tmp/out/text"
	(cd "$tmp/w" && find . -type f -printf '%P\0' -o -type l -printf '%P\0') >"$tmp/out/paths"
	echo "$failures" >"$tmp/out/failed"
	ok "$name" "$python" -B tests/formats/check.py "$tmp/out" "$tmp/w"
}

fresh() {
	rm -rf "$tmp/w"
	mkdir "$tmp/w"
}

# A tree with findings of each level, with a place and without.
tree() { # folder
	mkdir -p "$1/home/.ssh" "$1/etc/ssh/sshd_config.d"
	printf 'Host web\n    ServerAliveInterval 300\n    ServerAliveInterval 60\n\nHost *.example.com\n    Port 22 23\n' \
	    >"$1/home/.ssh/config"
	mkdir -p "$1/second/.ssh"
	printf 'Host web\n    HostName web.example.com\n    ServerAliveInterval 300\n' >"$1/second/.ssh/config"
	printf 'Include /etc/ssh/sshd_config.d/*.conf\nTCPKeepAlive no\n' >"$1/etc/ssh/sshd_config"
	printf 'ClientAliveInterval 0\nBogus yes\n' >"$1/etc/ssh/sshd_config.d/50-x.conf"
}

plain() {
	fresh
	tree "$tmp/w"
	reports plain 1 0 lint --path-timeout 240
	# design: one element of each kind, so that the checks above have something to check
	ok plain-levels [ "$(jq '[.findings[].level] | unique | length' "$tmp/out/json")" -eq 3 ]
	ok plain-no-line [ "$(jq '[.findings[] | select(.line == null)] | length' "$tmp/out/json")" -gt 0 ]
}

clean() {
	fresh
	mkdir -p "$tmp/w/.ssh"
	printf 'Host web\n    ServerAliveInterval 60\n    ServerAliveCountMax 3\n' >"$tmp/w/.ssh/config"
	reports clean 0 0 lint --select SK1
}

empty() {
	fresh
	reports empty 0 0 lint
}

# A note alone is no failure, and no exit status.
notes() {
	fresh
	tree "$tmp/w"
	reports fail-on-error 1 0 lint --path-timeout 240 --fail-on error
	reports exit-zero 0 0 lint --path-timeout 240 --exit-zero
}

unreadable() {
	fresh
	tree "$tmp/w"
	reports missing 2 2 lint nothing 'not::error::there' home
	mkfifo "$tmp/w/pipe"
	reports pipe 2 1 lint pipe home
}

# What a comment or a baseline suppresses is told in SARIF and JSON alone.
suppressed() {
	fresh
	mkdir -p "$tmp/w/a/.ssh" "$tmp/w/b/.ssh"
	printf 'Host a\n  ServerAliveInterval 60\n  # sshkeep: ignore SK131 -- "]]>" is kept\n  ServerAliveInterval 50\n\tServerAliveInterval 40\n' >"$tmp/w/a/.ssh/config"
	printf 'Host b\n  ServerAliveInterval 60\n  ServerAliveInterval 50\n' >"$tmp/w/b/.ssh/config"
	reports comment 1 0 lint
	(cd "$tmp/w" && "$prog" lint --baseline base --update-baseline b >/dev/null)
	reports baseline 1 0 lint --baseline base
	ok baseline-kinds jq -e '[.runs[0].results[].suppressions[].kind] | unique == ["external", "inSource"]' "$tmp/out/sarif"
	ok baseline-told [ "$(wc -l <"$tmp/out/gcc")" -eq "$(jq '.summary | .errors + .warnings + .notes' "$tmp/out/json")" ]
}

# Paths are as they were given.
folder() {
	fresh
	tree "$tmp/w/sub/dir"
	reports folder 1 0 lint sub/dir
	ok folder-sarif jq -e '[.runs[0].artifacts[].location.uri | startswith("sub/dir/")] | all' "$tmp/out/sarif"
	ok folder-gitlab jq -e '[.[].location.path | startswith("sub/dir/")] | all' "$tmp/out/gitlab"
	cp "$tmp/out/sarif" "$tmp/first"
	reports folder-dot 1 0 lint ./sub/dir
	ok folder-same cmp "$tmp/first" "$tmp/out/sarif"
	reports file 1 0 lint sub/dir/home/.ssh/config
	# a hook gives files, the job the folder: one finding has one name
	jq -r '.runs[0].results[] | select(.locations[0].physicalLocation.artifactLocation.uri | endswith("config"))
	    | .ruleId + .partialFingerprints["sshkeep/v1"]' "$tmp/first" | sort >"$tmp/prints"
	jq -r '.runs[0].results[] | .ruleId + .partialFingerprints["sshkeep/v1"]' "$tmp/out/sarif" | sort >"$tmp/prints2"
	ok file-fingerprints [ -z "$(comm -13 "$tmp/prints" "$tmp/prints2")" ]
}

absolute() {
	fresh
	tree "$tmp/w/sub"
	# one that lies below is named like any other
	reports absolute-below 1 0 lint "$tmp/w/sub"
	ok absolute-below-uri jq -e '[.runs[0].artifacts[].location.uri | startswith("sub/")] | all' "$tmp/out/sarif"
	mv "$tmp/w/sub" "$tmp/other"
	reports absolute 1 0 lint "$tmp/other"
	ok absolute-uri jq -e '[.runs[0].artifacts[].location.uri | startswith("file:///")] | all' "$tmp/out/sarif"
	jq -r '.findings[].fingerprint' "$tmp/out/json" >"$tmp/prints"
	mv "$tmp/other" "$tmp/elsewhere"
	reports absolute-moved 1 0 lint "$tmp/elsewhere"
	ok absolute-fingerprints cmp <(jq -r '.findings[].fingerprint' "$tmp/out/json") "$tmp/prints"
	rm -rf "$tmp/elsewhere"
}

hostile() {
	fresh
	"$python" -B tests/formats/hostile.py "$tmp/w"
	reports hostile 1 0 lint --path-timeout 240
	# every folder of the tree has its finding
	ok hostile-all [ "$(jq -r '[.findings[].file] | unique | length' "$tmp/out/json")" -ge 35 ]
	# a line of megabytes is not told whole
	ok hostile-bounded [ "$(cat "$tmp"/out/{github,gcc,sarif,gitlab,junit,checkstyle,rdjson,html} | wc -L)" -le 20000 ]
	ok hostile-text-bounded [ "$(wc -L <"$tmp/out/text")" -le 1000 ]
	(cd "$tmp/w" && printf 'Bogus\033[31m ::error::x\n' | "$prog" lint --stdin-filename $'a\n::error::b/sshd_config' --format github - \
	    >"$tmp/stdin")
	ok hostile-stdin [ "$(grep -c '^::error file=' "$tmp/stdin")" -eq 1 ]
	ok hostile-stdin-lines [ "$(grep -vcE '^::(error|warning|notice) file=a%0A' "$tmp/stdin")" -eq 0 ]
	ok hostile-stdin-path grep -q 'file=a%0A%3A%3Aerror%3A%3Ab/sshd_config,' "$tmp/stdin"
}

# The fixes that are offered mend what they are offered for.
apply() {
	fresh
	tree "$tmp/w"
	mkdir -p "$tmp/w/crlf/.ssh" "$tmp/w/far/.ssh" "$tmp/w/last/.ssh"
	printf 'Host a\r\n  ServerAliveIntervall 60\r\n' >"$tmp/w/crlf/.ssh/config"
	printf '# \360\237\230\200\nHost \360\237\230\200\n  "ServerAliveInterval" 600 # \360\237\230\200\n' >"$tmp/w/far/.ssh/config"
	printf 'Host b\n  ServerAliveInterval 60\n  ServerAliveInterval 50' >"$tmp/w/last/.ssh/config"
	reports apply 1 0 lint --path-timeout 240
	ok apply-fixes "$python" -B tests/formats/apply.py "$tmp/out" "$tmp/w" "$prog" lint --path-timeout 240
}

# Files that are no ssh configs: places in them, and templates.
kinds() {
	fresh
	mkdir -p "$tmp/w/etc/sysctl.d" "$tmp/w/etc/profile.d" "$tmp/w/etc/systemd/system" "$tmp/w/bin" "$tmp/w/tmpl/.ssh"
	printf '# \303\274\nnet.ipv4.tcp_retries2 = 3\nnet.ipv4.tcp_keepalive_time=9000\n' >"$tmp/w/etc/sysctl.d/50-x.conf"
	printf 'export TMOUT=60\n' >"$tmp/w/etc/profile.d/t.sh"
	printf '[Service]\nEnvironment=A=\303\274\nExecStart=/usr/bin/autossh -M 0 -N -R 1:a:2 h\303\274 \n' \
	    >"$tmp/w/etc/systemd/system/t.service"
	printf '#!/bin/sh\nautossh -M 0 -f -N -R 1:a:2 host # "]]>"\n' >"$tmp/w/bin/tunnel.sh"
	printf 'services:\n  t:\n    image: x\n    command: autossh -M 0 -N -R 1:a:2 host\n' >"$tmp/w/compose.yml"
	printf 'Host {{ name }}\n  ServerAliveInterval {{ x }}\n  Bogus\303\274 yes\n' >"$tmp/w/tmpl/.ssh/config.j2"
	printf 'Bogus yes\n' >"$tmp/w/etc/ssh_config"
	reports kinds 1 0 lint --path-timeout 240
}

# audit: findings about the kernel have no file, those of a home a base of their own.
machine() {
	fresh
	mkdir -p "$tmp/w/home/.ssh"
	cp -R fixtures/proc/laptop-nat/. "$tmp/w/tree"
	printf 'Host web\n    ServerAliveInterval 300\n' >"$tmp/w/home/.ssh/config"
	reports machine 1 0 audit --root tree --home "$tmp/w/home" -F "$tmp/w/home/.ssh/config"
}

# Equal input, equal bytes; a report does not depend on the others.
repeat() {
	local f
	fresh
	tree "$tmp/w"
	reports repeat 1 0 lint
	for f in $formats; do
		(cd "$tmp/w" && "$prog" lint --format "$f" >"$tmp/again")
		ok "repeat-$f" cmp "$tmp/out/$f" "$tmp/again"
	done
}

usage() {
	local rc
	fresh
	tree "$tmp/w"
	(cd "$tmp/w" && "$prog" lint --output json=a --output sarif=./a) 2>"$tmp/stderr"
	rc=$?
	ok same-name [ $rc -eq 3 -a ! -e "$tmp/w/a" ]
	touch "$tmp/w/b"
	ln -s b "$tmp/w/c"
	(cd "$tmp/w" && "$prog" lint --output json=b --output sarif=c) 2>"$tmp/stderr"
	rc=$?
	ok same-link [ $rc -eq 3 -a ! -s "$tmp/w/b" ]
	(cd "$tmp/w" && "$prog" lint --output json=/dev/null --output sarif=/dev/null >/dev/null)
	rc=$?
	ok same-device [ $rc -eq 1 ]
	(cd "$tmp/w" && "$prog" lint --output json=no/such --output sarif=s >"$tmp/stdout") 2>"$tmp/stderr"
	rc=$?
	ok unwritable [ $rc -eq 2 ]
	ok unwritable-says grep -q 'cannot write no/such' "$tmp/stderr"
	ok unwritable-others [ -s "$tmp/w/s" -a -s "$tmp/stdout" ]
	(cd "$tmp/w" && "$prog" lint --output json=/dev/full >/dev/null) 2>"$tmp/stderr"
	rc=$?
	ok full [ $rc -eq 2 ]
}

# The files for CI services that the tree holds, against what the services publish.
ci() {
	if [ -z "${CI:-}" ] && { [ ! -e "$SCHEMAS/github-workflow.json" ] || ! "$python" -c 'import yaml' 2>/dev/null; }; then
		echo "SKIPPED formats/ci: no PyYAML, or no schema of GitHub and GitLab in build/schemas (tools/schemas.sh)"
		skipped=$((skipped + 1))
		return
	fi
	ok ci "$python" -B tests/formats/ci.py "$SCHEMAS" .
}

[ $# -gt 0 ] || set -- plain clean empty notes suppressed unreadable folder absolute hostile apply kinds machine repeat usage ci
for c in "$@"; do "$c"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
