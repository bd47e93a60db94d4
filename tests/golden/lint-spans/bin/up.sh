#!/bin/sh
[ -x /usr/bin/autossh ] && /usr/bin/autossh -M 0 -N -o ServerAliveInterval=0 -L 127.0.0.1:1:a:1 relay
if command -v autossh >/dev/null; then autossh -M 0 -N -o ServerAliveInterval=0 -L 127.0.0.1:2:a:1 relay; fi
test -n "/usr/bin/ssh " && exec /usr/bin/autossh -M 0 -N -o ServerAliveInterval=0 -L 127.0.0.1:3:a:1 relay
