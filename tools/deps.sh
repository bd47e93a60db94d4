#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what is missing:  tools/deps.sh build|test|lint|fuzz
# On Debian and its relatives with apt-get, as root or through sudo; elsewhere it names the packages and fails.
# A machine that has everything is left alone, whatever its packages are called.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# One line a package: its name in Debian, and what shows that it is there (a command, /a/file, pc:LIBRARY or py:MODULE).
build='
build-essential cc
pkg-config pkg-config
git git
libinih-dev pc:inih
libmd-dev pc:libmd
libmnl-dev pc:libmnl
libyaml-dev pc:yaml-0.1'
tests='
libcmocka-dev pc:cmocka
openssh-client ssh
openssh-server sshd
autossh autossh
iproute2 ip
nftables nft
conntrack conntrack
haproxy haproxy
jq jq
libxml2-utils xmllint
shellcheck shellcheck
mandoc mandoc
python3 python3
python3-jsonschema py:jsonschema
systemd systemd-analyze
procps ps
strace strace
pre-commit pre-commit
python3-yaml py:yaml
netbase /etc/services
util-linux unshare
attr setfattr
acl setfacl
nodejs node
npm npm
btrfs-progs mkfs.btrfs'
lint='
clang clang
clang-format clang-format
clang-tidy clang-tidy
cppcheck cppcheck
universal-ctags ctags'
# (libFuzzer and the sanitizers come with the compiler.)
fuzz='
clang clang'

case ${1:-} in
build) want=$build ;;
test) want="$build$tests" ;;
lint) want="$build$tests$lint" ;;
fuzz) want="$build$fuzz" ;;
*) echo "usage: tools/deps.sh build|test|lint|fuzz" >&2; exit 2 ;;
esac

is_there() {
	case $1 in
	pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
	/*) [ -e "$1" ] ;;
	py:*) /usr/bin/python3 -c "import ${1#py:}" 2>/dev/null || python3 -c "import ${1#py:}" 2>/dev/null ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

find_missing() {
	missing=
	while read -r package sign; do
		[ -n "$package" ] || continue
		is_there "$sign" || missing="$missing $package"
	done <<-EOF
	$want
	EOF
}

# Also what tests read and no package of Debian holds.
finish() {
	case $1 in
	# without a registry the tests that need them say so, but not in CI
	test | lint) tools/schemas.sh || [ -z "${CI:-}" ] ;;
	esac
}

cd "$(dirname "$0")/.."
find_missing
[ -n "$missing" ] || { finish "$1"; exit; }
if ! command -v apt-get >/dev/null 2>&1; then
	echo "sshkeep: no apt-get here; please install what your system calls these Debian packages:$missing" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "sshkeep: these packages are missing, and there is neither root nor sudo:$missing" >&2
		exit 1
	fi
	as_root='sudo env'
fi
echo "sshkeep: installing$missing"
# shellcheck disable=SC2086 # lists of words
{
	$as_root apt-get update -qq
	${as_root:-env} DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
find_missing
[ -z "$missing" ] || { echo "sshkeep: still missing after apt-get:$missing" >&2; exit 1; }
finish "$1"
