# SPDX-License-Identifier: MIT
"""The files for CI services against the services' published schemas:  ci.py SCHEMAS ROOT

Each must also refuse the file with one fault put in: a schema that takes everything proves nothing.
"""
import copy
import json
import re
import sys
import warnings

import jsonschema
import yaml

warnings.simplefilter("ignore", DeprecationWarning)


class Loader(yaml.SafeLoader):
    """Of YAML 1.2, as the services have it: the key `on` is no truth value."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, rx) for tag, rx in known if tag != "tag:yaml.org,2002:bool"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def workflow(root):
    with open(root + "/README.md", encoding="utf-8") as f:
        blocks = re.findall(r"^```yaml\n(# \.github/workflows/.*?)^```$", f.read(), re.M | re.S)
    assert len(blocks) == 1, "README.md has one workflow"
    return blocks[0]


def whole(name):
    def get(root):
        with open(f"{root}/{name}", encoding="utf-8") as f:
            return f.read()

    return get


def step_without_shell(d):
    del d["runs"]["steps"][0]["shell"]


def output_without_value(d):
    del d["outputs"]["exit"]["value"]


def no_description(d):
    del d["description"]


def key_misspelt(d):
    d["input"] = d.pop("inputs")


def job_key_misspelt(d):
    d["sshkeep"]["scripts"] = d["sshkeep"].pop("script")


def report_misspelt(d):
    reports = d["sshkeep"]["artifacts"]["reports"]
    reports["code_quality"] = reports.pop("codequality")


def when_misspelt(d):
    d["sshkeep"]["artifacts"]["when"] = "allways"


def image_misspelt(d):
    d["sshkeep"]["image"]["entry_point"] = d["sshkeep"]["image"].pop("entrypoint")


def runner_misspelt(d):
    d["jobs"]["sshkeep"]["runs_on"] = d["jobs"]["sshkeep"].pop("runs-on")


def permission_misspelt(d):
    d["permissions"]["security_events"] = d["permissions"].pop("security-events")


def event_misspelt(d):
    d["on"] = ["pull_requests"]


FILES = [
    ("action.yml", whole("action.yml"), "github-action.json",
     [step_without_shell, output_without_value, no_description, key_misspelt]),
    ("ci/gitlab.yml", whole("ci/gitlab.yml"), "gitlab-ci.json",
     [job_key_misspelt, report_misspelt, when_misspelt, image_misspelt]),
    ("README.md", workflow, "github-workflow.json", [runner_misspelt, permission_misspelt, event_misspelt]),
]


def main():
    schemas, root = sys.argv[1:]
    failed = False
    for name, get, schema, faults in FILES:
        with open(f"{schemas}/{schema}", encoding="utf-8") as f:
            check = jsonschema.Draft7Validator(json.load(f))
        document = yaml.load(get(root), Loader)
        errors = list(check.iter_errors(document))
        for error in errors:
            print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
        failed |= bool(errors)
        for fault in faults if not errors else []:
            broken = copy.deepcopy(document)
            fault(broken)
            if check.is_valid(broken):
                print(f"{name}: {schema} takes {fault.__name__}")
                failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
