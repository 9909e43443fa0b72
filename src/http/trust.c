// SPDX-License-Identifier: Apache-2.0
#include "http/private.h"

#include <stdlib.h>
#include <unistd.h>

// The places that Go looks at, so that hosts which serve Terraform's other providers serve this one.
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                            // openSUSE
    "/etc/pki/tls/cacert.pem",                           // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7 and later
    "/etc/ssl/cert.pem",                                 // Alpine, macOS
};

const char *trust_file(struct arena *arena) {
    const char *named = getenv("SSL_CERT_FILE");
    if (named && *named)
        return arena_strdup(arena, named);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!access(places[i], R_OK))
            return places[i];
    return NULL;
}
