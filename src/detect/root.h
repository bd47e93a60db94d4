/* SPDX-License-Identifier: MIT */
/*
 * Opening below one root directory.  Paths are absolute as seen inside the root; every component is opened by
 * itself, ".." stops at the root and symbolic links, absolute ones too, are resolved inside it.  Only regular
 * files are ever opened for reading: FIFOs, devices and sockets are looked at through O_PATH alone.  The root of
 * the running system needs no such walk: there a path means what the kernel says, and stat(2) looks first.
 */
#ifndef DETECT_ROOT_H
#define DETECT_ROOT_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct root {
	int fd;	     /* O_PATH; -1: not open, everything below is SK_EREAD */
	bool direct; /* "/" itself: paths are opened as they stand, fd is not used */
};

enum { ROOT_TEXT_MAX = 1024 * 1024, ROOT_LIST_MAX = 4096 };

SK_CHECK enum sk_code root_open(struct root *r, const char *dir, struct err *e);
void root_close(struct root *r);

/*
 * Read a whole regular file of at most max bytes.  ret is caller's and stays empty on failure.  SK_ENOENT:
 * no such file; SK_ETOOBIG; SK_EREAD.  e->msg is the reason alone ("permission denied"), without the path.
 */
SK_CHECK enum sk_code root_read(const struct root *r, const char *path, size_t max, struct buf *ret, struct err *e);
/* The same, but of a longer file the first max bytes. */
SK_CHECK enum sk_code root_read_head(
    const struct root *r, const char *path, size_t max, struct buf *ret, struct err *e);
/* Open a regular file to read parts of it; *ret_fd is the caller's to close.  Fails as root_read(). */
SK_CHECK enum sk_code root_fd(const struct root *r, const char *path, int *ret_fd, struct err *e);
/*
 * Names in a directory without "." and "..", in byte order, in a.  More than ROOT_LIST_MAX is SK_ETOOBIG.
 */
SK_CHECK enum sk_code root_list(
    const struct root *r, const char *path, struct arena *a, struct str **ret, size_t *ret_n, struct err *e);
/*
 * The same, of the names that keep wants; all of them count for the bound.  kind is what the directory says of the
 * entry itself, a link not followed: ROOT_UNKNOWN where the file system does not tell.
 */
enum root_kind { ROOT_UNKNOWN, ROOT_DIR, ROOT_SOCK, ROOT_OTHER };
typedef bool root_keep(void *ctx, struct str name, enum root_kind kind);
SK_CHECK enum sk_code root_list_if(const struct root *r, const char *path, root_keep *keep, void *ctx, struct arena *a,
    struct str **ret, size_t *ret_n, struct err *e);
/* stat(2) and, with follow false, lstat(2). */
SK_CHECK enum sk_code root_stat(const struct root *r, const char *path, bool follow, struct stat *ret, struct err *e);
bool root_exists(const struct root *r, const char *path);

#endif
