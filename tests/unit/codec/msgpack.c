// SPDX-License-Identifier: Apache-2.0
// Against vectors made by go-cty and by Terraform itself (tests/golden/values). With the path of a file as
// argument, writes there what we make of each vector, for the generator's verify mode.
#include "codec/msgpack.h"

#include "codec/state.h"
#include "files.h"

#include <string.h>

static const char *report_path;

static struct buf unhex(struct arena *arena, const char *hex) {
    struct buf out;
    buf_init(&out, arena);
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_char(&out, (char)byte);
    return out;
}

static const char *hex(struct arena *arena, const struct buf *bytes) {
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < bytes->len; i++)
        buf_printf(&out, "%02x", (unsigned char)bytes->ptr[i]);
    return buf_text(&out);
}

static struct buf encode(struct arena *arena, const char *name, struct value v, const struct type *type) {
    struct buf out;
    buf_init(&out, arena);
    struct err err = err_in(arena);
    if (!msgpack_encode(&out, v, type, &err))
        fail_msg("%s: %s: %s", name, err.path, err.msg);
    return out;
}

static struct value decode(struct arena *arena, const char *name, const struct buf *wire,
                           const struct type *type) {
    struct value v;
    struct err err = err_in(arena);
    if (!msgpack_decode(arena, wire->ptr, wire->len, type, &v, &err))
        fail_msg("%s: %s: %s", name, err.path ? err.path : "", err.msg);
    return v;
}

// Decoding go-cty's bytes gives what its JSON says, and our own bytes decode to the same.
static void check_vector(struct value vector, FILE *report) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *name = value_get_string(value_get(vector, "name"));
    const struct type *type = type_from_value(arena, value_get(vector, "type"), &err);
    assert_non_null(type);
    struct buf wire = unhex(arena, value_get_string(value_get(vector, "hex")));
    struct value v = decode(arena, name, &wire, type);
    if (value_has(vector, "json")) {
        struct value stored;
        if (!state_conform(arena, value_get(vector, "json"), type, &stored, &err))
            fail_msg("%s: %s", name, err.msg);
        if (!value_equal(v, stored) && !strstr(name, "set"))
            fail_msg("%s: decoded %s, go-cty says %s", name, json_text(arena, v), json_text(arena, stored));
    }
    struct buf again = encode(arena, name, v, type);
    struct value back = decode(arena, name, &again, type);
    struct buf third = encode(arena, name, back, type);
    assert_int_equal(again.len, third.len);
    assert_memory_equal(again.ptr, third.ptr, again.len);
    if (!value_equal(v, back) && !strstr(name, "set"))
        fail_msg("%s: %s came back as %s", name, json_text(arena, v), json_text(arena, back));
    if (report)
        fprintf(report, "%s\t%s\n", name, hex(arena, &again));
}

static void vectors_of_go_cty(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value all = read_json(arena, TESTS_DIR "/golden/values/vectors.json");
    CLEANUP_FILE report = report_path ? fopen(report_path, "w") : NULL;
    assert_true(value_len(all) > 200);
    for (size_t i = 0; i < value_len(all); i++)
        check_vector(value_at(all, i), report);
}

// What the real Terraform and OpenTofu sent, and what they wrote into their states
// (tests/golden/values/record).
static void vectors_of_terraform(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value all = read_json(arena, TESTS_DIR "/golden/values/terraform.json");
    assert_true(value_len(all) > 80);
    for (size_t i = 0; i < value_len(all); i++)
        check_vector(value_at(all, i), NULL);
}

static const struct type *type_of(struct arena *arena, const char *json) {
    struct value v;
    struct err err = err_in(arena);
    assert_true(json_decode(arena, json, strlen(json), &v, &err));
    return type_from_value(arena, v, &err);
}

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *type, *hex, *path, *msg;
    } rows[] = {
        {"\"string\"", "", "", "msgpack: the data ends early"},
        {"\"string\"", "01", "", "msgpack: a string is needed, found a number"},
        {"\"string\"", "a1ff", "", "msgpack: a string is not UTF-8"},
        {"\"string\"", "a2", "", "msgpack: the data ends early"},
        {"\"string\"", "a0a0", NULL, "msgpack: 1 bytes follow the value"},
        {"\"number\"", "c1", "", "msgpack: the byte 0xc1 means nothing"},
        {"\"number\"", "a178", "", "msgpack: a number is needed, found a text"},
        {"\"number\"", "cb7ff8000000000000", "", "msgpack: a number is needed, found a number"},
        {"[\"list\",\"bool\"]", "92c3a0", "[1]", "msgpack: a bool is needed, found a text"},
        {"[\"list\",\"bool\"]", "ddffffffff", "", "msgpack: the data ends early"},
        {"[\"object\",{\"a\":[\"list\",\"string\"]}]", "81a1619101", "a[0]",
         "msgpack: a string is needed, found a number"},
        {"[\"object\",{\"a\":\"string\"}]", "81a162a0", "b",
         "msgpack: the type has no attribute of this name"},
        {"[\"map\",\"string\"]", "81a2610061", "", "msgpack: a key holds a NUL character: no key may"},
        {"[\"tuple\",[\"string\"]]", "92a0a0", "", "msgpack: a tuple of 1 is needed, found 2 elements"},
        {"\"dynamic\"", "01", "", "msgpack: a pair of type and value is needed, found a number"},
        {"\"dynamic\"", "92c40601", "", "msgpack: the data ends early"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct buf wire = unhex(arena, rows[i].hex);
        struct value v;
        assert_false(
            msgpack_decode(arena, buf_text(&wire), wire.len, type_of(arena, rows[i].type), &v, &err));
        assert_string_equal(err.msg, rows[i].msg);
        if (rows[i].path)
            assert_string_equal(err.path, rows[i].path);
    }
}

static void values_meet_types(void **state) {
    (void)state;
    static const struct {
        const char *json, *type, *hex;
    } rows[] = {
        {"{\"a\":\"x\"}", "[\"object\",{\"a\":\"string\",\"b\":\"bool\"}]", "82a161a178a162c0"},
        {"[3,1,2,3,1]", "[\"set\",\"number\"]", "93010203"},
        {"{\"k\":[1,\"x\",null]}", "\"dynamic\"",
         "92c4385b226f626a656374222c7b226b223a5b227475706c65222c5b226e756d626572222c22737472696e67222c2264796"
         "e616d69"
         "63225d5d7d5d81a16b9301a178c0"},
        {"null", "\"dynamic\"", "c0"},
        {"2.5", "\"number\"", "cb4004000000000000"},
        {"0.1", "\"number\"", "a3302e31"},
        {"1e3", "\"number\"", "cd03e8"},
        {"9223372036854775808", "\"number\"", "b339323233333732303336383534373735383038"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct value v;
        struct err err = err_in(arena);
        assert_true(json_decode(arena, rows[i].json, strlen(rows[i].json), &v, &err));
        struct buf wire = encode(arena, rows[i].json, v, type_of(arena, rows[i].type));
        assert_string_equal(hex(arena, &wire), rows[i].hex);
    }
}

static void misfits_name_the_path(void **state) {
    (void)state;
    static const struct {
        const char *json, *type, *path, *msg;
    } rows[] = {
        {"{\"a\":[1,\"x\"]}", "[\"object\",{\"a\":[\"list\",\"number\"]}]", "a[1]",
         "a number is needed, found a string"},
        {"{\"z\":1}", "[\"object\",{\"a\":\"string\"}]", "z", "the type has no attribute of this name"},
        {"[1]", "[\"tuple\",[\"number\",\"number\"]]", "", "a tuple of 2 is needed, found 1 elements"},
        {"1", "\"bool\"", "", "a bool is needed, found a number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct value v;
        struct buf out;
        buf_init(&out, arena);
        buf_char(&out, 'x');
        struct err err = err_in(arena);
        assert_true(json_decode(arena, rows[i].json, strlen(rows[i].json), &v, &err));
        assert_false(msgpack_encode(&out, v, type_of(arena, rows[i].type), &err));
        assert_string_equal(err.msg, rows[i].msg);
        assert_string_equal(err.path, rows[i].path);
        assert_string_equal(buf_text(&out), "x");
    }
}

int main(int argc, char **argv) {
    report_path = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_go_cty),     cmocka_unit_test(vectors_of_terraform),
        cmocka_unit_test(what_is_refused),       cmocka_unit_test(values_meet_types),
        cmocka_unit_test(misfits_name_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
