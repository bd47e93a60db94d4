/* SPDX-License-Identifier: MIT */
/* base/arena and base/mem: alignment, zeroed memory, copies, growth, and the end when there is no memory. */
#include "base/arena.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "t.h"

static int
setup(void **state)
{
	*state = test_calloc(1, sizeof(struct arena));
	return *state == NULL;
}

static int
teardown(void **state)
{
	arena_release(*state);
	test_free(*state);
	return 0;
}

static void
all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			fail_msg("byte %zu of %zu is not zero", i, n);
}

static void
test_alloc(void **state)
{
	struct arena *a = *state;
	unsigned char *before = NULL;
	size_t before_n = 0;

	for (size_t n = 0; n < 3000; n += 7) {
		unsigned char *p = arena_alloc(a, n);

		t_eq_u64((uintptr_t)p % _Alignof(max_align_t), 0);
		all_zero(p, n);
		memset(p, 0xa5, n);
		/* what was handed out before is still whole */
		for (size_t i = 0; i < before_n; i++)
			if (before[i] != 0xa5)
				fail_msg("an allocation of %zu ran into the one before", n);
		before = p;
		before_n = n;
	}
}

static void
test_large(void **state)
{
	struct arena *a = *state;
	size_t n = 5u * 1024 * 1024 + 1;
	unsigned char *p = arena_alloc(a, n);

	all_zero(p, n);
	p[n - 1] = 1;
	assert_true(a->total >= n);
	*ARENA_NEW(a, uint64_t) = UINT64_MAX;
	t_eq_u64(p[n - 1], 1);
}

static void
test_text(void **state)
{
	struct arena *a = *state;
	struct str s = arena_str(a, STR("a\0b"));

	t_eq_u64(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	t_eq_u64(arena_str(a, (struct str){ 0 }).n, 0);
	assert_string_equal(arena_strz(a, (struct str){ 0 }), "");
	assert_string_equal(arena_strz(a, str_head(STR("abc"), 2)), "ab");
	s = arena_printf(a, "%s-%d", "x", 42);
	t_eq_str(s, "x-42");
	t_eq_i64(s.p[s.n], 0);
	t_eq_u64(arena_printf(a, "%0*d", 9000, 1).n, 9000);
}

static void
test_reset(void **state)
{
	struct arena *a = *state;
	size_t newest;

	arena_reset(a); /* of an empty one */
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 50; i++)
			memset(arena_alloc(a, 1000), 0xff, 1000);
	newest = a->cap;
	arena_reset(a);
	t_eq_u64(a->total, newest);
	t_eq_u64(a->used, 0);
	all_zero(arena_alloc(a, newest), newest);
	t_eq_u64(a->total, newest); /* used again, nothing new was asked for */
	arena_release(a);
	assert_null(a->head);
	arena_release(a);
}

static void
test_grow(void **state)
{
	uint32_t *v = NULL;
	size_t cap = 0;

	(void)state;
	v = mem_grow(v, &cap, 0, sizeof(*v));
	assert_non_null(v);
	for (size_t n = 1; n <= 1000; n++) {
		MEM_GROW(v, cap, n);
		assert_true(cap >= n);
		v[n - 1] = (uint32_t)n;
	}
	for (size_t n = 1; n <= 1000; n++)
		t_eq_u64(v[n - 1], n);
	assert_true(cap <= 1500);
	free(v);
}

/* Run f in a child with its standard error closed: its exit status, -1 when it died otherwise. */
static int
status_of(void (*f)(void))
{
	int st = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(2);
		f();
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static void
grow_too_far(void)
{
	uint64_t *v = NULL;
	size_t cap = 0;

	MEM_GROW(v, cap, SIZE_MAX / 2);
}

static void
grow_to_the_end(void)
{
	char *v = NULL;
	size_t cap = 0;

	MEM_GROW(v, cap, SIZE_MAX);
}

static void
arena_too_large(void)
{
	struct arena a = { 0 };

	arena_alloc(&a, SIZE_MAX - 1);
}

/* Text of every length up to the end of a chunk and past it; what is handed out behind it is zero as ever. */
static void
test_printf_room(void **state)
{
	for (int rest = 0; rest < 200; rest++) {
		struct arena a = { 0 };
		struct str first, s;

		first = arena_printf(&a, "%0*d", 4000, 7);
		s = arena_printf(&a, "%0*d", rest, 42);
		t_eq_u64(s.n, rest < 2 ? 2 : (size_t)rest);
		assert_true(str_ends(s, STR("42")) && s.p[s.n] == '\0');
		assert_true(first.n == 4000 && first.p[3999] == '7');
		all_zero(arena_alloc(&a, 100), 100);
		arena_release(&a);
	}
	arena_alloc(*state, (size_t)1 << 18); /* chunks are zeroed as a whole from here on */
	for (int i = 0; i < 4000; i++) {
		struct str s = arena_printf(*state, "%0*d", i, 9);

		assert_true(str_ends(s, STR("9")) && s.p[s.n] == '\0');
		all_zero(arena_alloc(*state, 64), 64);
	}
}

static void
test_grow_array(void **state)
{
	unsigned *v = NULL;
	size_t n = 0, cap = 0;

	for (; n < 1000; n++) {
		ARENA_GROW((struct arena *)*state, v, n, cap);
		all_zero((const unsigned char *)(v + n), (cap - n) * sizeof(*v));
		v[n] = (unsigned)n + 1;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], i + 1);
}

/* A size that no memory holds ends the program with status 2, and neither wraps round nor loops. */
static void
test_no_memory(void **state)
{
	(void)state;
	t_eq_i64(status_of(grow_too_far), 2);
	t_eq_i64(status_of(grow_to_the_end), 2);
	t_eq_i64(status_of(arena_too_large), 2);
}

int
main(void)
{
	const struct CMUnitTest arena[] = {
		cmocka_unit_test_setup_teardown(test_alloc, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_printf_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_grow_array, setup, teardown),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(arena, NULL, NULL) != 0;
}
