/* SPDX-License-Identifier: MIT */
/* Times, and the types that are made of times. */
#include <limits.h>

#include "conf/reader.h"

/* Seconds of a unit letter, either case; 0 for anything else. */
static int64_t
unit_seconds(char c)
{
	switch (c | 0x20) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Multiply and add below max. */
static bool
add_item(int64_t *total, int64_t n, int64_t unit, int64_t max)
{
	if (n > max / unit || *total > max - n * unit)
		return false;
	*total += n * unit;
	return true;
}

/*
 * Up to 9.7: items read by strtol.  Up to 8.4 sums were of type long, and what did not fit an int was cut by
 * the assignment; 7.5 to 8.3 forgot to reset the unit, so it stuck to plain numbers and seconds that follow.
 */
static bool
time_strtol(struct str s, struct ver v, int64_t *ret)
{
	bool sticks = v.n >= VER(7, 5) && v.n < VER(8, 4), narrow = v.n >= VER(8, 5);
	int64_t total = 0, stuck = 1;

	while (s.p != NULL && s.n > 0) {
		size_t used;
		int64_t n = num_strtol(s, 10, &used), unit = 1;

		if (used == 0 || n < 0 || n == INT64_MAX)
			return false;
		s = str_from(s, used);
		if (s.n > 0) {
			unit = is_letter(s.p[0]) ? unit_seconds(s.p[0]) : 0;
			if (unit == 0)
				return false;
			s = str_from(s, 1);
		}
		if (sticks && unit == 1)
			unit = stuck;
		stuck = unit;
		if (!add_item(&total, n, unit, narrow ? INT_MAX : INT64_MAX))
			return false;
	}
	*ret = narrow ? total : (int32_t)(uint32_t)total;
	return *ret != -1; /* -1 is how the old code said invalid */
}

/* 9.8 and later: digits only.  10.3 and later: one item may be seconds, and only that one may have a fraction. */
static bool
time_digits(struct str s, struct ver v, int64_t *ret)
{
	bool fractions = v.n >= VER(10, 3), seconds_seen = false;
	int64_t total = 0;

	while (s.n > 0) {
		int64_t n = 0, unit = 1;
		bool point = false;
		size_t i = 0, digits = 0;

		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, digits++) {
			n = n * 10 + (s.p[i] - '0');
			if (n > INT_MAX)
				return false;
		}
		if (fractions && i < s.n && s.p[i] == '.') {
			point = true;
			i++;
			if (i == s.n || s.p[i] < '0' || s.p[i] > '9')
				return false;
			while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
				i++;
		}
		if (digits == 0 && !point)
			return false;
		if (i < s.n) {
			unit = is_letter(s.p[i]) ? unit_seconds(s.p[i]) : 0;
			if (unit == 0)
				return false;
			i++;
		}
		if ((point && unit != 1) || (fractions && unit == 1 && seconds_seen))
			return false;
		seconds_seen |= unit == 1;
		if (!add_item(&total, n, unit, INT_MAX))
			return false;
		s = str_from(s, i);
	}
	*ret = total;
	return true;
}

bool
value_time(struct str s, struct ver v, int64_t *ret)
{
	int64_t n;

	if (s.n == 0 || !(v.n < VER(9, 8) ? time_strtol(s, v, &n) : time_digits(s, v, &n)))
		return false;
	*ret = n;
	return true;
}

void
parse_time_arg(struct reader *r, int64_t *ret)
{
	struct str s;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "missing time value.");
		return;
	}
	if (rd_is_client(r) && rd_since(r, VER(6, 8)) && str_eqc(s, "none")) {
		r->v->unset = true;
		return;
	}
	if (!value_time(s, r->ctx->v, ret))
		rd_refuse(r, "invalid time value.");
}

void
parse_time_value(struct reader *r)
{
	int64_t n = 0;

	parse_time_arg(r, &n);
	if (!rd_bad(r) && !r->v->unset)
		rd_num(r, n);
}

void
parse_persist(struct reader *r)
{
	const struct kw_word *w;
	struct str s;
	int64_t n;

	if (!rd_full_arg(r, &s)) {
		rd_refuse(r, "Missing %s argument.", r->k->name);
		return;
	}
	w = rd_word(r, r->k->words, s, true);
	if (w != NULL) {
		r->v->num = w->num;
		r->v->text = str_c(w->printed != NULL ? w->printed : w->word);
	} else if (value_time(s, r->ctx->v, &n)) {
		rd_num(r, n);
		if (n == 0)
			r->v->text = STR("yes");
	} else {
		rd_refuse(r, "Bad %s argument.", r->k->name);
	}
}

void
parse_unused(struct reader *r)
{
	struct str s;

	if (r->args->n > 0 && str_ieqc(r->args->v[0].text, "none")) {
		(void)rd_arg(r, &s);
		r->v->text = STR("none");
		return;
	}
	parse_time_value(r);
	if (!rd_bad(r) && r->v->num == 0)
		r->v->text = STR("none");
}

enum scaled { SCALED_OK, SCALED_INVALID, SCALED_RANGE };

/* The digits around one point; the fraction keeps at most 19 of them. */
static enum scaled
scaled_digits(struct str s, size_t *io, int64_t *ret_whole, int64_t *ret_part, unsigned *ret_part_n)
{
	unsigned whole_n = 0;
	bool point = false;

	*ret_whole = *ret_part = 0;
	*ret_part_n = 0;
	for (; *io < s.n && (s.p[*io] == '.' || (s.p[*io] >= '0' && s.p[*io] <= '9')); (*io)++) {
		int d = s.p[*io] - '0';
		int64_t *to = point ? ret_part : ret_whole;

		if (s.p[*io] == '.') {
			if (point)
				return SCALED_INVALID;
			point = true;
			continue;
		}
		if (point && *ret_part_n == 19)
			continue;
		if (!point && ++whole_n >= 21)
			return SCALED_RANGE;
		if (*to > (INT64_MAX - d) / 10)
			return SCALED_RANGE;
		*to = *to * 10 + d;
		*ret_part_n += point;
	}
	return SCALED_OK;
}

/*
 * scan_scaled() of the system library that OpenSSH carries: number, fraction, one of BKMGTPE in either case.
 * No digits at all are 0 there, and a fraction without a unit is dropped.
 */
static enum scaled
read_scaled(struct str s, int64_t *ret)
{
	static const char letters[] = "bkmgtpe";
	int64_t whole, part, factor = 1;
	unsigned part_n, unit = 0;
	enum scaled state;
	bool minus = false;
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r')))
		i++;
	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		minus = s.p[i++] == '-';
	state = scaled_digits(s, &i, &whole, &part, &part_n);
	if (state != SCALED_OK)
		return state;
	if (i < s.n) {
		while (letters[unit] != '\0' && letters[unit] != (s.p[i] | 0x20))
			unit++;
		if (letters[unit] == '\0' || !is_letter(s.p[i]))
			return SCALED_INVALID;
		if (i + 1 < s.n && (is_letter(s.p[i + 1]) || (s.p[i + 1] >= '0' && s.p[i + 1] <= '9')))
			return SCALED_INVALID;
		factor = INT64_C(1) << (10 * unit);
		if (whole > INT64_MAX / factor)
			return SCALED_RANGE;
		for (; part >= INT64_MAX / factor && part_n > 0; part_n--)
			part /= 10;
		part *= factor;
		for (; part_n > 0; part_n--)
			part /= 10;
		whole *= factor;
		whole += part > INT64_MAX - whole ? 0 : part;
	}
	*ret = minus ? -whole : whole;
	return SCALED_OK;
}

/* Volume, then an optional time; each half is a value of its own. */
void
parse_rekey(struct reader *r)
{
	const char *name = r->k->name;
	struct str word = rd_is_client(r) ? str_c(name) : r->ctx->word, s;
	enum scaled state = SCALED_OK;
	int64_t bytes = 0, seconds = 0;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, rd_is_client(r) ? "Missing argument." : "%s missing argument.");
		return;
	}
	if (!str_eqc(s, "default"))
		state = read_scaled(s, &bytes);
	if (state != SCALED_OK) {
		const char *why = state == SCALED_RANGE ? "Numerical result out of range" : "Invalid argument";

		if (rd_is_client(r))
			rd_refuse(r, "Bad number '%.*s': %s", STR_ARG(s), why);
		else
			rd_refuse(r, "Bad %.*s number '%.*s': %s", STR_ARG(word), STR_ARG(s), why);
		return;
	}
	if (bytes != 0 && bytes < 16) {
		rd_refuse(r, "%.*s too small", STR_ARG(word));
		return;
	}
	if (rd_left(r)) {
		if (str_eqc(r->args->v[r->next].text, "none"))
			r->next++;
		else
			parse_time_arg(r, &seconds);
		if (rd_bad(r))
			return;
		r->v->has_num2 = !str_eqc(r->args->v[r->next - 1].text, "none");
	}
	r->v->num = bytes;
	r->v->num2 = seconds;
	r->v->text = arena_printf(r->a, "%lld %lld", (long long)bytes, (long long)seconds);
}

void
parse_obscure(struct reader *r)
{
	const struct kw_word *w;
	const char *why;
	struct str s;
	int64_t n = -1;

	while (rd_arg(r, &s)) {
		if (n != -1) {
			rd_refuse(r, "invalid arguments");
			return;
		}
		w = rd_word(r, r->k->words, s, true);
		if (w != NULL) {
			n = w->num;
			r->v->text = str_c(w->printed != NULL ? w->printed : w->word);
		} else if (str_starts(s, STR("interval:"))) {
			why = num_strict(str_from(s, 9), INT_MAX, &n);
			if (why != NULL) {
				rd_refuse(r, "integer value %s.", why);
				return;
			}
			if (n <= 0 || n > 1000) {
				rd_refuse(r, "value out of range.");
				return;
			}
			r->v->text = n == 20 ? STR("yes") : arena_printf(r->a, "%lld", (long long)n);
		} else {
			rd_refuse(r, "unsupported argument \"%.*s\"", STR_ARG(s));
			return;
		}
	}
	if (n == -1)
		rd_refuse(r, "missing argument");
	else
		r->v->num = n;
}

/* One "pattern=time". */
static bool
timeout_entry(struct str s, struct ver v)
{
	size_t eq = str_chr(s, '=', 0);
	int64_t n;

	return eq != SIZE_MAX && eq > 0 && value_time(str_from(s, eq + 1), v, &n) && n >= 0;
}

void
parse_channel_timeout(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	for (size_t n = 0; rd_arg(r, &s); n++) {
		if (n == 0 && str_ieqc(s, "none")) {
			if (rd_left(r))
				rd_count(r, "keyword %.*s \"none\" argument must appear alone.", STR_ARG(r->ctx->word));
			else if (rd_is_client(r)) /* ssh prints it, sshd 9.2 does not */
				r->v->text = STR("none");
			return;
		}
		/* 9.2 to 9.6 let a later "none" through when it is the last (and then every connection dies of it). */
		if (str_ieqc(s, "none")) {
			if (rd_since(r, VER(9, 7)) || rd_left(r)) {
				rd_count(r, "keyword %.*s \"none\" argument must appear alone.", STR_ARG(r->ctx->word));
				return;
			}
		} else if (!timeout_entry(s, r->ctx->v)) {
			rd_fatal(r, "invalid channel timeout %.*s", STR_ARG(s));
			return;
		}
		rd_join(r, &all, s);
	}
	if (all.text.n == 0 && rd_since(r, VER(9, 7)))
		rd_fatal(r, "no %.*s specified", STR_ARG(r->ctx->word));
	else if (all.text.n == 0)
		r->v->unset = true;
	else
		rd_text(r, all.text);
}

/* sshd 9.8 and later: "yes", "no", or class:time entries.  Classes grow with releases, so any name will do. */
void
parse_penalties(struct reader *r)
{
	static const char *const numbers[] = { "max-sources4", "max-sources6" };
	static const char *const words[] = { "overflow", "overflow6" };
	struct joined all = { 0 };
	struct str s;

	r->v->num = 1;
	while (rd_arg(r, &s)) {
		size_t colon = str_chr(s, ':', 0);
		struct str class = str_head(s, colon), value = colon == SIZE_MAX ? STR("") : str_from(s, colon + 1);
		bool number = str_eqc(class, numbers[0]) || str_eqc(class, numbers[1]);
		bool word = str_eqc(class, words[0]) || str_eqc(class, words[1]);
		int64_t n;

		if (all.text.n == 0 && colon == SIZE_MAX && (str_eqc(s, "yes") || str_eqc(s, "no"))) {
			r->v->num = str_eqc(s, "yes");
		} else if (colon == SIZE_MAX || colon == 0) {
			rd_fatal(r, "unsupported %.*s keyword %.*s", STR_ARG(r->ctx->word), STR_ARG(s));
			return;
		} else if (number ? num_strict(value, INT_MAX, &n) != NULL :
			word	  ? !str_eqc(value, "permissive") && !str_eqc(value, "deny-all") :
				    !value_time(value, r->ctx->v, &n)) {
			rd_fatal(r, "invalid %.*s value %.*s", STR_ARG(r->ctx->word), STR_ARG(s));
			return;
		}
		rd_join(r, &all, s);
	}
	if (all.text.n == 0)
		rd_fatal(r, "no %.*s specified", STR_ARG(r->ctx->word));
	else
		rd_text(r, all.text);
}
