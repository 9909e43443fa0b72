// SPDX-License-Identifier: Apache-2.0
// `helm template` on this project's chart engine: the same flags, the same
// output, the same words when it refuses. A tool for tests, not shipped.
#include "base/cleanup.h"
#include "helm/render.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct list {
    const char **items;
    size_t count;
};

struct command {
    struct call *call;
    struct arena *arena;
    enum helm_profile profile;
    const char *name, *chart, *namespace, *kube_version;
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
    OPT_KUBE_VERSION,
    OPT_INCLUDE_CRDS,
    OPT_IS_UPGRADE,
    OPT_NO_HOOKS,
    OPT_SKIP_TESTS,
    OPT_SKIP_SCHEMA,
    OPT_SUBCHART_NOTES,
    OPT_PROFILE,
    OPT_HELP,
};

static const struct option options[] = {
    {"namespace", required_argument, NULL, 'n'},
    {"values", required_argument, NULL, 'f'},
    {"api-versions", required_argument, NULL, 'a'},
    {"show-only", required_argument, NULL, 's'},
    {"set", required_argument, NULL, OPT_SET},
    {"set-string", required_argument, NULL, OPT_SET_STRING},
    {"set-json", required_argument, NULL, OPT_SET_JSON},
    {"set-file", required_argument, NULL, OPT_SET_FILE},
    {"set-literal", required_argument, NULL, OPT_SET_LITERAL},
    {"kube-version", required_argument, NULL, OPT_KUBE_VERSION},
    {"include-crds", no_argument, NULL, OPT_INCLUDE_CRDS},
    {"is-upgrade", no_argument, NULL, OPT_IS_UPGRADE},
    {"no-hooks", no_argument, NULL, OPT_NO_HOOKS},
    {"skip-tests", no_argument, NULL, OPT_SKIP_TESTS},
    {"skip-schema-validation", no_argument, NULL, OPT_SKIP_SCHEMA},
    {"render-subchart-notes", no_argument, NULL, OPT_SUBCHART_NOTES},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: chart-template [NAME] CHART [flags]\n"
    "  -n, --namespace NS             namespace of the release (default)\n"
    "  -f, --values FILE              values as YAML; may be given several times\n"
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
    "      --profile 3|4              which helm to behave as: 3.20.1 (default) or 4.3.1\n";

static void list_add(struct arena *arena, struct list *list, const char *item) {
    size_t size = sizeof *list->items;
    list->items = arena_grow(arena, list->items, list->count * size, (list->count + 1) * size);
    list->items[list->count++] = item;
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
    size_t size = sizeof *c->inputs;
    c->inputs = arena_grow(c->arena, c->inputs, c->input_count * size, (c->input_count + 1) * size);
    c->inputs[c->input_count++] = (struct helm_input){.kind = kind, .name = text, .text = text};
}

static bool take_profile(struct command *c, const char *text, struct err *err) {
    if (strcmp(text, "3") != 0 && strcmp(text, "4") != 0)
        return err_set(err, ERR_INVALID, "invalid argument \"%s\" for \"--profile\" flag: use 3 or 4", text);
    c->profile = *text == '4' ? HELM_4 : HELM_3;
    return true;
}

static bool take_option(struct command *c, int option, struct err *err) {
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
    case OPT_KUBE_VERSION: c->kube_version = optarg; return true;
    case OPT_INCLUDE_CRDS: c->print.include_crds = true; return true;
    case OPT_IS_UPGRADE: c->is_upgrade = true; return true;
    case OPT_NO_HOOKS: c->print.no_hooks = true; return true;
    case OPT_SKIP_TESTS: c->print.skip_tests = true; return true;
    case OPT_SKIP_SCHEMA: c->skip_schema = true; return true;
    case OPT_SUBCHART_NOTES: c->render_subchart_notes = true; return true;
    case OPT_PROFILE: return take_profile(c, optarg, err);
    default: return err_set(err, ERR_INVALID, "unknown flag; see chart-template --help");
    }
}

static bool take_arguments(struct command *c, int argc, char **argv, struct err *err) {
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "n:f:a:s:", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            fputs(usage, stdout);
            exit(0);
        }
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
    c->chart = argv[argc - 1];
    return true;
}

static bool read_stream(struct arena *arena, FILE *stream, const char **out, size_t *len, struct err *err) {
    struct buf text;
    char block[65536];
    buf_init(&text, arena);
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) {
        if (text.len + got > HELM_CHART_LIMIT)
            return err_set(err, ERR_LIMIT, "values are longer than %zu bytes", HELM_CHART_LIMIT);
        buf_add(&text, block, got);
    }
    *out = buf_text(&text);
    *len = text.len;
    return true;
}

static bool read_values(struct command *c, struct helm_input *input, struct err *err) {
    if (!strcmp(input->name, "-"))
        return read_stream(c->arena, stdin, &input->text, &input->len, err);
    CLEANUP_FILE file = fopen(input->name, "rb");
    if (!file)
        return err_set(err, ERR_INVALID, "open %s: %s", input->name,
                       errno == ENOENT ? "no such file or directory" : strerror(errno));
    return read_stream(c->arena, file, &input->text, &input->len, err);
}

static bool read_inputs(struct command *c, struct value *user, struct err *err) {
    for (size_t i = 0; i < c->input_count; i++)
        if (c->inputs[i].kind == HELM_INPUT_FILE && !read_values(c, &c->inputs[i], err))
            return false;
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

static bool find_chart(struct command *c, const char **path, struct err *err) {
    char absolute[PATH_MAX];
    struct stat info;
    if (stat(c->chart, &info) != 0)
        return not_found(c->chart, err);
    *path = realpath(c->chart, absolute) ? arena_strdup(c->arena, absolute) : c->chart;
    return true;
}

static void cleanup_pipe(FILE **stream) {
    if (*stream)
        pclose(*stream);
}

// Schemas that refer to URLs are rare: curl fetches them, and everybody else's run loads no network library.
static bool fetch(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    if (url[strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/.-_~%?=&+@,")])
        return err_set(err, ERR_INVALID, "the URL %s holds characters that should be escaped", url);
    CLEANUP(cleanup_pipe)
    FILE *stream = popen(arena_printf(call->arena, "curl -fsSL -m 15 -- '%s'", url), "r");
    return (stream && read_stream(call->arena, stream, text, len, err) && *len) ||
           err_set(err, ERR_UNAVAILABLE, "cannot fetch %s with curl", url);
}

static bool render(struct command *c, struct helm_chart *chart, struct value user,
                   const struct helm_render_options *how, struct helm_rendered *out, struct err *err) {
    if (helm_render(c->call, chart, user, how, out, err))
        return true;
    const char *text = err->msg;
    return out->rendering ? err_set(err, err->kind, "%s\n\nUse --debug flag to render out invalid YAML", text)
                          : false;
}

// The same order of steps as helm's, so that the first thing wrong is the same.
static bool run(struct command *c, struct buf *out, struct err *err) {
    const char *path;
    struct value user;
    struct helm_chart *chart;
    struct helm_rendered rendered;
    struct helm_render_options how = {
        .release_name = c->name,
        .namespace = c->namespace,
        .is_upgrade = c->is_upgrade,
        .skip_schema = c->skip_schema,
        .subchart_notes = c->render_subchart_notes,
        .fetch = fetch,
        .capabilities = {.kube_version = c->kube_version,
                         .extra_api_versions = c->api_versions.items,
                         .extra_api_version_count = c->api_versions.count},
    };
    c->print.show_only = c->show_only.items;
    c->print.show_only_count = c->show_only.count;
    return helm_kube_version_check(c->arena, c->profile, c->kube_version, err) && find_chart(c, &path, err) &&
           read_inputs(c, &user, err) && helm_chart_load(c->call, path, c->profile, &chart, err) &&
           helm_chart_check_installable(chart, err) && helm_chart_check_dependencies(c->arena, chart, err) &&
           check_name(c->name, err) && render(c, chart, user, &how, &rendered, err) &&
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
