// SPDX-License-Identifier: Apache-2.0
// What records say together, and who holds a pending one.
#include "release/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct value written_by(struct arena *arena, const char *manager) {
    struct value_entry field[] = {{"manager", value_string(arena, manager)}};
    struct value fields = value_list(arena, (struct value[]){value_map(arena, field, 1)}, 1);
    struct value_entry metadata[] = {{"managedFields", fields}};
    struct value_entry secret[] = {{"metadata", value_map(arena, metadata, 1)}};
    return value_map(arena, secret, 1);
}

// "deployed:helm,failed:ours"
static struct history history_of(struct arena *arena, const char *text) {
    struct history history = {arena_array(arena, 16, sizeof *history.items), 0};
    char *rest = arena_strdup(arena, text);
    for (char *word; (word = strsep(&rest, ",")) && *word;) {
        char *manager = strchr(word, ':');
        *manager++ = 0;
        struct stored *stored = &history.items[history.count++];
        stored->release = (struct release){.status = word, .revision = (int)history.count};
        stored->secret = written_by(arena, manager);
    }
    return history;
}

struct row {
    const char *text;
    bool is_new, ours;
    int deployed;
};

static const struct row rows[] = {
    {"", true, false, 0},
    {"pending-install:ours", true, true, 0},
    {"failed:ours,pending-install:ours", true, true, 0},
    {"failed:ours,pending-install:helm", true, false, 0},
    {"deployed:ours", false, true, 1},
    {"superseded:ours,deployed:ours,failed:ours", false, true, 2},
    {"superseded:helm,failed:ours", false, false, 0},
    {"deployed:ours,deployed:ours", false, true, 2},
    {"superseded:helm,uninstalled:helm", true, false, 0},
    {"uninstalling:ours", true, true, 0},
};

static void records_together(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct history history = history_of(arena, rows[i].text);
        const struct stored *deployed = history_deployed(&history);
        assert_int_equal(history_is_new(&history), rows[i].is_new);
        assert_int_equal(history_is_ours(&history, "ours"), rows[i].ours);
        assert_int_equal(deployed ? deployed->release.revision : 0, rows[i].deployed);
    }
}

static void former_installers(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct run run = {.manager = "ours", .history = history_of(arena, "superseded:flux,deployed:ours")};
    assert_true(history_has_manager(&run, "flux"));
    assert_false(history_has_manager(&run, "ours"));
    assert_false(history_has_manager(&run, "kubectl"));
}

static enum holder state_of(struct arena *arena, const char *holder) {
    struct value_entry annotations[] = {{HOLDER_ANNOTATION, value_string(arena, holder)}};
    struct value_entry metadata[] = {{"annotations", value_map(arena, annotations, 1)}};
    struct value_entry secret[] = {{"metadata", value_map(arena, metadata, 1)}};
    return holder_state(arena, value_map(arena, secret, 1));
}

static void holders(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_int_equal(holder_state(arena, value_map(arena, NULL, 0)), HOLDER_UNKNOWN);
    assert_int_equal(state_of(arena, holder_self(arena)), HOLDER_ALIVE);
    assert_int_equal(state_of(arena, "another-host pid:[1] 1 1"), HOLDER_ELSEWHERE);
    assert_int_equal(state_of(arena, ""), HOLDER_ELSEWHERE);
    const char *self = holder_self(arena);
    const char *reborn = arena_printf(arena, "%.*s 1", (int)(strrchr(self, ' ') - self), self);
    assert_int_equal(state_of(arena, reborn), HOLDER_GONE); // the number belongs to another process by now
}

static void a_holder_that_ended(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    char text[512] = "";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        const char *self = holder_self(arena);
        _exit(write(ends[1], self, strlen(self)) < 0);
    }
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    close(ends[1]);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(state_of(arena, text), HOLDER_GONE); // its parent has not asked yet
    waitpid(child, NULL, 0);
    assert_int_equal(state_of(arena, text), HOLDER_GONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_together),
        cmocka_unit_test(former_installers),
        cmocka_unit_test(holders),
        cmocka_unit_test(a_holder_that_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
