#!/bin/bash
# SPDX-License-Identifier: MIT
# Golden cases: tests/golden/CASE/{cmd,expect.out,expect.err,expect.status, other files}.
#   tests/golden/run.sh [CASE ...]
# cmd is a shell script (`tree NAME` makes ./tree of fixtures/proc/NAME); it runs in a copy of its folder with an empty environment, `sshkeep` in PATH, and the
# links `fixtures` and `rules` beside it.  What it prints and its status are compared byte for byte (the version in JSON output
# is blanked first).  Status 77 skips the case; standard error then says why.
# JSON on standard output is also checked against fixtures/schema/sshkeep-1.json.
# UPDATE=1 shows what differs and takes it over.
set -u
umask 022
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
prog=$(realpath "${PROG:-build/sshkeep}")
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwx "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir "$tmp/bin" "$tmp/json"
ln -s "$prog" "$tmp/bin/sshkeep"
# cases that write must not reach the checkout
cp -R fixtures "$tmp/fixtures"
cat >"$tmp/bin/tree" <<'END'
#!/bin/sh
# tree NAME: a private copy of fixtures/proc/NAME as ./tree
cp -R "fixtures/proc/$1/." tree && chmod -R u+rwX,go-w tree
END
chmod +x "$tmp/bin/tree"
passed=0 failed=0 skipped=0

# One file of a case against what came out; prints the difference.
same() { # case, name, got
	local want=tests/golden/$1/expect.$2
	[ -e "$want" ] || want=/dev/null
	cmp -s "$want" "$3" && return 0
	diff -u --label "$1/expect.$2" --label "$1/now" "$want" "$3"
	if [ -n "${UPDATE:-}" ]; then
		if [ -s "$3" ]; then cp "$3" "tests/golden/$1/expect.$2"; else rm -f "tests/golden/$1/expect.$2"; fi
	fi
	return 1
}

run_case() {
	local name=$1 dir=$tmp/$1 out=$tmp/$1.out err=$tmp/$1.err st=$tmp/$1.status rc ok=1
	cp -R "tests/golden/$name" "$dir"
	rm -f "$dir"/expect.*
	# git knows no modes but these; what a case wants else it sets itself
	chmod -R u=rwX,go=rX "$dir"
	ln -s "$tmp/fixtures" "$dir/fixtures"
	ln -s "$root/rules" "$dir/rules"
	(cd "$dir" && timeout 60 env -i PATH="$tmp/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" HOME="$dir/home" LC_ALL=C TZ=UTC \
	    TERM=dumb ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" sh ./cmd >"$out" 2>"$err" </dev/null)
	rc=$?
	if [ $rc -eq 77 ]; then
		echo "SKIPPED $name: $(tail -n 1 "$err")"
		skipped=$((skipped + 1))
		return
	fi
	echo $rc >"$st"
	# paths of the copy are not the same on the next run
	sed -i -e "s|$dir|CASE|g" -e 's/"version": "[^"]*"/"version": "VERSION"/' "$out" "$err"
	same "$name" out "$out" || ok=0
	same "$name" err "$err" || ok=0
	same "$name" status "$st" || ok=0
	if [ "$(head -c 1 "$out")" = "{" ]; then cp "$out" "$tmp/json/$name"; fi
	if [ $ok -eq 1 ]; then
		passed=$((passed + 1))
	elif [ -n "${UPDATE:-}" ]; then
		echo "updated $name"
		passed=$((passed + 1))
	else
		echo "FAILED golden $name"
		failed=$((failed + 1))
	fi
}

# Every JSON output at once.
check_schema() {
	local py
	[ -n "$(ls "$tmp/json")" ] || return
	for py in /usr/bin/python3 python3; do
		"$py" -c 'import jsonschema' 2>/dev/null || continue
		if "$py" tests/golden/validate.py fixtures/schema/sshkeep-1.json "$tmp"/json/*; then
			passed=$((passed + 1))
		else
			echo "FAILED golden schema"
			failed=$((failed + 1))
		fi
		return
	done
	echo "SKIPPED schema: no python3 with the jsonschema module"
	skipped=$((skipped + 1))
}

if [ $# -eq 0 ]; then
	for d in tests/golden/*/; do set -- "$@" "$(basename "$d")"; done
fi
for c in "$@"; do run_case "$c"; done
check_schema
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
