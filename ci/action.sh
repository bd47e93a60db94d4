#!/bin/bash
# SPDX-License-Identifier: MIT
# The lint of action.yml.  Inputs come in variables, never in the text of a script, and are split at line ends: INPUT_PATH
# and INPUT_ARGS hold one argument a line.  SSHKEEP: the program.  Writes exit and sarif to GITHUB_OUTPUT.
set -uo pipefail
: "${SSHKEEP:?}" "${GITHUB_OUTPUT:?}"
args=() paths=()
while IFS= read -r line; do
	[ -z "$line" ] || args+=("$line")
done <<<"${INPUT_ARGS:-}"
while IFS= read -r line; do
	[ -z "$line" ] || paths+=("$line")
done <<<"${INPUT_PATH:-.}"
cd -- "${GITHUB_WORKSPACE:?}" || exit 2
case ${INPUT_SARIF:-} in
'') ;;
*$'\n'*) echo "sshkeep: the name of the SARIF file has more than one line" >&2; exit 3 ;;
*) args+=(--output "sarif=$INPUT_SARIF") ;;
esac
"$SSHKEEP" lint --format github "${args[@]}" -- "${paths[@]}"
rc=$?
{
	echo "exit=$rc"
	# without a run there is no report, and a file of that name would be the tree's own
	[ -z "${INPUT_SARIF:-}" ] || [ "$rc" -ge 3 ] || echo "sarif=$INPUT_SARIF"
} >>"$GITHUB_OUTPUT"
exit $rc
