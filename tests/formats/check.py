# SPDX-License-Identifier: MIT
"""Check the reports of one run against their schemas, each other and the files: check.py DIR TREE [NAME ...]

DIR holds the reports as NAME files (json, sarif, ...), TREE is the folder in which sshkeep ran.  One line per fault,
exit 1 when there is any.  What each report says is compared with the one in JSON.
"""
import json
import os
import re
import subprocess
import sys
import unicodedata
import urllib.parse
import xml.etree.ElementTree as ET

import jsonschema

import runner

HIDDEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u061c\u180e\ufff9-\ufffb\U000e0000-\U000e007f]")
SCHEMAS = os.environ.get("SCHEMAS", "build/schemas")
OWN = "fixtures/schema"
faults = []


def fault(name, what):
    faults.append(f"-{name}: {what}")


def same(name, what, got, want):
    if got != want:
        fault(name, f"{what}: {got!r}, not {want!r}"[:400])


def show(path, keep=""):
    """Bytes as text, what a format cannot hold as \\xHH: bytes that are not UTF-8, and C0 but for those of keep."""
    text = path.decode("utf-8", "surrogateescape")
    return "".join(f"\\x{ord(c) & 0xff:02X}" if "\udc80" <= c <= "\udcff" or (c < " " and c not in keep) else c
                   for c in text)


def show_in_log(path):
    """The same for a log: nothing hidden and no control but line ends, which the format escapes."""
    text = show(path, "\n\r")
    text = re.sub("[\x7f-\x9f]", lambda m: "".join(f"\\x{b:02X}" for b in m[0].encode()), text)
    return HIDDEN.sub(lambda m: f"\\u{{{ord(m[0]):X}}}", text)


class Run:
    """What the report in JSON says, with the paths as bytes."""

    def __init__(self, folder, tree):
        with open(os.path.join(folder, "json"), encoding="utf-8") as f:
            self.json = json.load(f)
        self.all = self.json["findings"]
        self.told = [f for f in self.all if not f["suppressed"]]
        self.lint = self.json["command"] == "lint"
        self.tree = os.fsencode(tree)
        with open(os.path.join(folder, "paths"), "rb") as f:
            self.paths = {show(p, "".join(map(chr, range(32)))): p for p in f.read().split(b"\0") if p}
        with open(os.path.join(folder, "failed"), encoding="utf-8") as f:
            self.n_failed = int(f.read())

    def path(self, f):
        """The bytes of a finding's file; None where there is none."""
        if f["file"] is None:
            return None
        return self.paths.get(f["file"], os.fsencode(f["file"]))

    def line(self, f):
        with open(os.path.join(self.tree, self.path(f)), "rb") as file:
            return file.read().split(b"\n")[f["line"] - 1]


def units(data):
    """Length in UTF-16 code units; a byte of no sequence is one."""
    return len(data.decode("utf-8", "surrogateescape").encode("utf-16-le", "surrogatepass")) // 2


def points(data):
    return len(data.decode("utf-8", "surrogateescape"))


def columns(run, f, count):
    line = run.line(f)
    return count(line[:f["column"] - 1]) + 1, count(line[:f["end_column"] - 1]) + 1


def check_bytes(name, data):
    """No control byte but line feeds, valid UTF-8, nothing hidden, and a line feed at the end."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        fault(name, f"is not UTF-8: {e}")
        return data.decode("utf-8", "replace")
    for c in sorted(set(text)):
        if c != "\n" and (unicodedata.category(c) == "Cc" or HIDDEN.match(c)):
            fault(name, f"holds U+{ord(c):04X}")
    if text and not text.endswith("\n"):
        fault(name, "its last line does not end")
    return text


def check_log(name, text):
    for c in runner.commands(text):
        fault(name, f"a line of it is a command: {c}"[:300])


def check_schema(name, doc, path):
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    for e in kind(schema).iter_errors(doc):
        fault(name, f"{'/'.join(str(p) for p in e.absolute_path)}: {e.message}"[:300])


def check_xml(name, path, *schemas):
    for schema in schemas:
        r = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, path], capture_output=True, check=False)
        if r.returncode != 0:
            fault(name, f"xmllint --schema {schema}: {r.stderr.decode('utf-8', 'replace')[:300]}")
    r = subprocess.run(["xmllint", "--nonet", "--noout", path], capture_output=True, check=False)
    if r.returncode != 0 or r.stderr:
        fault(name, f"xmllint: {r.stderr.decode('utf-8', 'replace')[:300]}")


def sarif_path(place):
    uri = place["uri"]
    if not re.fullmatch("(file:///)?[A-Za-z0-9._~/%-]+", uri):
        fault("sarif", f"no plain URI: {uri}")
    if "uriBaseId" not in place:
        return urllib.parse.unquote_to_bytes(uri.removeprefix("file://"))
    return (b"~/" if place["uriBaseId"] == "HOME" else b"") + urllib.parse.unquote_to_bytes(uri)


def sarif_region(run, f, region):
    if f["line"] is None:
        same("sarif", "region of a file as a whole", region, {"startLine": 1})
        return
    same("sarif", "line", region["startLine"], f["line"])
    if not run.lint or len(run.line(f)) > 4096:
        return
    start, end = columns(run, f, units)
    same("sarif", "startColumn", region["startColumn"], start)
    if end > start:
        same("sarif", "endColumn", (region["endLine"], region["endColumn"]), (f["line"], end))


def sarif_suppressed(f, r, any_is):
    """Where one result says whether it is suppressed, all must (3.27.23)."""
    want = [] if any_is else None
    if f["suppressed"]:
        want = [{"kind": "external" if f["suppressed_by"] == "baseline" else "inSource", "status": "accepted"}]
        if f["reason"]:
            want[0]["justification"] = f["reason"]
    same("sarif", "suppressions", r.get("suppressions"), want)


def sarif(run, text, _path):
    doc = json.loads(text)
    check_schema("sarif", doc, f"{SCHEMAS}/sarif-2.1.0.json")
    top = doc["runs"][0]
    rules = top["tool"]["driver"]["rules"]
    same("sarif", "columnKind", top["columnKind"], "utf16CodeUnits")
    same("sarif", "number of results", len(top["results"]), len(run.all))
    same("sarif", "rules", [r["id"] for r in rules], sorted({f["code"] for f in run.all}))
    for r in rules:
        same("sarif", "levels", r["defaultConfiguration"]["level"] in ("error", "warning", "note"), True)
        if not r["help"]["text"] or not r["help"]["markdown"] or "{" in r["shortDescription"]["text"]:
            fault("sarif", f"rule {r['id']} has no help")
    bases = top["originalUriBaseIds"]
    for f, r in zip(run.all, top["results"]):
        same("sarif", "ruleId", (r["ruleId"], rules[r["ruleIndex"]]["id"]), (f["code"], f["code"]))
        same("sarif", "level", r["level"], f["level"])
        same("sarif", "fingerprint", r["partialFingerprints"], {"sshkeep/v1": f["fingerprint"]})
        sarif_suppressed(f, r, any(x["suppressed"] for x in run.all))
        same("sarif", "number of places", len(r["locations"]), int(f["file"] is not None))
        if re.search(r"(?<!\\)\]\(", r["message"]["text"]):
            fault("sarif", "file text makes a link")
        for place in r["locations"]:
            at = place["physicalLocation"]["artifactLocation"]
            same("sarif", "path", sarif_path(at), run.path(f))
            same("sarif", "artifact", top["artifacts"][at["index"]]["location"]["uri"], at["uri"])
            if "uriBaseId" in at and at["uriBaseId"] not in bases:
                fault("sarif", f"unknown base {at['uriBaseId']}")
            sarif_region(run, f, place["physicalLocation"]["region"])
    told = top["invocations"][0]
    same("sarif", "exitCode", told["exitCode"], run.json["exit"])
    same("sarif", "executionSuccessful", told["executionSuccessful"], run.n_failed == 0)
    errors = [n for n in told["toolExecutionNotifications"] if n["level"] == "error"]
    same("sarif", "inputs not read", len(errors), run.n_failed)


def github(run, text, _path):
    levels = {"error": "error", "warning": "warning", "notice": "note"}
    found = [runner.command(line) for line in text.splitlines()]
    same("github", "number of lines", len(found), len(run.told) + run.n_failed)
    for f, c in zip(run.told, found):
        if c is None or c[1] is None:
            fault("github", "a line is no command")
            continue
        name, prop, data = c
        same("github", "level", levels.get(name), f["level"])
        same("github", "title", prop.pop("title"), f"{f['code']} {f['name']}")
        same("github", "path", prop.pop("file", None), None if f["file"] is None else show_in_log(run.path(f)))
        if f["line"] is not None:
            same("github", "line", (prop.pop("line"), prop.pop("endLine")), (str(f["line"]),) * 2)
            if run.lint and len(run.line(f)) <= 4096 and f["end_column"] > f["column"]:
                want = tuple(str(n) for n in columns(run, f, units))
                same("github", "columns", (prop.pop("col"), prop.pop("endColumn")), want)
            else:
                prop.pop("col", None), prop.pop("endColumn", None)
        same("github", "other properties", prop, {})
        if not data:
            fault("github", "no message")


def gitlab(run, text, _path):
    doc = json.loads(text)
    check_schema("gitlab", doc, f"{OWN}/gitlab-code-quality.json")
    same("gitlab", "number of issues", len(doc), len(run.told) + run.n_failed)
    prints = [i["fingerprint"] for i in doc]
    same("gitlab", "fingerprints that differ", len(set(prints)), len(prints))
    for f, i in zip(run.told, doc):
        same("gitlab", "fingerprint", i["fingerprint"], f["fingerprint"])
        same("gitlab", "path", i["location"]["path"], f["file"] or ".")
        same("gitlab", "line", i["location"]["lines"]["begin"], f["line"] or 1)
        same("gitlab", "severity", i["severity"], {"error": "major", "warning": "minor", "note": "info"}[f["level"]])


def by_file(run):
    """Findings as the XML reports group them: name shown there -> findings in order."""
    groups = {}
    for f in run.told:
        name = "." if f["file"] is None else show(run.path(f), "\t\n\r")
        name = re.sub("[\ufffe\uffff]", lambda m: f"\\u{{{ord(m[0]):X}}}", name)
        groups.setdefault(name, []).append(f)
    return groups


def junit(run, text, path):
    check_xml("junit", path, f"{SCHEMAS}/junit-jenkins.xsd", f"{SCHEMAS}/junit-ant.xsd")
    suites = ET.fromstring(text)
    want = by_file(run)
    got = {s.get("name"): s for s in suites}
    failed = [s for s in suites if s.get("errors") != "0"]
    same("junit", "inputs not read", len(failed), run.n_failed)
    if not run.told and run.n_failed == 0:
        same("junit", "suites of a clean run", [(s, got[s].get("tests")) for s in got], [("sshkeep", "1")])
        return
    same("junit", "suites", {s for s in got if got[s] not in failed}, set(want))
    order = ["note", "warning", "error"]
    for name, group in want.items():
        bad = {f["code"] for f in group if order.index(f["level"]) >= order.index(got[name][0][0].get("value"))}
        same("junit", "failures of " + name, got[name].get("failures"), str(len(bad)))
        same("junit", "tests of " + name, got[name].get("tests"), str(len({f["code"] for f in group})))
        same("junit", "failed cases", {c.get("name")[:5] for c in got[name].iter("testcase") if len(c)}, bad)
        same("junit", "count", len(list(got[name].iter("testcase"))), int(got[name].get("tests")))


def checkstyle(run, text, path):
    check_xml("checkstyle", path, f"{OWN}/checkstyle.xsd")
    got = [(f.get("name"), e) for f in ET.fromstring(text) for e in f]
    want = [(n, f) for n, g in by_file(run).items() for f in g]
    same("checkstyle", "number of errors", len(got), len(want) + run.n_failed)
    got = [g for g in got if g[1].get("source") != "sshkeep.input"]

    def key(n, line, code):
        return n, line, code

    want = sorted(want, key=lambda x: key(x[0], x[1]["line"] or 0, x[1]["code"]))
    got = sorted(got, key=lambda x: key(x[0], int(x[1].get("line")), x[1].get("source")[8:]))
    for (name, f), (file, e) in zip(want, got):
        same("checkstyle", "path", file, name)
        same("checkstyle", "line", int(e.get("line")), f["line"] or 0)
        same("checkstyle", "source", e.get("source"), "sshkeep." + f["code"])
        level = {"error": "error", "warning": "warning", "note": "info"}
        same("checkstyle", "severity", e.get("severity"), level[f["level"]])
        if f["line"] is not None and run.lint and len(run.line(f)) <= 4096:
            columns_of = {columns(run, x, points)[0] for n, x in want if n == name and x["line"] == f["line"]}
            same("checkstyle", "column", int(e.get("column")) in columns_of, True)


def rdjson(run, text, _path):
    doc = json.loads(text)
    check_schema("rdjson", doc, f"{SCHEMAS}/rdjson.json")
    same("rdjson", "number of diagnostics", len(doc["diagnostics"]), len(run.told) + run.n_failed)
    for f, d in zip(run.told, doc["diagnostics"]):
        same("rdjson", "code", d["code"]["value"], f["code"])
        same("rdjson", "path", d["location"]["path"], f["file"] or ".")
        place = d["location"].get("range")
        if f["line"] is None:
            same("rdjson", "range", place, None)
        elif f["column"] > 0:
            same("rdjson", "start", place["start"], {"line": f["line"], "column": f["column"]})
            same("rdjson", "end", place["end"], {"line": f["end_line"], "column": f["end_column"]})


def gcc(run, text, _path):
    lines = text.splitlines()
    same("gcc", "number of lines", len(lines), len(run.told) + run.n_failed)
    for f, line in zip(run.told, lines):
        place = "" if f["line"] is None else f":{f['line']}" + (f":{f['column']}" if f["column"] else "")
        if not re.fullmatch(rf".*{place}: {f['level']}: .*\[{f['code']}\]", line):
            fault("gcc", f"odd line: {line[:200]}")


def html(run, text, path):
    check_xml("html", path)
    if re.search(r"<script|<link|<img|\bsrc=|\bhref=|@import|url\(|\son\w+=", text, re.I):
        fault("html", "is not a page by itself")
    same("html", "articles", text.count("<article "), len(run.told) + run.n_failed)


CHECKS = {"sarif": sarif, "github": github, "gitlab": gitlab, "junit": junit, "checkstyle": checkstyle,
          "rdjson": rdjson, "gcc": gcc, "html": html}


def main():
    folder, tree = sys.argv[1:3]
    run = Run(folder, tree)
    for name in sys.argv[3:] or ["text", "json", *CHECKS]:
        path = os.path.join(folder, name)
        with open(path, "rb") as f:
            text = check_bytes(name, f.read())
        if name != "github":
            check_log(name, text)
        if name == "json":
            check_schema("json", run.json, f"{OWN}/sshkeep-1.json")
        if name in CHECKS:
            CHECKS[name](run, text, path)
    for line in faults[:40]:
        print(line)
    return 1 if faults else 0


sys.exit(main())
