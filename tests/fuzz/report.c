// SPDX-License-Identifier: Apache-2.0
// What Terraform prints of a plan, read and written in every format.
#include "report/report.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const FORMATS[] = {"text", "markdown", "html", "json", "junit", "sarif"};
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct report report;
    if (!report_read(arena, (const char *)data, size, &report, &err))
        return 0;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        struct buf out;
        buf_init(&out, arena);
        report_write(&report, FORMATS[i], &out, &err);
    }
    return 0;
}
