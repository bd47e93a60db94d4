#!/bin/sh
# run by a unit: what holds for the unit holds here
export AUTOSSH_POLL=1m
HOST=relay
OPTS="-N -o ServerAliveInterval=0"
autossh -M 20000 $OPTS -L 127.0.0.1:8080:web:80 "$HOST"
