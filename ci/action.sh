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
cd -P -- "${GITHUB_WORKSPACE:?}" || exit 2
# A name in the workspace stays in it, whatever links the pull request holds: the program follows none there, and what
# stood under the name is not taken for a report.
refuse() {
	echo "sshkeep: the SARIF file $1" >&2
	exit 3
}
case ${INPUT_SARIF:-} in
'') ;;
*$'\n'*) refuse 'has a name of more than one line' ;;
*)
	folder=$(cd -P -- "$(dirname -- "$INPUT_SARIF")" 2>/dev/null && pwd -P) || refuse 'has no folder to be put in'
	case $INPUT_SARIF in
	/*) ;; # such as $RUNNER_TEMP: the workflow's own
	*)
		case $folder/ in
		"${PWD%/}"/*) ;;
		*) refuse 'would be written outside the workspace' ;;
		esac
		;;
	esac
	[ ! -L "$INPUT_SARIF" ] || refuse 'is a link'
	# what is there behind the run is then the run's own: a folder would be uploaded with all that the tree has in it
	[ ! -e "$INPUT_SARIF" ] || [ -f "$INPUT_SARIF" ] || refuse 'is there already, and is no file'
	rm -f -- "$INPUT_SARIF" || refuse 'cannot be replaced'
	args+=(--output "sarif=$INPUT_SARIF")
	;;
esac
"$SSHKEEP" lint --format github "${args[@]}" -- "${paths[@]}"
rc=$?
{
	echo "exit=$rc"
	# a report that could not be written is none
	[ -z "${INPUT_SARIF:-}" ] || [ "$rc" -ge 3 ] || [ -L "$INPUT_SARIF" ] || [ ! -f "$INPUT_SARIF" ] ||
	    echo "sarif=$INPUT_SARIF"
} >>"$GITHUB_OUTPUT"
exit $rc
