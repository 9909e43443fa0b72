// SPDX-License-Identifier: Apache-2.0
// Unix socket by default; TCP on the loopback when SHIM_NETWORK=tcp asks for it or no socket file can be
// made.
#include "start.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *get(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool endpoint_path(char *path, size_t size, const char *directory, unsigned long long unique) {
    struct sockaddr_un address;
    size_t end = strlen(directory);
    while (end > 1 && directory[end - 1] == '/')
        end--;
    int n = snprintf(path, size, "%.*s/plugin%016llx", (int)end, directory, unique);
    return *directory == '/' && n > 0 && (size_t)n < size && (size_t)n < sizeof address.sun_path;
}

// The directory the host names, else the one for temporary files; /tmp when a path in it would be too long
// for a socket's address or nothing can be made there.
static bool choose_path(char *path, size_t size) {
    const char *const directories[] = {get("PLUGIN_UNIX_SOCKET_DIR"), get("TMPDIR"), "/tmp"};
    unsigned long long unique = (unsigned long long)getpid() << 32;
    if (getrandom(&unique, sizeof unique, GRND_NONBLOCK) < 0)
        unique ^= (unsigned long long)time(NULL);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        const char *directory = directories[i];
        if (!directory)
            continue;
        if (endpoint_path(path, size, directory, unique) && !access(directory, W_OK | X_OK))
            return true;
        const struct shim_field fields[] = {{"directory", directory}};
        shim_log(SHIM_DEBUG,
                 "no socket can be made in this directory: its path is too long, or it is not writable",
                 fields, 1);
    }
    return false;
}

// By number, or by name from /etc/group: getgrnam would load the host's name service modules.
static bool find_group(const char *name, gid_t *gid) {
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    *gid = (gid_t)number;
    if (!*end)
        return true;
    FILE *groups = fopen("/etc/group", "re");
    bool found = false;
    for (struct group *group; groups && !found && (group = fgetgrent(groups));) {
        found = !strcmp(group->gr_name, name);
        *gid = found ? group->gr_gid : *gid;
    }
    if (groups)
        fclose(groups);
    return found;
}

static bool share_with_group(const char *path, const char *name) {
    gid_t gid;
    bool done = find_group(name, &gid) && !chown(path, (uid_t)-1, gid) && !chmod(path, 0660);
    if (!done) {
        const struct shim_field fields[] = {{"group", name}, {"socket", path}};
        shim_log(
            SHIM_ERROR,
            "PLUGIN_UNIX_SOCKET_GROUP: the socket could not be given to this group; name one that exists and "
            "that this user is in",
            fields, 2);
    }
    return done;
}

static bool bind_unix(struct endpoint *endpoint, grpc_server *grpc, grpc_server_credentials *credentials) {
    char path[sizeof endpoint->address - 8], uri[sizeof endpoint->address];
    if (!choose_path(path, sizeof path))
        return false;
    snprintf(uri, sizeof uri, "unix:%s", path);
    mode_t mask = umask(0177); // no one else may connect, TLS or not
    int bound = grpc_server_add_http2_port(grpc, uri, credentials);
    umask(mask);
    if (!bound)
        return false;
    endpoint->network = "unix";
    strcpy(endpoint->address, path);
    const char *group = get("PLUGIN_UNIX_SOCKET_GROUP");
    return !group || share_with_group(path, group);
}

static bool port_range(long *first, long *last) {
    const char *min = get("PLUGIN_MIN_PORT"), *max = get("PLUGIN_MAX_PORT");
    *first = min ? strtol(min, NULL, 10) : 0;
    *last = max ? strtol(max, NULL, 10) : *first;
    if (*first >= 0 && *first <= *last && *last <= 65535)
        return true;
    shim_log(SHIM_ERROR,
             "PLUGIN_MIN_PORT and PLUGIN_MAX_PORT must be numbers from 0 to 65535, the first not above the "
             "second",
             NULL, 0);
    return false;
}

static bool bind_tcp(struct endpoint *endpoint, grpc_server *grpc, grpc_server_credentials *credentials) {
    long port, last;
    if (!port_range(&port, &last))
        return false;
    for (; port <= last; port++) {
        char address[32];
        snprintf(address, sizeof address, "127.0.0.1:%ld", port);
        int bound = grpc_server_add_http2_port(grpc, address, credentials); // port 0: whichever is free
        if (bound <= 0)
            continue;
        endpoint->network = "tcp";
        snprintf(endpoint->address, sizeof endpoint->address, "127.0.0.1:%d", bound);
        return true;
    }
    shim_log(SHIM_ERROR, "no port between PLUGIN_MIN_PORT and PLUGIN_MAX_PORT is free on 127.0.0.1", NULL, 0);
    return false;
}

bool endpoint_bind(struct endpoint *endpoint, grpc_server *grpc, grpc_server_credentials *credentials) {
    const char *network = get("SHIM_NETWORK");
    if (network && strcmp(network, "unix") != 0 && strcmp(network, "tcp") != 0) {
        const struct shim_field fields[] = {{"found", network}};
        shim_log(SHIM_ERROR, "SHIM_NETWORK must be \"unix\" or \"tcp\"; unset it for the default, unix",
                 fields, 1);
        return false;
    }
    bool tcp = network && !strcmp(network, "tcp");
    if (!tcp && bind_unix(endpoint, grpc, credentials))
        return true;
    if (!tcp && endpoint->network) // bound, but not as asked
        return false;
    if (!tcp)
        shim_log(SHIM_WARN,
                 "no directory for a unix socket: set TMPDIR to a writable one. Using TCP on 127.0.0.1", NULL,
                 0);
    return bind_tcp(endpoint, grpc, credentials);
}

void endpoint_unlink(const struct endpoint *endpoint) {
    if (endpoint->network && *endpoint->network == 'u')
        unlink(endpoint->address);
}
