// SPDX-License-Identifier: Apache-2.0
// hclog's JSON lines, as go-plugin hosts parse them: @message must be a string, @timestamp has exactly six
// fractional digits (with any other number the host takes the line for plain text), a line is at most 64 KiB.
#include "log.h"
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <grpc/support/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const level_names[] = {"trace", "debug", "info", "warn", "error", "off"};

static struct {
    enum shim_level level;
    const char *module;
    const char *address;
    pthread_mutex_t lock; // a line longer than PIPE_BUF may take the kernel several turns
} state = {SHIM_WARN, "shim", NULL, PTHREAD_MUTEX_INITIALIZER};

enum shim_level log_level(const char *const *names) {
    const char *value = NULL;
    for (; *names && !(value && *value); names++)
        value = getenv(*names);
    if (!value || !*value)
        return SHIM_WARN;
    for (int level = SHIM_TRACE; level <= SHIM_OFF; level++) {
        if (!strcasecmp(value, level_names[level]))
            return (enum shim_level)level;
    }
    return SHIM_TRACE; // "JSON", and what Terraform reads any other word as
}

static enum shim_level level_by_name(const char *provider) {
    char own[128];
    snprintf(own, sizeof own, "TF_LOG_PROVIDER_%s", provider);
    for (char *c = own; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return log_level((const char *const[]){own, "TF_LOG_PROVIDER", "TF_LOG", NULL});
}

// ---- A line ----

struct line {
    char *text; // LOG_LINE_MAX bytes
    size_t length;
    size_t end; // nothing goes beyond
};

static bool put(struct line *line, const char *text, size_t length) {
    if (line->length + length > line->end)
        return false;
    memcpy(line->text + line->length, text, length);
    line->length += length;
    return true;
}

// Length of the UTF-8 sequence at `s`, 0 when it is none (overlong forms, surrogates and NUL among them).
static size_t sequence(const unsigned char *s) {
    if (s[0] < 0x80)
        return s[0] != 0;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
               (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return bad ? 0 : n;
}

static bool put_escape(struct line *line, unsigned char c) {
    static const char *const shorts[] = {
        ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t", ['"'] = "\\\"", ['\\'] = "\\\\"};
    if (c < sizeof shorts / sizeof *shorts && shorts[c])
        return put(line, shorts[c], 2);
    char code[7];
    snprintf(code, sizeof code, "\\u%04x", c);
    return put(line, code, 6);
}

static bool put_character(struct line *line, const unsigned char **text) {
    const unsigned char *s = *text;
    size_t n = sequence(s);
    *text += n ? n : 1;
    if (!n)
        return put(line, "\xef\xbf\xbd", 3);
    if (*s < 0x20 || *s == 0x7f || *s == '"' || *s == '\\')
        return put_escape(line, *s);
    return put(line, (const char *)s, n);
}

// A JSON string of at most `limit` bytes; what does not fit is cut with an ellipsis.
static void put_string(struct line *line, const char *text, size_t limit) {
    put(line, "\"", 1);
    size_t end = line->end;
    if (line->length + limit < end)
        line->end = line->length + limit;
    bool whole = true;
    for (const unsigned char *s = (const unsigned char *)text; *s && whole;)
        whole = put_character(line, &s);
    line->end = end;
    if (!whole)
        put(line, "\xe2\x80\xa6", 3);
    put(line, "\"", 1);
}

// Left out as a whole when the rest of the line is too short for it.
static void put_field(struct line *line, const char *key, const char *value, size_t limit) {
    if (!value || line->length + limit + 256 > line->end)
        return;
    put(line, line->length > 1 ? "," : "", line->length > 1);
    put_string(line, key, 128);
    put(line, ":", 1);
    put_string(line, value, limit);
}

static void put_time(struct line *line, struct timespec now) {
    struct tm utc;
    char text[64];
    gmtime_r(&now.tv_sec, &utc);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + n, sizeof text - n, ".%06ldZ", now.tv_nsec / 1000);
    put_field(line, "@timestamp", text, 64);
}

static size_t field_limit(const char *value) {
    enum { SHORT = 1024, LONG = 8192 };
    return value && strlen(value) < SHORT / 6 ? SHORT : LONG;
}

size_t log_format(char *text, const struct log_event *event) {
    struct line line = {.text = text, .end = LOG_LINE_MAX - 2};
    put(&line, "{", 1);
    put_field(&line, "@level", level_names[event->level], 16);
    put_field(&line, "@message", event->message, LOG_LINE_MAX / 2);
    put_field(&line, "@module", event->module, 128);
    put_time(&line, event->at);
    for (size_t i = 0; i < event->n_fields; i++) {
        const struct shim_field *field = &event->fields[i];
        if (strcmp(field->key, "@module") != 0)
            put_field(&line, field->key, field->value, field_limit(field->value));
    }
    line.end = LOG_LINE_MAX;
    put(&line, "}\n", 2);
    return line.length;
}

// ---- Writing ----

bool shim_logs(enum shim_level level) {
    return level >= state.level && level < SHIM_OFF;
}

// A stderr that nobody reads any more is no reason to stop.
static void write_line(const char *text, size_t length) {
    pthread_mutex_lock(&state.lock);
    for (ssize_t n; length; text += n, length -= (size_t)n) {
        n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno != EINTR)
            break;
        n = n < 0 ? 0 : n;
    }
    pthread_mutex_unlock(&state.lock);
}

static const char *module_of(const struct shim_field *fields, size_t n_fields) {
    for (size_t i = 0; i < n_fields; i++) {
        if (!strcmp(fields[i].key, "@module") && fields[i].value)
            return fields[i].value;
    }
    return state.module;
}

static const char *method_name(const struct shim_call *call) {
    return call && call->method ? strrchr(call->method->path, '/') + 1 : NULL;
}

void shim_log(enum shim_level level, const char *message, const struct shim_field *fields, size_t n_fields) {
    enum { MAX_FIELDS = 32 };
    if (!shim_logs(level))
        return;
    const struct shim_call *call = call_current();
    struct shim_field all[MAX_FIELDS + 3] = {
        {"tf_provider_addr", state.address},
        {"tf_rpc", method_name(call)},
        {"tf_req_id", call ? shim_call_id(call) : NULL},
    };
    size_t n = 3;
    for (size_t i = 0; i < n_fields && i < MAX_FIELDS; i++)
        all[n++] = fields[i];
    struct log_event event = {.level = level,
                              .module = module_of(fields, n_fields),
                              .message = message ? message : "",
                              .fields = all,
                              .n_fields = n};
    clock_gettime(CLOCK_REALTIME, &event.at);
    char text[LOG_LINE_MAX];
    write_line(text, log_format(text, &event));
}

// ---- gRPC's own lines ----

static void log_grpc(gpr_log_func_args *args) {
    static const enum shim_level levels[] = {SHIM_TRACE, SHIM_DEBUG, SHIM_ERROR};
    char caller[256];
    const char *file = strrchr(args->file, '/');
    snprintf(caller, sizeof caller, "%s:%d", file ? file + 1 : args->file, args->line);
    const struct shim_field fields[] = {{"@module", "grpc"}, {"@caller", caller}};
    shim_log(levels[args->severity], args->message, fields, 2);
}

void log_init(const struct shim_config *config) {
    state.module = config->name;
    state.address = config->address;
    state.level = config->level_env ? log_level(config->level_env) : level_by_name(config->name);
    gpr_set_log_function(log_grpc);
    gpr_set_log_verbosity(state.level == SHIM_TRACE   ? GPR_LOG_SEVERITY_DEBUG
                          : state.level == SHIM_DEBUG ? GPR_LOG_SEVERITY_INFO
                                                      : GPR_LOG_SEVERITY_ERROR);
}
