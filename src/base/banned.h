/* SPDX-License-Identifier: MIT */
/*
 * Functions that sshkeep does not use, made compile errors (popen: a link error).  The Makefile puts this in
 * front of every file of src/, so nothing may be included here: _GNU_SOURCE must still have its effect after it.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#ifdef __has_attribute
#if __has_attribute(unavailable)
#define BANNED(instead) __attribute__((unavailable(instead)))

char *strcpy(char *restrict, const char *restrict) BANNED("struct str, struct buf or the arena");
char *strcat(char *restrict, const char *restrict) BANNED("struct buf");
char *strncpy(char *restrict, const char *restrict, __SIZE_TYPE__) BANNED("memcpy of a known length");
char *strncat(char *restrict, const char *restrict, __SIZE_TYPE__) BANNED("struct buf");
char *strtok(char *restrict, const char *restrict) BANNED("str_split");
int sprintf(char *restrict, const char *restrict, ...) BANNED("buf_addf or arena_printf");
int vsprintf(char *restrict, const char *restrict, __builtin_va_list) BANNED("buf_vaddf or arena_vprintf");
int atoi(const char *) BANNED("num_uint");
long atol(const char *) BANNED("num_uint");
char *mktemp(char *) BANNED("mkstemp or O_EXCL");
int system(const char *) BANNED("sys/run_program.h");

#undef BANNED
#endif
#endif

/* Its result type is declared by stdio.h only, so it gets a name that no library has. */
#define popen popen_is_banned_see_cmd_run_program

#endif
