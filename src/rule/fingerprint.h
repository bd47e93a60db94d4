/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints: the name of a finding over time, the same in every format and in baselines.  32 hexadecimal digits,
 * the first half of a SHA-256 over these parts, each behind its length:
 *
 *	"sshkeep/1", the code, the path of the file in the tree,
 *	the text of the line and of the Host or Match line that it stands below, both normalised,
 *	without a line: the side and the keywords that the fix sets,
 *	which one it is among equals of the run, from the second one on.
 *
 * Of a line longer than 4096 bytes the rest counts with its length alone.
 * Normalised: keyword in lower case, blanks (and the = behind a keyword) one blank, none at the ends.  So it survives
 * moved lines and blocks, edits of other lines and files, another layout, and other levels, messages, networks and
 * releases of OpenSSH or sshkeep.  It changes with the line itself, with the header above it and with the file's name.
 *
 * Two steps: marks are made while the text is at hand, numbers are given when all findings of a run stand in order.
 */
#ifndef RULE_FINGERPRINT_H
#define RULE_FINGERPRINT_H

#include "rule/finding.h"

enum { FINGERPRINT_HEX = 32 };

/*
 * Names of files over time: cut is taken from their front (how a tree was called whose own name says nothing), and put set
 * there (where the tree stands in the whole).  Each may be "".
 */
struct naming {
	struct str cut, put;
};
/* The name of a file by these; may be name itself, or live in a. */
struct str naming_of(struct arena *a, const struct naming *by, struct str name);

/*
 * Mark f->v[0..n): the texts come from their configs, which must live.  file stands for the name of a finding without
 * one.  The marks live in a.
 */
void fingerprints_mark(struct arena *a, struct findings *f, struct str file, const struct naming *by);
/* One finding in a file that is no config: its line and what stands for the header, each "" where there is none. */
void fingerprint_mark_text(
    struct arena *a, struct finding *f, const struct naming *by, struct str line, struct str header);
/* Of one part of a finding, such as one of its hosts. */
struct str fingerprint_part(struct arena *a, struct str fingerprint, struct str part);
/*
 * Fill in the fingerprints of all findings of a run, suppressed ones too.  Equals are numbered in the order in which they
 * are told.  Those without a line are in the order of their keys, and hosts that a comment suppresses come last where the
 * finding about the others stays open: that one keeps its fingerprint.  What has no mark gets one without text.
 */
void fingerprints_number(struct arena *a, struct findings *f);

#endif
