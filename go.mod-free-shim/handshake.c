// SPDX-License-Identifier: Apache-2.0
#include "start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CORE_PROTOCOL = 1 }; // go-plugin's own version, the first field of the line

static void print_version(const struct shim_config *config) {
    printf("terraform-provider-%s v%s (protocol %u)\n", config->name, config->version, config->protocol);
    if (config->linked && *config->linked)
        printf("linked in: %s\n", config->linked);
}

static void print_help(const struct shim_config *config) {
    printf(
        "terraform-provider-%s v%s, a provider for Terraform and OpenTofu.\n"
        "\n"
        "Terraform starts it; nobody else has to. To use it, name it in a configuration\n"
        "\n"
        "  terraform {\n"
        "    required_providers {\n"
        "      %s = { source = \"%s\" }\n"
        "    }\n"
        "  }\n"
        "\n"
        "and run terraform init.\n"
        "\n"
        "  --version   print the version, and of a release what it is linked from\n"
        "  --help      print this\n"
        "  -debug      serve without TLS until Ctrl-C, and print the TF_REATTACH_PROVIDERS value with which\n"
        "              terraform uses this very process, so that it can run under a debugger\n"
        "%s",
        config->name, config->version, config->name, config->address,
        config->commands ? config->commands : "");
}

static void explain(const struct shim_config *config) {
    fprintf(stderr,
            "terraform-provider-%s is a plugin: it does nothing when it is run by hand.\n"
            "Terraform or OpenTofu starts it, for a configuration that lists %s under\n"
            "required_providers. --help says more.\n",
            config->name, config->address);
}

static bool is_option(const char *argument, const char *name) {
    return argument[0] == '-' && !strcmp(argument + 1 + (argument[1] == '-'), name);
}

static enum start answer(int *exit_code, int code) {
    *exit_code = code;
    return START_EXIT;
}

static enum start read_option(const struct shim_config *config, const char *argument, int *exit_code) {
    if (is_option(argument, "version"))
        print_version(config);
    else if (is_option(argument, "help") || is_option(argument, "h"))
        print_help(config);
    else if (is_option(argument, "debug"))
        return START_DEBUG;
    else {
        fprintf(stderr,
                "terraform-provider-%s: unknown argument \"%s\"; it takes --version, --help or -debug\n",
                config->name, argument);
        return answer(exit_code, 2);
    }
    return answer(exit_code, fflush(stdout) ? 1 : 0);
}

enum start handshake_start(const struct shim_config *config, int *exit_code) {
    if (config->argc > 1)
        return read_option(config, config->argv[1], exit_code);
    const char *cookie = getenv(config->cookie_key);
    if (cookie && !strcmp(cookie, config->cookie_value))
        return START_PLUGIN;
    explain(config);
    return answer(exit_code, 1);
}

// The list may come in any order and hold words that are no numbers. When nothing fits the host is told our
// version all the same: it then says in its own words that the two do not go together.
unsigned handshake_negotiate(const char *offered, unsigned ours, bool *agreed) {
    *agreed = !offered || !*offered; // hosts of old offer nothing
    for (const char *item = offered; item && *item;) {
        char *end;
        unsigned long version = strtoul(item, &end, 10);
        if (end != item && (*end == ',' || !*end) && version == ours)
            *agreed = true;
        item = strchr(item, ',');
        item = item ? item + 1 : NULL;
    }
    return ours;
}

bool handshake_line(char *line, size_t size, unsigned protocol, const struct endpoint *endpoint,
                    const char *certificate) {
    const char *multiplex = getenv("PLUGIN_MULTIPLEX_GRPC");
    // Hosts that do not set it would take a seventh field for a part of the sixth.
    int n =
        snprintf(line, size, "%d|%u|%s|%s|grpc|%s%s", CORE_PROTOCOL, protocol, endpoint->network,
                 endpoint->address, certificate ? certificate : "", multiplex && *multiplex ? "|false" : "");
    return n > 0 && (size_t)n < size;
}

// Paths and addresses are the shim's own or a directory the user chose; only the latter can need escaping.
static bool quote(char *out, size_t size, const char *text) {
    size_t n = 0;
    for (; *text && n + 7 < size; text++) {
        if ((unsigned char)*text < 0x20)
            n += (size_t)snprintf(out + n, size - n, "\\u%04x", *text);
        else if (*text == '"' || *text == '\\')
            n += (size_t)snprintf(out + n, size - n, "\\%c", *text);
        else
            out[n++] = *text;
    }
    out[n] = 0;
    return !*text;
}

bool handshake_reattach(char *line, size_t size, const struct shim_config *config,
                        const struct endpoint *endpoint) {
    char quoted[1024];
    if (!quote(quoted, sizeof quoted, endpoint->address))
        return false;
    int n = snprintf(line, size,
                     "{\"%s\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":%u,\"Pid\":%ld,\"Test\":true,"
                     "\"Addr\":{\"Network\":\"%s\",\"String\":\"%s\"}}}",
                     config->address, config->protocol, (long)getpid(), endpoint->network, quoted);
    return n > 0 && (size_t)n < size;
}
