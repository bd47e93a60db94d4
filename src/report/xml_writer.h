/* SPDX-License-Identifier: MIT */
/*
 * Streaming XML writer.  Output is always well-formed XML 1.0 in UTF-8 without a single control byte but line feeds:
 * what is markup becomes an entity, so that no ]]> can arise; TAB, CR, line feeds of attributes and code points that
 * hide or reorder text become character references; what XML 1.0 cannot hold at all (other controls, bytes that are not
 * UTF-8, U+FFFE, U+FFFF) is shown as \xHH and \u{HEX}.  Source: XML 1.0 (fifth edition) 2.2, 2.4, 3.3.3.
 */
#ifndef REPORT_XML_WRITER_H
#define REPORT_XML_WRITER_H

#include <stdbool.h>

#include "base/buf.h"

enum { XML_DEPTH_MAX = 16 };

struct xml {
	struct buf *b;
	const char *open[XML_DEPTH_MAX]; /* names of the open elements */
	unsigned depth;
	bool in_tag; /* attributes can follow */
	bool empty;  /* the tag that they belong to is that of an element without content */
	bool filled; /* the open element has text: no line is broken in it */
};

void xml_open(struct xml *x, const char *name);
/* An element of HTML that has no content, with the attributes that follow. */
void xml_void(struct xml *x, const char *name);
void xml_attr(struct xml *x, const char *name, struct str value);
void xml_attrf(struct xml *x, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void xml_text(struct xml *x, struct str text);
void xml_close(struct xml *x); /* at the root also a line feed */

#endif
