/* SPDX-License-Identifier: MIT */
/* The table of real system calls, the loops around them that every caller needs, and what an errno means. */

#define _GNU_SOURCE /* syscall */

#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "edit/fs.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, LIST_BYTES_MAX = 65536, VALUE_BYTES_MAX = 65536 }; /* xattr(7) limits */
enum { LOCK_TRIES = 60, LOCK_PAUSE_MS = 50 };

static int
real_openat(int dir, const char *name, int flags, mode_t mode)
{
	return openat(dir, name, flags, mode);
}

/* Hashes and signatures over the content (ima_evm): the kernel writes its own, an old one would be wrong. */
static bool
is_kernels_own(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

static bool
list_has(const char *list, ssize_t n, const char *name)
{
	for (const char *p = list; p < list + n; p += strlen(p) + 1)
		if (strcmp(p, name) == 0)
			return true;
	return false;
}

static int
copy_one(int from, int to, const char *name, char *value, char *have)
{
	ssize_t n = fgetxattr(from, name, value, VALUE_BYTES_MAX), m;

	if (n < 0)
		return -1;
	m = fgetxattr(to, name, have, VALUE_BYTES_MAX);
	/* A label that is right already needs no privilege to be set. */
	if (m == n && memcmp(value, have, (size_t)n) == 0)
		return 0;
	return fsetxattr(to, name, value, (size_t)n, 0);
}

/*
 * The flags that chattr(1) sets and a new file has not: ioctl_iflags(2).  Immutable and append-only files never come
 * here, and what the kernel sets itself (extents, inline data, encryption ...) is left to it.  A flag that cannot be
 * given to a file with bytes in it is refused, not lost.
 */
static int
copy_flags(int from, int to)
{
	const int mine = FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_NODUMP_FL | FS_NOATIME_FL |
	    FS_NOCOMP_FL | FS_JOURNAL_DATA_FL | FS_NOTAIL_FL | FS_NOCOW_FL;
	int want = 0, have = 0, now = 0;

	/* a file system without flags; then neither has any */
	if (ioctl(from, FS_IOC_GETFLAGS, &want) != 0 || (ioctl(to, FS_IOC_GETFLAGS, &have) != 0 && want == 0))
		return 0;
	if (((want ^ have) & mine) == 0)
		return 0;
	now = (have & ~mine) | (want & mine);
	if (ioctl(to, FS_IOC_SETFLAGS, &now) != 0 || ioctl(to, FS_IOC_GETFLAGS, &have) != 0)
		return -1;
	if (((want ^ have) & mine) == 0)
		return 0;
	errno = ENOTSUP;
	return -1;
}

/*
 * An ACL is the extended attribute system.posix_acl_access, and the SELinux label is security.selinux (acl(5),
 * xattr(7)), so one loop over all attributes copies both, without asking three libraries.  What the new file
 * inherited from its folder's default ACL and the old one does not have is removed.
 */
static int
real_copy_attrs(int from, int to)
{
	char *list = mem_alloc(LIST_BYTES_MAX), *own = mem_alloc(LIST_BYTES_MAX);
	char *value = mem_alloc(VALUE_BYTES_MAX), *have = mem_alloc(VALUE_BYTES_MAX);
	ssize_t n = flistxattr(from, list, LIST_BYTES_MAX), m = flistxattr(to, own, LIST_BYTES_MAX);
	int rc = 0, keep;

	if (n < 0 && errno == ENOTSUP)
		n = 0;
	if (m < 0)
		m = 0;
	if (n < 0)
		rc = -1;
	for (const char *p = list; rc == 0 && p < list + n; p += strlen(p) + 1)
		if (!is_kernels_own(p))
			rc = copy_one(from, to, p, value, have);
	for (const char *p = own; rc == 0 && p < own + m; p += strlen(p) + 1)
		if (strncmp(p, "security.", 9) != 0 && !list_has(list, n, p))
			rc = fremovexattr(to, p);
	if (rc == 0)
		rc = copy_flags(from, to);
	keep = errno;
	free(list);
	free(own);
	free(value);
	free(have);
	errno = keep;
	return rc;
}

static int
real_list(int dir, void (*fn)(void *ctx, const char *name), void *ctx)
{
	/* a descriptor of its own: closedir() takes it, and readdir() moves its place */
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), keep;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *ent;

	if (d == NULL) {
		keep = errno;
		if (fd >= 0)
			close(fd);
		errno = keep;
		return -1;
	}
	for (errno = 0; (ent = readdir(d)) != NULL; errno = 0)
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			fn(ctx, ent->d_name);
	keep = errno;
	closedir(d);
	errno = keep;
	return keep == 0 ? 0 : -1;
}

static int
rename_flags(int dir, const char *from, const char *to, unsigned flags)
{
#ifdef SYS_renameat2
	return (int)syscall(SYS_renameat2, dir, from, dir, to, flags);
#else
	(void)dir;
	(void)from;
	(void)to;
	(void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

static int
real_rename_new(int dir, const char *from, const char *to)
{
	return rename_flags(dir, from, to, RENAME_NOREPLACE);
}

static int
real_exchange(int dir, const char *one, const char *other)
{
	return rename_flags(dir, one, other, RENAME_EXCHANGE);
}

const struct fs_ops fs_real = {
	.openat = real_openat,
	.read = read,
	.write = write,
	.close = close,
	.fsync = fsync,
	.fstat = fstat,
	.fstatat = fstatat,
	.readlinkat = readlinkat,
	.fchown = fchown,
	.fchmod = fchmod,
	.renameat = renameat,
	.rename_new = real_rename_new,
	.exchange = real_exchange,
	.unlinkat = unlinkat,
	.mkdirat = mkdirat,
	.flock = flock,
	.ftruncate = ftruncate,
	.copy_attrs = real_copy_attrs,
	.getcwd = getcwd,
	.list = real_list,
};

bool
fs_read_all(const struct fs_ops *fs, struct arena *a, int fd, struct str *ret)
{
	struct buf b = { .max = FILE_BYTES_MAX };
	char part[8192];
	ssize_t n;

	for (;;) {
		n = fs->read(fd, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(&b, (struct str){ part, (size_t)n });
	}
	if (n == 0 && b.toobig) {
		errno = EFBIG;
		n = -1;
	}
	if (n == 0)
		*ret = arena_str(a, buf_str(&b));
	buf_release(&b);
	return n == 0;
}

bool
fs_write_all(const struct fs_ops *fs, int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = fs->write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			return false;
		}
		s = str_from(s, (size_t)n);
	}
	return true;
}

bool
fs_put(const struct fs_ops *fs, int dir, const char *name, mode_t mode, struct str text)
{
	struct arena a = { 0 };
	const char *temp = arena_printf(&a, ".%s.%ld", name, (long)getpid()).p;
	int fd, why;
	bool ok;

	/* what a crash left: in a container each run may have the same pid */
	(void)fs->unlinkat(dir, temp, 0);
	fd = fs->openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	ok = fd >= 0 && fs_write_all(fs, fd, text) && fs->fsync(fd) == 0 && fs->renameat(dir, temp, dir, name) == 0 &&
	    fs_sync_dir(fs, dir);

	why = errno;
	if (!ok && fd >= 0)
		(void)fs->unlinkat(dir, temp, 0);
	if (fd >= 0)
		(void)fs->close(fd);
	arena_release(&a);
	errno = why;
	return ok;
}

int
fs_rename_new(const struct fs_ops *fs, int dir, const char *from, const char *to)
{
	int rc = fs->rename_new(dir, from, to);
	struct stat st;

	if (rc == 0 || (errno != EINVAL && errno != ENOSYS))
		return rc;
	if (fs->fstatat(dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? fs->renameat(dir, from, dir, to) : -1;
}

bool
fs_sync_dir(const struct fs_ops *fs, int fd)
{
	return fs->fsync(fd) == 0 || errno == EINVAL; /* fsync(2): the file system has nothing to synchronise */
}

bool
fs_lock(const struct fs_ops *fs, int fd)
{
	static const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000L };

	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (fs->flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return false;
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

bool
fs_hold_signals(sigset_t *ret_was)
{
	static const int held[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		(void)sigaddset(&set, held[i]);
	return sigprocmask(SIG_BLOCK, &set, ret_was) == 0;
}

struct str
fs_dir(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	while (n > 1 && path.p[n - 1] == '/')
		n--;
	return n > 0 ? str_head(path, n) : STR(".");
}

enum sk_code
fs_say(struct err *e, struct str path, int n, const char *what)
{
	struct buf b = { 0 };
	enum sk_code code =
	    n == EPERM || n == EROFS || n == EBUSY || n == EXDEV || n == EACCES ? SK_EREFUSED : SK_EWRITE;

	buf_add_escaped(&b, path);
	if (n == EBUSY || n == EXDEV)
		code = err_sys(e, code, n, "%.*s is a mount point and cannot be replaced; --in-place writes into it",
		    STR_ARG(buf_str(&b)));
	else if (n == EPERM)
		code = err_sys(
		    e, code, n, "%.*s: %s (immutable or append-only? lsattr shows it)", STR_ARG(buf_str(&b)), what);
	else
		code = err_sys(e, code, n, "%.*s: %s", STR_ARG(buf_str(&b)), what);
	buf_release(&b);
	return code;
}

enum sk_code
fs_say_plain(struct err *e, enum sk_code code, struct str path, const char *what)
{
	struct buf b = { 0 };

	buf_add_escaped(&b, path);
	code = err_set(e, code, "%.*s: %s", STR_ARG(buf_str(&b)), what);
	buf_release(&b);
	return code;
}
