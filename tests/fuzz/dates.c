// SPDX-License-Identifier: Apache-2.0
// "layout\ntext": reading and writing dates and durations.
#include "go/duration.h"
#include "go/time.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_duration(struct arena *arena, const char *text, size_t len) {
    struct err err = err_in(arena);
    struct buf out;
    int64_t d, again;
    buf_init(&out, arena);
    if (!duration_parse(text, len, &d, &err))
        return;
    duration_string(&out, d);
    if (!duration_parse(buf_text(&out), out.len, &again, &err) || again != d)
        abort();
    duration_round(d, 60000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *layout = (const char *)data, *newline = memchr(layout, '\n', size);
    size_t len = newline ? (size_t)(newline - layout) : size, rest = size - len - (newline != NULL);
    const char *text = layout + size - rest;
    struct go_time m = GO_TIME_ZERO;
    struct buf out;
    buf_init(&out, arena);
    try_duration(arena, layout, len);
    struct go_time_form form = {cursor_over(layout, len), time_zone_utc()};
    if (!go_time_parse(arena, form, cursor_over(text, rest), &m, &err))
        m = (struct go_time){.seconds = (int64_t)size * 86399, .nanoseconds = 123, .zone = time_zone_utc()};
    go_time_format(&out, m, layout, len);
    go_time_string(&out, m);
    return 0;
}
