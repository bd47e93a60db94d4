/* SPDX-License-Identifier: MIT */
/*
 * Streaming JSON writer.  Keys are NULL inside an array and at the root.  Output is always valid UTF-8: bytes
 * of the input that are not become the four characters \xHH (contract 2.2).
 */
#ifndef REPORT_JSON_WRITER_H
#define REPORT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"

struct json {
	struct buf *b;
	unsigned depth;
	bool filled; /* the open object or array has a member already */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);		       /* '}' or ']'; at the root also a line feed */
void json_str(struct json *j, const char *key, struct str s);
void json_strz(struct json *j, const char *key, const char *z);	      /* NULL: null */
void json_str_or_null(struct json *j, const char *key, struct str s); /* empty: null */
void json_key_str(struct json *j, struct str key, struct str s);      /* a key that is file text */
void json_int(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key, struct str reason); /* null, and KEY_reason unless reason is empty */
/* Whole number, "never", or null with KEY_reason. */
void json_qty(struct json *j, const char *key, struct qty v);
/* The same with two decimals. */
void json_ratio(struct json *j, const char *key, struct qty v);

#endif
