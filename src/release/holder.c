// SPDX-License-Identifier: Apache-2.0
// Who works on a pending revision: host, process namespace, process and its start, noted on the record's
// Secret. A process that is gone from this machine left the revision behind for certain.
#include "release/private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
    char state;               // 'Z' for one that ended and whose parent has not asked how
    unsigned long long start; // in clock ticks since boot
};

// Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)); 0 where they cannot be had.
static struct process process_of(long pid) {
    struct process process = {0, 0};
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return process;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = 0;
    const char *at = strrchr(text, ')'); // the name before it may hold spaces
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
        if (at && field == 2)
            process.state = at[1];
    }
    process.start = at ? strtoull(at + 1, NULL, 10) : 0;
    return process;
}

// Where process numbers mean the same.
static const char *place(struct arena *arena) {
    char host[256] = "?", namespace[64] = "";
    gethostname(host, sizeof host - 1);
    ssize_t len = readlink("/proc/self/ns/pid", namespace, sizeof namespace - 1);
    return arena_printf(arena, "%s %s", host, len > 0 ? namespace : "?");
}

const char *holder_self(struct arena *arena) {
    long pid = (long)getpid();
    return arena_printf(arena, "%s %ld %llu", place(arena), pid, process_of(pid).start);
}

enum holder holder_state(struct arena *arena, struct value secret) {
    struct value note = value_dig(secret, "metadata", "annotations", HOLDER_ANNOTATION, NULL);
    const char *text = value_text_or(note, ""), *here = place(arena);
    size_t len = strlen(here);
    long pid;
    unsigned long long start;
    if (value_kind(note) != VALUE_STRING)
        return HOLDER_UNKNOWN;
    if (strncmp(text, here, len) != 0 || sscanf(text + len, " %ld %llu", &pid, &start) != 2)
        return HOLDER_ELSEWHERE;
    if (kill((pid_t)pid, 0) && errno == ESRCH)
        return HOLDER_GONE;
    struct process process = process_of(pid);
    bool ended = process.state == 'Z' || process.state == 'X';
    return ended || (start && process.start != start) ? HOLDER_GONE : HOLDER_ALIVE;
}
