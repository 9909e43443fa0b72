// SPDX-License-Identifier: Apache-2.0
// A client of a real API server and a namespace of its own for every test. WANDB_TEST_KUBECONFIG names the
// kubeconfig (tests/cluster/up prints one); tests/e2e/test_kube_client.py runs these programs.
#ifndef UNIT_KUBE_CLUSTER_H
#define UNIT_KUBE_CLUSTER_H

#include "codec/json.h"
#include "http/client.h"
#include "kube/fields.h"
#include "kube/ready.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct call call;
    struct err err;
    struct kube_config config;
    struct kube_client *client;
    const char *space;
};

static struct value parse(struct fixture *f, const char *format, ...) {
    va_list args;
    struct value out;
    va_start(args, format);
    const char *text = arena_vprintf(f->arena, format, args);
    va_end(args);
    if (!json_decode(f->arena, text, strlen(text), &out, &f->err))
        fail_msg("%s", f->err.msg);
    return out;
}

#define OK(condition)                                                                                        \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s", f->err.msg);                                                                      \
    } while (0)

static int set_up(void **state) {
    static int number;
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    *state = f;
    f->arena = arena;
    f->call = call_in(arena);
    f->err = err_in(arena);
    const char *file = getenv("WANDB_TEST_KUBECONFIG");
    if (!file)
        fail_msg("WANDB_TEST_KUBECONFIG names no cluster; `tests/run e2e -k kube_client` brings one");
    struct kube_settings settings = {.config_path = file};
    OK(kube_config_resolve(&f->call, &settings, &f->config, &f->err));
    f->client = kube_client_create(&f->config, "unit_kube_cluster");
    f->space = arena_printf(arena, "kube-test-%d-%d", (int)getpid(), number++);
    struct value space =
        parse(f, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}", f->space);
    OK(kube_create(&f->call, f->client, space, "test", NULL, &f->err));
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    if (f->client)
        kube_delete(&f->call, f->client, &KUBE_REF("v1", "Namespace", NULL, f->space), &f->err);
    kube_client_destroy(f->client);
    arena_destroy(f->arena);
    return 0;
}

static struct fixture *ready(void **state) {
    return *state;
}

static struct value config_map(struct fixture *f, const char *name, const char *data) {
    return parse(f,
                 "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\",\"namespace\":"
                 "\"%s\",\"labels\":"
                 "{\"set\":\"x\"}},\"data\":%s}",
                 name, f->space, data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
