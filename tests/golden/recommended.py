# SPDX-License-Identifier: MIT
"""A recommendation satisfies every built-in rule: each policy, path timeout, release and side is audited twice,
once to be told an interval and a count, once with just these in the config.  Nothing may be found then.

usage: recommended.py PROGRAM FOLDER; prints "N passed, N failed, N skipped" last.
"""
import json
import re
import subprocess
import sys

PROG, WORK = sys.argv[1:3]
ROOTS = ["fixtures/proc/pristine-debian", "fixtures/proc/hardened"]
TIMEOUTS = "6 10 20 45 60 120 240 300 350 900 3600 none".split()
VERSIONS = "8.1 9.2p1 9.9 10.5".split()
# What else stands in the block of each host, that no rule has a word against.
HOSTS = {
    "plain": "",
    "mute": "TCPKeepAlive no",
    "shared": "ControlMaster auto\nControlPath ~/.ssh/cm-%C\nControlPersist 10m",
    "tunnel": "LocalForward 8080 web:80\nExitOnForwardFailure yes\nConnectTimeout 15",
    "piped": "ProxyCommand nc -X connect %h %p",
    "jumped": "ProxyJump plain",
    "*": "",
}
SERVERS = {"plain": "", "mute": "TCPKeepAlive no\n"}

# What these say of the machine holds whatever the config has: sysctls, TMOUT, logind.
MACHINE = {"SK601", "SK602", "SK605", "SK606"}


def policies():
    with open("rules/policies.ini", encoding="utf-8") as f:
        return re.findall(r"^\[(.+)\]$", f.read(), re.M)


def audit(side, text, args):
    conf = f"{WORK}/conf"
    with open(conf, "w", encoding="utf-8") as f:
        f.write(text)
    which = ["-F", conf] if side == "client" else ["-f", conf]
    run = subprocess.run([PROG, "audit", "--home", "/root", "--user", "root", "--format", "json", "--exit-zero",
                          *args, *which], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def client_config(best):
    out = []
    for host, extra in HOSTS.items():
        interval, count = best.get(host, (0, 3))
        out += [f"Host {host}", f"ServerAliveInterval {interval}", f"ServerAliveCountMax {count}", extra]
    return "\n".join(out) + "\n"


def server_config(what, best):
    interval, count = best.get("sshd", (0, 3))
    return f"ClientAliveInterval {interval}\nClientAliveCountMax {count}\n{SERVERS[what]}"


def recommended(report):
    return {h["host"]: (h["recommended"]["interval_s"], h["recommended"]["count"]) for h in report["hosts"]}


def check(side, make, args):
    """The faults of one case, and how many recommendations were tried."""
    best = recommended(audit(side, make({}), args))
    report = audit(side, make(best), args)
    faults = [f"{f['code']} {f['level']}: {f['message']} ({best})" for f in report["findings"]
              if f["code"] not in MACHINE]
    if recommended(report) != best:
        faults.append(f"another recommendation now: {recommended(report)}, not {best}")
    wanted = len(HOSTS) if side == "client" else 1
    if len(best) != wanted:
        faults.append(f"{len(best)} rows, not {wanted}")
    return faults, len(best)


def main():
    passed = failed = 0
    cases = [("client", "hosts", client_config)]
    cases += [("server", what, lambda best, what=what: server_config(what, best)) for what in SERVERS]
    for root in ROOTS:
        for policy in policies():
            for timeout in TIMEOUTS:
                for version in VERSIONS:
                    args = ["--root", root, "--policy", policy, "--path-timeout", timeout, "--openssh", version]
                    for side, what, make in cases:
                        faults, tried = check(side, make, args)
                        passed += tried if not faults else 0
                        failed += len(faults)
                        for fault in faults:
                            print("FAILED", side, what, *args, fault)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed != 0


sys.exit(main())
