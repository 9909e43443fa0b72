// SPDX-License-Identifier: Apache-2.0
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static pid_t parent;                      // who started this process
static const struct endpoint *to_unlink;  // for a signal that ends it
static volatile sig_atomic_t interrupted; // debug mode: time to stop serving

// What a library prints by mistake must not reach the host, for which stdout holds the handshake line and
// nothing else; on stderr it is a line of the log. The kept fd stays open to the end: its other end tells of
// the host's.
int process_take_stdout(void) {
    parent = getppid();
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept >= 0)
        dup2(STDERR_FILENO, STDOUT_FILENO);
    return kept;
}

// Empty handlers rather than SIG_IGN, which children would inherit: a helper program started by a handler
// should die of Ctrl-C and of a broken pipe as usual.
static void ignore(int signal) {
    (void)signal;
}

static void note(int signal) {
    (void)signal;
    interrupted = 1;
}

static void unlink_and_die(int number) {
    if (to_unlink)
        endpoint_unlink(to_unlink);
    signal(number, SIG_DFL);
    raise(number);
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction old, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (!sigaction(number, NULL, &old) && old.sa_handler == SIG_IGN && handler == unlink_and_die)
        return; // nohup
    sigaction(number, &action, NULL);
}

void process_signals(const struct endpoint *endpoint, bool debug) {
    to_unlink = endpoint;
    handle(SIGPIPE, ignore);
    handle(SIGINT, debug ? note : ignore);
    handle(SIGTERM, debug ? note : unlink_and_die);
    handle(SIGHUP, unlink_and_die);
}

bool process_interrupted(void) {
    return interrupted;
}

// No PR_SET_PDEATHSIG: it fires when the *thread* that forked ends, which Go programs do all the time.
bool process_orphaned(int host_out) {
    if (getppid() != parent)
        return true;
    struct pollfd ends[] = {{.fd = host_out},
                            {.fd = STDERR_FILENO}}; // no events: POLLERR and POLLHUP come anyway
    if (poll(ends, 2, 0) <= 0)
        return false;
    return (ends[0].revents | ends[1].revents) & (POLLERR | POLLHUP);
}
