/* SPDX-License-Identifier: MIT */
/* argv -> command table -> exit status; nothing else. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/options.h"
#include "cli/output.h"

const struct cmd *const cmd_table[] = {
	&cmd_audit,
	&cmd_fix,
	&cmd_lint,
	&cmd_effective,
	&cmd_facts,
	&cmd_probe,
	&cmd_sessions,
	&cmd_launcher,
	&cmd_undo,
	&cmd_rules,
	&cmd_explain,
	NULL,
};

enum { EXIT_USAGE = 3 };

static int
print_help(const struct cmd *cmd)
{
	struct buf b = { 0 };
	int status;

	if (cmd != NULL)
		options_help(cmd, &b);
	else
		options_usage(&b);
	status = output_stdout(&b) ? 0 : output_failed();
	buf_release(&b);
	return status;
}

static int
print_words(void)
{
	struct buf b = { 0 };
	int status;

	options_words(&b);
	status = output_stdout(&b) ? 0 : output_failed();
	buf_release(&b);
	return status;
}

static int
unknown_command(struct str word, const char *near)
{
	struct buf shown = { 0 };

	buf_add_escaped(&shown, str_head(word, 64));
	fprintf(stderr, "sshkeep: unknown command %.*s", STR_ARG(buf_str(&shown)));
	if (near != NULL)
		fprintf(stderr, " (did you mean %s?)", near);
	fprintf(stderr, "; sshkeep --help lists them\n");
	buf_release(&shown);
	return EXIT_USAGE;
}

static int
run_command(const struct cmd *cmd, int argc, char **argv)
{
	struct arena a = { 0 };
	struct options o = { 0 };
	struct err e = { 0 };
	int status;

	if (options_parse(&a, cmd, argc, argv, &o, &e) != SK_OK) {
		status = output_error(&e);
		fprintf(stderr, "Try: sshkeep %s --help\n", cmd->name);
	} else if (o.help) {
		status = print_help(cmd);
	} else {
		status = cmd->run(&a, &o);
	}
	arena_release(&a);
	return status;
}

int
main(int argc, char **argv)
{
	const struct cmd *cmd;
	const char *near = NULL;
	struct buf b = { 0 };

	if (argc < 2) {
		options_usage(&b);
		fwrite(b.p, 1, b.n, stderr);
		buf_release(&b);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("sshkeep %s\n", output_version());
		return fflush(stdout) == 0 ? 0 : output_failed();
	}
	if (strcmp(argv[1], "--complete") == 0)
		return print_words();
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		cmd = argc > 2 ? cmd_find(str_c(argv[2]), &near) : NULL;
		if (argc > 2 && cmd == NULL)
			return unknown_command(str_c(argv[2]), near);
		return print_help(cmd);
	}
	cmd = cmd_find(str_c(argv[1]), &near);
	if (cmd == NULL)
		return unknown_command(str_c(argv[1]), near);
	return run_command(cmd, argc - 1, argv + 1);
}
