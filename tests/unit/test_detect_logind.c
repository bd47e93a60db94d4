/* SPDX-License-Identifier: MIT */
/* logind.conf: precedence of folders and drop-ins, time spans, booleans, odd texts. */
#define _DEFAULT_SOURCE /* makedev */
#define _XOPEN_SOURCE	700
#include "test_detect.h"

#include <sys/sysmacros.h>

#define ETC	"/etc/systemd/logind.conf"
#define ETC_D	"/etc/systemd/logind.conf.d/"
#define RUN_D	"/run/systemd/logind.conf.d/"
#define USR	"/usr/lib/systemd/logind.conf"
#define USR_D	"/usr/lib/systemd/logind.conf.d/"
#define LOCAL_D "/usr/local/lib/systemd/logind.conf.d/"

static void
test_spans(void **state)
{
	static const struct {
		const char *text;
		double s;
	} row[] = {
		{ "900", 900 },
		{ "15min", 900 },
		{ "15 min", 900 },
		{ "15m", 900 },
		{ "1h", 3600 },
		{ "1h30min", 5400 },
		{ "1h 30min 5s", 5405 },
		{ "1.5h", 5400 },
		{ "0.5", 0.5 },
		{ "2d", 172800 },
		{ "1w", 604800 },
		{ "1month", 2629800 },
		{ "1M", 2629800 },
		{ "1y", 31557600 },
		{ "500ms", 0.5 },
		{ "infinity", INFINITY },
		{ "0", INFINITY },
		{ "10 seconds", 10 },
		{ "2hr", 7200 },
		{ "1 2", 3 },
		/* refused: the line is ignored, so nothing sets it */
		{ "-5", INFINITY },
		{ "5 apples", INFINITY },
		{ "min", INFINITY },
		{ "5min infinity", INFINITY },
		{ "99999999999999999999", INFINITY },
		{ "1H", INFINITY },
	};
	struct tree *t = *state;
	char text[200];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(text, sizeof(text), "[Login]\nStopIdleSessionSec=%s\n", row[i].text);
		tree_put(t, ETC, text);
		tree_run(t);
		if (!t->f.v[FACT_LOGIND_STOP_IDLE].known)
			fail_msg("%s: unknown", row[i].text);
		is_known(t, FACT_LOGIND_STOP_IDLE, row[i].s);
		if (i >= 20)
			assert_true(has_note(t, ETC ":2: logind cannot read that value"));
		else
			t_eq_u64(t->f.n_note, 0);
	}
}

static void
test_syntax(void **state)
{
	static const struct {
		const char *text;
		double s;
		uint32_t line;
	} row[] = {
		{ "StopIdleSessionSec=5\n", INFINITY, 0 },
		{ "[Login]\n#StopIdleSessionSec=5\n;StopIdleSessionSec=6\n", INFINITY, 0 },
		{ "[Login]\nStopIdleSessionSec=5\nStopIdleSessionSec=6\n", 6, 3 },
		{ "[Login]\nStopIdleSessionSec=5\nStopIdleSessionSec=\n", INFINITY, 0 },
		{ "[Login]\nStopIdleSessionSec=5\nStopIdleSessionSec=x\n", 5, 2 },
		{ "[Other]\nStopIdleSessionSec=5\n[Login]\nA=1\n", INFINITY, 0 },
		{ "[Login]\nA=1\n[Other]\n[Login]\nStopIdleSessionSec=5", 5, 5 },
		{ "[Login]\n  StopIdleSessionSec  =  5  \r\n", 5, 2 },
		{ "[Login]\nStopIdleSessionSec=1h \\\n# comment\n5min\n", 3900, 2 },
		{ "[Login]\nstopidlesessionsec=5\n", INFINITY, 0 },
		{ "[Login]\nStopIdleSessionSec=5\\", 5, 2 },
	};
	struct tree *t = *state;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		tree_put(t, ETC, row[i].text);
		tree_run(t);
		is_known(t, FACT_LOGIND_STOP_IDLE, row[i].s);
		t_eq_u64(t->f.v[FACT_LOGIND_STOP_IDLE].line, row[i].line);
	}
}

static void
test_bool(void **state)
{
	static const char *const yes[] = { "yes", "1", "true", "on", "Y", "TRUE" },
				 *const no[] = { "no", "0", "off", "f" };
	struct tree *t = *state;
	char text[100];
	size_t i;

	for (i = 0; i < 10; i++) {
		(void)snprintf(text, sizeof(text), "[Login]\nKillUserProcesses=%s\n", i < 6 ? yes[i] : no[i - 6]);
		tree_put(t, ETC, text);
		tree_run(t);
		is_known(t, FACT_LOGIND_KILL_USER, i < 6 ? 1 : 0);
	}
	tree_put(t, ETC, "[Login]\nKillUserProcesses=perhaps\n");
	tree_run(t);
	is_unknown(t, FACT_LOGIND_KILL_USER, "not set; systemd's build decides");
}

static void
test_precedence(void **state)
{
	struct tree *t = *state;

	tree_put(t, USR, "[Login]\nStopIdleSessionSec=1\nKillUserProcesses=yes\n");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 1);
	/* the main file of /etc stands for that of /usr/lib as a whole */
	tree_put(t, ETC, "[Login]\nStopIdleSessionSec=2\n");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 2);
	assert_false(t->f.v[FACT_LOGIND_KILL_USER].known);
	/* any drop-in beats it, the last name wins whatever its folder */
	tree_put(t, USR_D "50-a.conf", "[Login]\nStopIdleSessionSec=50\n");
	tree_put(t, ETC_D "40-a.conf", "[Login]\nStopIdleSessionSec=40\n");
	tree_put(t, ETC_D "90-b.conf.off", "[Login]\nStopIdleSessionSec=90\n");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 50);
	t_eq_str(t->f.v[FACT_LOGIND_STOP_IDLE].source, USR_D "50-a.conf");
	/* the same name: /etc hides /run hides /usr/local/lib hides /usr/lib */
	tree_put(t, LOCAL_D "50-a.conf", "[Login]\nStopIdleSessionSec=51\n");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 51);
	tree_put(t, RUN_D "50-a.conf", "[Login]\nStopIdleSessionSec=52\n");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 52);
	tree_put(t, ETC_D "50-a.conf", "");
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 40);
	/* a link to /dev/null hides, too */
	assert_int_equal(unlink(tree_path(t, ETC_D "50-a.conf")), 0);
	assert_int_equal(symlink("/dev/null", tree_path(t, ETC_D "50-a.conf")), 0);
	tree_run(t);
	is_known(t, FACT_LOGIND_STOP_IDLE, 40);
	t_eq_u64(t->f.n_note, 0);
	/* the device itself needs privileges to make; without them the link above stays a dangling one */
	if (mknod(tree_path(t, "/dev/null"), S_IFCHR | 0666, makedev(1, 3)) == 0) {
		tree_run(t);
		is_known(t, FACT_LOGIND_STOP_IDLE, 40);
		t_eq_u64(t->f.n_note, 0);
	}
}

#define with_tree(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_spans),
		with_tree(test_syntax),
		with_tree(test_bool),
		with_tree(test_precedence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
