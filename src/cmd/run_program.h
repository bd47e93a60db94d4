/* SPDX-License-Identifier: MIT */
/* Running a fixed program with fixed words; only `fix --reload` does. Nothing from a config is ever run. */
#ifndef CMD_RUN_PROGRAM_H
#define CMD_RUN_PROGRAM_H

#include <stdbool.h>

/* True when argv[0] (looked up in PATH) ran and exited 0.  Its output goes to standard error. */
bool run_program(const char *const *argv);

#endif
