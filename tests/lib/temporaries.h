/* SPDX-License-Identifier: MIT */
/* How many temporaries of the writer a folder holds: they are the only names with this start. */
#ifndef TESTS_TEMPORARIES_H
#define TESTS_TEMPORARIES_H

#include <dirent.h>
#include <string.h>

static inline unsigned
temporaries(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	unsigned n = 0;

	while (d != NULL && (ent = readdir(d)) != NULL)
		n += strncmp(ent->d_name, ".sshkeep-", 9) == 0;
	if (d != NULL)
		closedir(d);
	return n;
}

#endif
