/* SPDX-License-Identifier: MIT */
/*
 * INI files through libinih; the only module that includes ini.h.  Serves rules, networks, policies, settings
 * and state.  The reader is ours (house limits of libinih 55): it counts lines, and refuses a line of more
 * than 198 bytes, a control byte, a byte order mark, text in front of the first section, and a repeated section name.
 * Indented lines continue the value above (joined with a line feed); ` ;` starts a comment, ` #` does not.
 */
#ifndef BASE_INI_H
#define BASE_INI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ini_entry {
	struct str key, value; /* value trimmed; continuation lines joined by LF */
	unsigned line;	       /* of the key, 1-based */
};

struct ini_section {
	struct str name;
	unsigned line;
	struct ini_entry *entry;
	size_t n;
};

struct ini {
	struct str file; /* as given, for messages */
	struct ini_section *section;
	size_t n;
};

/*
 * Parse text.  Everything in *ret lives in a; file is borrowed for messages.  Fails with SK_ERULE and
 * "FILE:LINE: reason" (a repeated key in a section is refused, too).
 */
SK_CHECK enum sk_code ini_read(struct arena *a, struct str file, struct str text, struct ini *ret, struct err *e);
/* The entry named key (exact case), or NULL. */
const struct ini_entry *ini_get(const struct ini_section *s, const char *key);

#endif
