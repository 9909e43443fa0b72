// SPDX-License-Identifier: Apache-2.0
#include "kube/login.h"

#include "kube/private.h"

static const char **text_of(struct kube_login *login, const struct kube_field *field) {
    return (const char **)((char *)login + field->offset);
}

static const char *text_in(const struct kube_login *login, const struct kube_field *field) {
    return *(const char *const *)((const char *)login + field->offset);
}

static bool is_given(const struct kube_method *method, const struct kube_login *login) {
    bool given = method->given && method->given(login);
    for (size_t i = 0; i < method->text_count; i++)
        given |= text_in(login, &method->texts[i]) != NULL;
    return given;
}

static bool is_used(const struct kube_method *method, const struct kube_login *login) {
    return is_given(method, login) && !(method->beaten && method->beaten(login));
}

bool kube_login_given(const struct kube_login *login) {
    const struct kube_method *method = kube_methods;
    while (method->name && !is_given(method, login))
        method++;
    return method->name;
}

// ---- what the configuration says ----

static void forget_empty(struct kube_login *login) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        for (size_t i = 0; i < method->text_count; i++) {
            const char **text = text_of(login, &method->texts[i]);
            *text = kube_either(*text, NULL);
        }
}

static void fill(struct kube_login *login, const struct kube_field *field) {
    const char **text = text_of(login, field);
    for (size_t i = 0; i < 2 && field->variables[i] && !*text; i++)
        *text = kube_env(field->variables[i]);
}

// Credentials are one thing: a KUBE_TOKEN left in the environment must not beat a configured plugin.
// Only the second half of a pair is taken from there.
void kube_login_fill(struct kube_login *login) {
    forget_empty(login);
    bool given = kube_login_given(login);
    for (const struct kube_method *method = kube_methods; method->name; method++) {
        if (!given && method->text_count)
            fill(login, &method->texts[0]);
        if (method->text_count > 1 && text_in(login, &method->texts[0]))
            fill(login, &method->texts[1]);
    }
}

// What goes into a header. A file's text ends with a line break.
static bool check_plain(const char *text, const char *attribute, struct err *err) {
    const char *c = text;
    while (c && (unsigned char)*c >= ' ' && *c != 0x7f)
        c++;
    if (!c || !*c)
        return true;
    return err_at(err, arena_printf(err->arena, "kubernetes.%s", attribute),
                  "kubernetes.%s %s; no credential holds one. If it comes from a file, wrap it in "
                  "trimspace().",
                  attribute, c[strspn(c, "\r\n")] ? "holds a control character" : "ends with a line break");
}

static bool check_texts(const struct kube_method *method, const struct kube_login *login, struct err *err) {
    for (size_t i = 0; i < method->text_count; i++) {
        const struct kube_field *field = &method->texts[i];
        if (field->in_header && !check_plain(text_in(login, field), field->attribute, err))
            return false;
    }
    return true;
}

bool kube_login_check(const struct kube_login *login, struct err *err) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (is_given(method, login) &&
            (!check_texts(method, login, err) || (method->check && !method->check(login, err))))
            return false;
    return true;
}

bool kube_login_check_chosen(const struct kube_login *login, struct err *err) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (method->check_chosen && is_given(method, login) && !method->check_chosen(login, err))
            return false;
    return true;
}

// ---- what a kubeconfig says ----

void kube_login_read(struct kube_entry *user, struct kube_login *out) {
    for (const struct kube_method *method = kube_methods; method->name; method++) {
        for (size_t i = 0; i < method->text_count; i++)
            if (method->texts[i].key)
                *text_of(out, &method->texts[i]) =
                    kube_either(kube_entry_text(user, method->texts[i].key), NULL);
        if (method->read)
            method->read(user, out);
    }
}

// ---- what is used ----

const char *kube_login_overheard(const struct kube_login *login) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (method->overheard && is_given(method, login))
            return method->name;
    return NULL;
}

const struct kube_method *kube_login_maker(const struct kube_login *login) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (method->make && is_used(method, login))
            return method;
    return NULL;
}

const char *kube_login_origin(const struct kube_login *login) {
    const struct kube_method *maker = kube_login_maker(login);
    return maker ? maker->origin : NULL;
}

void kube_login_put(const struct kube_login *login, struct http_request *request) {
    request->bearer = request->username = request->password = NULL;
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (method->put && is_used(method, login))
            method->put(login, request);
}

void kube_login_shake(const struct kube_login *login, struct http_settings *settings) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        if (method->shake && is_used(method, login))
            method->shake(login, settings);
}

void kube_login_hide(const struct call *call, const struct kube_login *login) {
    for (const struct kube_method *method = kube_methods; method->name; method++)
        for (size_t i = 0; i < method->text_count; i++)
            if (method->texts[i].secret)
                call_hide(call, text_in(login, &method->texts[i]));
}
