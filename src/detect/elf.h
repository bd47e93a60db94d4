/* SPDX-License-Identifier: MIT */
/*
 * Where a section of an ELF file lies, by its headers; classes of 32 and 64 bits in both byte orders.  The file is
 * not trusted: nothing is read but through pread(2) into buffers of fixed size.  Private to detect/.
 * Source: System V ABI (gABI) 4.1, chapter 4.
 */
#ifndef DETECT_ELF_H
#define DETECT_ELF_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The place of the first section with that name that holds bytes of the file.  False, and *ret_off and *ret_n
 * untouched, when fd is no ELF file, its tables do not hold, or there is none.  The place may lie behind the file's end.
 */
bool elf_section(int fd, const char *name, uint64_t *ret_off, uint64_t *ret_n);

#endif
