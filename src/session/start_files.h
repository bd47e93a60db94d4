/* SPDX-License-Identifier: MIT */
/*
 * Where start files are looked for on a machine: a fixed list of folders and files, none of them searched in depth,
 * and the scripts that units and crontabs name.  Only regular files are opened, nothing is run.
 */
#ifndef SESSION_START_FILES_H
#define SESSION_START_FILES_H

#include "session/session.h"
#include "start/start.h"

/* All command lines found; what could not be read becomes a note of s. */
void start_files(struct session *s, struct starts *out);

#endif
