/* SPDX-License-Identifier: MIT */
/* One line a finding, as gcc writes them and editors read them.  Source: GNU coding standards, "Errors". */
#include "report/formats.h"
#include "report/say.h"

static void
line(const struct finding *f, struct buf *out)
{
	if (f->file.n > 0)
		buf_add_escaped(out, f->file);
	else
		buf_addc(out, "sshkeep");
	if (f->at.line != 0)
		buf_addf(out, ":%u", f->at.line);
	if (f->at.line != 0 && f->at.col != 0)
		buf_addf(out, ":%u", f->at.col);
	buf_addf(out, ": %s: ", level_name(f->level));
	say_text(f->message, out);
	buf_addc(out, " [");
	buf_add_escaped(out, f->code);
	buf_addc(out, "]\n");
}

void
report_gcc(const struct report *r, struct buf *out)
{
	told_each(r, line, out);
}
