/* SPDX-License-Identifier: MIT */
/* Files that the command line names: by way of open folders. */
#include "lint/given.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit/fs.h"

static enum sk_code
not_read(const char *option, struct str file, struct err *e)
{
	return named_say(e, errno == ENOENT ? SK_ENOENT : SK_EREAD, option, file);
}

enum sk_code
lint_read_given(const struct lint *l, const char *option, struct str file, bool no_link, struct str *ret, struct err *e)
{
	struct named at;
	enum sk_code code = SK_OK;
	struct stat st;
	int fd;

	if (!named_open(l->s.arena, file, &l->o->arg, &at))
		return not_read(option, file, e);
	at.in_tree |= no_link;
	/* a device may do something when it is opened */
	if (fstatat(at.dir, at.name, &st, at.in_tree ? AT_SYMLINK_NOFOLLOW : 0) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISLNK(st.st_mode)) {
		named_close(&at);
		return err_set(e, SK_EREAD, "%s %.*s: is no regular file", option, STR_ARG(file));
	}
	fd = named_fd(&at, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	named_close(&at);
	if (fd < 0)
		return not_read(option, file, e);
	if (fstat(fd, &st) != 0)
		code = not_read(option, file, e);
	else if (!S_ISREG(st.st_mode))
		code = err_set(e, SK_EREAD, "%s %.*s: is no regular file", option, STR_ARG(file));
	else if (st.st_size > FS_MAX_BYTES)
		code = err_set(e, SK_EREAD, "%s %.*s: is larger than 64 MiB", option, STR_ARG(file));
	else if (!fs_read_all(&fs_real, l->s.arena, fd, ret))
		code = not_read(option, file, e);
	close(fd);
	return code;
}
