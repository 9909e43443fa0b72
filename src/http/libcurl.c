// SPDX-License-Identifier: Apache-2.0
// libcurl, loaded by the first curl_global_init instead of at start-up: it brings thirty more libraries, and
// most runs of the provider make no request. Each function has libcurl's own name and prototype and passes
// the call on, so the rest of the room is written as usual; -DCURL_LINKED=ON leaves this file out and links
// libcurl.
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

#define FUNCTIONS(F)                                                                                         \
    F(global_init)                                                                                           \
    F(easy_init)                                                                                             \
    F(easy_setopt)                                                                                           \
    F(easy_getinfo)                                                                                          \
    F(easy_strerror)                                                                                         \
    F(easy_cleanup)                                                                                          \
    F(multi_init)                                                                                            \
    F(multi_setopt)                                                                                          \
    F(multi_add_handle)                                                                                      \
    F(multi_remove_handle)                                                                                   \
    F(multi_perform)                                                                                         \
    F(multi_poll)                                                                                            \
    F(multi_wakeup)                                                                                          \
    F(multi_info_read)                                                                                       \
    F(multi_cleanup)                                                                                         \
    F(slist_append)                                                                                          \
    F(slist_free_all)

#define MEMBER(name) typeof(curl_##name) *name;
#define SYMBOL(name) {"curl_" #name, offsetof(struct functions, name)},

static struct functions { FUNCTIONS(MEMBER) } libcurl;

static const struct {
    const char *name;
    size_t at;
} symbols[] = {FUNCTIONS(SYMBOL)};

static char trouble[512]; // why it could not be loaded

static CURLcode give_up(void) {
    const char *why = dlerror();
    snprintf(trouble, sizeof trouble, "%s cannot be loaded: %s; install libcurl 7.87 or later", LIBRARY,
             why ? why : "no reason is known");
    return CURLE_FAILED_INIT;
}

static CURLcode load(void) {
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return give_up();
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return give_up();
        memcpy((char *)&libcurl + symbols[i].at, &symbol, sizeof symbol);
    }
    return CURLE_OK;
}

CURLcode curl_global_init(long flags) {
    CURLcode code = load();
    return code == CURLE_OK ? libcurl.global_init(flags) : code;
}

const char *curl_easy_strerror(CURLcode code) {
    return *trouble ? trouble : libcurl.easy_strerror(code);
}

CURL *curl_easy_init(void) {
    return libcurl.easy_init();
}

// Options are numbered by the type of their argument. Names in parentheses are not curl.h's type-checking
// macros.
CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...) {
    va_list args;
    va_start(args, option);
    CURLcode code = CURLE_BAD_FUNCTION_ARGUMENT;
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = (libcurl.easy_setopt)(easy, option, va_arg(args, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = (libcurl.easy_setopt)(easy, option, va_arg(args, curl_off_t));
    else
        code = (libcurl.easy_setopt)(easy, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...) {
    va_list args;
    va_start(args, info);
    CURLcode code = libcurl.easy_getinfo(easy, info, va_arg(args, void *));
    va_end(args);
    return code;
}

void curl_easy_cleanup(CURL *easy) {
    libcurl.easy_cleanup(easy);
}

CURLM *curl_multi_init(void) {
    return libcurl.multi_init();
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...) {
    va_list args;
    va_start(args, option);
    CURLMcode code = option < (CURLMoption)CURLOPTTYPE_OBJECTPOINT
                         ? libcurl.multi_setopt(multi, option, va_arg(args, long))
                         : libcurl.multi_setopt(multi, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) {
    return libcurl.multi_add_handle(multi, easy);
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy) {
    return libcurl.multi_remove_handle(multi, easy);
}

CURLMcode curl_multi_perform(CURLM *multi, int *running) {
    return libcurl.multi_perform(multi, running);
}

CURLMcode curl_multi_poll(CURLM *multi, struct curl_waitfd extra[], unsigned count, int ms, int *ready) {
    return libcurl.multi_poll(multi, extra, count, ms, ready);
}

CURLMcode curl_multi_wakeup(CURLM *multi) {
    return libcurl.multi_wakeup(multi);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left) {
    return libcurl.multi_info_read(multi, left);
}

CURLMcode curl_multi_cleanup(CURLM *multi) {
    return libcurl.multi_cleanup(multi);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text) {
    return libcurl.slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list) {
    libcurl.slist_free_all(list);
}
