// SPDX-License-Identifier: Apache-2.0
// Shared inside src/report only: the writers, and what they have in common.
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include "report/report.h"

enum { REPORT_CUT = 200 }; // bytes of a value that people are shown

typedef void report_writer(const struct report *report, struct buf *out);
report_writer report_text, report_markdown, report_html, report_json, report_junit, report_sarif;

// The text for HTML and XML, what these forbid as U+FFFD.
void report_escape(struct buf *out, const char *text);

// "2 paths drifted; update", or "no drift".
void report_headline(struct buf *out, const struct report_resource *resource);

// "1 path", "3 paths".
void report_count(struct buf *out, size_t count, const char *noun);

// "WeightsAndBiases/default/wandb spec.values.a: wanted 1, found 2, written by kubectl at …", on one line.
void report_sentence(struct buf *out, const struct report_drift *drift);

// `text` up to REPORT_CUT bytes, at the end of a letter, with "…" where it was cut; control characters as
// blanks.
void report_cut(struct buf *out, const char *text);

#endif
