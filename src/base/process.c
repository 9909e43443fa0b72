// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

extern char **environ;

enum { LOOK_EVERY_MS = 50, OUTPUT_LIMIT = 1 << 20, TAIL = 1000, ROUNDS = 1024 };

struct child {
    pid_t pid;
    int fds[2]; // what it writes: stdout, stderr
    struct buf texts[2];
};

static void close_pipes(int pipes[2][2]) {
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (pipes[i][j] >= 0)
                close(pipes[i][j]);
}

// Its own process group, so that it and its children can be ended; nothing open but the three; no terminal.
static int spawn(struct child *child, const struct process *process, int input, int pipes[2][2]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, pipes[0][1], 1);
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int failure = posix_spawnp(&child->pid, process->argv[0], &actions, &attributes, process->argv,
                               process->envp ? process->envp : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

// A file in memory rather than a pipe: a child that does not read cannot block us.
static int input_file(const char *text) {
    int fd = text ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (text && fd >= 0 && write(fd, text, strlen(text)) >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static bool start(const struct call *call, const struct process *process, struct child *child,
                  struct err *err) {
    int pipes[2][2] = {{-1, -1}, {-1, -1}};
    CLEANUP_FD input = input_file(process->input);
    // Small roots lack devices. Opened by the child, a missing one would look as if the program were missing.
    if (input < 0)
        return err_set(err, ERR_UNAVAILABLE, "cannot run \"%s\": its input, %s, cannot be opened: %s",
                       process->argv[0], process->input ? "a file in memory" : "/dev/null", strerror(errno));
    int failure = pipe2(pipes[0], O_CLOEXEC) || pipe2(pipes[1], O_CLOEXEC) ? errno : 0;
    if (!failure)
        failure = spawn(child, process, input, pipes);
    if (failure) {
        close_pipes(pipes);
        return err_set(err, ERR_INVALID, "cannot run \"%s\": %s", process->argv[0], strerror(failure));
    }
    for (int i = 0; i < 2; i++) {
        close(pipes[i][1]);
        child->fds[i] = pipes[i][0];
        buf_init(&child->texts[i], call->arena);
    }
    return true;
}

static void take(struct child *child, int i) {
    char chunk[4096];
    ssize_t n = read(child->fds[i], chunk, sizeof chunk);
    if (n > 0 && child->texts[i].len < OUTPUT_LIMIT)
        buf_add(&child->texts[i], chunk, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR)) {
        close(child->fds[i]);
        child->fds[i] = -1;
    }
}

// Reads until it has ended. A grandchild that keeps the pipes open does not keep us.
static bool follow(const struct call *call, struct child *child, int *status, struct err *err) {
    for (bool ended = false; !ended;) {
        struct pollfd polls[2] = {{child->fds[0], POLLIN, 0}, {child->fds[1], POLLIN, 0}};
        ended = waitpid(child->pid, status, WNOHANG) == child->pid;
        int ready = poll(polls, 2, ended ? 0 : LOOK_EVERY_MS);
        for (int round = 0; ready > 0 && round < ROUNDS; round++) {
            for (int i = 0; i < 2; i++)
                if (polls[i].revents)
                    take(child, i);
            polls[0].fd = child->fds[0];
            polls[1].fd = child->fds[1];
            ready = poll(polls, 2, 0);
        }
        if (!ended && !call_alive(call, err)) {
            kill(-child->pid, SIGKILL);
            waitpid(child->pid, status, 0);
            return false;
        }
    }
    return true;
}

// A secret must be found before the text is cut, or its end would be left.
static const char *tail(const struct call *call, struct buf *text) {
    const char *said = call_shown(call, buf_text(text));
    size_t len = strlen(said), skip = len > TAIL ? len - TAIL : 0;
    char *out = arena_strdup(call->arena, said + skip);
    for (char *c = out; *c; c++)
        if (iscntrl((unsigned char)*c) && *c != '\n')
            *c = ' ';
    for (len = strlen(out); len && out[len - 1] == '\n';)
        out[--len] = '\0';
    return *out ? out : "nothing on stderr";
}

bool process_run(const struct call *call, const struct process *process, struct process_result *out,
                 struct err *err) {
    struct child child = {0};
    int status = 0;
    *out = (struct process_result){.words = "nothing on stderr", .code = -1};
    buf_init(&out->output, call->arena);
    if (!start(call, process, &child, err))
        return false;
    bool ended = follow(call, &child, &status, err);
    for (int i = 0; i < 2; i++)
        if (child.fds[i] >= 0)
            close(child.fds[i]);
    out->output = child.texts[0];
    out->words = tail(call, &child.texts[1]);
    out->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return ended;
}
