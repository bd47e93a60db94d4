#!/bin/bash
# SPDX-License-Identifier: MIT
# A tree that wants to take all of the machine's time or memory: each bomb with its bound (seconds of processor time and
# MiB, many times what it takes), and what a bound cuts off is told.
#   HOSTILE=all    sizes that reach the bounds; few: every case, most with a twentieth of it (few under the sanitizers)
# shellcheck disable=SC1003,SC2016,SC2018,SC2317 # functions are called through check; what stands in quotes is meant
# shellcheck source=tests/lint/lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
trap 'rm -rf "$tmp"' EXIT

: "${HOSTILE:=all}"
[ "$slow" -eq 1 ] || HOSTILE=few
big=1000000 mid=20000
[ "$HOSTILE" = all ] || big=50000 mid=4000
# at FULL SMALL: the status, by the size; at_full COMMAND ...: only of what is cut at full size
at() { if [ "$HOSTILE" = all ]; then is "$1"; else is "$2"; fi; }
at_full() { [ "$HOSTILE" != all ] || "$@"; }
# rep N TEXT: TEXT N times, %d in it counts
rep() {
	python3 -c 'import sys
n, s = int(sys.argv[1]), sys.argv[2]
for i in range(0, n, 1000):
    sys.stdout.write("".join(s.replace("@", str(k)) for k in range(i, min(n, i + 1000))))' "$1" "$2"
}

# --- the bounds themselves
new 'bounds that are passed, and crashes'
why() { # cpu_s, command ...: what bound.py calls its end
	"$TOP/tests/lint/lib/bound.py" "$tmp/took" "$1" 100 "${@:2}" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	read -r took <"$tmp/took"
}
why 9 sh -c 'exit 3'
check 'an end of its own' test "${took##* } $rc" = 'ok 3'
for sig in SEGV ABRT KILL TERM; do
	why 9 sh -c "kill -$sig \$\$"
	check "ended by $sig" test "${took##* }" = crash
done
why 1 sh -c 'while :; do :; done'
check 'ended by the bound' test "${took##* }" = cpu
why 1 sh -c 'trap "exit 0" XCPU; while :; do :; done'
check 'a bound that a command would like to catch' test "${took##* }" = cpu

new 'files that take long among others'
mkdir -p a b{1..4}/.ssh c
printf 'Host a\n\tBogus 1\n' >a/ssh_config
cp a/ssh_config c/ssh_config
# each takes as much work as one file may: together several times what a run of 3 s can, on a fast machine, too
rep 30000 'Host h@
Host *h@x*
	ServerAliveInterval 30
Match host *g@x*
	ServerAliveInterval 40
' >b1/.ssh/config
for i in 2 3 4; do cp b1/.ssh/config b$i/.ssh/; done
cpu=4 mem=512 out_of_time=
[ "$slow" -gt 1 ] && cpu=1
lint --output "sarif=$tmp/sarif" --output "junit=$tmp/junit"
out_of_time=' s of processor time'
check 'which file it was' says "^sshkeep: b[1-4]/\.ssh/config: $((cpu * slow * 3 / 4)) s of processor time were used up here"
check 'exit 2' is 2
check 'what was found before is told' finds '^a/ssh_config:2:2: error SK101'
check 'what comes behind is not looked at' lacks '^c/ssh_config'
check 'a report has the finding' grep -q SK101 "$tmp/sarif"
check 'a report has the failure' grep -q 'not read: [36] s of processor time' "$tmp/sarif"
check 'another, too' grep -q 'b[1-4]/.ssh/config: error: not read: [36] s of processor time' "$tmp/junit"

new 'signals from outside'
mkdir .ssh
rep 30000 'Host h@
Host *h@x*
' >.ssh/config
for sig in XCPU PROF; do
	"$PROG" lint >"$tmp/out" 2>"$tmp/err" &
	job=$!
	sleep 0.3
	kill -s "$sig" "$job"
	wait "$job" 2>/dev/null
	rc=$?
	check "SIG$sig does what it does to any program" is $((128 + $(kill -l "$sig")))
done

new 'templates: a region for each host, and lines that may be missing for all of them'
mkdir .ssh
hosts=$((big > 50000 ? 3000 : 1000))
rep "$hosts" '{% if x@ %}
Host h@
	ServerAliveInterval 60
{% endif %}
' >.ssh/config.j2
printf 'Host last\n\tServerAliveInterval 3600\n' >>.ssh/config.j2
cpu=3 mem=256
lint --path-timeout 300s
check 'the last of them is judged' finds "^\.ssh/config\.j2:$((hosts * 4 + 2)):22: error SK202 last"
check 'nothing is cut off' lacks 'only the first|take too long'
lint --path-timeout 300s --format json
check 'in JSON, too' finds '"SK202"'
check 'a finding' is 1
{
	rep "$mid" '{% if x@ %}
ServerAliveInterval 6@
{% endif %}
'
	rep "$mid" 'Host h@
'
} >.ssh/config.j2
cpu=20 mem=512
lint
check 'hosts cut off are told' says "^sshkeep: \.ssh/config\.j2: its hosts and blocks take too long to judge: of $((mid + 1)) hosts or cases"
check 'exit 2' is 2

new 'a finding on every line of a file that is no config'
mkdir etc
rep 43690 'net.ipv4.tcp_retries2=x
' >etc/sysctl.conf
cpu=2 mem=512
lint --format gcc
check 'the last line is told' finds '^etc/sysctl\.conf:43690:1: '

# --- Includes
new 'Include bomb, doubling'
mkdir .ssh
printf 'Include a0 a0\n' >.ssh/config
for i in {0..24}; do printf 'Include a%d a%d\nHost h%d\n' $((i + 1)) $((i + 1)) "$i" >".ssh/a$i"; done
cpu=20 mem=512
lint
check 'the depth is a finding with its line' finds '^ *.ssh/a[0-9]+'
check 'what was not read is told with file and line' finds '^\.ssh/a[0-9]+:1:1: error SK116 more than 4096 files'
check 'a finding' is 1

new 'Include of itself, many times'
mkdir .ssh
printf 'Include config config config config config config config config\nHost x\n' >.ssh/config
cpu=5 mem=256
lint
check 'too deep, at its line' finds 'SK11[0-9]|too deep|16'
check 'a finding' is 1

new 'Include fan, 16 deep, 16 wide'
mkdir .ssh
printf 'Include d0/*\n' >.ssh/config
for i in {0..16}; do
	mkdir ".ssh/d$i"
	for j in {0..15}; do printf 'Include d%d/*\n' $((i + 1)) >".ssh/d$i/$j"; done
done
cpu=60 mem=1024
lint
check 'cut off with file and line' finds '^\.ssh/d[0-9]+/[0-9]+:1:1: error SK116 more than 4096 files'
check 'a finding' is 1

new 'all include all'
mkdir -p etc/ssh/sshd_config.d
for ((i = 0; i < mid / 8; i++)); do
	printf 'Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval %d\n' "$i" >"etc/ssh/sshd_config.d/$i.conf"
done
cpu=90 mem=2048
lint
check 'cut off, as findings' finds 'SK116'
check 'findings' is 1

new 'one line with millions of Includes'
mkdir .ssh
{ printf 'Include '; rep "$((big * 2))" 'x@ '; echo; } >.ssh/config
cpu=90 mem=3072
lint
check 'told at the line' finds "^\.ssh/config:1:[0-9]+: [a-z]+ SK11$(at_full echo 6)"
check 'exit 2, or 0 where it is shorter' at 2 0

new 'Include patterns against long names'
mkdir -p .ssh/d
for i in {0..99}; do : >".ssh/d/$(printf 'a%.0s' {1..200})$i"; done
{ for i in {0..199}; do printf 'Include d/%sb\n' "$(printf '*a%.0s' {1..90})"; done; } >.ssh/config
printf 'Include */*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*\nInclude ../*/../*/../*/../*/../*/x\n' >>.ssh/config
cpu=20 mem=256
lint
check 'nothing is wrong with it' is 0
check 'judged' finds '^1 config in 101 files'

new 'Include patterns of a megabyte, and as long as a path may be, against many names'
mkdir -p .ssh/d
for i in {0..999}; do : >".ssh/d/n$i"; done
b=$(printf 'b%.0s' {1..4000})
{ printf 'Include d/['; head -c 1000000 /dev/zero | tr '\0' b; printf ']x*\n'; } >.ssh/config
cpu=2 mem=256
lint
check 'it names nothing' is 0
for i in {0..999}; do printf 'Include d/*[%s]%d\n' "$b" "$i"; done >.ssh/config
cpu=4
lint
check 'cut off, and told with file and line' finds '^\.ssh/config:1:1: error SK116'

new 'Includes of 60 MiB each'
mkdir .ssh
truncate -s 60M .ssh/big
printf 'Include big big big big big big big big big\n' >.ssh/config
cpu=30 mem=3072
lint .ssh/config
check 'told with file and line' says '\.ssh/config:1: more than 64 MiB are included'
check 'exit 2' is 2

# --- patterns
a1k=$(printf 'a%.0s' {1..1000})
bomb=$(printf '*a%.0s' {1..60})'*b'
new 'pattern bomb in Host, Match, IgnoreUnknown'
mkdir .ssh
{
	printf 'IgnoreUnknown %s\n' "$bomb"
	for ((i = 0; i < 200; i++)); do
		printf 'Host %s %s%d\n\t%s x\nMatch host %s user %s originalhost %s\n\tServerAliveInterval %d\n' \
		    "$bomb" "$a1k" "$i" "$a1k$a1k" "$bomb" "$bomb" "$bomb" "$i"
	done
} >.ssh/config
cpu=20 mem=512
lint
check 'a word that the bomb does not hide' finds '^\.ssh/config:3:2: error SK101'
check 'errors' is 1

new 'pattern bomb in AllowUsers, DenyUsers and Match of the server'
mkdir -p etc/ssh
{
	for ((i = 0; i < 200; i++)); do printf 'AllowUsers %s@%s\nDenyUsers %s\n' "$bomb" "$bomb" "$a1k"; done
	for ((i = 0; i < 200; i++)); do
		printf 'Match user %s,%s%d address 10.0.0.0/8 group %s\n\tClientAliveInterval %d\n' "$bomb" "$a1k" "$i" "$bomb" "$i"
	done
} >etc/ssh/sshd_config
lint
check 'judged' finds '^1 config in 1 file'
# each Match line names a user of its own, so that none of them is beaten for everybody
check 'findings' is 0

new 'wildcard blocks times hosts'
mkdir .ssh
rep "$mid" 'Host h@
Host *h@x*
	ServerAliveInterval 30
Match host *g@x*
	ServerAliveInterval 40
' >.ssh/config
cpu=60 mem=512
lint
check 'cut off, and told with the file' says '\.ssh/config: its hosts and blocks take too long to judge: of [0-9]+ hosts or cases the first [0-9]+'
check 'exit 2' is 2
check 'no line is called unused' lacks 'SK13[0-9]'

new 'Match exec times hosts'
mkdir .ssh
rep "$mid" 'Host h@
Match exec "touch /tmp/x@"
	ServerAliveInterval 30
' >.ssh/config
lint
check 'cut off, and told with the file' says '\.ssh/config: its hosts and blocks'
check 'exit 2' is 2
check 'nothing ran' test ! -e /tmp/x1

new 'forwards times hosts'
mkdir .ssh
{ rep "$mid" 'Host h@
'; echo 'Host *'; rep "$mid" '	LocalForward @ a:@
'; } >.ssh/config
lint
check 'cut off, and told with the file' says '\.ssh/config: its hosts and blocks'
check 'exit 2' is 2

new 'Match address times Match address'
mkdir -p etc/ssh
rep "$mid" 'Match address 10.1.2.@/32,10.@.0.0/16 user *u@x*
	ClientAliveInterval 30
' >etc/ssh/sshd_config
lint
check 'nothing is wrong with it' is 0
check 'judged' finds '^1 config in 1 file: 0 errors'

new 'jump hosts in a ring'
mkdir .ssh
rep "$mid" 'Host h@
	ProxyJump h@0,h1@
Host h@0
	ProxyJump h@
' >.ssh/config
cpu=60 mem=1024
lint
check 'the ring is found' finds '^\.ssh/config:[0-9]+:[0-9]+: [a-z]+ SK'
check 'findings' is 1

new 'IgnoreUnknown of their own, and what they do not ignore'
mkdir .ssh
rep "$mid" 'Host h@
	IgnoreUnknown Bogus@
	Bogus@ 3
' >.ssh/config
lint
check 'cut off, and told with the file' at_full says '\.ssh/config: its hosts and blocks'
check 'exit 2, or 1 where it is smaller' at 2 1

new 'a long IgnoreUnknown with wildcards, and many words'
mkdir .ssh
{ printf 'IgnoreUnknown x'; rep "$big" ',*z@z*'; echo; rep "$mid" 'Bogus@ 1
'; } >.ssh/config
cpu=20 mem=512
lint
check 'cut off, and told with the file' at_full says '^sshkeep: \.ssh/config: its IgnoreUnknown lists take too long to compare'
check 'exit 2, or 1 where it is smaller' at 2 1
check 'what was compared is told' finds '^\.ssh/config:2:1: error SK101'
{ printf 'IgnoreUnknown x'; rep "$mid" ',z@z'; echo; rep "$mid" 'Bogus@ 1
'; } >.ssh/config
cpu=3
lint
check 'names are not compared one by one' is 1

# --- sheer size
new 'a million blocks'
mkdir .ssh
rep "$big" 'Host h@
	ServerAliveInterval @
' >.ssh/config
cpu=30 mem=3072
lint
check 'cut off, and told with the file' at_full says '\.ssh/config: its hosts and blocks take too long'
check 'exit 2, or 1 where it is smaller' at 2 1

new 'a million Match blocks that ask for more than a name'
mkdir .ssh
rep "$big" 'Match host h@ user x@
	ServerAliveInterval @
' >.ssh/config
cpu=40 mem=3072
lint
check 'cut off, and told with the file' at_full says '\.ssh/config: its hosts and blocks take too long'
check 'exit 2, or 0 where it is smaller' at 2 0

new 'a million blocks of the server'
mkdir -p etc/ssh
rep "$big" 'Match user u@
	ClientAliveInterval @
' >etc/ssh/sshd_config
cpu=40 mem=3072
lint
check 'cut off, and told with the file' at_full says 'etc/ssh/sshd_config: its hosts and blocks take too long'
check 'exit 2, or 1 where it is smaller' at 2 1

new 'a million lines in one block'
mkdir .ssh
{ echo 'Host a'; rep "$big" '	ServerAliveInterval @
'; } >.ssh/config
cpu=40 mem=3072
lint
check 'told' finds '^\.ssh/config:3:2: warning SK131'
check 'exit 2, or 1 where it is smaller' at 2 1

new 'a million unknown words'
mkdir -p etc/ssh
rep "$big" 'Bogus@ 10
' >etc/ssh/sshd_config
cpu=60 mem=3072
lint
[ "$big" -lt 1000000 ] || check 'the cut is told' says 'sshd_config: more than 262144 findings: from here on none is told'
[ "$big" -lt 1000000 ] || check 'exit 2' is 2

# The bound on findings holds for all kinds of files: a link that leads out, a comment, a unit.
if [ "$big" -ge 1000000 ]; then
	new 'more findings than are told, of files of all kinds'
	mkdir -p a/etc/ssh c/etc/ssh
	rep 300000 'Bogus@ 1
' >a/etc/ssh/sshd_config
	ln -s /nowhere/else b_ssh_config
	printf '# sshkeep: ignore nothing\nPort 22\n' >b2_ssh_config
	printf 'net.ipv4.tcp_keepalive_time = 99999\n' >b3-sysctl.conf
	cp a/etc/ssh/sshd_config c/etc/ssh/
	cpu=60
	lint --format gcc --path-timeout 300 .
	check 'the cut is told once' test "$(grep -c 'more than 262144 findings' "$tmp/err")" = 1
	check 'no more than that are told' test "$(grep -cE '(error|warning|note): ' "$tmp/out")" -le 262145
fi

# What a report proposes for them is planned for a part, and within a budget.
new 'unknown words, each known to be another one, and reports with edits'
mkdir -p .ssh
some=80000
[ "$HOSTILE" = all ] || some=8000
cpu=20
for text in 'ServerAliveIntervall 1
' 'Bogus@ 1
' 'ServerAliveInterval @x
' 'UseKeychain yes
'; do
	rep $some "$text" >.ssh/config
	for f in sarif rdjson; do
		lint --format $f
		check "findings ($f, ${text%?})" is 1
	done
done
# the mend of all at once fails, so that each is tried alone: as far as the budget goes
{ rep $((some / 2)) 'ServerAliveIntervall 1
'; printf 'Port 22x\n'; rep $((some / 4)) 'Prot 22
HostNam a\@
'; } >.ssh/config
lint --format sarif
check 'findings, one by one' is 1

new 'unknown words in a file without comments for us'
mkdir .ssh
{ printf '# '; head -c "$big" /dev/zero | tr '\0' s; echo; rep 20000 'Bogus@ 1
'; } >.ssh/config
cpu=3 mem=128
lint
check 'found' finds '^\.ssh/config:2:1: error SK101'
check 'errors' is 1

new 'one line of 100 MB'
mkdir .ssh
{ printf 'Host '; head -c 100000000 /dev/zero | tr '\0' a; echo; } >.ssh/config
cpu=5 mem=256
lint
check 'told with the file' says '\.ssh/config: is larger than 64 MiB'
check 'exit 2' is 2

new 'a name of 60 MB'
mkdir .ssh
{ printf 'Host '; head -c 60000000 /dev/zero | tr '\0' a; echo; echo '	ServerAliveInterval 3'; } >.ssh/config
cpu=20 mem=2048
lint
check 'told with file and line' says '\.ssh/config: line 1: a name of 60000000 bytes is longer than any host has'
check 'exit 2' is 2
check 'the name is not printed whole' test "$(wc -c <"$tmp/out")" -lt 100000

new 'tokens that multiply'
mkdir .ssh
{ echo 'Host a'; printf '\tHostName '; rep "$((big * 2))" '%h'; printf '\n\tControlPath '; rep "$((big * 2))" '%h'; echo; } >.ssh/config
lint
check 'judged' finds '^1 config in 1 file: 0 errors'
check 'nothing is wrong with it' is 0

for what in '\0' '\n' '\r' '"' '\\' ' ' '=' '#' '\377'; do
	status=1
	case $what in '\n' | '\r' | ' ' | '#') status=0 ;; esac
	new "60 MiB of $what"
	mkdir .ssh
	head -c 60000000 /dev/zero | tr '\0' "$what" >.ssh/config
	cpu=30 mem=3072
	lint
	check 'judged' finds '^1 config in 1 file'
	check 'the status of its words' is "$status"
done

new 'a sparse file of 1 GiB'
mkdir -p etc/ssh
truncate -s 1G etc/ssh/sshd_config anything .sshkeep-not.ini archive.conf
cpu=3 mem=128
lint
check 'told with the file' says 'etc/ssh/sshd_config: is larger than 64 MiB'
check 'exit 2' is 2
lint anything
check 'that is named: no config, not read whole' finds 'anything is neither a client nor a server config'
check 'nothing is wrong with it' is 0

new 'patterns of [files] and .gitignore against a deep folder'
d=
for i in {1..600}; do d=${d}aaaa/; done
mkdir -p "$d"
printf 'Port 22\n' >"${d}sshd_config"
printf 'Port 22\n' >"${d}ssh_config"
deep=$(printf '**/*/%.0s' {1..36})
for i in {0..199}; do printf '[files f%d]\nkind = none\npaths = %sb%d\n' "$i" "$deep" "$i"; done >.sshkeep.ini
cpu=10 mem=256
lint
check 'judged' finds '2 configs in 3 files'
for i in {0..1999}; do printf '[files **/*b%d]\nkind = none\n' "$i"; done >.sshkeep.ini
cpu=10
lint
check 'told' says '\.sshkeep\.ini: its \[files\] patterns take too long'
check 'exit 2' is 2
rm .sshkeep.ini
for i in {0..2999}; do printf '/**/a*a*a*a*/**/*a*b/x%d\n' "$i"; done >.gitignore
lint
check 'told' finds 'the \.gitignore files of this tree take too long'
check 'and judged' finds '2 configs in 3 files'

new 'settings, ignore list and baseline of 1 GiB'
echo 'Host a' >ssh_config
truncate -s 1G .sshkeep.ini .gitignore
cpu=5 mem=256
lint
check 'not silent' is 2
check 'told with the file' says '\.sshkeep\.ini'

new 'settings that are a bomb'
echo 'Host a' >ssh_config
rep "$big" '[a@]
x@ = @
' >.sshkeep.ini
cpu=20 mem=512
lint
check 'refused with file and line' says '\.sshkeep\.ini:[0-9]+'
check 'exit 3' is 3
{ printf '[rules]\nignore = '; head -c 10000000 /dev/zero | tr '\0' ,; echo; } >.sshkeep.ini
lint
check 'refused' is 3

new 'settings of many sections for an included file'
mkdir -p etc/ssh/sshd_config.d
echo 'Include /etc/ssh/sshd_config.d/*.conf' >etc/ssh/sshd_config
rep 600 'LoginGraceTime @
' >etc/ssh/sshd_config.d/x.conf
rep 2000 '[files etc,@]
ignore=SK2
' >.sshkeep.ini
cpu=3 mem=64
lint
check 'found' finds '^etc/ssh/sshd_config.d/x.conf:2:1: warning SK131'
check 'warnings' is 1
{ printf '[files *]\nignore=SK2\n'; rep 300 ' ,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201,SK201
'; echo ' ,SK1'; } >.sshkeep.ini
lint
check 'none is kept' is 0

new 'settings of many folders'
for i in {1..40}; do
	mkdir "d$i"
	printf '[files *]\nignore = SK131 ; %d\n' "$i" >"d$i/.sshkeep.ini"
	rep 400 '; @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @ @
' >>"d$i/.sshkeep.ini"
	printf 'Port 1\nPort 2\n' >"d$i/ssh_config"
done
mkdir from # outside of which each folder is a tree
printf 'Port 1\nPort 2\n' >from/ssh_config
for i in {1..400}; do
	for k in 1 2 $((i % 40 + 1)); do echo "$t/d$k/./f$i"; done
done >list
: >d1/f1
for i in {1..40}; do echo "$t/d$i/ssh_config"; done >>list
while IFS= read -r f; do [ -e "$f" ] || : >"$f"; done <list
cd from || exit 2
cpu=5 mem=32
lint --files-from ../list
check 'the settings of each count' is 0
lint --files-from ../list ssh_config
check 'and for no other' is 1
check 'once' test "$(grep -c ' SK131 ' "$tmp/out")" = 1

new 'a baseline of many files against many names'
mkdir d
{ echo '[baseline 1]'; python3 -c 'import sys
for i in range(int(sys.argv[1])): print("%032x = SK201 d/g%06d.conf: gone" % (i, i % 999999))' "$((big / 5))"; } >base.ini
rep "$mid" 'd/f@.conf
' | sed 's|d/f|d/f00000|; s|f0*\([0-9]\{6\}\)\.|f\1.|' >list
xargs touch <list
cpu=6 mem=512
lint --files-from list --baseline base.ini
check 'nothing is found' is 0

# --- the walk
new 'folders 10,000 deep, past PATH_MAX'
python3 - <<'END'
import os
for i in range(10000):
    os.mkdir("deeper")
    os.chdir("deeper")
    if i in (5, 9990):
        open("sshd_config", "w").write("Bogus 1\n")
END
cpu=20 mem=512
lint
check 'what a path reaches is found' finds '1 config in 1 file'
check 'what it does not reach is told' says 'folders nested too deep: their paths are longer than 3840 bytes'
check 'exit 2' is 2
python3 - <<'END'
import os
for i in range(10000):
    os.chdir("deeper")
for i in range(10000):
    for f in os.listdir("."):
        if f == "sshd_config":
            os.unlink(f)
    os.chdir("..")
    os.rmdir("deeper")
END

new 'folders deeper than any'
python3 - <<'END'
import os
for i in range(17000):
    os.mkdir("d")
    os.chdir("d")
END
lint
check 'told' says 'folders nested too deep'
check 'exit 2' is 2
python3 - <<'END'
import os
for i in range(17000):
    os.chdir("d")
for i in range(17000):
    os.chdir("..")
    os.rmdir("d")
END

new 'a folder of 200,000 names'
mkdir .ssh many
python3 -c '
import os
os.chdir("many")
for i in range(200000):
    os.close(os.open("f%d.conf" % i, os.O_CREAT | os.O_WRONLY))'
printf 'Include ../many/*\nInclude ~/many/*x\n' >.ssh/config
cpu=30 mem=512
lint
check 'the cut is a finding at its line' finds 'SK116'

new 'a symlink loop'
mkdir -p a/b
ln -s ../.. a/b/up
ln -s loop loop
ln -s two one
ln -s one two
ln -s sshd_config sshd_config
printf 'Include loop/x one up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/up/x\n' >ssh_config
cpu=3 mem=128
lint
check 'judged, and what it includes looked for' finds '^ssh_config:1:[0-9]+: [a-z]+ SK'
check 'findings' is 1
lint a/b/up sshd_config
check 'a named loop is told' is 2

new 'FIFOs, devices and sockets'
mkdir -p etc/ssh/sshd_config.d .ssh/config.d
mkfifo etc/ssh/sshd_config .ssh/config etc/ssh/sshd_config.d/a.conf .gitignore fifo.sh
if [ "$(id -u)" -eq 0 ] && mknod zero.conf c 1 5 2>/dev/null; then
	mknod etc/ssh/ssh_config c 1 5
	mknod etc/ssh/sshd_config.d/z.conf c 1 3
	mknod disk b 7 0
fi
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("etc/ssh/sshd_config.d/s.conf")'
mkdir sub
printf 'Include /etc/ssh/sshd_config.d/*.conf\nInclude %s/fifo.sh\n' "$t" >sub/sshd_config
printf 'Include ~/.ssh/config.d/*\n' >.ssh/config.d/x
mkfifo .ssh/config.d/f
cpu=3 mem=128
lint
check 'an Include of one is a finding' finds 'regular file'
lint etc/ssh/sshd_config
check 'one that is named is told' says 'etc/ssh/sshd_config: is no regular file and is not opened'
check 'exit 2' is 2
mkfifo .sshkeep.ini
lint
check 'settings that are a FIFO are told' says '\.sshkeep\.ini'
check 'exit 2' is 2

new 'a file that grows while it is read'
mkdir -p etc/ssh
for i in {1..200}; do echo 'ClientAliveInterval 30'; done >etc/ssh/sshd_config
python3 - etc/ssh/sshd_config <<'END' &
import sys, time
end = time.time() + 4
with open(sys.argv[1], "ab", buffering=0) as f:
    while time.time() < end:
        f.write(b"ClientAliveInterval 30\n" * 400)
        time.sleep(0.0005)
END
grower=$!
cpu=10 mem=1024
for _ in 1 2 3; do
	lint
	check 'judged' finds '^1 config in 1 file'
	check 'a line that is repeated' is 1
done
kill "$grower" 2>/dev/null
wait "$grower" 2>/dev/null

new 'files that come and go'
mkdir -p etc/ssh/sshd_config.d
printf 'Include /etc/ssh/sshd_config.d/*.conf\n' >etc/ssh/sshd_config
python3 - <<'END' &
import os, time
end = time.time() + 4
while time.time() < end:
    for i in range(40):
        n = "etc/ssh/sshd_config.d/%d.conf" % i
        try:
            if i % 3 == 0:
                os.symlink("/etc/shadow", n)
            elif i % 3 == 1:
                os.mkdir(n)
            else:
                open(n, "w").write("Bogus 1\n")
        except OSError:
            pass
    for i in range(40):
        n = "etc/ssh/sshd_config.d/%d.conf" % i
        try:
            os.rmdir(n) if i % 3 == 1 else os.unlink(n)
        except OSError:
            pass
END
swapper=$!
came_and_went() {
	case $rc in
	0) finds ': 0 errors, 0 warnings' ;;
	1) finds ' (error|warning) SK' ;;
	*) is 2 && says '^sshkeep: ' ;;
	esac
}
for _ in 1 2 3 4 5 6; do
	lint
	check 'it is judged whole, or what is wrong is told' came_and_went
	check 'nothing from outside' lacks 'root:'
done
kill "$swapper" 2>/dev/null
wait "$swapper" 2>/dev/null

new 'what may not be read'
if [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null; then
	mkdir -p etc/ssh closed
	echo 'Bogus 1' >etc/ssh/sshd_config
	echo 'Bogus 1' >closed/sshd_config
	chmod 0 etc/ssh/sshd_config closed
	if [ "$(id -u)" -eq 0 ]; then
		chmod 711 "$tmp"
		saved=$PROG
		cp "$PROG" "$tmp/sshkeep"
		chmod 755 "$tmp/sshkeep"
		printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' "$tmp/sshkeep" >"$tmp/as-nobody"
		chmod 755 "$tmp/as-nobody"
		PROG=$tmp/as-nobody
	fi
	lint
	check 'the file is told' says '^sshkeep: etc/ssh/sshd_config: Permission denied'
	check 'the folder is told' says '^sshkeep: closed/: Permission denied'
	check 'exit 2' is 2
	PROG=${saved:-$PROG}
	chmod 755 closed
fi

# --- files that start ssh
new 'compose file of a billion laughs'
{
	echo 'a: &a ["ssh -o ServerAliveInterval=0 h", "ssh h"]'
	prev=a
	for x in b c d e f g h i j k l m; do
		printf '%s: &%s [*%s, *%s, *%s, *%s, *%s, *%s, *%s, *%s, *%s, *%s]\n' $x $x $prev $prev $prev $prev $prev $prev $prev $prev $prev $prev
		prev=$x
	done
	printf 'services:\n  x:\n    command: *m\n    entrypoint: *m\n'
} >docker-compose.yml
cp docker-compose.yml compose.yaml
cpu=10 mem=512
lint
check 'looked at' finds '^0 configs in 2 files'
check 'nothing is wrong with them' is 0
lint docker-compose.yml
check 'looked at, too' finds '^0 configs in 1 file'
check 'nothing is wrong with it' is 0

new 'compose file nested without end'
{ printf 'services: '; rep "$((big / 2))" '['; } >compose.yml
{ printf 'services:\n'; rep 3000 '{a: '; } >docker-compose.yaml
lint
check 'looked at' finds '^0 configs in 2 files'
check 'nothing is wrong with them' is 0
lint compose.yml docker-compose.yaml
check 'looked at, too' finds '^0 configs in 2 files'
check 'nothing is wrong with them, either' is 0

new 'unit, crontab, script and profile of 60 MB'
mkdir -p etc/systemd/system etc/cron.d etc/profile.d etc/sysctl.d bin
{ printf '[Service]\nExecStart='; head -c 60000000 /dev/zero | tr '\0' 'a'; } >etc/systemd/system/t.service
{ printf '[Service]\n'; rep "$big" 'ExecStart=/usr/bin/ssh -N h@ \
'; } >etc/systemd/system/u.service
rep "$big" '* * * * * root autossh -M 0 h@
' >etc/cron.d/t
{ printf '#!/bin/sh\n'; rep "$big" 'ssh -o ServerAliveInterval=@ h "$(ssh b@'; } >bin/t.sh
{ printf 'TMOUT='; head -c 60000000 /dev/zero | tr '\0' 9; } >etc/profile.d/t.sh
rep "$big" 'net.ipv4.tcp_keepalive_time = @
' >etc/sysctl.d/t.conf
cpu=60 mem=3072
lint
for f in etc/sysctl.d/t.conf etc/profile.d/t.sh; do check "$f is told" finds "$f is larger than 1 MiB"; done
check 'looked at' finds ' in 6 files'
check 'nothing is wrong with them' is 0

# --- git's own files
new 'ignore lists with pattern bombs'
mkdir -p sub "$(printf 'a%.0s' {1..250})"
rep 3000 "$(printf '*a%.0s' {1..100})b@
" >.gitignore
rep 3000 "**/$(printf 'a**/%.0s' {1..40})b@
" >sub/.gitignore
for i in {1..300}; do : >"sub/$(printf 'a%.0s' {1..200})$i"; done
echo 'Bogus 1' >sshd_config
cpu=30 mem=512
lint
check 'a finding' is 1

new 'a hostile .git'
mkdir -p .git/hooks .git/info .git/objects
printf '[core]\n\tfsmonitor = touch %s/PWNED\n\thooksPath = .\n\tpager = touch %s/PWNED\n[include]\n\tpath = /etc/passwd\n' "$tmp" "$tmp" >.git/config
printf '#!/bin/sh\ntouch %s/PWNED\n' "$tmp" >.git/hooks/post-checkout
chmod 755 .git/hooks/post-checkout
ln -s /etc/passwd .git/info/exclude
ln -s /etc/passwd .git/index
echo 'Bogus 1' >.git/sshd_config
echo 'gitdir: /etc' >sub.git
mkdir sub
echo 'gitdir: /proc/self/root/etc' >sub/.git
echo 'Bogus 1' >sshd_config
cpu=3 mem=128
lint
check 'nothing ran' test ! -e "$tmp/PWNED"
check '.git is none of the tree' finds '1 config in'
check 'nothing of it is shown' lacks 'root:|nologin'

finish
