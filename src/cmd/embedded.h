/* SPDX-License-Identifier: MIT */
/* The files of rules/, built into the program; the table is made by the Makefile. */
#ifndef CMD_EMBEDDED_H
#define CMD_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char *name; /* base name: "client.ini" */
	const unsigned char *p;
	size_t n;
};
extern const struct embedded embedded_files[]; /* in byte order of the names, ended by name NULL */

#endif
