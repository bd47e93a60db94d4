#!/bin/sh
# SPDX-License-Identifier: MIT
# Print a C file that holds the bytes of the files named as arguments (see src/cmd/embedded.h).
set -eu
export LC_ALL=C
echo '/* Made by tools/embed.sh; do not edit. */'
echo '#include "cmd/embedded.h"'
i=0
for f in "$@"; do
	echo "static const unsigned char file_${i}[] = {"
	od -An -v -tu1 "$f" | sed -e 's/[0-9][0-9]*/&,/g'
	echo '0 };'
	i=$((i + 1))
done
echo 'const struct embedded embedded_files[] = {'
i=0
for f in "$@"; do
	echo "	{ \"${f##*/}\", file_$i, sizeof(file_$i) - 1 },"
	i=$((i + 1))
done
echo '	{ 0, 0, 0 },'
echo '};'
