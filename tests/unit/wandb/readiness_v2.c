// SPDX-License-Identifier: Apache-2.0
#include "files.h"
#include "wandb/private.h"

#include <string.h>

#define READY(observed, status)                                                                              \
    "\"conditions\":[{\"type\":\"Other\"},{\"type\":\"Ready\",\"status\":\"" status                          \
    "\",\"reason\":\"R\",\"message\":\"M\",\"observedGeneration\":" observed "}]"

// An instance of generation 2 that wants version 1.2; what is missing for "accepted" and for "ready".
static void says_what_is_missing(void **state) {
    (void)state;
    static const char UNSET[] = "the operator has not set the condition Ready yet";
    static const char EARLIER[] = "the condition Ready is about an earlier generation";
    static const struct {
        const char *status, *accepted, *ready;
    } cases[] = {
        {"{}", UNSET, UNSET},
        {"{\"observedGeneration\":1}", UNSET, UNSET},
        {"{\"observedGeneration\":2}", NULL, UNSET},
        {"{" READY("1", "True") "}", EARLIER, EARLIER},
        {"{\"observedGeneration\":2," READY("1", "True") "}", NULL, EARLIER},
        {"{" READY("2", "True") "}", NULL, NULL},
        {"{" READY("2", "False") "}", NULL, "the condition Ready is False (R): M"},
        {"{" READY("2", "Unknown") "}", NULL, "the condition Ready is Unknown (R): M"},
        {"{\"wandb\":{\"migration\":{\"version\":\"1.1\",\"ready\":true}}," READY("2", "True") "}", NULL,
         "the migration is at version 1.1, not yet 1.2"},
        {"{\"wandb\":{\"migration\":{}}," READY("2", "True") "}", NULL,
         "the migration is at version unset, not yet 1.2"},
        {"{\"wandb\":{\"migration\":{\"version\":\"1.2\"}}," READY("2", "True") "}", NULL,
         "the migration to version 1.2 is not done"},
        {"{\"wandb\":{\"migration\":{\"version\":\"1.2\",\"ready\":true}}," READY("2", "True") "}", NULL,
         NULL},
        {"{\"kafkaStatus\":{\"ready\":false},\"mysqlStatus\":{\"default\":{\"ready\":true},\"reports\":{"
         "\"ready\":false,\"state\":\"Creating\"}},\"redisStatus\":{\"default\":{\"state\":\"\"}}}",
         "the operator has not set the condition Ready yet; not ready: mysql/reports (Creating), "
         "redis/default, "
         "kafka",
         "the operator has not set the condition Ready yet; not ready: mysql/reports (Creating), "
         "redis/default, "
         "kafka"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value live = json(
            arena, arena_printf(arena,
                                "{\"metadata\":{\"generation\":2},\"spec\":{\"wandb\":{\"version\":\"1.2\"}},"
                                "\"status\":%s}",
                                cases[i].status));
        const char *accepted = readiness_v2_missing(arena, live, READINESS_ACCEPTED);
        const char *ready = readiness_v2_missing(arena, live, READINESS_READY);
        if (strcmp(accepted ? accepted : "", cases[i].accepted ? cases[i].accepted : "") != 0 ||
            strcmp(ready ? ready : "", cases[i].ready ? cases[i].ready : "") != 0)
            fail_msg("case %zu: %s; %s", i, accepted ? accepted : "none", ready ? ready : "none");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
