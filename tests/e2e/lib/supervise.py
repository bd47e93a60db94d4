#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run a unit's ExecStart the way systemd would:  supervise.py UNIT LOG

Where systemd is not process 1 this stands in for it, for the few settings that sshkeep's own units use; any other
setting of [Service] is refused, so that a unit that needs more fails the test.  TERM stops the service.

What it does as systemd.service(5) and systemd.kill(5) say: words with quotes and escapes, %% and $$; Environment=;
Restart=always after RestartSec=; on stop TERM to the main process (KillMode=mixed) or to all, and KILL to what is left
after TimeoutStopSec=; KILL to what an ended main process left behind.  What belongs to the service is known by
INVOCATION_ID in its environment, not by a control group: a process that clears its environment would escape.  Not
done: start limits (the units switch them off), dependencies, boot, User=, sandboxing.

LOG gets a line for each event: milliseconds, "supervisor PID", "start PID", "end PID STATUS" or "stopped".
"""
import os
import shlex
import signal
import subprocess
import sys
import time
import uuid

KNOWN = {"Type", "ExecStart", "Environment", "Restart", "RestartSec", "SuccessExitStatus", "KillMode", "TimeoutStopSec", "User"}


def read_unit(path):
    section, held, out = "", "", {}
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if held and line.lstrip()[:1] in ("#", ";"):
            continue
        if not held and line[:1] in ("#", ";", ""):
            continue
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        line, held = held + line, ""
        if line.startswith("["):
            section = line
        elif section == "[Service]":
            key, _, value = line.partition("=")
            if key not in KNOWN or (key in out and key != "Environment"):
                sys.exit(f"supervise: {key} is not known here, or stands twice")
            out[key] = (out.get(key, "") + " " + value).strip()
    return out


def words(text):
    def plain(word):
        for sign in "%$":
            word = word.replace(sign * 2, "\0")
            if sign in word:
                sys.exit(f"supervise: {word} is expanded by systemd")
            word = word.replace("\0", sign)
        return word

    return [plain(w) for w in shlex.split(text, comments=False)]


class Service:
    def __init__(self, unit, log):
        self.unit, self.log = read_unit(unit), log
        self.id = uuid.uuid4().hex
        self.main, self.stopping = None, False
        if self.unit.get("Type") != "simple" or self.unit.get("Restart") != "always":
            sys.exit("supervise: only Type=simple with Restart=always")

    def say(self, text):
        with open(self.log, "a", encoding="utf-8") as f:
            f.write(f"{int(time.time() * 1000)} {text}\n")

    def ours(self):
        mark, found = f"INVOCATION_ID={self.id}".encode(), []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if mark in f.read().split(b"\0") and int(pid) != os.getpid():
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def send(self, pids, sig):
        for pid in pids:
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass

    def start(self):
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "HOME": os.environ["HOME"],
               "USER": "root", "INVOCATION_ID": self.id}
        env.update(w.split("=", 1) for w in words(self.unit.get("Environment", "")))
        self.main = subprocess.Popen(words(self.unit["ExecStart"]), env=env, stdin=subprocess.DEVNULL, start_new_session=True)
        self.say(f"start {self.main.pid}")

    def stop(self, *_):
        self.stopping = True
        if self.main and self.main.poll() is None:
            everyone = self.unit.get("KillMode", "control-group") == "control-group"
            self.send(self.ours() if everyone else [self.main.pid], signal.SIGTERM)

    def run(self):
        signal.signal(signal.SIGTERM, self.stop)
        self.say(f"supervisor {os.getpid()}")
        while not self.stopping:
            self.start()
            while self.main.poll() is None:
                if self.stopping and time.time() > self.give_up():
                    break
                time.sleep(0.05)
            self.send(self.ours(), signal.SIGKILL)
            self.say(f"end {self.main.pid} {self.main.wait()}")
            due = time.time() + float(self.unit["RestartSec"])
            while time.time() < due and not self.stopping:
                time.sleep(0.05)
        self.say("stopped")

    def give_up(self):
        if not hasattr(self, "deadline"):
            self.deadline = time.time() + float(self.unit["TimeoutStopSec"])
        return self.deadline


Service(*sys.argv[1:]).run()
