# SPDX-License-Identifier: MIT
"""Random repositories: the files that git neither ignores nor leaves untracked by name are those that lint looks at."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

PROG, SEED, REPOS, CASE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
# found by its content; the finding names the file
CONFIG = b"Host a\n  HostName b\n  ProxyJump c\n  ServerAliveInterval soon\n"
NAMES = ["a", "b", "c", "ab", "abc", "a b", "x", ".x", "a.c", "[a]", "\u00e9", "!a", "#a", "a\\b", "ax", "a7", "a ", "bb", "c-d"]
ATOMS = ["a", "b", "c", "x", "*", "?", "**", "***", "[ab]", "[!a]", "[^a]", "[a-c]", "[]a]", "[!]a]", "[a\\]]", "[a", "[[:alpha:]]",
         "[[:digit:]x]", "[[:space:]]", "[[:bogus:]]", "[a-", "[a-]", "[z-a]", "\\*", "\\a", "\\[", "\\ ", " ", ".", "-", "\u00e9", "#", "!",
         "[[:upper", "7"]
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}


def part(r):
    if r.random() < 0.15:
        return "**"
    if r.random() < 0.45:
        return r.choice(NAMES).strip() or "a"
    return "".join(r.choice(ATOMS) for _ in range(r.randint(1, 4)))


def pattern(r):
    p = "/".join(part(r) for _ in range(r.choice([1, 1, 1, 2, 2, 3])))
    if r.random() < 0.2:
        p = "/" + p
    if r.random() < 0.2:
        p += "/"
    if r.random() < 0.25:
        p = "!" + p
    if r.random() < 0.1:
        p += " " * r.randint(1, 2)
    if r.random() < 0.05:
        p += "\\ "
    if r.random() < 0.05:
        p += "\\"
    if r.random() < 0.05:
        p += "\t"
    if r.random() < 0.05:
        p += "\r"
    return p


def ignore_text(r):
    lines = [r.choice(["", "# comment", "\\#a", "\\!a", "!", "/", "//", "*", "!*/"]) if r.random() < 0.1 else pattern(r)
             for _ in range(r.randint(1, 5))]
    text = "\n".join(lines) + ("" if r.random() < 0.2 else "\n")
    return ("\ufeff" if r.random() < 0.05 else "") + text


def make(r, top):
    folders = [""]
    for _ in range(r.randint(2, 8)):
        folders.append(os.path.join(r.choice(folders), r.choice(NAMES)))
    for f in folders:
        os.makedirs(os.path.join(top, f), exist_ok=True)
    for _ in range(r.randint(6, 24)):
        p = os.path.join(top, r.choice(folders), r.choice(NAMES))
        if not os.path.isdir(p):
            with open(p, "wb") as f:
                f.write(CONFIG)
    subprocess.run(["git", "init", "-q", top], env=ENV, check=True)
    if r.random() < 0.5:
        subprocess.run(["git", "-C", top, "config", "index.version", r.choice(["2", "3", "4"])], env=ENV, check=True)
        files = [os.path.relpath(os.path.join(d, f), top) for d, ds, fs in os.walk(top) if ".git" not in d.split(os.sep) for f in fs]
        r.shuffle(files)
        chosen = files[: r.randint(1, 6)]
        subprocess.run(["git", "-C", top, "add", "-f", "--", *[":(literal)" + f for f in chosen]], env=ENV, check=True)
        if r.random() < 0.3:
            subprocess.run(["git", "-C", top, "add", "-N", "-f", "--", *[":(literal)" + f for f in files[:1]]], env=ENV, check=True)
    for f in r.sample(folders, min(len(folders), r.randint(1, 3))):
        with open(os.path.join(top, f, ".gitignore"), "w", encoding="utf-8", newline="") as out:
            out.write(ignore_text(r))
    if r.random() < 0.3:
        os.makedirs(os.path.join(top, ".git/info"), exist_ok=True)
        with open(os.path.join(top, ".git/info/exclude"), "w", encoding="utf-8", newline="") as out:
            out.write(ignore_text(r))


def by_git(top):
    out = subprocess.run(["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         env=ENV, check=True, stdout=subprocess.PIPE).stdout
    return {p.decode() for p in out.split(b"\0") if p and not p.endswith(b".gitignore")}


def by_lint(top):
    run = subprocess.run([PROG, "lint", "--format", "json"], cwd=top, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1):
        raise SystemExit("lint exits %d: %s" % (run.returncode, run.stderr.decode()))
    return {f["file"] for f in json.loads(run.stdout)["findings"] if f["code"] == "SK105"}


def show(top):
    for d, _, fs in os.walk(top):
        for f in fs:
            if f == ".gitignore" or d.endswith(".git/info"):
                p = os.path.join(d, f)
                print("  %s: %r" % (os.path.relpath(p, top), open(p, "rb").read()))


passed = failed = 0
for case in [int(CASE)] if CASE else range(REPOS):
    r = random.Random(SEED * 1000003 + case)
    top = tempfile.mkdtemp()
    try:
        make(r, top)
        git, lint = by_git(top), by_lint(top)
        if git == lint:
            passed += 1
        else:
            failed += 1
            print("FAILED gitignore CASE=%d SEED=%d: git alone %r, lint alone %r" % (case, SEED, sorted(git - lint), sorted(lint - git)))
            show(top)
    finally:
        shutil.rmtree(top)
print("%d passed, %d failed, 0 skipped" % (passed, failed))
sys.exit(failed > 0)
