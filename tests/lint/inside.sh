#!/bin/bash
# SPDX-License-Identifier: MIT
# What a tree cannot make lint do: run a command, open or show what lies outside, speak to a terminal or to a CI runner
# in its own name.  Looked at from outside, through strace where the system calls count.
# shellcheck disable=SC1003,SC2016,SC2018,SC2317 # functions are called through check; what stands in quotes is meant
# shellcheck source=tests/lint/lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
trap 'rm -rf "$tmp"' EXIT
cpu=10 mem=512

# lint under strace: the paths that were opened, absolute and without links, in $tmp/opened; other calls in $tmp/calls.
trace() {
	strace -f --seccomp-bpf -qq -yy -s 4096 -e trace=execve,execveat,fork,vfork,clone,clone3,socket,connect,sendto,sendmsg,ptrace,openat,open,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,truncate \
	    -o "$tmp/strace" "$PROG" lint "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	grep -vE '^[0-9]+ +(openat|open)\(|^[0-9]+ +(\+\+\+|---)' "$tmp/strace" | tail -n +2 >"$tmp/calls"
	# -yy shows where the new descriptor really is
	sed -nE 's/^[0-9]+ +open(at)?\(.* = [0-9]+<(.*)>$/\2/p' "$tmp/strace" | sed 's/<char .*//' | sort -u >"$tmp/opened"
}
# Of what it opened, what is neither below the tree nor the program's own (libraries, and what the sanitizers read).
outside() { grep -vE "^$t(/|\$)|^/(usr/)?lib|^/etc/ld\.so\.|^/proc/[0-9]+/(maps|cmdline|environ|status|task)|^/sys/devices/system/cpu|^/sys/fs/cgroup|^$tmp/(base|list)" "$tmp/opened"; }
stays_inside() { ! outside >"$tmp/beyond" || { cat "$tmp/beyond"; false; }; }
runs_nothing() { [ ! -s "$tmp/calls" ] || { head -n 5 "$tmp/calls"; false; }; }
writes_nothing() { ! grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC)' "$tmp/strace" | grep -vE '/dev/(null|tty)'; }

has_strace=yes
if [ "$slow" -gt 1 ]; then
	has_strace='' # LeakSanitizer cannot work under ptrace; the release build is looked at
elif ! strace -f --seccomp-bpf -o /dev/null true 2>/dev/null; then
	has_strace=''
	skip 'system calls' 'no strace, or it may not trace here'
fi

watched() {
	if [ -z "$has_strace" ]; then
		lint "$@"
		return
	fi
	trace "$@"
	check 'the calls are seen' grep -q "^$t" "$tmp/opened"
	check 'no command, no socket, no change' runs_nothing
	check 'nothing is opened for writing' writes_nothing
	check 'nothing outside the tree is opened' stays_inside
}

secrets() {
	echo 'SECRET-OUTSIDE yes' >"$tmp/secret"
	mkdir -p "$tmp/outside"
	printf 'Host SECRET-OUTSIDE\n\tBogus SECRET-OUTSIDE\n' >"$tmp/outside/config"
	cp "$tmp/outside/config" "$tmp/outside/ssh_config"
}

new 'commands in configs, units, scripts, compose files'
mkdir -p .ssh etc/ssh etc/systemd/system etc/cron.d bin
cat >.ssh/config <<END
Match exec "touch $tmp/PWNED"
	ServerAliveInterval 10
Match host x exec "nc -z 127.0.0.1 22" localnetwork 10.0.0.0/8
	ServerAliveInterval 20
Host \$(touch $tmp/PWNED) \`touch $tmp/PWNED\`
	ProxyCommand touch $tmp/PWNED; nc %h %p
	KnownHostsCommand /bin/sh -c "touch $tmp/PWNED"
	LocalCommand touch $tmp/PWNED
	PermitLocalCommand yes
	RemoteCommand touch $tmp/PWNED
	ProxyJump a,b
	HostName localhost
	CanonicalizeHostname yes
	CanonicalDomains example.com
	PKCS11Provider $tmp/evil.so
	SecurityKeyProvider $tmp/evil.so
	Include \$(touch $tmp/PWNED) \`touch $tmp/PWNED\` |touch
END
cat >etc/ssh/sshd_config <<END
AuthorizedKeysCommand /usr/bin/touch $tmp/PWNED
AuthorizedKeysCommandUser root
AuthorizedPrincipalsCommand /usr/bin/touch $tmp/PWNED
ForceCommand touch $tmp/PWNED
Subsystem sftp touch $tmp/PWNED
Banner /etc/shadow
HostKey /etc/shadow
END
printf '[Service]\nExecStartPre=/usr/bin/touch %s/PWNED\nExecStart=/usr/bin/ssh -N h\nEnvironmentFile=/etc/shadow\n' "$tmp" >etc/systemd/system/t.service
printf '#!/bin/sh\n. /etc/shadow\ntouch %s/PWNED\nssh -N -F /etc/shadow h\n$(ssh h)\n' "$tmp" >bin/t.sh
printf '* * * * * root touch %s/PWNED; autossh -M 0 h\n' "$tmp" >etc/cron.d/t
printf 'services:\n  a:\n    command: ["sh", "-c", "ssh h; touch %s/PWNED"]\n    env_file: /etc/shadow\n    extends: {file: /etc/shadow, service: x}\n' "$tmp" >docker-compose.yml
printf 'x: !!python/object/apply:os.system ["touch %s/PWNED"]\n' "$tmp" >compose.yml
chmod 755 bin/t.sh
watched
watched --format json .ssh/config etc/ssh/sshd_config bin/t.sh docker-compose.yml
check 'nothing ran' test ! -e "$tmp/PWNED"

new 'links that lead out'
secrets
mkdir -p .ssh/config.d etc/ssh/sshd_config.d home/.ssh a/b/c
ln -s "$tmp/outside/config" .ssh/config
ln -s /etc/shadow etc/ssh/sshd_config
ln -s ../../../secret home/.ssh/config
ln -s "$tmp/outside" etc/ssh/ssh_config.d
ln -s /proc/self/root/etc/passwd .ssh/config.d/proc
ln -s /proc/self/cwd/../secret .ssh/config.d/cwd
ln -s /proc/self/fd/0 .ssh/config.d/fd
ln -s /dev/stdin .ssh/config.d/stdin
ln -s /dev/fd/0 etc/ssh/sshd_config.d/a.conf
ln -s ../../../../../../../../../../../../etc/passwd etc/ssh/sshd_config.d/b.conf
ln -s / whole
ln -s "$tmp" up
ln -s up/outside/ssh_config ssh_config
ln -s a/b/c/../../../up/secret a/sshd_config
ln -s two a/one
ln -s three a/two
ln -s ../../outside a/three
ln -s one/config a/ssh_config
printf 'Include ../../whole/etc/passwd ../../up/secret ../one/config\nInclude config.d/* ../*/config\n' >.ssh/parts.conf
printf 'Host a\n\tInclude config.d/*\n' >.ssh/config.d/own
watched
check 'a link that leaves is a finding' finds 'SK115'
check 'nothing of outside is shown' lacks 'SECRET|root:|nologin|daemon:'
for f in text json; do
	watched --format $f .ssh/config etc/ssh/sshd_config ssh_config a/ssh_config .ssh/config.d
	check "nothing of outside is shown ($f)" lacks 'SECRET|root:|nologin|daemon:'
done
watched whole up a/one 2>/dev/null
check 'folders that are links out are not walked' lacks 'SECRET|root:|nologin'

new 'Includes that lead out'
secrets
mkdir -p home/.ssh work/etc/ssh
cat >home/.ssh/config <<END
Include ~/.. ~/../.. ~/../../../outside/* ~root/.ssh/config ~/../../etc/passwd
Include /etc/ssh/ssh_config /etc/ssh/ssh_config.d/*.conf /etc/passwd /proc/self/environ /dev/stdin
Include \${HOME}/.ssh/config \${HOME}/../../etc/passwd %d/../../../outside/config %h %u/%r /%h/x /%h/passwd
Include $tmp/outside/config $tmp/*/config ../../../outside/config ../../*/*
Include "$tmp/outside/config" ..//..//..//outside//config ./../.././../outside/./config
END
cp home/.ssh/config work/etc/ssh/ssh_config
sed '/[$%]/d; s|~|/root|g' home/.ssh/config >work/etc/ssh/sshd_config
cp home/.ssh/config ssh_config
HOME=$tmp/outside watched
check 'each is told' finds 'SK11[0-9]'
check 'nothing of outside is shown' lacks 'SECRET|root:|nologin'
HOME=$tmp/outside watched home work ssh_config
check 'nothing of outside is shown, by folder' lacks 'SECRET|root:|nologin'

# What was opened, without what lint may ask of git.
leaves_alone() { ! grep -E "^$t/(.*/)?($1)" "$tmp/opened" | grep -vE '/\.git(/info/exclude|/index)?$'; }
kept_back() { # what, paths (a pattern)
	[ -z "$has_strace" ] || check "$1: not opened" leaves_alone "$2"
	check "$1: not shown" lacks 'SECRET'
}
stores() {
	mkdir -p .git/info .hg .svn home/.ssh/config.d etc/ssh sub/.git
	printf '[http]\n\textraheader = SECRET\n' | tee .git/config .hg/hgrc .svn/entries sub/.git/config >.git/evil
	printf 'ServerAliveIntervall SECRET\n' >>.git/evil
	ln -s ../../.git/config home/.ssh/config
	ln -s ../../../.git/evil home/.ssh/config.d/evil
	ln -s ../../.git etc/ssh/sshd_config.d
	ln -s .git/evil ssh_config
	ln -s .git/config .sshkeep.ini
	printf 'Include ../../.git/config ../../.git/* ../../.*/hgrc ../../.svn/entries ../../sub/.git/config config.d/*\n' >home/.ssh/parts.conf
	printf 'Include ../../../../.git/evil ../../../.git/config\n' >home/.ssh/config.d/own
}
new '.git and its kind'
stores
watched
kept_back 'the tree' '\.(git|hg|svn)(/|$)'
rm .sshkeep.ini
formats='text json sarif github gitlab junit checkstyle rdjson gcc'
for args in '' '--no-ignores' 'home/.ssh/config home/.ssh/config.d/evil ssh_config .git/config .git' 'home sub .hg'; do
	# shellcheck disable=SC2086 # words
	watched $args
	kept_back "lint $args" '\.(git|hg|svn)(/|$)'
done
for f in $formats; do
	lint --format "$f" --no-ignores
	check "not shown ($f)" lacks 'SECRET'
done
cp -r . "$tmp/before"
lint --fix --write
lint --fix --write home/.ssh/config ssh_config .git/evil
check '--fix --write changes nothing there' diff -r --no-dereference . "$tmp/before"
rm -r "$tmp/before"

new 'keys, and what git ignores'
mkdir -p .git home/.ssh/config.d etc/ssh
{ printf 'DIRC\0\0\0\002\0\0\0\0'; head -c 20 /dev/zero; } >.git/index
printf '.env\n' >.gitignore
printf 'SECRET\n' | tee home/.ssh/id_rsa home/.ssh/known_hosts home/.ssh/config.d/a.pem home/.ssh/config.d/b.age etc/ssh/ssh_host_rsa_key .env >home/.env
printf 'TOKEN=SECRET\n' >token
printf 'Include ~/.ssh/id_rsa id_* known_hosts config.d/* ../../.env ~/.e* ../../token ../../etc/ssh/*\n' >home/.ssh/config
ln -s ../../home/.ssh/id_rsa etc/ssh/sshd_config
ln -s ../../token etc/ssh/ssh_config
ln -s id_rsa home/.ssh/innocent
printf 'Include ~/.ssh/innocent\n' >home/.ssh/config.d/c
for args in '' '--no-ignores' 'home/.ssh/config etc/ssh/sshd_config etc/ssh/ssh_config'; do
	# shellcheck disable=SC2086 # words
	watched $args
	# the walk looks into what git ignores then, and shows it when it is a config
	kept_back "lint $args" "id_rsa|known_hosts|.*\.pem|.*\.age|ssh_host$([ "$args" = --no-ignores ] || echo '|\.env')"
done
for f in $formats; do
	lint --format "$f" --no-ignores
	check "not shown ($f)" lacks 'SECRET'
done

for f in .sshkeep.ini .gitignore .sshkeep-baseline.json .gitattributes .sshkeep; do
	new "$f is a link out"
	secrets
	printf '[lint]\nSECRET-OUTSIDE = 1\n' >"$tmp/outside/ini"
	mkdir sub
	echo 'Bogus 1' >sshd_config
	ln -s "$tmp/outside/ini" $f
	ln -s /etc/passwd sub/$f
	watched
	check 'nothing of outside is shown' lacks 'SECRET|root:|nologin'
	check 'not silent' test "$rc" -ne 0
done

new 'no terminal is spoken to'
mkdir -p .ssh "$(printf 'e\033]0;pwned\007\nx')"
esc=$(printf '\033[2J\033]0;pwned\007\033[31m\r\b\a\013\014\016\233\302\233\177')
bidi=$(printf '\342\200\256\342\201\246\342\200\213\357\273\277\302\205\342\200\250')
raw=$(printf '\377\376\300\200\355\240\200\364\220\200\200')
{
	printf 'Bogus%s 1\nHost %s %s %s\n' "$esc" "$esc" "$bidi" "$raw"
	printf '\tServerAliveInterval %s\n\tPort %s\n\tInclude %s\n' "$esc" "$bidi" "$raw"
	printf '\tHostName %s\n\tProxyJump %s\n\tSetEnv A=%s\n' "$esc" "$esc" "$bidi"
	printf 'Match exec "%s" user %s\n\tServerAliveInterval 9\n' "$esc" "$bidi"
} >.ssh/config
cp .ssh/config "$(printf 'e\033]0;pwned\007\nx')/ssh_config"
cp .ssh/config "$(printf '\342\200\256')_ssh_config"
cp .ssh/config "$(printf '\377\376.conf')"
mkdir -p etc/ssh/sshd_config.d
printf 'ClientAliveInterval %s\n%s 3\nMatch user %s\n\tBogus %s\n' "$esc" "$esc" "$bidi" "$raw" >"etc/ssh/sshd_config.d/$(printf 'z\033[1m\302\205').conf"
cat >"$tmp/clean.py" <<'END'
import sys
bad = set(range(0x20)) - {0x0A, 0x09} | {0x7F} | set(range(0x80, 0xA0)) | {0xAD, 0x61C, 0x180E, 0xFEFF}
bad |= set(range(0x200B, 0x2010)) | set(range(0x2028, 0x202F)) | set(range(0x2060, 0x2070)) | set(range(0xE0000, 0xE0080))
for name in sys.argv[1:]:
    text = open(name, "rb").read().decode("utf-8")
    found = sorted({hex(ord(c)) for c in text if ord(c) in bad})
    if found:
        sys.exit("%s holds %s" % (name, ", ".join(found)))
END
formats=$("$PROG" lint --help | tr -cs 'a-z' '\n' | grep -xE 'text|json|sarif|github|gitlab|junit|checkstyle|rdjson|gcc' | sort -u)
check 'the help names the formats' test "$(wc -w <<<"$formats")" -ge 2
is_clean() { python3 "$tmp/clean.py" "$tmp/out" "$tmp/err"; }
for f in $formats; do
	lint --format "$f" --policy interactive
	check "there is something to say ($f)" test -s "$tmp/out"
	check "$f and standard error are clean UTF-8" is_clean
	lint --format "$f" ".ssh/config" "$(printf 'e\033]0;pwned\007\nx/ssh_config')" "$(printf 'no\033[1m\nsuch')" "$(printf '\377\376.conf')"
	check "$f is clean with the names on the command line" is_clean
done

new 'no CI runner is spoken to'
# GitHub takes :: at the start of a line, ##[ anywhere; Azure ##vso[, TeamCity ##teamcity[; GitLab section_start
mkdir -p '::error file=x::' '%0A::error::x' '##vso[task.setvariable variable=PATH]x'
for d in . '::error file=x::' '%0A::error::x' '##vso[task.setvariable variable=PATH]x'; do
	printf '::add-path::/evil\n::set-output name=x::y\nHost ::error::x ##[add-path]/evil %%0A::error::x\n\t::stop-commands::x 1\n\t##vso[task.setvariable]x 1\n\tPort ::error::pwned\n\tServerAliveInterval %%0A::error::x\n\tInclude ::error::x\n\tHostName a%%0A::error\n\tProxyJump ##[error]x\n' >"$d/ssh_config"
done
printf 'Host a\r::error::x\n\tPort 1\r\n::error::y\n' >'::warning::.conf'
no_commands() { ! grep -aE '^[[:space:]]*::|##(\[|vso\[|teamcity\[)|section_start:' "$tmp/out" "$tmp/err"; }
own_commands() { ! grep -aE '^[[:space:]]*::' "$tmp/out" | grep -avE '^::(error|warning|notice) [^:]*::[^:]|^::(error|warning|notice) file=[^:]*::'; }
for f in $formats; do
	for args in '.' '--path-timeout 240 .'; do
		# shellcheck disable=SC2086 # words
		lint --format "$f" $args
		check "there is something to say ($f)" test -s "$tmp/out"
		case $f in
		github) check "only commands of its own ($f)" own_commands ;;
		json | sarif | gitlab | rdjson | junit | checkstyle) ok ;; # not read line by line: the validators look at them
		*) check "no command for a runner ($f $args)" no_commands ;;
		esac
	done
	check "none on standard error ($f)" sh -c "! grep -aE '^[[:space:]]*::|##(\\[|vso\\[|teamcity\\[)' '$tmp/err'"
done
for d in . '::error file=x::' '%0A::error::x' '##vso[task.setvariable variable=PATH]x' '##[error]pwned ::warning::x'; do
	mkdir -p "$d/.ssh"
	printf 'Host a\n\tServerAliveInterval 0\n' >"$d/.ssh/config"
done
cp -r . "$tmp/git"
cp -r . "$tmp/patch"
lint --fix --path-timeout 240 .
check 'the diff names the file' finds '^\+\+\+ "b/#\\043\[error\]pwned'
check 'no command for a runner (--fix)' no_commands
check 'git takes the diff with such names' sh -c "cd '$tmp/git' && git apply '$tmp/out'"
check 'patch takes it, too' sh -c "cd '$tmp/patch' && patch -sp1 <'$tmp/out'"
lint --fix --write --path-timeout 240 .
check 'no command for a runner (--fix --write)' no_commands
for way in git patch; do
	check "the same files come of it ($way)" diff -r . "$tmp/$way"
done
rm -r "$tmp/git" "$tmp/patch"
lint '::error file=x::/none' '##[error]none' 'a
::error::b'
check 'names on the command line are no command' no_commands

finish
