// SPDX-License-Identifier: Apache-2.0
// References of OCI registries, against a small registry in this process.
#include "listen.h"
#include "repo/private.h"

#include "crypto/digest.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHART "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

// ---- the registry: its tags 1.4.0, v1.5.0 and 1.6.0_build lead to manifests of their own ----

static struct {
    const char *tag, *manifest, *manifest_digest;
} charts[] = {{"1.4.0", NULL, NULL}, {"v1.5.0", NULL, NULL}, {"1.6.0_build", NULL, NULL}};
enum { CHARTS = sizeof charts / sizeof *charts };

static struct arena *arena;
static int port;

// The blob of each is its tag.
static void make_charts(void) {
    for (size_t i = 0; i < CHARTS; i++) {
        const char *tag = charts[i].tag;
        charts[i].manifest =
            arena_printf(arena, "{\"layers\": [{\"mediaType\": \"" CHART "\", \"digest\": \"%s\"}]}",
                         crypto_content_digest(arena, tag, strlen(tag)));
        charts[i].manifest_digest =
            crypto_content_digest(arena, charts[i].manifest, strlen(charts[i].manifest));
    }
}

static const char *body_of(struct arena *own, const char *path) {
    if (!strcmp(path, "/v2/charts/app/tags/list"))
        return "{\"tags\": [\"1.4.0\", \"latest\", \"v1.5.0\", \"1.6.0_build\"]}";
    if (!strcmp(path, "/v2/charts/loose/tags/list"))
        return "{\"tags\": [\"v1.4.0\", \"v1.5.0\", \"latest\"]}";
    for (size_t i = 0; i < CHARTS; i++) {
        const char *blob = crypto_content_digest(own, charts[i].tag, strlen(charts[i].tag));
        if (!strcmp(path, arena_printf(own, "/v2/charts/app/manifests/%s", charts[i].tag)) ||
            !strcmp(path, arena_printf(own, "/v2/charts/app/manifests/%s", charts[i].manifest_digest)))
            return charts[i].manifest;
        if (!strcmp(path, arena_printf(own, "/v2/charts/app/blobs/%s", blob)))
            return charts[i].tag;
    }
    return NULL;
}

static void *serve(void *arg) {
    int fd = (int)(intptr_t)arg;
    char request[4096] = "", path[512] = "";
    SCRATCH_ARENA(own);
    if (read(fd, request, sizeof request - 1) > 0 && sscanf(request, "GET %511s", path) == 1) {
        const char *body = body_of(own, path);
        const char *text =
            arena_printf(own, "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                         body ? 200 : 404, strlen(body ? body : ""), body ? body : "");
        (void)!write(fd, text, strlen(text));
    }
    close(fd);
    return NULL;
}

static int set_up(void **state) {
    (void)state;
    arena = arena_create();
    make_charts();
    port = listen_on_loopback(serve);
    return 0;
}

// What is fetched of "charts/NAME" with the version: the tag that the blob is of, or the error.
static const char *fetched(const char *name, const char *version) {
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct repo_options options = {.version = version, .username = "none", .cache_dir = "/nonexistent"};
    struct http_client *client = http_client_create(&(struct http_settings){.tries = 1});
    struct fetch fetch = {.call = &call, .http = client, .options = &options};
    struct packed out = {0};
    const char *reference = arena_printf(arena, "oci://127.0.0.1:%d/charts/%s", port, name);
    bool found = registry_fetch(&fetch, reference, &out, &err);
    http_client_destroy(client);
    return !found ? err.msg
           : out.pinned
               ? arena_printf(arena, "pinned %.*s", (int)out.len, (const char *)out.data)
               : arena_printf(arena, "%s is %.*s", out.version, (int)out.len, (const char *)out.data);
}

static void follows_tags_and_digests(void **state) {
    (void)state;
    const char *first = charts[0].manifest_digest, *third = charts[2].manifest_digest;
    const char *nothing = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    const struct {
        const char *name, *version, *want;
    } cases[] = {
        {"app", NULL, "1.6.0+build is 1.6.0_build"},
        {"app", "1.4.0", "1.4.0 is 1.4.0"},
        {"app:1.4.0", NULL, "1.4.0 is 1.4.0"},
        {"app:1.4.0", "~1.4", "1.4.0 is 1.4.0"},
        {"app:1.4.0", "1.6.0", "is another one"},
        {"app", "v1.5.0", "v1.5.0 is v1.5.0"},
        {"app:v1.5.0", "1.5.0", "v1.5.0 is v1.5.0"},
        {"app@{1}", NULL, "pinned 1.4.0"},
        {"app@{1}", "1.4.0", "pinned 1.4.0"},
        {"app@{1}", "^1", "pinned 1.4.0"},
        {"app:1.4.0@{1}", NULL, "pinned 1.4.0"},
        {"app:1.4.0@{1}", "1.4.0", "pinned 1.4.0"},
        {"app:1.4.0@{1}", "1.5.0", "is another one"},
        {"app:1.6.0_build@{3}", "1.6.0+build", "pinned 1.6.0_build"},
        {"app:gone@{1}", NULL, "pinned 1.4.0"}, // it need not be tagged
        {"app:1.4.0@{3}", NULL, "the tag 1.4.0 leads to {1}, not to {3}"},
        {"app@{0}", "1.4.0", "HTTP 404"},
        {"app@1.4.0", NULL, "the digest of a manifest"},
        {"app@", NULL, "the digest of a manifest"},
        {"app", "1.5.0", "has no version 1.5.0, but the tag v1.5.0: write it like that"},
        {"app:1.5.0", NULL, "has no version 1.5.0, but the tag v1.5.0: write it like that"},
        {"app", "1.7.0", "has no version 1.7.0; it has 1.6.0+build, 1.4.0"},
        {"loose", "~1.4",
         "it has no version of it, only tags that count where version names one to the letter: "
         "v1.5.0, v1.4.0"},
        {"loose", "1.5.0", "has no version 1.5.0, but the tag v1.5.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *texts[2] = {cases[i].name, cases[i].want};
        for (size_t j = 0; j < 2; j++)
            for (const char *at; (at = strchr(texts[j], '{'));)
                texts[j] = arena_printf(arena, "%.*s%s%s", (int)(at - texts[j]), texts[j],
                                        at[1] == '1'   ? first
                                        : at[1] == '3' ? third
                                                       : nothing,
                                        at + 3);
        const char *got = fetched(texts[0], cases[i].version);
        if (!strstr(got, texts[1]))
            fail_msg("%s, %s: %s", texts[0], cases[i].version ? cases[i].version : "any", got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_tags_and_digests)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
