// SPDX-License-Identifier: Apache-2.0
// Authentication methods: the table of them, and what is done with all of them. Whoever needs one asks here;
// nothing else in the room knows which there are.
#ifndef KUBE_LOGIN_H
#define KUBE_LOGIN_H

#include "base/call.h"
#include "http/client.h"
#include "kube/config.h"
#include "kube/entry.h"

// One text of a method.
struct kube_field {
    const char *attribute;    // of `kubernetes`; NULL: only a kubeconfig can say it
    const char *variables[2]; // say the first text where the configuration gives no method at all, and the
                              // second where there is a first
    const char *key;          // of a kubeconfig's user; NULL: the method's `read` takes it
    size_t offset;            // in struct kube_login
    bool in_header;           // goes into a header as it is, so it must hold no control character
    bool secret;              // no message shows it
};

// Where a kubeconfig's user names a file, which is beside the kubeconfig.
struct kube_reference {
    const char *part, *key; // user[key], or user[part][key]
    bool may_be_name;       // a text without a slash is no file
};

// What a method that makes credentials made.
struct kube_issued {
    const char *token, *cert_pem, *key_pem; // a certificate only with its key
    int64_t valid_ms;                       // from now, INT64_MAX: as long as it is accepted
};

// A way to say who we are. It is given when one of its texts is, or when `given` says so.
struct kube_method {
    const char *name; // as part of a sentence: "a token"
    struct kube_field texts[2];
    size_t text_count;
    struct kube_reference files[2];
    bool overheard; // whoever is on the way learns it: never over plain http
    const char
        *origin; // of a credential that is refused, "from its exec plugin"; NULL: where the host is from

    bool (*given)(const struct kube_login *login);  // NULL: its texts say it
    bool (*beaten)(const struct kube_login *login); // given, but another one goes before it; NULL: never

    // Of a kubeconfig what its texts do not say; what is wrong goes to kube_entry_wrong. NULL: nothing.
    void (*read)(struct kube_entry *user, struct kube_login *out);
    // What the provider's configuration says; errors name its attributes. NULL: anything goes.
    bool (*check)(const struct kube_login *login, struct err *err);
    // What was chosen in the end, wherever it is from. NULL: anything goes.
    bool (*check_chosen)(const struct kube_login *login, struct err *err);

    // Makes the credential when the first request wants it, and again when its time is over or the server
    // refuses it. NULL: it is what the configuration says.
    bool (*make)(struct call *call, const struct kube_config *config, struct kube_issued *out,
                 struct err *err);
    // Onto a request, from what was given or made. NULL: nothing goes there.
    void (*put)(const struct kube_login *login, struct http_request *request);
    // Into the handshakes of connections. NULL: nothing goes there.
    void (*shake)(const struct kube_login *login, struct http_settings *settings);
};

// method.c: ends with a row without a name.
extern const struct kube_method kube_methods[];

// login.c: each of these asks every method.
bool kube_login_given(const struct kube_login *login);
// Forgets empty texts, which say as little as none; then takes KUBE_* variables, as the fields say.
void kube_login_fill(struct kube_login *login);
bool kube_login_check(const struct kube_login *login, struct err *err);        // the configuration's
bool kube_login_check_chosen(const struct kube_login *login, struct err *err); // the resolved one
// A kubeconfig's user, but for as whom it acts.
void kube_login_read(struct kube_entry *user, struct kube_login *out);
const char *kube_login_overheard(const struct kube_login *login); // what plain http would tell, or NULL
const char *kube_login_origin(const struct kube_login *login);    // see struct kube_method
// The method that makes the credential; NULL: none does, so that asking again changes nothing.
const struct kube_method *kube_login_maker(const struct kube_login *login);
void kube_login_put(const struct kube_login *login, struct http_request *request); // instead of what is there
void kube_login_shake(const struct kube_login *login, struct http_settings *settings);
void kube_login_hide(const struct call *call, const struct kube_login *login);

// exec_read.c: a plugin as a kubeconfig's user says it (NULL: it says none), and whether it can be run.
const struct kube_exec *kube_exec_read(struct kube_entry *user);
bool kube_exec_check(const struct kube_exec *exec, struct err *err);

// exec.c: runs the plugin once.
bool kube_exec_run(struct call *call, const struct kube_config *config, struct kube_issued *out,
                   struct err *err);

#endif
