/* SPDX-License-Identifier: MIT */
/* Inside fix/prove_*.c only: one configuration, as it is and as the plan leaves it, put to ssh or sshd row by row. */
#ifndef FIX_PROVE_PARTS_H
#define FIX_PROVE_PARTS_H

#include "fix/prove_real.h"
#include "sys/run_program.h"

enum { PROOF_OLD, PROOF_NEW, PROOF_TEXTS };

struct proof {
	struct session *s;
	const struct fix_end *f;
	struct arena *a;
	struct conf *conf[PROOF_TEXTS];
	struct str dir[PROOF_TEXTS];   /* folders of the copies */
	const char *file[PROOF_TEXTS]; /* what -F or -f names */
	const char *tmp;	       /* the private folder around them */
	const char *program;	       /* its path */
	const char *command;	       /* how it is called in messages: "ssh -G" */
	const char *const *env;	       /* variables that the files name */
	const uint16_t *kw;	       /* keywords that the plan changes */
	size_t n_kw;
	struct buf out[PROOF_TEXTS], err[PROOF_TEXTS];
	const volatile sig_atomic_t *stop;
	long long end; /* time(2) after which no further row is asked */
	size_t asked;
	struct str why;	    /* why it cannot be asked; p == NULL: it can */
	bool neither;	    /* the last row asked: no text of it is taken on this machine */
	struct str missing; /* ... and what such a row lacks; p == NULL: there was none */
};

/* What our resolver says that the program will say. */
struct expected {
	bool refused;
	struct str *value; /* by index of proof.kw; p == NULL: not known, or not printed */
};

/* One row, put to the program with the old and with the new text. */
struct question {
	struct str shown;
	const char *const *argv[PROOF_TEXTS];
	struct expected expected[PROOF_TEXTS];
	bool values; /* it prints values; else it only accepts or refuses */
};

/* What is expected of a row that resolves to *ev; its texts are copied. */
struct expected proof_expected(struct proof *p, const struct effective *ev);
/*
 * Ask, and compare: SK_EREFUSED when the new text is refused, when anything else moves than the plan says, or when
 * the answer is not the one that our resolver gives.  p->why is set when there is no answer.
 */
SK_CHECK enum sk_code proof_ask(struct proof *p, const struct question *q, struct err *e);
/* Does the program run here at all, with an empty file?  False: p->why. */
bool proof_runs(struct proof *p, const char *const *argv);
/* The rows to ask, first those that the plan changes; *ret_n of them. */
size_t *proof_rows(struct proof *p, size_t *ret_n);
bool proof_late(const struct proof *p);

/* Each side: may the program be asked (p->why), and the asking. */
void ssh_may_ask(struct proof *p);
SK_CHECK enum sk_code ssh_ask(struct proof *p, struct err *e);
void sshd_may_ask(struct proof *p);
SK_CHECK enum sk_code sshd_ask(struct proof *p, struct err *e);

#endif
