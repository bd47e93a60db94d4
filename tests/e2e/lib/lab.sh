# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2119,SC2120
# A network of real parts on one machine: a client, a router and a server, each a network namespace, joined by veth.
#
#   client --- router --- [middle ---] server       nftables and conntrack on the boxes, a real sshd on the server
#
# Sourced by tests/e2e/*.sh (bash, root).  A script that uses it:
#
#   . "$(dirname "$0")/lib/lab.sh"
#   lab_init                          # or it says why not, counts one skip and ends the script
#   a_test() {                        # runs in a subshell of its own, beside the others
#           lab_up timeout=6
#           lab_sshd 'ClientAliveInterval 0'
#           lab_config 'ServerAliveInterval 2'
#           lab_open one              # an ssh session whose far end is cat
#           lab_sleep 8000
#           lab_check 'it lives' lab_echo one 3000
#   }
#   lab_run a_test another_test       # at the same time, each with its own namespaces, folder and counts
#   lab_end                           # prints "N passed, N failed, N skipped"; its status is the script's
#
# Times are milliseconds of the real clock.  Nothing outlives the script: namespaces carry its pid and start time
# in their names, so that an exit, INT or TERM removes them, and the next lab_init those of owners that were killed.

LAB_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
LAB_PREFIX=sshkeep-lab
LAB_ME='' LAB_TOP='' LAB_NAP='' LAB_N=0
PROG=$(realpath "${PROG:-$LAB_HERE/build/sshkeep}")
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
declare -A LAB_FD=() LAB_SPID=() LAB_ZERO=()
export LC_ALL=C.UTF-8

# ---- time

lab_now() { # milliseconds, into $LAB_NOW
	local us=${EPOCHREALTIME/[.,]/}
	LAB_NOW=$((us / 1000))
}

# Sleeps without a process of its own.
lab_sleep() { # milliseconds
	local end left
	lab_now
	end=$((LAB_NOW + $1))
	while [ "$LAB_NOW" -lt "$end" ]; do
		printf -v left '%d.%03d' $(((end - LAB_NOW) / 1000)) $(((end - LAB_NOW) % 1000))
		read -rt "$left" -u "$LAB_NAP" || :
		lab_now
	done
}

# Waits until the command succeeds; its status is whether it did in time.  Many wait at once: a command without a process
# of its own is best.
lab_until() { # milliseconds, command ...
	local end
	lab_now
	end=$((LAB_NOW + $1))
	shift
	until "$@"; do
		lab_now
		[ "$LAB_NOW" -lt "$end" ] || return 1
		lab_sleep 40
	done
}

lab_line() { # file, text: is one of its lines this?
	local lines line
	[ -e "$1" ] || return 1
	mapfile -t lines <"$1"
	for line in "${lines[@]}"; do
		[ "$line" != "$2" ] || return 0
	done
	return 1
}

# ---- life of a script

lab_owner() { # pid: "pid.start", empty when there is no such process
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	stat=${stat##*) }
	# shellcheck disable=SC2086 # fields: 22 is the start time, 19 places after the name
	set -- "$1" $stat
	echo "$1.${21}"
}

lab_skip_all() { # reason: this script cannot run here
	echo "SKIPPED ${LAB_NAME:-lab}: $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}

# Why no lab can be made here; silent when it can.
lab_why_not() {
	local c n
	[ "$(id -u)" -eq 0 ] || { echo 'it needs root (namespaces, sshd)'; return; }
	for c in ip nft ssh sshd ssh-keygen jq; do
		command -v "$c" >/dev/null || { echo "$c is not installed"; return; }
	done
	n=$LAB_PREFIX.$LAB_ME.try
	ip netns add "$n" 2>/dev/null || { echo 'network namespaces cannot be made here'; return; }
	ip -n "$n" link add v0 type veth peer name v1 2>/dev/null || c=veth
	ip netns exec "$n" nft 'add table ip t; add chain ip t c { type nat hook postrouting priority 100; };
	    add rule ip t c ct state established counter masquerade' 2>/dev/null || c=nft
	ip netns exec "$n" sh -c 'echo 6 >/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established' 2>/dev/null || c=sysctl
	ip netns del "$n"
	case $c in
	veth) echo 'this kernel has no veth' ;;
	nft) echo 'this kernel has no nftables with masquerade' ;;
	sysctl) echo "conntrack's settings cannot be written in a namespace" ;;
	esac
}

# What owners that died without cleaning left: only namespaces and folders of that name, and what runs in them.
lab_sweep() {
	local n rest pid
	for n in /run/netns/"$LAB_PREFIX".* /var/run/netns/"$LAB_PREFIX".* "${TMPDIR:-/tmp}/$LAB_PREFIX".*; do
		[ -e "$n" ] || continue
		rest=${n##*/"$LAB_PREFIX".}
		pid=${rest%%.*}
		[[ $rest =~ ^[0-9]+\.[0-9]+\. ]] || continue
		[[ $rest != "$(lab_owner "$pid")".* ]] || continue
		case $n in
		*/netns/*) lab_remove_ns "${n##*/}" ;;
		*) rm -rf "$n" ;;
		esac
	done
}

# The processes that live in a namespace.  One that only looks in, as `sshkeep sessions` does, is gone a moment later.
lab_pids() { # name
	local first pid
	first=$(ip netns pids "$1" 2>/dev/null)
	[ -n "$first" ] || return 0
	sleep 0.05
	for pid in $(ip netns pids "$1" 2>/dev/null); do
		case " ${first//$'\n'/ } " in *" $pid "*) echo "$pid" ;; esac
	done
}

# A process may fork while it is being ended, so it is looked again until none is left; the name goes last, because
# without it nothing could be found any more.
lab_remove_ns() { # name: ends what runs in it
	local pids i
	for ((i = 0; i < 50; i++)); do
		pids=$(lab_pids "$1")
		[ -n "$pids" ] || break
		# shellcheck disable=SC2086 # a list
		kill -9 $pids 2>/dev/null
	done
	ip netns del "$1" 2>/dev/null
}

lab_cleanup() {
	local n jobs
	trap - EXIT INT TERM HUP
	mapfile -t jobs < <(jobs -p)
	[ ${#jobs[@]} -eq 0 ] || kill "${jobs[@]}" 2>/dev/null
	for n in /run/netns/"$LAB_PREFIX.$LAB_ME".*; do
		[ ! -e "$n" ] || lab_remove_ns "${n##*/}"
	done
	[ ${#jobs[@]} -eq 0 ] || wait "${jobs[@]}" 2>/dev/null
	# (A test that was making one while the others went.)
	for n in /run/netns/"$LAB_PREFIX.$LAB_ME".*; do
		[ ! -e "$n" ] || lab_remove_ns "${n##*/}"
	done
	if [ -n "${LAB_KEEP:-}" ]; then
		echo "kept: $LAB_TOP" >&2
	else
		rm -rf "$LAB_TOP"
	fi
}

# Makes the script's folder and the traps.  Options: names of programs without which the script is skipped.
lab_init() {
	local why c
	LAB_NAME=$(basename "$0" .sh)
	LAB_ME=$(lab_owner $$)
	why=$(lab_why_not)
	for c in "$@"; do
		[ -n "$why" ] || command -v "$c" >/dev/null || why="$c is not installed"
	done
	[ -z "$why" ] || lab_skip_all "$why"
	lab_sweep
	LAB_TOP=$(mktemp -d "${TMPDIR:-/tmp}/$LAB_PREFIX.$LAB_ME.XXXXXX") || exit 2
	trap lab_cleanup EXIT
	trap 'lab_cleanup; exit 130' INT
	trap 'lab_cleanup; exit 143' TERM HUP
	exec {LAB_NAP}<> <(:)
	# As root the program's own state would be the machine's; ssh asks no agent.
	export XDG_STATE_HOME=$LAB_TOP/state XDG_CONFIG_HOME=$LAB_TOP/xdg
	unset SSH_AUTH_SOCK SSH_ASKPASS DISPLAY
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$LAB_TOP/hostkey"
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$LAB_TOP/key"
	echo "lab $(cat "$LAB_TOP/hostkey.pub")" >"$LAB_TOP/known_hosts"
	: >"$LAB_TOP/results"
}

# ---- counts

lab_ok() { echo "ok $LAB_TEST: $1"; }
lab_fail() { echo "FAILED $LAB_TEST: $1"; }
lab_late() { echo "LATE $LAB_TEST: $1"; } # something did not come about at its time, see lab_run
lab_skip() { echo "SKIPPED $LAB_TEST: $1"; }

lab_try() { # lab_fail | lab_late, what, command ...
	local bad=$1 what=$2
	shift 2
	if "$@"; then
		lab_ok "$what"
	else
		"$bad" "$what"
		return 1
	fi
}

# One check: passed when the command succeeds; its status says so, for `lab_check ... || cat LOG`.
lab_check() { lab_try lab_fail "$@"; } # what, command ...
# The same for what must come about in time.
lab_timed() { lab_try lab_late "$@"; } # what, command ...

# One check: a file of JSON fits the schema.
lab_valid() { # what, file
	local py
	for py in /usr/bin/python3 python3; do
		"$py" -c 'import jsonschema' 2>/dev/null || continue
		lab_check "$1: JSON fits the schema" "$py" "$LAB_HERE/tests/golden/validate.py" "$LAB_HERE/fixtures/schema/sshkeep-1.json" "$2"
		return
	done
	lab_skip "$1: no Python has jsonschema"
}

# One check: value within 1 s plus 10 % of low to high (all ms).
lab_within() { # what, value, low, high
	local low=$(($3 - 1000 - $3 / 10)) high=$(($4 + 1000 + $4 / 10))
	if [ "$2" -ge "$low" ] && [ "$2" -le "$high" ]; then
		lab_ok "$1: $2 ms, predicted $3 to $4"
	else
		lab_late "$1: $2 ms, predicted $3 to $4 (allowed $low to $high)"
	fi
}

# One round of lab_run: the tests at the same time, each with a folder of its own; what they said in order.  The names of
# those that failed in nothing but time are added to LAB_AGAIN.
lab_round() { # "function word ..." ...
	local t i said first=$LAB_N pids=()
	for t in "$@"; do
		LAB_N=$((LAB_N + 1)) i=$LAB_N
		mkdir -p "$LAB_TOP/t$i"
		(
			trap - EXIT INT TERM HUP
			LAB_TEST=$t LAB=$LAB_TOP/t$i LAB_ID=$LAB_PREFIX.$LAB_ME.t$i
			# shellcheck disable=SC2086 # a function and its words
			$t
			echo "done $LAB_TEST"
			lab_down
		) >"$LAB_TOP/t$i/said" 2>&1 &
		pids+=($!)
		# Logins cost more than all that follows.
		lab_sleep 300
	done
	i=0
	for t in "$@"; do
		wait "${pids[$i]}"
		i=$((i + 1))
		said=$LAB_TOP/t$((first + i))/said
		if ! grep -q '^done ' "$said" || ! grep -qE '^(ok|FAILED|LATE|SKIPPED) ' "$said"; then
			echo "FAILED $t: it did not come to its end" >>"$said"
		fi
		! grep -q '^LATE ' "$said" || grep -q '^FAILED ' "$said" || LAB_AGAIN+=("$t")
		cat "$said" >>"$LAB_TOP/round"
	done
}

# Run tests at the same time (functions with words, each one argument), each in a subshell, and print what they said in
# order.  A test that ends early by itself (exit, set -e) has failed; one that says nothing too.  They measure time on a
# machine that others may load: one in which nothing but a time was wrong is run once more, with the others of its kind,
# and the second run counts; what the first said is printed with "again" in front.
lab_run() { # "function word ..." ...
	local LAB_AGAIN=() again t
	: >"$LAB_TOP/round"
	lab_round "$@"
	again=("${LAB_AGAIN[@]}")
	for t in "${again[@]}"; do
		# (Its whole run is measured anew.)
		awk -v t="$t" '/^(ok|LATE|SKIPPED) / && index($0, $1 " " t ":") == 1 { if ($1 == "LATE") print "again " $0; next }
		    { print }' "$LAB_TOP/round" >"$LAB_TOP/round.new"
		mv "$LAB_TOP/round.new" "$LAB_TOP/round"
	done
	[ ${#again[@]} -eq 0 ] || lab_round "${again[@]}"
	sed -i 's/^LATE /FAILED /' "$LAB_TOP/round"
	cat "$LAB_TOP/round"
	grep -E '^(ok|FAILED|SKIPPED) ' "$LAB_TOP/round" >>"$LAB_TOP/results"
}

lab_end() {
	local p f s
	p=$(grep -c '^ok ' "$LAB_TOP/results")
	f=$(grep -c '^FAILED ' "$LAB_TOP/results")
	s=$(grep -c '^SKIPPED ' "$LAB_TOP/results")
	echo "$p passed, $f failed, $s skipped"
	[ "$f" -eq 0 ] && [ "$p" -gt 0 ]
	exit
}

# ---- the network

lab_ns() { echo "$LAB_ID.$1"; }

# Run a command in a namespace: client, router, middle, server.  The process is the command's own (exec).
lab_in() { # role, command ...
	local role=$1
	shift
	ip netns exec "$LAB_ID.$role" "$@"
}

lab_sysctl() { # role, name below /proc/sys/net with slashes, value
	lab_in "$1" sh -c "echo '$3' >'/proc/sys/net/$2'"
}

lab_host() { # role: a namespace with loopback
	ip netns add "$LAB_ID.$1" && ip -n "$LAB_ID.$1" link set dev lo up
	lab_sysctl "$1" ipv6/conf/all/accept_dad 0
	lab_sysctl "$1" ipv6/conf/default/accept_dad 0
}

lab_link() { # role, interface, address, role, interface, address
	ip -n "$LAB_ID.$1" link add "$2" type veth peer name "$5" netns "$LAB_ID.$4"
	ip -n "$LAB_ID.$1" addr add "$3/$LAB_BITS" dev "$2"
	ip -n "$LAB_ID.$4" addr add "$6/$LAB_BITS" dev "$5"
	ip -n "$LAB_ID.$1" link set dev "$2" up
	ip -n "$LAB_ID.$4" link set dev "$5" up
}

# conntrack of a namespace: its established timeout ("" leaves the kernel's) and whether it picks up flows it forgot.
lab_conntrack() { # role, seconds, loose
	[ -z "$2" ] || lab_sysctl "$1" netfilter/nf_conntrack_tcp_timeout_established "$2"
	lab_sysctl "$1" netfilter/nf_conntrack_tcp_loose "$3"
}

# A box that forwards: policy drop, established accepted, new only from inside ("inner"); what it forgot is dropped or
# answered with a reset, towards its own address too (where the answers to a masqueraded flow arrive).
lab_box() { # role, seconds, loose, expiry, nat (yes|no)
	local out=drop end=drop post=''
	[ "$4" = drop ] || end='reject with tcp reset'
	[ "$4" != reject-both ] || out=$end
	[ "$5" = no ] || post='oifname "outer" masquerade'
	lab_sysctl "$1" ipv4/ip_forward 1
	lab_sysctl "$1" ipv6/conf/all/forwarding 1
	lab_in "$1" nft -f - <<-RULES
		table inet lab {
			chain forward {
				type filter hook forward priority 0; policy drop;
				ct state established,related accept
				iifname "inner" ct state new accept
				iifname "inner" meta l4proto tcp $end
				meta l4proto tcp $out
			}
			chain input {
				type filter hook input priority 0; policy accept;
				iifname "outer" meta l4proto tcp ct state != { established, related } $out
			}
			chain post {
				type nat hook postrouting priority 100;
				$post
			}
		}
	RULES
	lab_conntrack "$1" "$2" "$3"
}

# A stateful filter on an end itself: new connections only to port 22 (server) or from here (client).
lab_filter() { # role, seconds, loose
	local new=''
	[ "$1" != server ] || new='tcp dport 22 tcp flags & (syn | ack) == syn accept'
	lab_in "$1" nft -f - <<-RULES
		table inet lab {
			chain input {
				type filter hook input priority 0; policy drop;
				iifname "lo" accept
				meta l4proto { icmp, ipv6-icmp } accept
				ct state established,related accept
				$new
			}
		}
	RULES
	lab_conntrack "$1" "$2" "$3"
}

lab_setup_server() {
	local by="$LAB_NET"2"$LAB_SEP"1
	[ "$LAB_HOP2" = no ] || by="$LAB_NET"3"$LAB_SEP"1
	ip -n "$LAB_ID.server" route add default via "$by"
	[ -z "$LAB_SFILTER" ] || lab_filter server "$LAB_SFILTER" "$LAB_SLOOSE"
}

# Make the network of this test.  Words, all optional:
#   timeout=S      the router forgets an idle connection after S seconds (else the kernel's 5 days)
#   loose=0|1      the router picks up what it forgot when the inside speaks (0)
#   expiry=drop|reject|reject-both   what it does with a packet of a forgotten connection (drop): an answer goes to
#                  hosts behind it only, or to both sides
#   nat=yes|no     masquerade (yes; no with ipv6)
#   hop2=S         a second NAT ("middle") between router and server, with its own timeout; hop2_loose=0|1 (0)
#   server_filter=S       a stateful filter on the server itself; server_loose=0|1 (1, as kernels come)
#   client_filter=S       the same on the client; client_loose=0|1 (1)
#   proxy=haproxy proxy_timeout=S   TCP ends at a proxy on the router (port 2222), which closes idle connections
#   ipv6=yes       IPv6 without NAT
# Afterwards: $LAB folder, $LAB_HOST and $LAB_PORT where the client connects to, $LAB_SERVER the server's address.
lab_up() {
	local timeout='' loose=0 expiry=drop nat=yes hop2='' hop2_loose=0 server_filter='' server_loose=1 client_filter=''
	local client_loose=1 proxy='' proxy_timeout=60 ipv6=no w
	for w in "$@"; do
		case ${w%%=*} in
		timeout | loose | expiry | nat | hop2 | hop2_loose | server_filter | server_loose | client_filter | client_loose | \
			proxy | proxy_timeout | ipv6) printf -v "${w%%=*}" %s "${w#*=}" ;;
		*) lab_fail "lab_up does not know $w"; return 1 ;;
		esac
	done
	LAB_ROUTER=$timeout LAB_EXPIRY=$expiry LAB_CFILTER=$client_filter LAB_PROXY=$proxy
	LAB_BITS=24 LAB_NET=10.77. LAB_SEP=. LAB_HOP2=no LAB_PORT=22 LAB_SFILTER=$server_filter LAB_SLOOSE=$server_loose
	[ "$ipv6" = no ] || LAB_BITS=64 LAB_NET=fd77: LAB_SEP=:: nat=no
	[ -z "$hop2" ] || LAB_HOP2=yes
	LAB_SERVER=${LAB_NET}2${LAB_SEP}2
	[ -z "$hop2" ] || LAB_SERVER=${LAB_NET}3${LAB_SEP}2
	lab_host client
	lab_host router
	lab_link router inner "$LAB_NET"1"$LAB_SEP"1 client net "$LAB_NET"1"$LAB_SEP"2
	ip -n "$LAB_ID.client" route add default via "$LAB_NET"1"$LAB_SEP"1
	lab_box router "$timeout" "$loose" "$expiry" "$nat"
	if [ -n "$hop2" ]; then
		lab_host middle
		lab_link router outer "$LAB_NET"2"$LAB_SEP"1 middle inner "$LAB_NET"2"$LAB_SEP"2
		ip -n "$LAB_ID.router" route add default via "$LAB_NET"2"$LAB_SEP"2
		ip -n "$LAB_ID.middle" route add "$LAB_NET"1"$LAB_SEP"0/"$LAB_BITS" via "$LAB_NET"2"$LAB_SEP"1
		lab_box middle "$hop2" "$hop2_loose" drop "$nat"
	fi
	lab_host server
	if [ -n "$hop2" ]; then
		lab_link middle outer "$LAB_NET"3"$LAB_SEP"1 server net "$LAB_SERVER"
	else
		lab_link router outer "$LAB_NET"2"$LAB_SEP"1 server net "$LAB_SERVER"
	fi
	lab_setup_server
	[ -z "$client_filter" ] || lab_filter client "$client_filter" "$client_loose"
	LAB_HOST=$LAB_SERVER
	[ -z "$proxy" ] || lab_proxy "$proxy_timeout"
}

lab_listens() { # role, port
	lab_in "$1" ss -Hltn "sport = :$2" | grep -q .
}

lab_proxy() { # seconds
	LAB_HOST=${LAB_NET}1${LAB_SEP}1 LAB_PORT=2222
	cat >"$LAB/haproxy.cfg" <<-CFG
		defaults
			mode tcp
			timeout connect 5s
			timeout client ${1}s
			timeout server ${1}s
		listen lab
			bind $LAB_HOST:2222
			server s $LAB_SERVER:22
	CFG
	lab_in router haproxy -db -f "$LAB/haproxy.cfg" >"$LAB/haproxy.log" 2>&1 &
	lab_until 15000 lab_listens router 2222 || lab_fail "haproxy did not start: $(cat "$LAB/haproxy.log")"
}

# Everything of this test's network goes, with what runs in it.
lab_down() {
	local n
	for n in /run/netns/"$LAB_ID".*; do
		[ ! -e "$n" ] || lab_remove_ns "${n##*/}"
	done
}

# Cut the client's (or the server's) cable: packets vanish on the wire, no interface goes down, no error is seen by
# either end.  What the boxes on the way remember is left to them.
lab_cut() { # client (default) | server
	local role=${1:-client} peer=router iface=inner
	if [ "$role" = server ]; then
		iface=outer
		[ "$LAB_HOP2" = no ] || peer=middle
	fi
	# Neighbours stay known, so that a restored link carries at once.
	lab_in "$role" nft 'add table inet cut; add chain inet cut c { type filter hook prerouting priority -400; };
	    add rule inet cut c iifname "net" meta l4proto != ipv6-icmp drop'
	lab_in "$peer" nft "add table inet cut$iface; add chain inet cut$iface c { type filter hook prerouting priority -400; };
	    add rule inet cut$iface c iifname \"$iface\" meta l4proto != ipv6-icmp drop"
}

lab_restore() { # client (default) | server
	local role=${1:-client} peer=router iface=inner
	if [ "$role" = server ]; then
		iface=outer
		[ "$LAB_HOP2" = no ] || peer=middle
	fi
	lab_in "$role" nft delete table inet cut
	lab_in "$peer" nft delete table inet "cut$iface"
}

# A box forgets every connection now.
lab_forget() { # role (default: router)
	lab_in "${1:-router}" conntrack -F >/dev/null 2>&1
}

# Seconds that a box still remembers the connections to port 22, one a line.
lab_remembers() { # role (default: router)
	lab_in "${1:-router}" conntrack -L -p tcp --dport 22 2>/dev/null | awk '$4 == "ESTABLISHED" { print $3 }'
}

# The server goes without a word and comes back knowing nothing: its kernel answers old packets with a reset.
lab_reboot() {
	local peer=router
	[ "$LAB_HOP2" = no ] || peer=middle
	# (Its end of the cable is kept: masquerade forgets all when an interface goes.  Programs that are killed now can
	# say goodbye to nobody.)
	ip -n "$LAB_ID.server" link set dev net netns "$LAB_ID.$peer" name parked
	lab_remove_ns "$LAB_ID.server"
	lab_host server
	ip -n "$LAB_ID.$peer" link set dev parked netns "$LAB_ID.server" name net
	ip -n "$LAB_ID.server" addr add "$LAB_SERVER/$LAB_BITS" dev net
	ip -n "$LAB_ID.server" link set dev net up
	lab_setup_server
	lab_sshd_start
}

# ---- what an administrator of these boxes would write down

# A row of a settings file of sshkeep for a box: its number is asked of the box itself.
lab_row() { # role, id, side, expiry, revive
	local s
	s=$(lab_in "$1" cat /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established)
	printf '%s\n' "[network $2]" "name = $2" "timeout = ${s}s" "side = $3" "expiry = $4" "revive = $5" \
		'confidence = verified' 'source = the lab'
}

lab_is_loose() { # role
	local v
	v=$(lab_in "$1" cat /proc/sys/net/netfilter/nf_conntrack_tcp_loose)
	if [ "$v" -eq 0 ]; then echo no; else echo yes; fi
}

# Write $LAB/site.ini, which describes the boxes of this lab to sshkeep (--config) as far as ROLE cannot see them for
# itself.  The ids are the roles, with "lab-" in front.
lab_site() { # client | server: who reads it
	local ids='' side=client expiry=silent
	: >"$LAB/rows"
	case $LAB_EXPIRY in
	reject) expiry=rst-on-next ;;
	reject-both) expiry=rst-on-next side=either ;;
	esac
	if [ -n "$LAB_ROUTER" ]; then
		lab_row router lab-router $side $expiry "$(lab_is_loose router)" >>"$LAB/rows"
		ids+=,lab-router
	fi
	if [ "$LAB_HOP2" = yes ]; then
		lab_row middle lab-middle client silent "$(lab_is_loose middle)" >>"$LAB/rows"
		ids+=,lab-middle
	fi
	if [ -n "$LAB_SFILTER" ] && [ "$1" != server ]; then
		lab_row server lab-server server silent "$(lab_is_loose server)" >>"$LAB/rows"
		ids+=,lab-server
	fi
	if [ -n "$LAB_CFILTER" ] && [ "$1" != client ]; then
		lab_row client lab-client client silent "$(lab_is_loose client)" >>"$LAB/rows"
		ids+=,lab-client
	fi
	if [ -n "$LAB_PROXY" ]; then
		printf '%s\n' '[network lab-proxy]' 'name = lab-proxy' \
			"timeout = $(sed -n 's/^.*timeout client //p' "$LAB/haproxy.cfg")" 'side = either' 'proxy = yes' 'refresh = data' \
			'expiry = fin' 'confidence = verified' 'source = the lab' >>"$LAB/rows"
		ids+=,lab-proxy
	fi
	{
		[ -z "$ids" ] || printf '[networks]\ncross = %s\n' "${ids#,}"
		cat "$LAB/rows"
	} >"$LAB/site.ini"
}

# ---- sshd

# (Re)start the server's sshd; lines of configuration come first, so they win.  Its log, with the time of each line in
# milliseconds in front, is $LAB/sshd.log.
lab_sshd() { # line ...
	local pam=no
	# Without PAM sshd refuses an account that is locked in shadow.
	! grep -q '^root:!' /etc/shadow 2>/dev/null || pam=yes
	{
		[ $# -eq 0 ] || printf '%s\n' "$@"
		cat <<-CFG
			Port 22
			HostKey $LAB_TOP/hostkey
			PidFile $LAB/sshd.pid
			AuthorizedKeysFile $LAB_TOP/key.pub
			PermitRootLogin prohibit-password
			PasswordAuthentication no
			KbdInteractiveAuthentication no
			StrictModes no
			UsePAM $pam
			UseDNS no
			PrintMotd no
			PrintLastLog no
			LogLevel VERBOSE
			KexAlgorithms curve25519-sha256
		CFG
	} >"$LAB/sshd_config"
	lab_sshd_start
}

lab_sshd_start() {
	local sshd
	sshd=$(command -v sshd)
	lab_sshd_stop
	(
		# The log's reader ends with the last sshd that holds the pipe.
		ip netns exec "$LAB_ID.server" "$LAB_HERE/tests/lib/with_home" "$LAB/server-home" "$sshd" -D -e -f "$LAB/sshd_config" \
			2>&1 </dev/null | while IFS= read -r line; do
			lab_now
			echo "$LAB_NOW $line"
		done >>"$LAB/sshd.log"
	) &
	lab_until 15000 lab_listens server 22 || lab_fail "sshd did not start: $(tail -n 3 "$LAB/sshd.log")"
}

# The listener only; sessions go on, as with a real restart.
lab_sshd_stop() {
	local pid=''
	[ ! -s "$LAB/sshd.pid" ] || read -r pid <"$LAB/sshd.pid"
	[ -n "$pid" ] && ip netns pids "$LAB_ID.server" 2>/dev/null | grep -qx "$pid" || return 0
	kill "$pid"
	lab_until 5000 lab_gone "$pid"
}

lab_gone() { [ ! -e "/proc/$1" ]; } # pid of a process that somebody waits for

# ---- ssh

# Write the client's config, $LAB/config: the given lines stand in the block of the host, which is called "lab".
lab_config() { # line ...
	{
		echo 'Host lab'
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
		printf '\t%s\n' "HostName $LAB_HOST" "Port $LAB_PORT" 'User root' "IdentityFile $LAB_TOP/key" 'IdentitiesOnly yes' \
			'PasswordAuthentication no' 'KbdInteractiveAuthentication no' 'HostKeyAlias lab' "UserKnownHostsFile $LAB_TOP/known_hosts" \
			'GlobalKnownHostsFile none' 'UpdateHostKeys no'
	} >"$LAB/config"
	chmod 600 "$LAB/config"
}

# ssh from the client, with that config.  -F and the host's name are given.
lab_ssh() { # option ... -- command ...
	local opt=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		opt+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	lab_in client ssh -F "$LAB/config" "${opt[@]}" lab "$@"
}

# Open a session called NAME in the background whose far end is cat, or COMMAND after "--", which gets its input; idle
# from ${LAB_ZERO[NAME]} on.  Files: $LAB/NAME.out and .err, .pid (the ssh), .end ("ms status" when it ended), .gone (ms
# when its sshd ended).  ${LAB_SPID[NAME]} is the pid of its sshd.
lab_open() { # NAME, ssh option ..., -- command
	local name=$1 fd pid opt=() far='exec cat'
	shift
	while [ $# -gt 0 ]; do
		[ "$1" != -- ] || { far=$2; break; }
		opt+=("$1")
		shift
	done
	rm -f "$LAB/$name".{in,out,err,pid,end,gone}
	mkfifo "$LAB/$name.in"
	(
		# (Else this copy of the other sessions' inputs would keep them open.)
		for fd in "${LAB_FD[@]}"; do exec {fd}>&-; done
		# shellcheck disable=SC2016 # expands on the far side
		lab_in client sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$LAB/$name.pid" \
			ssh -F "$LAB/config" "${opt[@]}" lab 'echo "pid $PPID"; read -r w; echo "$w"; '"$far" <"$LAB/$name.in" >"$LAB/$name.out" 2>"$LAB/$name.err"
		rc=$?
		lab_now
		echo "$LAB_NOW $rc" >"$LAB/$name.end.new"
		mv "$LAB/$name.end.new" "$LAB/$name.end"
	) &
	exec {fd}<>"$LAB/$name.in"
	LAB_FD[$name]=$fd
	if ! lab_until 30000 lab_opened "$name"; then
		lab_late "session $name did not open: $(tail -n 2 "$LAB/$name.err")"
		return 1
	fi
	# A last exchange at once: sshd 9.2 counts from the client's last packet, but waits from the shell's late first word.
	if ! lab_echo "$name" 15000; then
		lab_late "session $name does not answer: $(tail -n 2 "$LAB/$name.err")"
		return 1
	fi
	lab_now
	LAB_ZERO[$name]=$LAB_NOW
	read -r _ pid <"$LAB/$name.out"
	LAB_SPID[$name]=$pid
	(
		while [ -e "/proc/$pid" ]; do lab_sleep 50; done
		lab_now
		echo "$LAB_NOW" >"$LAB/$name.gone.new"
		mv "$LAB/$name.gone.new" "$LAB/$name.gone"
	) &
}

lab_opened() { # NAME
	local word='' pid
	read -r word pid 2>/dev/null <"$LAB/$1.out"
	lab_now
	[ "$word" = pid ] && [ -n "$pid" ]
}

lab_type() { # NAME, text
	printf '%s\n' "$2" >&"${LAB_FD[$1]}"
}

# Type a word and wait for it to come back.
lab_echo() { # NAME, milliseconds
	local word=w$RANDOM$RANDOM
	lab_type "$1" "$word"
	lab_until "$2" lab_line "$LAB/$1.out" "$word"
}

lab_ended() { [ -e "$LAB/$1.end" ]; } # NAME

# The session's port on the client; empty when its socket is gone.
lab_port() { # NAME
	lab_in client ss -Htnp | awk -v pid="pid=$(cat "$LAB/$1.pid")," 'index($0, pid) { sub(/.*:/, "", $4); print $4 }'
}

# Milliseconds since an end last received anything (packet) or data (data) of a session; empty when its socket is gone.
lab_heard() { # NAME, client | server, packet | data
	local port
	port=$(lab_port "$1")
	[ -z "$port" ] || lab_in "$2" ss -Htni "sport = :$port or dport = :$port" | awk -v what="$3" '
	    match($0, /lastrcv:[0-9]+/) { best = substr($0, RSTART + 8, RLENGTH - 8) }
	    match($0, /lastack:[0-9]+/) && what == "packet" { a = substr($0, RSTART + 8, RLENGTH - 8); if (a + 0 < best + 0) best = a }
	    END { print best }'
}

# Sleep until the ends of a session have exchanged nothing for so long (what only one of them hears is no exchange); status 1 if that does not come in three times it.
lab_idle() { # NAME, milliseconds
	local left c s end
	lab_now
	left=$((LAB_ZERO[$1] + $2 - LAB_NOW)) end=$((LAB_ZERO[$1] + 3 * $2))
	while [ "$left" -gt 30 ]; do
		lab_sleep "$left"
		[ "$LAB_NOW" -lt "$end" ] || return 1
		c=$(lab_heard "$1" client packet) s=$(lab_heard "$1" server packet)
		[ -n "$c" ] && [ -n "$s" ] || return 0
		[ "$c" -gt "$s" ] || c=$s
		left=$(($2 - c))
	done
}

# Wait for a session's ssh to end: its time in $LAB_AT, its exit status in $LAB_RC; status 1 if it did not in time.
lab_wait_end() { # NAME, milliseconds
	LAB_AT='' LAB_RC=''
	lab_until "$2" lab_ended "$1" || return 1
	read -r LAB_AT LAB_RC <"$LAB/$1.end"
}

# Wait for a session's sshd to end: the time in $LAB_AT.
lab_wait_sshd() { # NAME, milliseconds
	LAB_AT=''
	lab_until "$2" test -e "$LAB/$1.gone" || return 1
	read -r LAB_AT <"$LAB/$1.gone"
}

# End a session from here.
lab_close() { # NAME
	local pid fd=${LAB_FD[$1]}
	read -r pid <"$LAB/$1.pid"
	lab_ended "$1" || kill -9 "$pid" 2>/dev/null
	exec {fd}>&-
	unset "LAB_FD[$1]"
}
