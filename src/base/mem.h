/* SPDX-License-Identifier: MIT */
/*
 * Memory.  malloc is called only in base/.  Out of memory ends the program (exit 2 with a message) in
 * mem_die(); no caller checks for NULL.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

_Noreturn void mem_die(void);
void *mem_alloc(size_t n) __attribute__((returns_nonnull));	       /* zeroed */
void *mem_realloc(void *p, size_t n) __attribute__((returns_nonnull)); /* n > 0 */
/*
 * Make room for need elements of size elem: returns p or its new place and updates *cap (elements).
 * Grows by half again; what is in new elements is not defined.
 */
void *mem_grow(void *p, size_t *cap, size_t need, size_t elem) __attribute__((returns_nonnull));
/* v = array, NULL while cap is 0; cap = its size_t capacity, n = elements needed */
#define MEM_GROW(v, cap, n) ((void)((n) > (cap) || (v) == NULL ? (v) = mem_grow((v), &(cap), (n), sizeof(*(v))) : (v)))

#endif
