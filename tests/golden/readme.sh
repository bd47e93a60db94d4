#!/bin/bash
# SPDX-License-Identifier: MIT
# The README shows what the program prints.
cd "$(dirname "$0")/../.." || exit 2
if tools/readme.sh check; then
	echo "1 passed, 0 failed, 0 skipped"
else
	echo "FAILED README.md is not what the program prints (tools/readme.sh update)"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
