/* SPDX-License-Identifier: MIT */
/* The only calls of malloc and realloc, besides arena.c. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void
mem_die(void)
{
	static const char msg[] = "sshkeep: out of memory\n";
	ssize_t n = write(2, msg, sizeof(msg) - 1);

	(void)n;
	_exit(2);
}

void *
mem_alloc(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (p == NULL)
		mem_die();
	return p;
}

void *
mem_realloc(void *p, size_t n)
{
	p = realloc(p, n);
	if (p == NULL)
		mem_die();
	return p;
}

void *
mem_grow(void *p, size_t *cap, size_t need, size_t elem)
{
	size_t n = *cap;

	if (p != NULL && need <= n)
		return p;
	if (need > SIZE_MAX / 4 / elem)
		mem_die();
	while (n < need || n == 0)
		n = n < 8 ? 8 : n + n / 2;
	p = mem_realloc(p, n * elem);
	*cap = n;
	return p;
}
