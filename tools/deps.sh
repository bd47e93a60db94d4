#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what is missing:  tools/deps.sh build|test|lint
# On Debian and its relatives with apt-get, as root or through sudo; elsewhere it names the packages.
set -eu

build='build-essential pkg-config libinih-dev libmd-dev git'
tests="libcmocka-dev openssh-client openssh-server autossh iproute2 nftables jq libxml2-utils shellcheck mandoc
python3-jsonschema systemd procps util-linux attr acl"
lint='clang clang-format clang-tidy cppcheck shellcheck universal-ctags libclang-rt-14-dev'

case ${1:-} in
build) want=$build ;;
test) want="$build $tests" ;;
lint) want="$build $tests $lint" ;;
*) echo "usage: tools/deps.sh build|test|lint" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086 # a list of words
set -- $want

# Without dpkg only the tools themselves can tell.
if ! command -v dpkg-query >/dev/null 2>&1; then
	if [ "$want" = "$build" ] && pkg-config --exists inih libmd 2>/dev/null; then
		exit 0
	fi
	echo "sshkeep: not a Debian system; please install the counterparts of these packages:" >&2
	echo "  $*" >&2
	[ "${SSHKEEP_DEPS:-}" = skip ] && exit 0
	echo "(then run again with SSHKEEP_DEPS=skip)" >&2
	exit 1
fi

missing=
for p in "$@"; do
	case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null) in
	'install ok installed') ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "sshkeep: these packages are missing, and there is neither root nor sudo:$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "sshkeep: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
