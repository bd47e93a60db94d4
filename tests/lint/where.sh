#!/bin/bash
# SPDX-License-Identifier: MIT
# Where it runs: the hooks through the real pre-commit, the steps of action.yml with a runner's environment, the script of
# ci/gitlab.yml, the image's packages, the progress line on a terminal.  Hostile inputs are half of it.
# shellcheck disable=SC1003,SC2016,SC2018,SC2317 # functions are called through check; what stands in quotes is meant
# shellcheck source=tests/lint/lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/bin" "$tmp/home"
ln -s "$PROG" "$tmp/bin/sshkeep"
PATH=$tmp/bin:$PATH
export HOME=$tmp/home GIT_CONFIG_NOSYSTEM=1 PRE_COMMIT_HOME=$tmp/pre-commit XDG_STATE_HOME=$tmp/state
git config --global user.name t
git config --global user.email t@localhost
git config --global init.defaultBranch main

run() { # command ...: rc, out, err
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}
has() { grep -qE -- "$1" "$tmp/out" "$tmp/err"; }
# yaml FILE EXPRESSION: a value of a YAML file, d being the document
yaml() { /usr/bin/python3 -c 'import sys, yaml; d = yaml.safe_load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

repo() { # a scratch repository with one bad config and one that can be mended
	git init -q .
	mkdir -p .ssh
	printf 'Host *\n\tServerAliveInterval 0\n' >.ssh/config
	printf '[networks]\npath_timeout = 350s\n' >.sshkeep.ini
	[ "$1" = good ] || printf 'Bogus 1\n' >sshd_config
	git add -A
}

new 'the hooks through pre-commit'
hooks=$(yaml "$TOP/.pre-commit-hooks.yaml" '" ".join(h["id"] for h in d)')
check 'their names' test "$hooks" = 'sshkeep sshkeep-fix sshkeep-build'
# The hooks as pre-commit reads them from a repository, at a commit: no network.
mkdir "$tmp/hooks"
cp -r "$TOP/.pre-commit-hooks.yaml" "$TOP/ci" "$tmp/hooks/"
mkdir "$tmp/hooks/build"
cp "$PROG" "$tmp/hooks/build/sshkeep"
(cd "$tmp/hooks" && git init -q . && git add -fA && git commit -qm hooks) || exit 2
repo bad
for hook in sshkeep sshkeep-build; do
	printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: %s\n' "$tmp/hooks" "$(git -C "$tmp/hooks" rev-parse HEAD)" $hook >.pre-commit-config.yaml
	git add -A
	run pre-commit validate-config
	check "$hook: a config that pre-commit takes" is 0
	run pre-commit run
	check "$hook: a bad config stops the commit" is 1
	check "$hook: and is named" has 'sshd_config:1:1: error SK101'
	git add .pre-commit-config.yaml
	run pre-commit install
	run git commit -qm 'bad'
	check "$hook: git's own hook stops it" test "$rc" -ne 0
	printf 'Port 22\n' >sshd_config
	printf 'Host *\n\tServerAliveInterval 60\n' >.ssh/config
	git add -A
	run git commit -qm 'good'
	check "$hook: a good one passes" is 0
	printf 'Bogus 1\n' >sshd_config
	git add -A
done
run pre-commit validate-manifest "$TOP/.pre-commit-hooks.yaml"
check 'the manifest is valid' is 0

new 'the hook that mends'
repo good
git commit -qnm first
printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: sshkeep-fix\n' "$tmp/hooks" "$(git -C "$tmp/hooks" rev-parse HEAD)" >.pre-commit-config.yaml
git add -A
run pre-commit run
check 'it fails when it changes something' test "$rc" -ne 0
check 'it mended the file' grep -q 'ServerAliveInterval [1-9]' .ssh/config
git add -A
run pre-commit run
check 'and passes then' is 0

new 'the hook that builds itself says what is missing'
mkdir -p nothing/ci
cp "$TOP/ci/hook" nothing/ci/
run nothing/ci/hook
check 'exit 3' is 3
check 'with what to do' has 'tools/deps.sh build'

# --- action.yml
step() { yaml "$TOP/action.yml" "[s for s in d['runs']['steps'] if s['name'] == '$1'][0]$2"; }
new 'action.yml'
check 'a composite action' test "$(yaml "$TOP/action.yml" "d['runs']['using']")" = composite
# Expressions stand in env alone: what they expand to is no text of a script.
check 'no expression in a script' test "$(yaml "$TOP/action.yml" "any('\${{' in s['run'] for s in d['runs']['steps'])")" = False
check 'each step names its shell' test "$(yaml "$TOP/action.yml" "all(s['shell'] == 'bash' for s in d['runs']['steps'])")" = True
check 'nothing else is used' test "$(yaml "$TOP/action.yml" "any('uses' in s for s in d['runs']['steps'])")" = False
check 'each input and output is described' test "$(yaml "$TOP/action.yml" "all(v.get('description') for k in ('inputs', 'outputs') for v in d[k].values())")" = True
step Lint "['run']" >"$tmp/lint.sh"
step 'Build sshkeep' "['run']" >"$tmp/build.sh"
check 'the lint step is sound shell' shellcheck -s bash "$tmp/lint.sh"
check 'the build step is sound shell' shellcheck -s bash "$tmp/build.sh"
mkdir -p "$tmp/action/build" "$tmp/action/tools"
cp -r "$TOP/ci" "$tmp/action/"
cp "$PROG" "$tmp/action/build/sshkeep"
printf '#!/bin/sh\necho deps "$@"\n' >"$tmp/action/tools/deps.sh"
printf 'all:\n\t@echo made in $(CURDIR)\n' >"$tmp/action/Makefile"
chmod 755 "$tmp/action/tools/deps.sh"
ACTION_PATH=$tmp/action run bash --noprofile --norc -eo pipefail "$tmp/build.sh"
check 'the build step installs what it needs and makes' sh -c "grep -qx 'deps build' '$tmp/out' && grep -qx 'made in $tmp/action' '$tmp/out'"

# As a runner does it: composite inputs by way of env, bash -eo pipefail, a file for outputs.
act() { # path args sarif
	: >"$tmp/outputs"
	env -i PATH="/usr/bin:/bin" HOME="$tmp/home" GITHUB_WORKSPACE="$t" GITHUB_OUTPUT="$tmp/outputs" GITHUB_ACTIONS=true \
	    ACTION_PATH="$tmp/action" SSHKEEP="$tmp/action/build/sshkeep" INPUT_PATH="$1" INPUT_ARGS="$2" INPUT_SARIF="$3" \
	    bash --noprofile --norc -eo pipefail "$tmp/lint.sh" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}
repo bad
act . '' ''
check 'findings are exit 1' is 1
check 'they are annotations' has '^::error file=sshd_config,line=1'
check 'the exit status is an output' grep -qx 'exit=1' "$tmp/outputs"
act .ssh $'--ignore\nSK2' out.sarif
check 'paths and arguments are taken' is 0
check 'SARIF is written' jq -e '.version == "2.1.0"' out.sarif
check 'its name is an output' grep -qx 'sarif=out.sarif' "$tmp/outputs"
mkdir 'a b' '$(touch PWNED)' "it's;touch PWNED"
cp sshd_config 'a b/'
cp sshd_config '$(touch PWNED)/'
cp sshd_config "it's;touch PWNED/"
act $'a b\n$(touch PWNED)\nit\'s;touch PWNED\n`touch PWNED`' '' ''
check 'hostile paths are paths' has 'file=a b/sshd_config'
check 'with quotes, too' has "file=it's;touch PWNED/sshd_config"
check 'nothing ran' test ! -e PWNED
act $'--write\n--fix' '' ''
check 'a path is no option' is 2
act . $'"; touch PWNED; "\n$(touch PWNED)' ''
check 'hostile arguments are arguments' test ! -e PWNED
act . '' $'x.sarif\nexit=0'
check 'a SARIF name of two lines is refused' is 3
check 'and no output' test ! -s "$tmp/outputs"
act . '--nonesuch' out.sarif
check 'a usage error is exit 3' is 3
check 'and no report of the tree is its own' sh -c "! grep -q '^sarif=' '$tmp/outputs'"
act . '' $'x.sarif\nexit=0'
check 'and writes no output' test ! -s "$tmp/outputs"
act . '' '$(touch PWNED).sarif'
check 'nothing ran for its name' test ! -e PWNED
echo precious >"$tmp/home/.profile"
ln -s "$tmp/home/.profile" link.sarif
ln -s "$tmp/home/none.sarif" dangling.sarif
ln -s "$tmp/home" linked
mkdir ci
ln -s .. ci/up
for f in link.sarif dangling.sarif linked/.profile linked/new.sarif ci/up/../.profile ../home/new.sarif none/x.sarif; do
	[ "$f" != ci/up/../.profile ] || { rm ci/up && ln -s "$tmp/home/.ssh" ci/up && mkdir -p "$tmp/home/.ssh"; }
	act . '' "$f"
	check "$f is refused" is 3
	check "and is no output ($f)" sh -c "! grep -q '^sarif=' '$tmp/outputs'"
done
check 'no link was followed' test "$(cat "$tmp/home/.profile")" = precious
check 'nothing was made elsewhere' sh -c "! ls '$tmp/home' | grep sarif"
act . '' "$tmp/own.sarif"
check 'a name of the workflow'\''s own outside is taken' jq -e '.version == "2.1.0"' "$tmp/own.sarif"
rm -rf link.sarif dangling.sarif linked ci
mkdir sshkeep.sarif deep
printf '{"version": "2.1.0", "runs": []}' >sshkeep.sarif/evil.sarif
mkfifo fifo.sarif
for f in sshkeep.sarif sshkeep.sarif/ ./sshkeep.sarif "$PWD/sshkeep.sarif" deep/../sshkeep.sarif fifo.sarif /dev/null; do
	act . '' "$f"
	check "$f, which is no file, is refused" is 3
	check "and is no output ($f)" sh -c "! grep -q '^sarif=' '$tmp/outputs'"
done
rm -r sshkeep.sarif fifo.sarif
# A report of the tree's own stays nobody's, whatever keeps the program from writing one.
printf '{"version": "2.1.0", "runs": []}' >deep/own.sarif
act . '--nonesuch' deep/own.sarif
check 'without a run a report of the tree is not named' sh -c "! grep -q '^sarif=' '$tmp/outputs'"
printf '{"version": "2.1.0", "runs": []}' >deep/own.sarif
act . '' deep/own.sarif
check 'one of that name is replaced' jq -e '.runs[0].tool.driver.name' deep/own.sarif
check 'and named' grep -qx 'sarif=deep/own.sarif' "$tmp/outputs"
# a program that says that it ran and wrote nothing
printf '#!/bin/sh\nexit 2\n' >"$tmp/idle"
chmod 755 "$tmp/idle"
printf '{"version": "2.1.0", "runs": []}' >deep/own.sarif
env -i PATH=/usr/bin:/bin GITHUB_WORKSPACE="$t" GITHUB_OUTPUT="$tmp/outputs.idle" SSHKEEP="$tmp/idle" \
    INPUT_SARIF=deep/own.sarif bash "$TOP/ci/action.sh" >/dev/null 2>&1
check 'what the run did not write is not named' sh -c "grep -qx exit=2 '$tmp/outputs.idle' && ! grep -q '^sarif=' '$tmp/outputs.idle'"
rm -r deep

new '--output and the links of a tree'
repo bad
echo precious >"$tmp/home/.profile"
ln -s "$tmp/home/.profile" report
ln -s "$tmp/home/new" dangling
ln -s "$tmp/home" folder
mkdir out
mkfifo fifo
put() { run sshkeep lint --output "sarif=$1" "${2:-.}"; }
for f in report dangling folder/.profile folder/new "$PWD/report" "$PWD/folder/new" ./out/../report; do
	put "$f"
	check "$f is not followed" is 2
	check "and the reason is told ($f)" has 'links of a tree are not followed'
done
(cd "$tmp" && run sshkeep lint --output "sarif=$PWD/tree/report" tree && echo "$rc" >"$tmp/rc")
check 'a tree among the operands is one, too' test "$(cat "$tmp/rc")" = 2
check 'no link was followed' test "$(cat "$tmp/home/.profile")" = precious
check 'nothing was made elsewhere' test ! -e "$tmp/home/new"
for f in out/new out/new ./out//second "$tmp/own"; do
	put "$f"
	check "$f is written" is 1
	check "as SARIF ($f)" jq -e '.version == "2.1.0"' "$f"
done
ln -s "$tmp/own" "$tmp/mine"
: >"$tmp/own"
put "$tmp/mine"
check 'a link elsewhere is the caller'\''s own' jq -e '.version == "2.1.0"' "$tmp/own"
ln -sfn "$t/out" "$tmp/way"
put "$tmp/way/by"
check 'so is one on the way' jq -e '.version == "2.1.0"' out/by
run sh -c 'sshkeep lint --output sarif=/dev/stdout | cat'
check '/dev/stdout' has '"version": ?"2.1.0"'
(cd / && run sshkeep lint --output sarif=/dev/stdout "$t" && echo "$rc" >"$tmp/rc")
check '/dev/stdout from /, where containers start' sh -c "[ \"\$(cat '$tmp/rc')\" = 1 ]"
for i in $(seq 2000); do echo "Bogus$i 1"; done >>sshd_config
sshkeep lint --format sarif >"$tmp/plain"
run sshkeep lint --output sarif=>(sleep 1; cat >"$tmp/through.part"; mv "$tmp/through.part" "$tmp/through")
for _ in $(seq 100); do [ -e "$tmp/through" ] || sleep 0.1; done
check 'a program that reads late gets all of it' cmp "$tmp/plain" "$tmp/through"
put fifo
check 'a FIFO that nobody reads does not hang' is 2

# --- GitLab
new 'ci/gitlab.yml'
repo bad
yaml "$TOP/ci/gitlab.yml" "'\n'.join(d['sshkeep']['script'])" >"$tmp/gitlab.sh"
check 'its script is sound shell' shellcheck -s sh "$tmp/gitlab.sh"
check 'the artifact is what it writes' grep -qF "gitlab=$(yaml "$TOP/ci/gitlab.yml" "d['sshkeep']['artifacts']['reports']['codequality']")" "$tmp/gitlab.sh"
check 'the JUnit file is, too' grep -qF "junit=$(yaml "$TOP/ci/gitlab.yml" "d['sshkeep']['artifacts']['reports']['junit']")" "$tmp/gitlab.sh"
gitlab() { # the job's own variables, then NAME=VALUE ...
	run env SSHKEEP_PATH=. SSHKEEP_ARGS="$(yaml "$TOP/ci/gitlab.yml" "d['sshkeep']['variables']['SSHKEEP_ARGS']")" "$@" sh -eu "$tmp/gitlab.sh"
}
gitlab
check 'findings fail the job' is 1
check 'code quality is written' jq -e 'type == "array" and length > 0 and all(.fingerprint and .location.path)' gl-code-quality-report.json
check 'JUnit is written' xmllint --noout sshkeep.xml
rm -r .ssh
printf 'ClientAliveInterval 60\nClientAliveInterval 60\n' >sshd_config
printf '[rules]\nignore = SK131\n' >.sshkeep.ini
gitlab
check 'settings of a merge request do not decide' is 1
gitlab SSHKEEP_CONFIG=.sshkeep.ini SSHKEEP_ARGS=
check 'unless they are trusted' is 0
rm .sshkeep.ini
printf 'ClientAliveInterval 60\n# sshkeep: ignore SK131 -- why not\nClientAliveInterval 60\n' >sshd_config
gitlab
check 'its comments do not, either' is 1
gitlab SSHKEEP_ARGS=
check 'unless they are trusted, too' is 0
printf '[rules]\nignore = SK131\n' >"$tmp/central.ini"
gitlab SSHKEEP_CONFIG="$tmp/central.ini"
check 'settings of the project do' is 0
gitlab SSHKEEP_ARGS='--no-ignores  --ignore SK131 --ignore SK*'
check 'arguments are split at blanks alone' is 3
gitlab SSHKEEP_PATH='$(touch PWNED)'
check 'a hostile path is a path' test ! -e PWNED

# --- the image
new 'Dockerfile'
cp "$TOP/Dockerfile" .
check 'the last stage has a user of its own' test "$(awk '$1 == "USER" { u = $2 } END { print u }' Dockerfile)" = 10001
check 'bases are of one release' test "$(awk '$1 == "FROM" { print $2 }' Dockerfile | sort -u)" = debian:bookworm-slim
# What the program needs at run time is what the last stage installs.
needs=$(ldd "$PROG" 2>/dev/null | awk '$3 ~ /^\// { print $3 }' | grep -vE '/(libc|libm|libasan|libubsan|libgcc_s|libpthread|libdl|librt|libstdc\+\+)\.so')
for lib in $needs; do
	package=$(dpkg-query -S "$(realpath "$lib")" 2>/dev/null | sed 's/:.*//')
	check "$lib is installed in it" grep -qwF -- "${package:-?}" Dockerfile
done
sed -n '/^RUN /,/[^\\]$/p' Dockerfile | sed 's/^RUN //' >"$tmp/run.sh"
check 'its steps are sound shell' shellcheck -s sh "$tmp/run.sh"

# --- a terminal
cat >"$tmp/terminal.py" <<'END'
import os, pty, sys
# COMMAND with standard error on a terminal, standard output in a file; what the terminal got goes to our output.
out, argv = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    f = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(f, 1)
    os.environ["TERM"] = "xterm"
    os.execvp(argv[0], argv)
got = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    got += part
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(got)
sys.exit(os.waitstatus_to_exitcode(status))
END
new 'a progress line on a terminal'
python3 - <<'END'
import os
esc = "e\033[31m\r\n"
for i in range(200):
    d = "d%d/%s" % (i, esc if i % 3 == 0 else "x")
    os.makedirs(d)
    for k in range(150):
        open("%s/f%d" % (d, k), "w").write("text\n")
open("sshd_config", "w").write("Port 22\n")
END
progress() { # the terminal's bytes in $tmp/tty, standard output in $tmp/out
	python3 "$tmp/terminal.py" "$tmp/out" "$PROG" lint >"$tmp/tty" </dev/null
	rc=$?
}
lint .
cp "$tmp/out" "$tmp/plain"
check 'none where standard error is no terminal' test ! -s "$tmp/err"
progress
check 'exit as ever' is 0
check 'standard output is the same' cmp -s "$tmp/out" "$tmp/plain"
check 'it counts files' grep -qaE 'sshkeep: [0-9]+ files' "$tmp/tty"
check 'it is wiped at the end' sh -c "tail -c 4 '$tmp/tty' | od -An -c | grep -q '033   \\[   K'"
check 'it stays on its line' test "$(wc -l <"$tmp/tty")" -eq 0
check 'names are not in it raw' sh -c "! LC_ALL=C grep -qa '\\[31m' '$tmp/tty'"
sed -i 's/"xterm"/"dumb"/' "$tmp/terminal.py"
progress
check 'none on a dumb terminal' test ! -s "$tmp/tty"

finish
