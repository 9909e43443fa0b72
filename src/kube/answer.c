// SPDX-License-Identifier: Apache-2.0
// What the server's answers mean: HTTP status and API Status objects to objects, error kinds and texts.
#include "kube/private.h"

#include "base/cursor.h"
#include "codec/json.h"
#include "http/status.h"

#include <string.h>
#include <strings.h>

static const struct {
    int status;
    const char *text;
} TEXTS[] = {
    {400, "the server calls the request bad"},
    {401, "the server does not accept the credentials"},
    {403, "forbidden"},
    {404, "not found"},
    {405, "the server does not allow this"},
    {406, "the server cannot answer in JSON"},
    {409, "conflict"},
    {410, "the resource version is too old"},
    {413, "the object is too large for the server"},
    {415, "the server does not know this kind of patch"},
    {422, "the server refuses the object"},
    {429, "the server is busy"},
    {500, "internal error of the server"},
    {502, "a gateway could not reach the server"},
    {503, "the server is unavailable"},
    {504, "the server timed out"},
};

enum { WORDS = 300, READ = 16384 }; // of an answer that is not from the API: bytes shown, and looked at

static const char *status_text(int status) {
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (TEXTS[i].status == status)
            return TEXTS[i].text;
    return "unexpected answer";
}

// Gone is a resource version here, never the object; and what is wrong is what was written, of whoever's
// making.
static enum err_kind status_kind(int status) {
    enum err_kind kind = status == 410 ? ERR_CONFLICT : http_status_kind(status);
    return kind == ERR_INVALID ? ERR_REFUSED : kind;
}

// Admission refuses with any status that it likes: webhooks with one of their own, plugins with 403, which
// means "may not" only where it names a user.
static bool is_admission(int status, const char *message) {
    static const char FORBIDDEN[] = " is forbidden: ";
    const char *why = status == 403 ? strstr(message, FORBIDDEN) : NULL;
    if (strstr(message, "denied the request") || strstr(message, "ValidatingAdmissionPolicy"))
        return true;
    return why && strncasecmp(why + sizeof FORBIDDEN - 1, "user ", 5) != 0;
}

// conflict with "kubectl-edit" using v1 -> the manager's name
static const char *manager_of(struct arena *arena, const char *message) {
    struct cursor text = cursor_of(message), name;
    cursor_until(&text, "\"");
    if (!cursor_eat(&text, "\""))
        return "another manager";
    name = cursor_until(&text, "\"");
    return cursor_left(text) ? cursor_text(name, arena) : "another manager";
}

// A server-side apply that other managers' fields stand against.
static const char *conflict_text(struct arena *arena, struct value causes) {
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; i < value_len(causes); i++) {
        const char *field = value_dig_string(value_at(causes, i), "field", NULL);
        const char *message = value_dig_string(value_at(causes, i), "message", NULL);
        if (!value_is_text(value_get(value_at(causes, i), "reason"), "FieldManagerConflict"))
            continue;
        buf_printf(&text, "%s%s is managed by \"%s\"", text.len ? ", " : "",
                   field ? field + (*field == '.') : "a field", manager_of(arena, message));
    }
    return text.len ? buf_text(&text) : NULL;
}

// A secret must be found before the text is cut, or its beginning would be left.
static const char *plain_words(const struct call *call, const struct http_response *response) {
    size_t len = response->body_len < READ ? response->body_len : READ;
    const char *text = call_shown(call, arena_strndup(call->arena, response->body, len));
    char *out = arena_strndup(call->arena, text, strnlen(text, WORDS));
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return *out ? out : "no text";
}

// What the server reports as 500 without a reason: by the words of its message.
static const struct {
    const char *words;
    enum err_kind kind;
    bool passes;
} internal_errors[] = {
    {"failed to create typed patch object", ERR_REFUSED, false}, // a field that the kind does not have
    {"failed calling webhook", ERR_UNAVAILABLE, true},           // its pod may be starting
    {"conversion webhook for", ERR_UNAVAILABLE, true},
    {"etcdserver: request is too large", ERR_LIMIT, false},
    {"etcdserver:", ERR_UNAVAILABLE, true},
};

static int internal_error(int status, const char *message) {
    int count = sizeof internal_errors / sizeof *internal_errors;
    for (int i = 0; status == 500 && message && i < count; i++)
        if (strstr(message, internal_errors[i].words))
            return i;
    return -1;
}

bool kube_answer_passes(const struct kube_answer *answer) {
    int i = internal_error(answer->status, answer->failure.kind ? answer->failure.msg : NULL);
    return i >= 0 && internal_errors[i].passes;
}

static bool has_cause(const struct kube_answer *answer, const char *reason) {
    struct value causes = value_get(answer->details, "causes");
    for (size_t i = 0; i < value_len(causes); i++)
        if (value_is_text(value_get(value_at(causes, i), "reason"), reason))
            return true;
    return false;
}

// Of a write into a namespace that is not there, or not for long; and of what may not be done by somebody
// whom the server knows.
static const char *advice(struct arena *arena, const struct kube_answer *answer, const char *message) {
    bool known = answer->status == 403 && message && !strstr(message, "\"system:anonymous\"");
    const char *rule = known ? kube_missing_rule(arena, message) : NULL;
    if (rule)
        return arena_printf(arena, "\n\n%s", rule);
    if (answer->status == 404 && value_is_text(value_get(answer->details, "kind"), "namespaces"))
        return ". Create it first";
    return has_cause(answer, "NamespaceTerminating")
               ? ". Wait until it is gone and create it anew, or take another one"
               : "";
}

static void read_failure(const struct call *call, const char *what, const struct http_response *response,
                         struct value status, struct kube_answer *out) {
    bool api = value_is_text(value_get(status, "kind"), "Status");
    const char *message =
        api ? call_shown(call, value_dig_string(status, "message", NULL)) : plain_words(call, response);
    const char *conflict = conflict_text(call->arena, value_dig(status, "details", "causes", NULL));
    out->reason = api ? value_dig_string(status, "reason", NULL) : NULL;
    out->details = api ? value_get(status, "details") : value_null();
    enum err_kind meaning = status_kind(response->status);
    if (response->status == 404 && !api)
        meaning = ERR_UNAVAILABLE; // a proxy's or some other server's: confirms nothing
    int internal = internal_error(response->status, message);
    if (internal >= 0)
        meaning = internal_errors[internal].kind;
    bool admission = api && message && is_admission(response->status, message);
    if (admission)
        meaning = ERR_REFUSED;
    if (conflict)
        err_set(&out->failure, meaning, "%s: conflict: %s", what, conflict);
    else if (internal >= 0 && meaning == ERR_LIMIT)
        err_set(&out->failure, meaning,
                "%s: the object is larger than the server stores, usually 1.5 MiB (%s). Make it smaller, or "
                "keep large texts in ConfigMaps and Secrets of their own",
                what, message);
    else
        err_set(&out->failure, meaning, "%s: %s (HTTP %d): %s%s", what,
                status_text(admission || (internal >= 0 && meaning == ERR_REFUSED) ? 422 : response->status),
                response->status, message ? message : "no message", advice(call->arena, out, message));
}

// What to look at when it is the address or the credentials that do not work; NULL when they do.
static const char *remedy(const struct kube_config *config, const struct kube_answer *answer) {
    bool unreachable = answer->failure.kind == ERR_UNAVAILABLE && !answer->status;
    if (unreachable && strstr(answer->failure.msg, "certificate is not trusted"))
        return "; set cluster_ca_certificate to its CA, or tls_server_name to a name in its certificate";
    if (unreachable)
        return "";
    const char *origin = kube_login_origin(&config->login);
    if (answer->failure.kind == ERR_UNAUTHORIZED)
        return origin ? arena_printf(answer->failure.arena, ", the credentials %s", origin)
                      : ", and so do the credentials";
    if (answer->failure.kind == ERR_FORBIDDEN && strstr(answer->failure.msg, "\"system:anonymous\""))
        return ", which gives no credentials; set a token, a client certificate or exec";
    return NULL;
}

static void name_source(const struct kube_config *config, struct kube_answer *answer) {
    const char *hint = config->source ? remedy(config, answer) : NULL;
    if (hint)
        err_set(&answer->failure, answer->failure.kind, "%s. The cluster comes from %s%s",
                answer->failure.msg, config->source, hint);
}

void kube_answer_read(const struct call *call, const struct kube_client *client, const char *what,
                      const struct http_response *response, struct kube_answer *out) {
    struct arena *arena = call->arena;
    struct err unread = err_in(arena);
    struct value body = value_null();
    *out = (struct kube_answer){.status = response->status, .failure = err_in(arena)};
    if (response->failure.kind) {
        err_set(&out->failure, response->failure.kind, "%s: %s", what, response->failure.msg);
        name_source(client->config, out);
        return;
    }
    bool decoded = json_decode(arena, response->body, response->body_len, &body, &unread);
    if (response->status < 200 || response->status > 299)
        read_failure(call, what, response, decoded ? body : value_null(), out);
    else if (!decoded || value_kind(body) != VALUE_MAP)
        err_set(&out->failure, ERR_UNAVAILABLE,
                "%s: the answer is not JSON (%s); is this a Kubernetes API server?", what,
                decoded ? value_kind_name(body) : unread.msg);
    else
        out->object = body;
    name_source(client->config, out);
}
