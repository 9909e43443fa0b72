// SPDX-License-Identifier: Apache-2.0
#include "http/private.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The places that Go looks at, and in this order, so that hosts which serve Terraform's other providers
// serve this one.
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                            // openSUSE
    "/etc/pki/tls/cacert.pem",                           // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7 and later
    "/etc/ssl/cert.pem",                                 // Alpine, macOS
};

#define FOLDERS "/etc/ssl/certs:/etc/pki/tls/certs"

static const char *bundle(struct arena *arena) {
    const char *named = getenv("SSL_CERT_FILE");
    if (named && *named)
        return arena_strdup(arena, named);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!access(places[i], R_OK))
            return places[i];
    return NULL;
}

// The certificates of a PEM file, and nothing else of it: libcurl would ask for the passphrase of a private
// key.
static void add_certificates(struct buf *out, const char *text) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    for (const char *stop; (text = strstr(text, begin)) && (stop = strstr(text, end)); text = stop) {
        buf_add(out, text, (size_t)(stop - text) + strlen(end));
        buf_char(out, '\n');
    }
}

static void add_file(struct buf *out, const char *path) {
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    FILE *file = fopen(path, "re");
    char part[8192];
    for (size_t got; file && (got = fread(part, 1, sizeof part, file));)
        buf_add(&text, part, got);
    if (file)
        fclose(file);
    add_certificates(out, buf_text(&text));
}

// Named by its hash, a file is mostly a link to one beside it, which is read anyway.
static bool is_link_inside(const char *path) {
    char target[256];
    ssize_t len = readlink(path, target, sizeof target);
    return len > 0 && !memchr(target, '/', (size_t)len);
}

static void add_folder(struct buf *out, const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *file = arena_printf(out->arena, "%s/%s", path, entry->d_name);
        struct stat about;
        if (!is_link_inside(file) && !stat(file, &about) && S_ISREG(about.st_mode))
            add_file(out, file);
    }
    if (folder)
        closedir(folder);
}

static void add_folders(struct buf *out, const char *named) {
    char *rest = arena_strdup(out->arena, named);
    for (char *path; (path = strsep(&rest, ":"));)
        add_folder(out, path);
}

void trust_find(struct arena *arena, struct trust *out) {
    const char *asked = getenv("SSL_CERT_DIR"), *named = asked && *asked ? asked : FOLDERS;
    *out = (struct trust){.file = bundle(arena)};
    if (out->file && named != asked)
        return;
    struct buf pem;
    buf_init(&pem, arena);
    if (out->file)
        add_file(&pem, out->file);
    add_folders(&pem, named);
    if (pem.len)
        *out =
            (struct trust){.file = out->file ? out->file : arena_strdup(arena, named), .pem = buf_text(&pem)};
}
