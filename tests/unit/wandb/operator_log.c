// SPDX-License-Identifier: Apache-2.0
#include "wandb/operator_log.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct kube_ref REF = KUBE_REF("apps.wandb.com/v1", "WeightsAndBiases", "prod", "wandb");

// The forms that zap and slog write; a line of another instance, another level, or no form at all is passed
// over.
static void finds_the_last_complaint(void **state) {
    (void)state;
    static const struct {
        const char *log, *time, *message; // message NULL: nothing
    } cases[] = {
        {"", NULL, NULL},
        {"not a log line\n{broken json\n", NULL, NULL},
        {"{\"level\":\"error\",\"ts\":\"T1\",\"msg\":\"Reconciler "
         "error\",\"namespace\":\"prod\",\"name\":\"wandb\","
         "\"error\":\"type not match\"}\n",
         "T1", "Reconciler error: type not match"},
        {"{\"level\":\"info\",\"msg\":\"Changes found\",\"namespace\":\"prod\",\"name\":\"wandb\","
         "\"diff\":\"password\"}\n",
         NULL, NULL},
        {"{\"level\":\"error\",\"msg\":\"x\",\"namespace\":\"prod\",\"name\":\"other\",\"error\":\"y\"}\n",
         NULL, NULL},
        {"{\"level\":\"error\",\"msg\":\"x\",\"namespace\":\"test\",\"name\":\"wandb\",\"error\":\"y\"}\n",
         NULL, NULL},
        {"{\"level\":\"error\",\"msg\":\"a\",\"namespace\":\"prod\",\"name\":\"wandb\"}\n"
         "{\"level\":\"error\",\"msg\":\"b\",\"namespace\":\"prod\",\"name\":\"wandb\"}\n"
         "{\"level\":\"info\",\"msg\":\"c\",\"namespace\":\"prod\",\"name\":\"wandb\"}",
         "", "b"},
        {"2026-01-02T03:04:05Z\tERROR\tObserved a panic\t{\"namespace\": \"prod\", \"name\": \"wandb\", "
         "\"panic\": \"nil pointer\"}\nstack\n\t/path:1\n",
         "2026-01-02T03:04:05Z", "Observed a panic: nil pointer"},
        {"2026-01-02T03:04:05Z\tERROR\tcontrollers.W\tReconciler error\t{\"namespace\": \"prod\", \"name\": "
         "\"wandb\", "
         "\"error\": \"e\"}\n",
         "2026-01-02T03:04:05Z", "Reconciler error: e"},
        {"2026-01-02T03:04:05Z\tINFO\tfine\t{\"namespace\": \"prod\", \"name\": \"wandb\"}\n", NULL, NULL},
        {"time=T2 level=ERROR msg=\"Reconciler error\" namespace=prod name=wandb err=\"fetch \\\"x\\\": "
         "404\"\n",
         "T2", "Reconciler error: fetch \"x\": 404"},
        {"time=T2 level=INFO msg=\"Reconciled\" namespace=prod name=wandb\n", NULL, NULL},
        {"time=T2 level=ERROR msg=\"unended namespace=prod name=wandb\n", NULL, NULL},
        {"level=ERROR =x namespace=prod name=wandb\n", NULL, NULL},
        // the line that ends a turn says less than the one that tells what failed in it
        {"{\"level\":\"error\",\"msg\":\"Failed to "
         "merge\",\"namespace\":\"prod\",\"name\":\"wandb\",\"reconcileID\":\"1\",\"error\":\"e\"}\n"
         "{\"level\":\"error\",\"msg\":\"Reconciler "
         "error\",\"namespace\":\"prod\",\"name\":\"wandb\",\"reconcileID\":\"1\",\"error\":\"e\"}\n",
         "", "Failed to merge: e"},
        {"{\"level\":\"error\",\"msg\":\"a\",\"namespace\":\"prod\",\"name\":\"wandb\",\"reconcileID\":\"1\"}"
         "\n"
         "{\"level\":\"error\",\"msg\":\"Reconciler "
         "error\",\"namespace\":\"prod\",\"name\":\"wandb\",\"reconcileID\":\"2\",\"error\":\"e\"}\n",
         "", "Reconciler error: e"},
        // lines that are nearly of a form
        {"x\t{\"a\":1}\n\t{\"a\":1}\n\t\t{}\n{\n\t{\nx\t\n=\ntime=\n\"\n", NULL, NULL},
        {"x\t{\"level\":\"error\",\"namespace\":\"prod\",\"name\":\"wandb\",\"error\":\"e\"}", "x", ": e"},
        {"{\"level\":1,\"name\":[],\"namespace\":{},\"msg\":null,\"error\":2}", NULL, NULL},
        // what the API server refused is quoted whole
        {"{\"level\":\"error\",\"msg\":\"apply\",\"namespace\":\"prod\",\"name\":\"wandb\",\"error\":\"patch:"
         " Invalid value: "
         "\\\"{\\\\\\\"data\\\\\\\":1}\\\": no such field\"}\n",
         "", "apply: patch: Invalid value: no such field"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct operator_complaint complaint = {"", "nothing"};
        bool found = operator_log_last(arena, cases[i].log, &REF, &complaint);
        if (found != (cases[i].message != NULL) ||
            (found && (strcmp(complaint.message, cases[i].message) != 0 ||
                       strcmp(complaint.time, cases[i].time) != 0)))
            fail_msg("case %zu: %s at %s", i, complaint.message, complaint.time);
    }
}

// Every line of 300 is as long as a log may be, and of all lines together one copy is held.
static void long_lines_take_no_more_than_their_length(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    enum { SIZE = 380 * 1024 };
    static const char *const pieces[] = {"a=b ", "\t", "{",          "Invalid value: \"x\" ",
                                         "=",    "\"", "{\"a\":1}\t"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct operator_complaint complaint;
        struct buf log;
        buf_init(&log, arena);
        buf_str(&log, "time=T level=ERROR namespace=prod name=wandb err=e ");
        while (log.len < SIZE)
            buf_str(&log, pieces[i]);
        size_t used = arena_used(arena);
        operator_log_last(arena, buf_text(&log), &REF, &complaint);
        if (arena_used(arena) - used > 64 * SIZE)
            fail_msg("\"%s\": %zu bytes", pieces[i], arena_used(arena) - used);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_last_complaint),
        cmocka_unit_test(long_lines_take_no_more_than_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
