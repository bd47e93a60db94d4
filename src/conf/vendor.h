/* SPDX-License-Identifier: MIT */
/*
 * Drop-ins of sshd that no administrator writes: cloud-init and the packages of Fedora and RHEL replace them when they
 * run again, so a setting goes into another file that sorts before them.
 */
#ifndef CONF_VENDOR_H
#define CONF_VENDOR_H

#include <stdbool.h>

#include "base/str.h"

bool vendor_wrote(struct str path); /* by the file's name */

#endif
