# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Inputs of the fuzz targets that are made of other fixtures, so that they need not be kept twice.

# fuzz_seeds FOLDER: FOLDER/client and FOLDER/server get one file for each case of fixtures/openssh-cases, the config
# and its other files with a byte 0x1e between them (tests/fuzz/fuzz.h); FOLDER/rule gets the sections and
# conditions of the rule files.
fuzz_seeds() {
	local case name side file
	mkdir -p "$1/client" "$1/server" "$1/rule"
	for case in fixtures/openssh-cases/[cs]-*/; do
		name=$(basename "$case")
		side=client
		[ "${name:0:1}" = c ] || side=server
		cp "$case/config" "$1/$side/$name"
		[ -d "$case/files" ] || continue
		while IFS= read -r file; do
			printf '\036'
			cat "$file"
		done < <(find "$case/files" -type f | LC_ALL=C sort) >>"$1/$side/$name"
	done
	# A section of a rule file each, and a condition each.
	awk -v dir="$1/rule/" '
	/^\[/ { close(out); out = dir "section-" ++n }
	out != "" { print > out }
	/^(when|note_if|warning_if) *=/ { text = $0; sub(/^[a-z_]+ *= */, "", text); printf "%s", text > (dir "when-" ++m); close(dir "when-" m) }
	' rules/*.ini
}
