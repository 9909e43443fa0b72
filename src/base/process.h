// SPDX-License-Identifier: Apache-2.0
// Running a helper program (credential plugins, credential helpers): no shell, no inherited
// descriptors, in its own process group, ended with the call.
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/buf.h"
#include "base/call.h"

struct process {
    char **argv;       // argv[0] is looked up in PATH; NULL-terminated
    char **envp;       // NULL: this process's environment
    const char *input; // what it reads on stdin; NULL: nothing
};

struct process_result {
    struct buf output; // stdout, at most 1 MiB
    const char *words; // the end of stderr, printable, "nothing on stderr" when there is none
    int code;          // exit code, or -1 when a signal ended it
    int signal;        // that signal, or 0
};

// Runs it to its end. False when it cannot be started (ERR_INVALID, the system's words; ERR_UNAVAILABLE when
// /dev/null is missing) or the call ended first (ERR_TIMEOUT, ERR_CANCELLED; it is killed, and `out->words`
// is filled). Any exit code is success here.
bool process_run(const struct call *call, const struct process *process, struct process_result *out,
                 struct err *err);

#endif
