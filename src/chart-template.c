// SPDX-License-Identifier: Apache-2.0
// `helm template` on this project's chart engine: the same flags, the same
// output, the same words when it refuses. A tool for tests, not shipped.
#include "base/file.h"
#include "base/list.h"
#include "helm/render.h"
#include "repo/repo.h"

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    const char **items;
    size_t count;
};

struct command {
    struct call *call;
    struct arena *arena;
    enum helm_profile profile;
    const char *name, *namespace, *kube_version;
    struct repo_options source;
    const char *ca_file, *cert_file, *key_file;
    struct helm_input *inputs;
    size_t input_count;
    struct list api_versions, show_only;
    bool is_upgrade, skip_schema, render_subchart_notes;
    struct helm_print_options print;
};

enum {
    OPT_SET = 256,
    OPT_SET_STRING,
    OPT_SET_JSON,
    OPT_SET_FILE,
    OPT_SET_LITERAL,
    OPT_PROFILE,
    OPT_HELP,
    OPT_TEXT,        // and on: the rows of `texts`
    OPT_FLAG = 1024, // and on: the rows of `flags`
};

#define PLACE(field) offsetof(struct command, field)

// Options whose value is kept as it is.
static const struct {
    const char *name;
    size_t place;
} texts[] = {
    {"namespace", PLACE(namespace)},
    {"kube-version", PLACE(kube_version)},
    {"repo", PLACE(source.repository)},
    {"version", PLACE(source.version)},
    {"username", PLACE(source.username)},
    {"password", PLACE(source.password)},
    {"registry-config", PLACE(source.registry_config)},
    {"ca-file", PLACE(ca_file)},
    {"cert-file", PLACE(cert_file)},
    {"key-file", PLACE(key_file)},
};

// Options that are there or not.
static const struct {
    const char *name;
    size_t place;
} flags[] = {
    {"include-crds", PLACE(print.include_crds)},
    {"no-hooks", PLACE(print.no_hooks)},
    {"skip-tests", PLACE(print.skip_tests)},
    {"is-upgrade", PLACE(is_upgrade)},
    {"skip-schema-validation", PLACE(skip_schema)},
    {"render-subchart-notes", PLACE(render_subchart_notes)},
    {"devel", PLACE(source.devel)},
    {"plain-http", PLACE(source.plain_http)},
    {"pass-credentials", PLACE(source.pass_credentials)},
    {"insecure-skip-tls-verify", PLACE(source.insecure_skip_tls_verify)},
};

enum { TEXTS = sizeof texts / sizeof *texts, FLAGS = sizeof flags / sizeof *flags };

static const struct option others[] = {
    {"values", required_argument, NULL, 'f'},
    {"api-versions", required_argument, NULL, 'a'},
    {"show-only", required_argument, NULL, 's'},
    {"set", required_argument, NULL, OPT_SET},
    {"set-string", required_argument, NULL, OPT_SET_STRING},
    {"set-json", required_argument, NULL, OPT_SET_JSON},
    {"set-file", required_argument, NULL, OPT_SET_FILE},
    {"set-literal", required_argument, NULL, OPT_SET_LITERAL},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"help", no_argument, NULL, OPT_HELP},
};

enum { OTHERS = sizeof others / sizeof *others };

static const struct option *all_options(struct arena *arena) {
    struct option *all = arena_array(arena, TEXTS + FLAGS + OTHERS + 1, sizeof *all); // a zeroed one ends it
    size_t count = 0;
    for (int i = 0; i < TEXTS; i++)
        all[count++] = (struct option){texts[i].name, required_argument, NULL, OPT_TEXT + i};
    for (int i = 0; i < FLAGS; i++)
        all[count++] = (struct option){flags[i].name, no_argument, NULL, OPT_FLAG + i};
    memcpy(all + count, others, sizeof others);
    return all;
}

static const char usage[] =
    "usage: chart-template [NAME] CHART [flags]\n"
    "CHART is a path, a URL of a .tgz, oci://HOST/PATH/NAME, or a name in --repo.\n"
    "  -n, --namespace NS             namespace of the release (default)\n"
    "  -f, --values FILE              values as YAML: a path, a URL or -; may be given several times\n"
    "      --set A.B=V, --set-string, --set-json, --set-file A=FILE, --set-literal\n"
    "      --kube-version V           the Kubernetes version of .Capabilities\n"
    "  -a, --api-versions A,B         more API versions of .Capabilities\n"
    "      --include-crds             print the crds/ folder too\n"
    "      --is-upgrade               set .Release.IsUpgrade\n"
    "      --no-hooks                 leave hooks out\n"
    "      --skip-tests               leave test hooks out\n"
    "  -s, --show-only FILE           only what this template renders\n"
    "      --skip-schema-validation   do not check values.schema.json\n"
    "      --render-subchart-notes    the notes of subcharts too\n"
    "      --repo URL                 the chart repository, https:// or oci://\n"
    "      --version V                an exact version or a constraint; the newest unless given\n"
    "      --devel                    prereleases too\n"
    "      --username U, --password P --pass-credentials\n"
    "      --registry-config FILE     logins for OCI registries, as docker keeps them\n"
    "      --ca-file, --cert-file, --key-file FILE, --insecure-skip-tls-verify, --plain-http\n"
    "      --profile 3|4              which helm to behave as: 3.20.1 (default) or 4.3.1\n";

static void list_add(struct arena *arena, struct list *list, const char *item) {
    *LIST_ADD(arena, list->items, list->count) = item;
}

static void list_add_commas(struct arena *arena, struct list *list, const char *text) {
    for (;;) {
        size_t len = strcspn(text, ",");
        list_add(arena, list, arena_strndup(arena, text, len));
        if (!text[len])
            return;
        text += len + 1;
    }
}

static void add_input(struct command *c, enum helm_input_kind kind, const char *text) {
    *LIST_ADD(c->arena, c->inputs, c->input_count) =
        (struct helm_input){.kind = kind, .name = text, .text = text, .read = repo_read_values};
}

static bool take_profile(struct command *c, const char *text, struct err *err) {
    if (strcmp(text, "3") != 0 && strcmp(text, "4") != 0)
        return err_set(err, ERR_INVALID, "invalid argument \"%s\" for \"--profile\" flag: use 3 or 4", text);
    c->profile = *text == '4' ? HELM_4 : HELM_3;
    return true;
}

static bool take_option(struct command *c, int option, struct err *err) {
    if (option >= OPT_FLAG)
        return *(bool *)((char *)c + flags[option - OPT_FLAG].place) = true;
    if (option >= OPT_TEXT) {
        *(const char **)((char *)c + texts[option - OPT_TEXT].place) = optarg;
        return true;
    }
    switch (option) {
    case 'n': c->namespace = optarg; return true;
    case 'a': list_add_commas(c->arena, &c->api_versions, optarg); return true;
    case 's': list_add(c->arena, &c->show_only, optarg); return true;
    case 'f': {
        struct list files = {0};
        list_add_commas(c->arena, &files, optarg);
        for (size_t i = 0; i < files.count; i++)
            add_input(c, HELM_INPUT_FILE, files.items[i]);
        return true;
    }
    case OPT_SET: add_input(c, HELM_INPUT_SET, optarg); return true;
    case OPT_SET_STRING: add_input(c, HELM_INPUT_SET_STRING, optarg); return true;
    case OPT_SET_JSON: add_input(c, HELM_INPUT_SET_JSON, optarg); return true;
    case OPT_SET_FILE: add_input(c, HELM_INPUT_SET_FILE, optarg); return true;
    case OPT_SET_LITERAL: add_input(c, HELM_INPUT_SET_LITERAL, optarg); return true;
    case OPT_PROFILE: return take_profile(c, optarg, err);
    default: return false;
    }
}

// In the words of the library that reads helm's flags. `word` is the last one that getopt looked at.
static bool refuse_flag(int option, const char *word, struct err *err) {
    bool is_long = !strncmp(word, "--", 2);
    if (option == ':' && is_long)
        return err_set(err, ERR_INVALID, "flag needs an argument: %s", word);
    if (option == ':')
        return err_set(err, ERR_INVALID, "flag needs an argument: '%c' in %s", optopt, word);
    if (is_long)
        return err_set(err, ERR_INVALID, "unknown flag: %.*s", (int)strcspn(word, "="), word);
    return err_set(err, ERR_INVALID, "unknown shorthand flag: '%c' in %s", optopt, word);
}

static bool take_arguments(struct command *c, int argc, char **argv, struct err *err) {
    opterr = 0;
    const struct option *options = all_options(c->arena);
    for (int option; (option = getopt_long(argc, argv, ":n:f:a:s:", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            fputs(usage, stdout);
            exit(0);
        }
        if (option == '?' || option == ':')
            return refuse_flag(option, argv[optind - 1], err);
        if (!take_option(c, option, err))
            return false;
    }
    int left = argc - optind;
    if (left < 1)
        return err_set(err, ERR_INVALID, "\"helm template\" requires at least 1 argument");
    if (left > 2)
        return err_set(err, ERR_INVALID, "expected at most two arguments, unexpected arguments: %s",
                       argv[optind + 2]);
    c->name = left == 2 ? argv[optind] : "release-name";
    c->source.chart = argv[argc - 1];
    return true;
}

static bool read_inputs(struct command *c, struct value *user, struct err *err) {
    for (size_t i = 0; i < c->input_count; i++) {
        struct helm_input *input = &c->inputs[i];
        if (input->kind == HELM_INPUT_FILE &&
            !repo_read_values(c->call, input->name, &input->text, &input->len, err))
            return false;
    }
    return helm_values_compose(c->call, c->inputs, c->input_count, c->profile, user, err);
}

static bool is_label(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!(isdigit((unsigned char)text[i]) || islower((unsigned char)text[i]) ||
              (text[i] == '-' && i && i + 1 < len)))
            return false;
    return len > 0;
}

static bool check_name(const char *name, struct err *err) {
    bool fine = strlen(name) <= 53;
    for (const char *p = name; fine; p += strcspn(p, ".") + 1) {
        fine = is_label(p, strcspn(p, "."));
        if (!p[strcspn(p, ".")])
            break;
    }
    if (!*name)
        return err_set(err, ERR_INVALID, "release name \"\": no name provided");
    return fine ||
           err_set(
               err, ERR_INVALID,
               "release name \"%s\": invalid release name, must match regex "
               "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not "
               "be longer than 53",
               name);
}

// Helm takes what is no path for a chart of a repository it knows; there are none here.
static bool not_found(const char *chart, struct err *err) {
    if (*chart == '.' || *chart == '/')
        return err_set(err, ERR_NOT_FOUND, "path \"%s\" not found", chart);
    if (strchr(chart, '/'))
        return err_set(err, ERR_NOT_FOUND, "repo %.*s not found", (int)strcspn(chart, "/"), chart);
    return err_set(err, ERR_NOT_FOUND,
                   "non-absolute URLs should be in form of repo_name/path_to_chart, got: %s", chart);
}

static bool read_pem(struct command *c, const char *path, const char **out, struct err *err) {
    struct buf file;
    if (!path)
        return true;
    buf_init(&file, c->arena);
    if (!file_read(path, HELM_CHART_LIMIT, &file, err))
        return err_wrap(err, "can't read %s", path);
    *out = buf_text(&file);
    return true;
}

// Helm looks for the chart first of all, then reads the values; what lies elsewhere is fetched after them.
static bool find_chart(struct command *c, struct err *err) {
    struct repo_options *source = &c->source;
    char absolute[PATH_MAX];
    if (repo_is_local(source, c->profile) && realpath(source->chart, absolute))
        source->chart = arena_strdup(c->arena, absolute);
    else if (!source->repository && !strstr(source->chart, "://"))
        return not_found(source->chart, err);
    return read_pem(c, c->ca_file, &source->ca_pem, err) &&
           read_pem(c, c->cert_file, &source->client_cert_pem, err) &&
           read_pem(c, c->key_file, &source->client_key_pem, err);
}

// What helm adds where templates had already begun to run.
static bool fail_render(const struct helm_rendered *rendered, struct err *err) {
    const char *text = err->msg;
    return rendered->rendering &&
           err_set(err, err->kind, "%s\n\nUse --debug flag to render out invalid YAML", text);
}

// The same order of steps as helm's, so that the first thing wrong is the same.
static bool run(struct command *c, struct buf *out, struct err *err) {
    struct value user;
    struct repo_chart found;
    struct helm_rendered rendered;
    if (c->kube_version && !*c->kube_version) // as if it had not been given
        c->kube_version = NULL;
    struct helm_render_options how = {
        .release_name = c->name,
        .namespace = c->namespace,
        .is_upgrade = c->is_upgrade,
        .skip_schema = c->skip_schema,
        .subchart_notes = c->render_subchart_notes,
        .fetch = repo_get_document,
        .capabilities = {.kube_version = c->kube_version,
                         .extra_api_versions = c->api_versions.items,
                         .extra_api_version_count = c->api_versions.count},
    };
    c->print.show_only = c->show_only.items;
    c->print.show_only_count = c->show_only.count;
    return helm_kube_version_check(c->arena, c->profile, c->kube_version, err) && find_chart(c, err) &&
           read_inputs(c, &user, err) && repo_load(c->call, &c->source, c->profile, &found, err) &&
           helm_chart_check_installable(found.chart, err) &&
           helm_chart_check_dependencies(c->arena, found.chart, err) && check_name(c->name, err) &&
           (helm_render(c->call, found.chart, user, &how, &rendered, err) || fail_render(&rendered, err)) &&
           helm_render_print(&rendered, c->profile, &c->print, out, err);
}

int main(int argc, char **argv) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct command command = {.call = &call, .arena = arena, .profile = HELM_3, .namespace = "default"};
    struct buf out;
    buf_init(&out, arena);
    bool fine = take_arguments(&command, argc, argv, &err) && run(&command, &out, &err);
    for (const struct notice *notice = call.notices; notice; notice = notice->next)
        fprintf(stderr, "%s\n", notice->detail);
    if (!fine) {
        fprintf(stderr, "Error: %s\n", err.msg);
        return 1;
    }
    return fwrite(buf_text(&out), 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
}
