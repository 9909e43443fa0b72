// SPDX-License-Identifier: Apache-2.0
#include "protocol/rpc.h"

#include "base/log.h"

#include <ctype.h>
#include <string.h>

static const char *const SUMMARIES[] = {
    [ERR_INVALID] = "invalid configuration",
    [ERR_NOT_FOUND] = "not found",
    [ERR_CONFLICT] = "conflict",
    [ERR_UNAUTHORIZED] = "not authenticated",
    [ERR_FORBIDDEN] = "permission denied",
    [ERR_UNAVAILABLE] = "server not available",
    [ERR_TIMEOUT] = "timed out",
    [ERR_CANCELLED] = "interrupted",
    [ERR_LIMIT] = "limit exceeded",
    [ERR_UNSUPPORTED] = "not supported",
    [ERR_REFUSED] = "refused by the cluster",
    [ERR_FAILED] = "a hook or workload failed",
    [ERR_INTERNAL] = "bug in the provider",
};

static const char *summary_of(struct rpc *rpc, const struct err *err) {
    bool named = (size_t)err->kind < sizeof SUMMARIES / sizeof *SUMMARIES && SUMMARIES[err->kind];
    char *summary = arena_strdup(rpc->arena, named ? SUMMARIES[err->kind] : "failed");
    if (rpc->doing && err->kind != ERR_INVALID)
        return arena_printf(rpc->arena, "Cannot %s: %s", rpc->doing, summary);
    summary[0] = (char)toupper((unsigned char)summary[0]);
    return summary;
}

// What others wrote may hold what a terminal obeys: C0 and C1 controls become blanks.
static char *printable(struct rpc *rpc, const char *text) {
    char *out = arena_strdup(rpc->arena, text);
    for (unsigned char *c = (unsigned char *)out; *c; c++) {
        bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        if (c1)
            c[0] = c[1] = ' ';
        else if ((*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = ' ';
    }
    return out;
}

static TF(Diagnostic) *diagnostic(struct rpc *rpc, TF(Diagnostic__Severity) severity, const char *summary,
                                  const char *detail, const char *path) {
    TF(Diagnostic) *message = TF_NEW(rpc, Diagnostic, diagnostic);
    message->severity = severity;
    message->summary = printable(rpc, call_shown(&rpc->call, summary));
    message->detail = printable(rpc, call_shown(&rpc->call, detail ? detail : ""));
    message->attribute = to_place(rpc, path);
    return message;
}

static TF(Diagnostic) *of_err(struct rpc *rpc, const struct err *err) {
    return diagnostic(rpc, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR, summary_of(rpc, err), err->msg, err->path);
}

void rpc_diagnose(struct rpc *rpc, bool ok, ProtobufCMessage *response) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(response->descriptor, "diagnostics");
    size_t most = 1 + rpc->problems.count, count = 0;
    for (const struct notice *notice = rpc->call.notices; notice; notice = notice->next)
        most++;
    if (!ok)
        log_to(&rpc->call, LOG_DEBUG, "protocol", "error (%s): %s", err_kind_name(rpc->err.kind),
               rpc->err.msg ? rpc->err.msg : "");
    if (!field)
        return;
    TF(Diagnostic) **items = arena_array(rpc->arena, most, sizeof(TF(Diagnostic) *));
    if (!ok)
        items[count++] = of_err(rpc, &rpc->err);
    for (size_t i = 0; i < rpc->problems.count; i++)
        items[count++] = of_err(rpc, &rpc->problems.items[i]);
    for (const struct notice *notice = rpc->call.notices; notice; notice = notice->next)
        items[count++] = diagnostic(rpc, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING, notice->summary,
                                    notice->detail, notice->path);
    *(size_t *)(void *)((char *)response + field->quantifier_offset) = count;
    *(TF(Diagnostic) ***)(void *)((char *)response + field->offset) = items;
}
