# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Inputs of the fuzz targets that are made of other fixtures, so that they need not be kept twice.

# fuzz_seeds FOLDER: FOLDER/client and FOLDER/server get one file for each case of fixtures/openssh-cases, the config
# and its other files with a byte 0x1e between them (tests/fuzz/fuzz.h); FOLDER/rule gets the rule files.
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
	cp rules/*.ini "$1/rule/"
}
