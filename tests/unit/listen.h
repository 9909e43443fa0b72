// SPDX-License-Identifier: Apache-2.0
// A server on loopback in this process, for tests of clients.
#ifndef TESTS_UNIT_LISTEN_H
#define TESTS_UNIT_LISTEN_H

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

struct listener {
    int fd;
    void *(*connection)(void *);
};

static void *listen_for_ever(void *arg) {
    const struct listener *listener = arg;
    for (;;) {
        pthread_t thread;
        int fd = accept(listener->fd, NULL, NULL);
        pthread_create(&thread, NULL, listener->connection, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
    return NULL;
}

// The port. `connection` runs on a thread of its own for each, and gets (and closes) its descriptor. It ends
// with the process.
static inline int listen_on_loopback(void *(*connection)(void *)) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct listener *listener = calloc(1, sizeof *listener);
    pthread_t thread;
    *listener = (struct listener){socket(AF_INET, SOCK_STREAM, 0), connection};
    assert_int_equal(bind(listener->fd, (struct sockaddr *)&address, sizeof address), 0);
    listen(listener->fd, 128);
    getsockname(listener->fd, (struct sockaddr *)&address, &len);
    pthread_create(&thread, NULL, listen_for_ever, listener);
    pthread_detach(thread);
    return ntohs(address.sin_port);
}

#endif
