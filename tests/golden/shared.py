# SPDX-License-Identifier: MIT
"""Rows that an audit judges together must come out as each of them does when it is asked for alone.

usage: shared.py PROGRAM FOLDER; prints "N passed, N failed, N skipped" last.
"""
import json
import os
import random
import subprocess
import sys

SEED = int(os.environ.get("SEED", "20260411"))
CONFIGS = int(os.environ.get("CONFIGS", "40"))

VALUES = {
    "ServerAliveInterval": ["0", "15", "60", "300", "none", "1m", "90s"],
    "ServerAliveCountMax": ["0", "1", "3", "30"],
    "TCPKeepAlive": ["yes", "no"],
    "BatchMode": ["yes", "no"],
    "HostName": ["%h.example.com", "10.0.0.7", "203.0.113.9", "localhost", "x.elb.amazonaws.com", "gw.example.net"],
    "User": ["git", "root", "deploy", "ops", "\"git\""],
    "Port": ["22", "2222"],
    "ProxyJump": ["none", "gate", "ops@gate:2222", "web1"],
    "ProxyCommand": ["none", "nc %h %p", "aws ssm start-session --target %h"],
    "ControlMaster": ["no", "auto", "yes"],
    "ControlPath": ["none", "~/.ssh/cm-%C", "/run/cm-%h", "~/.ssh/cm-%r"],
    "ControlPersist": ["no", "10m", "yes"],
    "LocalForward": ["8080 web:80", "8081 web:81"],
    "RemoteForward": ["9000 localhost:22"],
    "ClearAllForwardings": ["yes", "no"],
    "ExitOnForwardFailure": ["yes"],
    "ConnectTimeout": ["5", "none"],
    "RekeyLimit": ["1G", "1G 1h", "default 1h"],
    "IgnoreUnknown": ["UseKeychain", "X*"],
    "UseKeychain": ["yes"],
    "ForwardAgent": ["yes", "no"],
    "IdentityFile": ["~/.ssh/a", "~/.ssh/b"],
}
NAMES = ["web1", "web2", "web3", "db1", "db2", "github.com", "gate", "WEB1", "mail.example.com", "10.1.2.3"]
PATTERNS = NAMES + ["web*", "db?", "*.example.com", "* !web1", "*", "web1 db1", "!db2 db*"]


# Small files are judged row by row.
PADDING = "".join(f"Host pad{i}\n" for i in range(40))


def settings(rand, words):
    out = []
    for word in rand.sample(words, rand.randint(1, 5)):
        out.append(f"    {word} {rand.choice(VALUES[word])}")
    return out


def uniform(rand):
    """Every host sets the same few keywords: what tells them apart is the values alone."""
    words = rand.sample([w for w in VALUES if w != "UseKeychain"], rand.randint(1, 3))
    lines = []
    for name in NAMES:
        lines.append("Host " + name)
        lines += [f"    {word} {rand.choice(VALUES[word])}" for word in words]
    return "\n".join(lines + ["Host *", "    ServerAliveCountMax 3", ""])


def config(rand):
    if rand.random() < 0.5:
        return uniform(rand)
    words = [w for w in VALUES if rand.random() < 0.8 and w not in ("UseKeychain",)] or ["User"]
    if rand.random() < 0.3:
        words.append("UseKeychain")
    lines = ["IgnoreUnknown UseKeychain"] if "UseKeychain" in words else []
    lines += settings(rand, words) if rand.random() < 0.4 else []
    for _ in range(rand.randint(4, 12)):
        kind = rand.random()
        if kind < 0.8:
            lines.append("Host " + rand.choice(PATTERNS))
        elif kind < 0.95:
            lines.append("Match " + rand.choice(["host web1,db1", "user root", "originalhost web*", "final", "all"]))
        else:
            lines.append('Match exec "true"')
        lines += settings(rand, words)
    return "\n".join(lines + ["Host " + " ".join(NAMES), "    LogLevel INFO", ""])


def audit(program, path, *hosts):
    run = subprocess.run([program, "audit", "-F", path, "--format", "json", "--fail-on", "note", *hosts],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr.decode(errors="replace"))
    return json.loads(run.stdout)


def row_of(report, name):
    rows = [h for h in report["hosts"] if h["host"] == name]
    assert len(rows) == 1, (name, len(rows))
    # How a name came to be a row may differ: named by a file, or on the command line.
    return {k: v for k, v in rows[0].items() if k != "kind"}


def findings_of(report, name):
    out = []
    for f in report["findings"]:
        if name in f["hosts"]:
            # Equals are numbered among the rows that were asked for.
            left = ("hosts", "message", "fingerprint")
            out.append(json.dumps({k: v for k, v in f.items() if k not in left}, sort_keys=True))
    return sorted(out)


def check(program, path):
    """The first difference as text, or None."""
    together = audit(program, path)
    for name in NAMES:
        alone = audit(program, path, name)
        for what, read in (("row", row_of), ("findings", findings_of)):
            a, b = read(together, name), read(alone, name)
            if a != b:
                return f"{what} of {name}:\n  together {a}\n  alone    {b}"
    return None


def main():
    program, folder = sys.argv[1:]
    passed = failed = 0
    for i in range(CONFIGS):
        rand = random.Random(SEED * 1000 + i)
        path = os.path.join(folder, f"config{i}")
        with open(path, "w", encoding="ascii") as out:
            out.write(config(rand) + PADDING)
        why = check(program, path)
        if why is None:
            passed += 1
            continue
        failed += 1
        print(f"FAILED shared: seed {SEED}, config {i}: {why}")
        with open(path, encoding="ascii") as text:
            print(text.read())
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
