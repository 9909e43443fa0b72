// SPDX-License-Identifier: Apache-2.0
// Closes the doors through which a static executable would load modules of the host's C library, which are of
// another version than the one inside it and end the process: the linker sends the calls here (--wrap). Names
// are c-ares' business; numeric addresses are answered still, because gRPC asks for 127.0.0.1 when it can not
// have a unix socket.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct answer {
    struct addrinfo info; // first, so that it is what freeaddrinfo is given
    struct sockaddr_storage address;
};

static bool parse_port(const char *service, in_port_t *port) {
    char *end = NULL;
    unsigned long number = service ? strtoul(service, &end, 10) : 0;
    *port = htons((in_port_t)number);
    return !service || (end != service && !*end && number <= 65535);
}

// A node of NULL is this machine: every address of it to listen on, else the loopback one.
static bool parse_v4(const char *node, bool passive, struct answer *answer) {
    struct sockaddr_in *address = (struct sockaddr_in *)&answer->address;
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(passive ? INADDR_ANY : INADDR_LOOPBACK);
    answer->info.ai_addrlen = sizeof *address;
    return !node || inet_pton(AF_INET, node, &address->sin_addr) == 1;
}

static bool parse_v6(const char *node, bool passive, struct answer *answer) {
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)&answer->address;
    address->sin6_family = AF_INET6;
    address->sin6_addr = passive ? in6addr_any : in6addr_loopback;
    answer->info.ai_addrlen = sizeof *address;
    return !node || inet_pton(AF_INET6, node, &address->sin6_addr) == 1;
}

static bool parse(const char *node, const struct addrinfo *wanted, struct answer *answer) {
    bool passive = wanted->ai_flags & AI_PASSIVE;
    if (wanted->ai_family != AF_INET6 && parse_v4(node, passive, answer))
        return true;
    memset(&answer->address, 0, sizeof answer->address);
    return wanted->ai_family != AF_INET && parse_v6(node, passive, answer);
}

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out) {
    static const struct addrinfo any = {.ai_family = AF_UNSPEC};
    const struct addrinfo *wanted = hints ? hints : &any;
    struct answer *answer = calloc(1, sizeof *answer);
    in_port_t port;
    if (!answer)
        return EAI_MEMORY;
    if ((!node && !service) || !parse_port(service, &port) || !parse(node, wanted, answer)) {
        free(answer);
        return EAI_NONAME;
    }
    ((struct sockaddr_in *)&answer->address)->sin_port = port; // where sin6_port is, too
    answer->info.ai_family = answer->address.ss_family;
    answer->info.ai_socktype = wanted->ai_socktype ? wanted->ai_socktype : SOCK_STREAM;
    answer->info.ai_protocol = wanted->ai_protocol;
    answer->info.ai_addr = (struct sockaddr *)&answer->address;
    *out = &answer->info;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *info) {
    free(info);
}

int __wrap_getnameinfo(const struct sockaddr *address, socklen_t size, char *node, socklen_t node_size,
                       char *service, socklen_t service_size, int flags) {
    (void)address, (void)size, (void)node, (void)node_size, (void)service, (void)service_size, (void)flags;
    return EAI_FAIL;
}

struct hostent *__wrap_gethostbyname(const char *name) {
    (void)name;
    h_errno = HOST_NOT_FOUND;
    return NULL;
}

struct servent *__wrap_getservbyname(const char *name, const char *protocol) {
    (void)name, (void)protocol;
    return NULL;
}

int __wrap_getservbyname_r(const char *name, const char *protocol, struct servent *into, char *text,
                           size_t size, struct servent **out) {
    (void)name, (void)protocol, (void)into, (void)text, (void)size;
    *out = NULL;
    return 0;
}

int __wrap_getservbyport_r(int port, const char *protocol, struct servent *into, char *text, size_t size,
                           struct servent **out) {
    (void)port, (void)protocol, (void)into, (void)text, (void)size;
    *out = NULL;
    return 0;
}

// OpenSSL's engines and providers.
void *__wrap_dlopen(const char *path, int flags) {
    (void)path, (void)flags;
    return NULL;
}
