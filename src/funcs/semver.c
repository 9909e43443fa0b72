// SPDX-License-Identifier: Apache-2.0
// sprig's versions: an object with Go's methods, and the comparison charts ask kubeVersion with.
#include "go/semver.h"
#include "funcs/cast.h"
#include "funcs/private.h"
#include "template/json.h"

#include <string.h>

static const struct rclass version_class, version_value_class;

static const struct semver *version_of(const struct robject *object) {
    return object->data;
}

static const struct semver *self(struct rt *rt) {
    return version_of(rt->self.u.object);
}

static void version_string(const struct robject *object, struct buf *out) {
    buf_str(out, semver_text(out->arena, version_of(object)));
}

static const char *version_json(const struct robject *object, struct arena *arena, struct value *out) {
    *out = value_string(arena, semver_text(arena, version_of(object)));
    return NULL;
}

static bool give_version(struct rt *rt, const struct rclass *class, struct semver version, struct rv *out) {
    struct robject *object = arena_alloc(rt->heap->arena, sizeof *object);
    object->class = class;
    object->data = arena_memdup(rt->heap->arena, &version, sizeof version);
    *out = rv_object(object);
    return true;
}

// Helm 3 has an older library: it does not bound versions, and overflows.
static bool is_old(const struct rt *rt) {
    return rt->options->profile == TEMPLATE_HELM3;
}

static bool parse(struct rt *rt, struct arena *arena, const char *text, struct semver *out, struct err *err) {
    return (is_old(rt) ? semver_parse_long : semver_parse)(arena, text, out, err);
}

#define NUMBER_METHOD(field)                                                                                 \
    static bool get_##field(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {            \
        *out = rv_integer(RT_UINT64, (int64_t)self(rt)->field);                                              \
        return true;                                                                                         \
    }
NUMBER_METHOD(major)
NUMBER_METHOD(minor)
NUMBER_METHOD(patch)

#define TEXT_METHOD(field)                                                                                   \
    static bool get_##field(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {            \
        *out = rv_literal(self(rt)->field);                                                                  \
        return true;                                                                                         \
    }
TEXT_METHOD(pre)
TEXT_METHOD(metadata)
TEXT_METHOD(original)

static bool get_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(semver_text(rt->heap->arena, self(rt)));
    return true;
}

static bool equal(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(args[0].type == RT_OBJECT && semver_compare(self(rt), version_of(args[0].u.object)) == 0);
    return true;
}

#define ORDER_METHOD(name, result)                                                                           \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        if (args[0].type != RT_OBJECT)                                                                       \
            return rt_fail(rt, "runtime error: invalid memory address or nil pointer dereference");          \
        int order = semver_compare(self(rt), version_of(args[0].u.object));                                  \
        *out = result;                                                                                       \
        return true;                                                                                         \
    }
ORDER_METHOD(compare, rv_int(order))
ORDER_METHOD(less, rv_bool(order < 0))
ORDER_METHOD(less_equal, rv_bool(order <= 0))
ORDER_METHOD(greater, rv_bool(order > 0))
ORDER_METHOD(greater_equal, rv_bool(order >= 0))

// A changed version is a value, written anew with the v the receiver had.
static bool give_next(struct rt *rt, struct semver next, struct rv *out) {
    const char *v = self(rt)->original[0] == 'v' ? "v" : "";
    next.original = arena_printf(rt->heap->arena, "%s%s", v, semver_text(rt->heap->arena, &next));
    return give_version(rt, &version_value_class, next, out);
}

static bool inc_major(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (self(rt)->major == UINT64_MAX && !is_old(rt))
        return rt_fail(rt, "major version increment would overflow uint64");
    return give_next(rt, (struct semver){self(rt)->major + 1, 0, 0, "", "", ""}, out);
}

static bool inc_minor(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (self(rt)->minor == UINT64_MAX && !is_old(rt))
        return rt_fail(rt, "minor version increment would overflow uint64");
    return give_next(rt, (struct semver){self(rt)->major, self(rt)->minor + 1, 0, "", "", ""}, out);
}

// The patch of a pre-release is the release itself.
static bool inc_patch(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const struct semver *v = self(rt);
    if (!*v->pre && v->patch == UINT64_MAX && !is_old(rt))
        return rt_fail(rt, "patch version increment would overflow uint64");
    return give_next(rt, (struct semver){v->major, v->minor, v->patch + !*v->pre, "", "", ""}, out);
}

// Reads the part as a version would hold it, so that it is checked by the same rules.
static bool set_part(struct rt *rt, struct rv part, const char *lead, struct semver *next) {
    struct err err = err_in(rt->heap->arena);
    struct semver checked;
    const char *text =
        arena_printf(rt->heap->arena, "0.0.0%s%s", part.len ? lead : "", rv_cstr(rt->heap, part));
    if (!semver_parse_strict(rt->heap->arena, text, &checked, &err))
        return rt_fail(rt, "%s", err.msg);
    if (*lead == '-')
        next->pre = rv_cstr(rt->heap, part);
    else
        next->metadata = rv_cstr(rt->heap, part);
    return true;
}

static bool set_prerelease(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct semver next = *self(rt);
    return set_part(rt, args[0], "-", &next) && give_next(rt, next, out);
}

static bool set_metadata(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct semver next = *self(rt);
    return set_part(rt, args[0], "+", &next) && give_next(rt, next, out);
}

static bool get_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *text = semver_text(rt->heap->arena, self(rt));
    text = arena_printf(rt->heap->arena, "\"%s\"", text);
    *out = rv_bytes(text, strlen(text));
    return true;
}

static bool get_bytes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *text = semver_text(rt->heap->arena, self(rt));
    *out = rv_bytes(text, strlen(text));
    return true;
}

// The object becomes another version for everybody who holds it, so that must outlive this action.
static bool become(struct rt *rt, struct rv text, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct semver version;
    bool ok = parse(rt, rt->keep, arena_strndup(rt->keep, text.u.text ? text.u.text : "", text.len), &version,
                    &err);
    if (ok)
        rt->self.u.object->data = arena_memdup(rt->keep, &version, sizeof version);
    *out = rv_error(rt->heap, ok ? NULL : err.msg);
    return true;
}

static bool scan(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (is_old(rt))
        return become(rt, args[0].type == RT_STRING ? args[0] : rv_literal(""), out);
    if (args[0].type == RT_STRING || args[0].type == RT_BYTES)
        return become(rt, args[0], out);
    *out = rv_error(rt->heap,
                    args[0].type == RT_NIL
                        ? "cannot scan nil into Version"
                        : arena_printf(rt->heap->arena, "unsupported Scan type %s", rv_type_name(args[0])));
    return true;
}

static bool from_bytes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return become(rt, args[0], out);
}

static bool from_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv text;
    const char *message = NULL;
    if (!json_read(rt->heap, args[0].u.text ? args[0].u.text : "", args[0].len, &text, &message))
        *out = rv_error(rt->heap, message);
    else if (text.type == RT_STRING || text.type == RT_NIL)
        return become(rt, text, out);
    else
        *out = rv_error(rt->heap, arena_printf(rt->heap->arena,
                                               "json: cannot unmarshal %s into Go value of type string",
                                               json_kind(text)));
    return true;
}

// The first are methods of pointers only.
static const struct rt_func version_methods[] = {
    {"Compare", "S", compare, 0},
    {"Equal", "S", equal, 0},
    {"GreaterThan", "S", greater, 0},
    {"GreaterThanEqual", "S", greater_equal, 0},
    {"LessThan", "S", less, 0},
    {"LessThanEqual", "S", less_equal, 0},
    {"Original", "", get_original, 0},
    {"Scan", "v", scan, 0},
    {"UnmarshalJSON", "B", from_json, 0},
    {"UnmarshalText", "B", from_bytes, 0},
    {"IncMajor", "", inc_major, 0},
    {"IncMinor", "", inc_minor, 0},
    {"IncPatch", "", inc_patch, 0},
    {"Major", "", get_major, 0},
    {"MarshalJSON", "", get_json, 0},
    {"MarshalText", "", get_bytes, 0},
    {"Metadata", "", get_metadata, 0},
    {"Minor", "", get_minor, 0},
    {"Patch", "", get_patch, 0},
    {"Prerelease", "", get_pre, 0},
    {"SetMetadata", "s", set_metadata, 0},
    {"SetPrerelease", "s", set_prerelease, 0},
    {"String", "", get_string, 0},
    {"Value", "", get_string, 0},
    {NULL, NULL, NULL, 0},
};
enum { POINTER_METHODS = 10 };

static const struct rfield version_fields[] = {{"major", NULL, false},    {"minor", NULL, false},
                                               {"patch", NULL, false},    {"pre", NULL, false},
                                               {"metadata", NULL, false}, {"original", NULL, false}};
enum { VERSION_FIELDS = sizeof version_fields / sizeof *version_fields };

static void version_unexported(const struct robject *object, struct rv *fields) {
    const struct semver *v = version_of(object);
    fields[0] = rv_integer(RT_UINT64, (int64_t)v->major);
    fields[1] = rv_integer(RT_UINT64, (int64_t)v->minor);
    fields[2] = rv_integer(RT_UINT64, (int64_t)v->patch);
    fields[3] = rv_literal(v->pre);
    fields[4] = rv_literal(v->metadata);
    fields[5] = rv_literal(v->original);
}

// reflect.DeepEqual sees the text a version was read from, too.
static bool same_version(const struct robject *a, const struct robject *b) {
    return semver_compare(version_of(a), version_of(b)) == 0 &&
           !strcmp(version_of(a)->metadata, version_of(b)->metadata) &&
           !strcmp(version_of(a)->original, version_of(b)->original);
}

static const struct semver no_version = {0, 0, 0, "", "", ""};

static const struct rclass version_class = {
    .name = "*semver.Version",
    .kind_name = "ptr",
    .kind = RV_POINTER,
    .fields = version_fields,
    .field_count = VERSION_FIELDS,
    .unexported = version_unexported,
    .methods = version_methods,
    .string = version_string,
    .json = version_json,
    .same = same_version,
    .blank = &no_version,
};
static const struct rclass version_value_class = {
    .name = "semver.Version",
    .kind_name = "struct",
    .kind = RV_STRUCT,
    .fields = version_fields,
    .field_count = VERSION_FIELDS,
    .unexported = version_unexported,
    .methods = version_methods + POINTER_METHODS,
    .string = version_string,
    .json = version_json,
    .same = same_version,
    .blank = &no_version,
};

static bool semver(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct semver version;
    if (!parse(rt, rt->heap->arena, rv_cstr(rt->heap, args[0]), &version, &err))
        return rt_fail(rt, "%s", err.msg);
    return give_version(rt, &version_class, version, out);
}

static bool semver_compare_with(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct arena *arena = rt->heap->arena;
    struct err err = err_in(arena);
    struct semver version;
    const struct semver_constraint *constraint = semver_constraint_parse(
        arena, rv_cstr(rt->heap, args[0]), is_old(rt) ? SEMVER_OF_HELM_3_20 : SEMVER_PRE_BY_GROUP, &err);
    if (!constraint || !parse(rt, arena, rv_cstr(rt->heap, args[1]), &version, &err))
        return rt_fail(rt, "%s", err.msg);
    *out = rv_bool(semver_constraint_check(constraint, &version));
    return true;
}

const struct rt_func funcs_semver[] = {
    {"semver", "s", semver, 0},
    {"semverCompare", "ss", semver_compare_with, 0},
    {NULL, NULL, NULL, 0},
};
