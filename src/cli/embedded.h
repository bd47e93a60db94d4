/* SPDX-License-Identifier: MIT */
/* The files of rules/, read when the program was built; the tables are made by the Makefile with tools/embed.c. */
#ifndef CLI_EMBEDDED_H
#define CLI_EMBEDDED_H

#include "base/ini_pack.h"

extern const struct ini_pack embedded_files[]; /* in byte order of the names, ended by file NULL */

#endif
