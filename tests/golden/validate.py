# SPDX-License-Identifier: MIT
"""Check JSON files against a schema: validate.py SCHEMA FILE ...; one line per fault, exit 1 when there is any."""
import json
import os
import sys

import jsonschema


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    bad = 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            doc = json.load(f)
        for fault in validator.iter_errors(doc):
            where = "/".join(str(p) for p in fault.absolute_path)
            print(f"-{os.path.basename(path)}: {where}: {fault.message[:200]}")
            bad += 1
    return 1 if bad else 0


sys.exit(main())
