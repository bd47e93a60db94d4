#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long sshkeep takes beside ssh and cat, on the same inputs in the same run (make bench; BENCHMARKS.md).

Everything is generated here.  Two commands are compared by running them in turn, A B A B ..., and taking the median
of the ratios of neighbours: a busy machine slows both alike.  Standard output goes to the null device.

  tools/bench.py [--runs N] [--only NAME,...] [--keep DIR] PROGRAM
"""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LEAST_RUNS = 9
NULL = subprocess.DEVNULL


def fleet(path, hosts):
    """A client config of 5 lines a host, and 20 wildcard blocks among them; every tenth host sets its own interval."""
    rand = random.Random(hosts)
    every = hosts // 20
    with open(path, "w", encoding="ascii") as out:
        for i in range(hosts):
            if i % every == every - 1:
                zone = i // every
                out.write(f"Host *.zone{zone}.example.com db{zone}-*\n    ProxyJump gate{zone}\n"
                          f"    ServerAliveInterval {(30, 60, 90)[zone % 3]}\n")
            name = f"web{i}.zone{i % 20}.example.com" if i % 4 else f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
            out.write(f"Host web{i}\n    HostName {name}\n    User {('deploy', 'root', 'ops')[i % 3]}\n"
                      f"    Port {2200 + i % 7}\n")
            if i % 10 == 0:
                out.write(f"    ServerAliveInterval {rand.choice((15, 30, 60, 120, 300))}\n")
            else:
                out.write(f"    IdentityFile ~/.ssh/id_{i % 50}\n")
        out.write("Host *\n    ServerAliveInterval 60\n    ServerAliveCountMax 3\n")


def tree(root, files):
    """A repository of small files: client fragments, server drop-ins, whole configs, a few of them wrong."""
    rand = random.Random(files)
    for i in range(files):
        kind = i % 10
        folder = os.path.join(root, f"team{i // 200}", f"r{i // 20}")
        if kind < 5:
            path = os.path.join(folder, ".ssh", "config.d", f"{i}.conf")
            text = "".join(f"Host h{i}-{k}\n    HostName h{k}.example.com\n    ServerAliveInterval "
                           f"{rand.choice((15, 30, 60, 120))}\n" for k in range(4))
        elif kind < 8:
            path = os.path.join(folder, f"sshd_config.d{i}", "sshd_config.d", "50-site.conf")
            text = (f"ClientAliveInterval {rand.choice((30, 60, 120))}\nClientAliveCountMax 3\nPermitRootLogin no\n"
                    "X11Forwarding no\nMaxAuthTries 4\n")
        elif kind == 8:
            path = os.path.join(folder, f"host{i}", "ssh_config")
            text = ("# site defaults\nHost *\n    ServerAliveInterval 60\n    ServerAliveCountMax 3\n"
                    "    HashKnownHosts yes\n    SendEnv LANG LC_*\n")
        else:
            path = os.path.join(folder, f"notes{i}.md")
            text = "# notes\n" + "Lorem ipsum dolor sit amet.\n" * 8
        if i % 500 == 7:
            text += "ServerAliveIntervall 30\n"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as out:
            out.write(text)


def seconds(command, shell_input=None):
    start = time.perf_counter()
    subprocess.run(command, stdin=shell_input or NULL, stdout=NULL, stderr=NULL, check=False)
    return time.perf_counter() - start


def peak_kib(command):
    """Peak memory of one run, by a child that runs nothing else."""
    code = ("import resource,subprocess,sys;d=subprocess.DEVNULL;subprocess.run(sys.argv[1:],stdin=d,stdout=d,stderr=d);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run([sys.executable, "-c", code] + command, stdout=subprocess.PIPE, check=True).stdout)


def compare(ours, theirs, runs):
    seconds(ours), seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    return (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
            statistics.median(a / b for a, b in pairs))


class Bench:
    def __init__(self, program, runs, folder):
        self.program, self.runs, self.dir = program, runs, folder
        self.missed = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def line(self, what, value, limit, detail):
        ok = value <= limit
        self.missed += not ok
        print(f"{what:<58} {value:6.2f}  at most {limit:<5} {'' if ok else 'MISSED  '}{detail}", flush=True)

    def pair(self, what, ours, theirs, limit):
        a, b, ratio = compare(ours, theirs, self.runs)
        self.line(what, ratio, limit, f"{a * 1e3:.2f} ms / {b * 1e3:.2f} ms")
        return a

    def fleet_files(self):
        for name, hosts in (("small", 2000), ("large", 200000)):
            if not os.path.exists(self.path(name)):
                fleet(self.path(name), hosts)

    def audit(self):
        self.fleet_files()
        p = self.path("small")
        self.pair("audit of 2,000 hosts / one ssh -G", [self.program, "audit", "-F", p], ["ssh", "-G", "-F", p, "web7"],
                  1)

    def effective(self):
        self.fleet_files()
        p = self.path("small")
        self.pair("effective HOST of 2,000 / one ssh -G", [self.program, "effective", "-F", p, "web7"],
                  ["ssh", "-G", "-F", p, "web7"], 0.5)

    def scale(self):
        self.fleet_files()
        small, large = self.path("small"), self.path("large")
        ours = [self.program, "audit", "-F", large]
        self.pair("audit of 200,000 hosts / one ssh -G", ours, ["ssh", "-G", "-F", large, "web7"], 2)
        a, b, ratio = compare(ours, [self.program, "audit", "-F", small], self.runs)
        grow = os.path.getsize(large) / os.path.getsize(small)
        self.line("audit of 200,000 hosts / of 2,000, by bytes of input", ratio / grow, 1.15,
                  f"{a * 1e3:.1f} ms / {b * 1e3:.2f} ms, input x {grow:.1f}")
        kib = peak_kib(ours)
        self.line("peak memory of 200,000 hosts / bytes of input", kib * 1024 / os.path.getsize(large), 8,
                  f"{kib // 1024} MiB for {os.path.getsize(large) / 2 ** 20:.1f} MiB")

    def start(self):
        p = self.path("ten")
        with open(p, "w", encoding="ascii") as out:
            out.write("Host web\n    HostName web.example.com\n    ServerAliveInterval 60\nHost db\n    User root\n"
                      "    Port 2222\nHost *\n    ServerAliveCountMax 3\n    ControlMaster no\n    TCPKeepAlive yes\n")
        self.pair("audit of 10 lines / ssh -V", [self.program, "audit", "-F", p], ["ssh", "-V"], 0.5)

    def lint(self):
        root = self.path("tree")
        if not os.path.isdir(root):
            tree(root, 20000)
        cat = ["sh", "-c", 'find "$1" -type f -exec cat {} +', "sh", root]
        self.pair("lint of 20,000 files / find and cat of them", [self.program, "lint", root], cat, 4)


def main():
    names = ["start", "effective", "audit", "scale", "lint"]
    parse = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parse.add_argument("--runs", type=int, default=LEAST_RUNS)
    parse.add_argument("--only", default=",".join(names))
    parse.add_argument("--keep", help="folder for the inputs, kept")
    parse.add_argument("program")
    o = parse.parse_args()
    folder = o.keep or tempfile.mkdtemp(prefix="sshkeep-bench-")
    os.makedirs(folder, exist_ok=True)
    bench = Bench(os.path.abspath(o.program), max(o.runs, LEAST_RUNS), folder)
    print(f"{subprocess.run(['ssh', '-V'], stderr=subprocess.PIPE, check=True).stderr.decode().strip()}; "
          f"median of {bench.runs} neighbouring pairs")
    try:
        for name in o.only.split(","):
            getattr(bench, name)()
    finally:
        if not o.keep:
            shutil.rmtree(folder)
    print(f"{bench.missed} of the limits missed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
