// SPDX-License-Identifier: Apache-2.0
// Credential plugins: a child process that prints an ExecCredential.
#include "kube/private.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "codec/base64.h"
#include "codec/json.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum { LONGEST_MS = 120000, LOOK_EVERY_MS = 50, OUTPUT_LIMIT = 1 << 20, TAIL = 1000, ROUNDS = 1024 };

struct child {
    pid_t pid;
    int fds[2]; // what it writes: stdout, stderr
    struct buf texts[2];
};

// ---- what it is told ----

static struct value cluster_info(struct arena *arena, const struct kube_config *config) {
    struct value map = value_map(arena, NULL, 0);
    struct buf ca;
    buf_init(&ca, arena);
    if (config->ca_pem)
        base64_encode(&ca, config->ca_pem, strlen(config->ca_pem));
    const struct kube_pair texts[] = {{"server", config->host},
                                      {"tls-server-name", config->server_name},
                                      {"proxy-url", config->proxy_url},
                                      {"certificate-authority-data", config->ca_pem ? buf_text(&ca) : NULL}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            map = value_with(arena, map, texts[i].name, value_string_ref(texts[i].value));
    if (config->insecure)
        map = value_with(arena, map, "insecure-skip-tls-verify", value_bool(true));
    return map;
}

static const char *exec_info(struct arena *arena, const struct kube_config *config) {
    struct value spec = value_with(arena, value_map(arena, NULL, 0), "interactive", value_bool(false));
    if (config->exec->provide_cluster_info)
        spec = value_with(arena, spec, "cluster", cluster_info(arena, config));
    const struct value_entry entries[] = {{"apiVersion", value_string_ref(config->exec->api_version)},
                                          {"kind", value_string_ref("ExecCredential")},
                                          {"spec", spec}};
    return json_text(arena, value_map(arena, entries, 3));
}

static bool is_set_in(const struct kube_exec *exec, const char *entry) {
    size_t len = strcspn(entry, "=");
    if (len == strlen("KUBERNETES_EXEC_INFO") && !strncmp(entry, "KUBERNETES_EXEC_INFO", len))
        return true;
    for (size_t i = 0; i < exec->env_count; i++)
        if (strlen(exec->env[i].name) == len && !strncmp(entry, exec->env[i].name, len))
            return true;
    return false;
}

static char **child_environment(struct arena *arena, const struct kube_config *config) {
    const struct kube_exec *exec = config->exec;
    size_t count = 0, n = 0;
    while (environ[count])
        count++;
    char **out = arena_array(arena, count + exec->env_count + 2, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (!is_set_in(exec, environ[i]))
            out[n++] = environ[i];
    for (size_t i = 0; i < exec->env_count; i++)
        out[n++] = arena_printf(arena, "%s=%s", exec->env[i].name, exec->env[i].value);
    out[n] = arena_printf(arena, "KUBERNETES_EXEC_INFO=%s", exec_info(arena, config));
    return out;
}

static char **child_arguments(struct arena *arena, const struct kube_exec *exec) {
    char **out = arena_array(arena, exec->arg_count + 2, sizeof *out);
    out[0] = arena_strdup(arena, exec->command);
    for (size_t i = 0; i < exec->arg_count; i++)
        out[i + 1] = arena_strdup(arena, exec->args[i]);
    return out;
}

// ---- running it ----

static void close_pipes(int pipes[2][2]) {
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (pipes[i][j] >= 0)
                close(pipes[i][j]);
}

// Its own process group, so that it and its children can be ended; nothing open but the three; no terminal.
static int spawn(struct child *child, char **argv, char **envp, int pipes[2][2]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipes[0][1], 1);
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int failure = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

static bool start(struct arena *arena, const struct kube_config *config, struct child *child,
                  struct err *err) {
    const struct kube_exec *exec = config->exec;
    int pipes[2][2] = {{-1, -1}, {-1, -1}};
    int failure = pipe2(pipes[0], O_CLOEXEC) || pipe2(pipes[1], O_CLOEXEC) ? errno : 0;
    if (!failure)
        failure = spawn(child, child_arguments(arena, exec), child_environment(arena, config), pipes);
    if (failure) {
        close_pipes(pipes);
        return err_set(err, ERR_INVALID, "cannot run the credential plugin \"%s\": %s%s%s", exec->command,
                       strerror(failure), exec->install_hint ? "\n" : "",
                       exec->install_hint ? exec->install_hint : "");
    }
    for (int i = 0; i < 2; i++) {
        close(pipes[i][1]);
        child->fds[i] = pipes[i][0];
        buf_init(&child->texts[i], arena);
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

// Its last words, printable.
static const char *tail(struct arena *arena, const struct buf *text) {
    size_t skip = text->len > TAIL ? text->len - TAIL : 0;
    char *out = arena_strndup(arena, text->ptr ? text->ptr + skip : "", text->len - skip);
    for (char *c = out; *c; c++)
        if (iscntrl((unsigned char)*c) && *c != '\n')
            *c = ' ';
    for (size_t len = strlen(out); len && out[len - 1] == '\n';)
        out[--len] = '\0';
    return *out ? out : "nothing on stderr";
}

static bool run(const struct call *call, const struct kube_config *config, struct child *child,
                struct err *err) {
    const char *command = config->exec->command;
    int status = 0;
    if (!start(call->arena, config, child, err))
        return false;
    bool ended = follow(call, child, &status, err);
    for (int i = 0; i < 2; i++)
        if (child->fds[i] >= 0)
            close(child->fds[i]);
    const char *words = tail(call->arena, &child->texts[1]);
    if (!ended)
        return err_wrap(err, "credential plugin \"%s\" (it said: %s)", command, words);
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return true;
    return err_set(err, ERR_UNAUTHORIZED, "credential plugin \"%s\" failed with %s %d: %s", command,
                   WIFEXITED(status) ? "exit code" : "signal",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), words);
}

// ---- what it says ----

static bool bad_answer(const struct kube_exec *exec, struct err *err, const char *what) {
    return err_set(err, ERR_INVALID,
                   "credential plugin \"%s\" %s; an ExecCredential of %s in JSON was expected", exec->command,
                   what, exec->api_version);
}

static bool read_answer(struct arena *arena, const struct kube_exec *exec, struct buf *text,
                        struct kube_exec_result *out, struct err *err) {
    struct value answer;
    struct err unread = err_in(arena); // its text could quote the credential
    if (!json_decode(arena, buf_text(text), text->len, &answer, &unread))
        return bad_answer(exec, err, "printed no JSON");
    const char *kind = value_dig_string(answer, "kind", NULL),
               *version = value_dig_string(answer, "apiVersion", NULL);
    if (!kind || strcmp(kind, "ExecCredential"))
        return bad_answer(exec, err, "printed an object of another kind");
    if (!version || strcmp(version, exec->api_version))
        return bad_answer(exec, err,
                          arena_printf(arena, "answered in apiVersion \"%s\"", version ? version : ""));
    out->token = value_dig_string(answer, "status", "token", NULL);
    out->cert_pem = value_dig_string(answer, "status", "clientCertificateData", NULL);
    out->key_pem = value_dig_string(answer, "status", "clientKeyData", NULL);
    if (!out->token && !(out->cert_pem && out->key_pem))
        return bad_answer(exec, err,
                          "printed neither status.token nor status.clientCertificateData with clientKeyData");
    const char *until = value_dig_string(answer, "status", "expirationTimestamp", NULL);
    int64_t end;
    out->valid_ms = INT64_MAX;
    if (until && kube_time_parse(until, &end))
        out->valid_ms = (end - (int64_t)time(NULL)) * 1000;
    return true;
}

bool kube_exec_run(struct call *call, const struct kube_config *config, struct kube_exec_result *out,
                   struct err *err) {
    const struct kube_exec *exec = config->exec;
    struct call bounded = call_within(call, LONGEST_MS);
    struct child child = {0};
    if (exec->interactive_mode && !strcmp(exec->interactive_mode, "Always"))
        return err_set(err, ERR_UNSUPPORTED,
                       "credential plugin \"%s\" has interactiveMode Always, and there is no terminal here; "
                       "use one that "
                       "can run without",
                       exec->command);
    log_to(call, LOG_DEBUG, "kube", "running the credential plugin %s", exec->command);
    return run(&bounded, config, &child, err) && read_answer(call->arena, exec, &child.texts[0], out, err);
}
