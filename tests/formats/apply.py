# SPDX-License-Identifier: MIT
"""Apply the fixes that reports offer, each to a fresh copy: apply.py DIR TREE PROGRAM [argument ...]

The fix in SARIF (columns in UTF-16), the suggestions in rdjson (columns in bytes) and the edits in JSON (bytes) of one
finding must give the same bytes, and sshkeep no longer finds it there.  Prints the number of fixes; exit 1 on a fault.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse


def replace(data, edits):
    """Edits are (start, end, new text) in bytes."""
    for start, end, text in sorted(edits, reverse=True):
        data = data[:start] + text + data[end:]
    return data


def offset(data, line, column, to_bytes):
    at = 0
    for _ in range(line - 1):
        at = data.index(b"\n", at) + 1
    return at + to_bytes(data[at:], column - 1)


def from_units(text, n):
    units = text.decode("utf-8", "surrogateescape").encode("utf-16-le", "surrogatepass")[:2 * n]
    return len(units.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogateescape"))


def sarif_edits(data, fix):
    for r in fix["replacements"]:
        d = r["deletedRegion"]
        yield (offset(data, d["startLine"], d["startColumn"], from_units),
               offset(data, d["endLine"], d["endColumn"], from_units), r["insertedContent"]["text"].encode())


def rdjson_edits(data, suggestions):
    for s in suggestions:
        start, end = (s["range"][k] for k in ("start", "end"))
        yield (offset(data, start["line"], start["column"], lambda _, n: n),
               offset(data, end["line"], end["column"], lambda _, n: n), s["text"].encode())


def json_edits(data, edits, name):
    for e in edits:
        if e["file"] == name:
            yield (offset(data, e["line"], e["column"], lambda _, n: n),
                   offset(data, e["end_line"], e["end_column"], lambda _, n: n), e["text"].encode())


def prints(tree, command):
    r = subprocess.run([*command, "--format", "json"], cwd=tree, capture_output=True, check=False)
    return {f["fingerprint"]: f for f in json.loads(r.stdout)["findings"]}


def main():
    folder, tree, *command = sys.argv[1:]
    load = lambda name: json.load(open(os.path.join(folder, name), encoding="utf-8"))
    findings, results = load("json")["findings"], load("sarif")["runs"][0]["results"]
    n = bad = 0
    for f, r, d in zip(findings, results, load("rdjson")["diagnostics"]):
        if bool(f.get("edits")) != ("fixes" in r):
            print(f"-{f['code']} {f['file']}: JSON and SARIF differ on whether there is a fix")
            bad += 1
        for change in r["fixes"][0]["artifactChanges"] if "fixes" in r else ():
            name = urllib.parse.unquote(change["artifactLocation"]["uri"])
            with open(os.path.join(tree, name), "rb") as file:
                data = file.read()
            new = replace(data, sarif_edits(data, change))
            own = replace(data, json_edits(data, f["edits"], name))
            if new != own or (name == f["file"] and replace(data, rdjson_edits(data, d["suggestions"])) != new):
                print(f"-{f['code']} {name}: the formats disagree: {new!r} {own!r}")
                bad += 1
            with tempfile.TemporaryDirectory() as tmp:
                shutil.copytree(tree, tmp + "/w")
                with open(os.path.join(tmp, "w", name), "wb") as file:
                    file.write(new)
                if f["fingerprint"] in prints(tmp + "/w", command):
                    print(f"-{f['code']} {name}: is still found: {new!r}")
                    bad += 1
            n += 1
    print(n)
    return 1 if bad or n == 0 else 0


sys.exit(main())
