// SPDX-License-Identifier: Apache-2.0
// Memory and work of every decoder follow the length of what it is given, whatever that says: at most so many
// bytes a byte at 64 KiB and at 1 MiB, and from the one to the other no faster than the text grows. Memory is
// what all allocators hold at once, libraries' included; work is the number of basic blocks that run in our
// own code, which is compiled for this test so that it counts them.
#include "codec/json.h"
#include "codec/msgpack.h"
#include "codec/yaml.h"
#include "files.h"

#include <string.h>

enum { SMALL = 64 << 10, LARGE = 1 << 20, RATIO = LARGE / SMALL };

// ---- counting ----

static size_t held, most_held, work;

// The sanitizer's own, whose header not every compiler brings.
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *pointer);

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void) {
    work++;
}

static void on_malloc(const volatile void *pointer, size_t size) {
    held += pointer ? size : 0;
    most_held = held > most_held ? held : most_held;
}

static void on_free(const volatile void *pointer) {
    held -= pointer ? __sanitizer_get_allocated_size(pointer) : 0;
}

// ---- texts ----

typedef void writer(struct buf *out, size_t index);

// A text of `size` bytes: `open`, what the writer makes of 0, 1, 2, … and `close`.
struct shape {
    const char *name, *open;
    writer *write;
    const char *close;
};

static struct buf text_of(struct arena *arena, const struct shape *shape, size_t size) {
    struct buf out;
    buf_init(&out, arena);
    buf_str(&out, shape->open);
    for (size_t i = 0; out.len < size; i++)
        shape->write(&out, i);
    buf_str(&out, shape->close);
    return out;
}

#define WRITER(name, ...)                                                                                    \
    static void name(struct buf *out, size_t i) {                                                            \
        (void)i;                                                                                             \
        __VA_ARGS__;                                                                                         \
    }

WRITER(ones, buf_str(out, "1,"))
WRITER(lists, buf_str(out, "[],"))
WRITER(maps, buf_str(out, "{},"))
WRITER(filled_lists, buf_str(out, "[1],"))
WRITER(blanks, buf_str(out, " \n"))
WRITER(letters, buf_char(out, 'x'))
WRITER(opening, buf_str(out, i < 990 ? "[" : "1,"))
WRITER(reals, buf_printf(out, "%zu.25,", i))

// ---- JSON ----

WRITER(dels, buf_str(out, i % 20 ? "\"\x7f\"," : "123456789012345678901234567890,"))
WRITER(del_run, buf_str(out, i % 6 ? "\x7f\x7f\x7f\x7f" : "\",12345678901234567890,\"\x7f"))
WRITER(escaped_dels, buf_str(out, "\\u007f"))
WRITER(pairs, buf_str(out, "\\ud83d\\ude00"))
WRITER(long_numbers, buf_str(out, "-0.12345678901234567890e-30,"))
WRITER(same_keys, buf_str(out, "\"k\":1,"))
WRITER(keys, buf_printf(out, "\"%zx\":{},", i * 2654435761u))
WRITER(small_maps, buf_str(out, "{\"a\":1},"))

static const struct shape JSON[] = {
    {"ones", "[", ones, "1]"},
    {"lists", "[", lists, "[]]"},
    {"maps", "[", maps, "{}]"},
    {"filled lists", "[", filled_lists, "[]]"},
    {"small maps", "[", small_maps, "{}]"},
    {"blanks", "[", blanks, "]"},
    {"one text", "\"", letters, "\""},
    {"nested", "", opening, "1"},
    {"reals", "[", reals, "1]"},
    {"DEL beside long numbers", "[", dels, "1]"},
    {"runs of DEL beside long numbers", "[\"", del_run, "\"]"},
    {"escaped DEL and a long number", "[12345678901234567890,\"", escaped_dels, "\"]"},
    {"pairs of surrogates", "\"", pairs, "\""},
    {"long numbers", "[", long_numbers, "1]"},
    {"one key again and again", "{", same_keys, "\"k\":1}"},
    {"many keys", "{", keys, "\"k\":1}"},
    {"without an end", "[", small_maps, ""},
    {"wrong at the end", "[", small_maps, "x"},
};

static bool decode_json(struct arena *arena, const struct buf *text, struct err *err) {
    struct value v;
    return json_decode(arena, text->ptr, text->len, &v, err);
}

// ---- YAML ----

// Names of one hash for what multiplies by 33 and adds: "ab" and "bA" are the same to it.
static void colliding_name(struct buf *out, size_t i) {
    for (size_t bit = 0; bit < 18; bit++)
        buf_str(out, i >> bit & 1 ? "ab" : "bA");
}

static void colliding_anchor(struct buf *out, size_t i) {
    buf_str(out, "- &");
    colliding_name(out, i);
    buf_str(out, " x\n- *");
    colliding_name(out, i / 2);
    buf_char(out, '\n');
}

WRITER(flow_items, buf_str(out, "a,"))
WRITER(flow_pairs, buf_str(out, "a: b,"))
WRITER(items, buf_str(out, "- a\n"))
WRITER(item_lists, buf_str(out, "- - - a\n"))
WRITER(entries, buf_printf(out, "%zx: 1\n", i * 2654435761u))
WRITER(documents, buf_str(out, "---\n"))
WRITER(comments, buf_str(out, "# a comment\n"))
WRITER(anchors, buf_printf(out, "- &a%zu [x]\n- *a%zu\n", i, i / 2))
WRITER(doubled, buf_printf(out, "- &a%zu [*a%zu, *a%zu]\n", i + 1, i, i))
WRITER(chained, buf_printf(out, "- &a%zu [*a%zu]\n", i + 1, i))
WRITER(aliases, buf_str(out, "- *a\n"))
WRITER(alias_keys, buf_str(out, "*a : 1\n"))
WRITER(merge_keys, buf_str(out, "<<: *a\n"))
WRITER(merged, buf_str(out, "*a, "))
WRITER(key_aliases, buf_str(out, "*a, "))
WRITER(key_lists, buf_str(out, "[b], "))
WRITER(tags, buf_str(out, "- !!x y\n"))
WRITER(prefixed_tags, buf_str(out, "- !p!x y\n"))
WRITER(tag_directives, buf_printf(out, "%%TAG !a%zu! x\n", i))
WRITER(lines, buf_str(out, "  a line\n"))
WRITER(plain_words, buf_str(out, "word "))
WRITER(escapes, buf_str(out, "\\x41"))
WRITER(quoted, buf_str(out, "- \"a\"\n"))
WRITER(odd_flow, buf_str(out, "[a:],"))
WRITER(numerals, buf_str(out, "- 1_000\n"))
WRITER(questions, buf_str(out, "? a\n"))
WRITER(some_opening, buf_str(out, i < 100 ? "[" : "1,")) // libyaml looks at every level for every token

static const char PREFIX[] =
    "%TAG !p! "
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
    "---\n";

static const struct shape YAML[] = {
    {"flow items", "[", flow_items, "a]\n"},
    {"flow pairs", "{", flow_pairs, "a: b}\n"},
    {"items", "", items, ""},
    {"lists in items", "", item_lists, ""},
    {"entries", "", entries, ""},
    {"documents", "", documents, ""},
    {"comments", "", comments, ""},
    {"nested", "", some_opening, "1"},
    {"anchors", "", anchors, ""},
    {"anchors of one hash", "", colliding_anchor, ""},
    {"anchors that double", "- &a0 x\n", doubled, ""},
    {"anchors in a chain", "- &a0 x\n", chained, ""},
    {"aliases", "- &a [b, c]\n", aliases, ""},
    {"aliases of a long text", "- &a ", letters, "\n- *a\n- *a\n- *a\n- *a\n- *a\n- *a\n- *a\n- *a\n"},
    {"aliases as keys", "&a b: c\n", alias_keys, ""},
    {"merges", "a: &a {b: c}\n", merge_keys, ""},
    {"merged lists", "a: &a {b: c}\n<<: [", merged, "*a]\n"},
    {"a key of aliases", "? [&a [b], ", key_aliases, "*a]\n: v\n"},
    {"a key that holds itself", "? &a [", key_aliases, "*a]\n: v\n"},
    {"a key of lists", "? [", key_lists, "b]\n: v\n"},
    {"a long key", "? [", letters, "]\n: v\n"},
    {"tags", "", tags, ""},
    {"tags with a prefix", PREFIX, prefixed_tags, ""},
    {"tag directives", "", tag_directives, "---\na: 1\n"},
    {"a block", "a: |\n", lines, ""},
    {"a folded block", "a: >\n", lines, ""},
    {"plain words", "a: ", plain_words, "\n"},
    {"escapes", "a: \"", escapes, "\"\n"},
    {"quoted", "", quoted, ""},
    {"what goyaml reads otherwise", "[", odd_flow, "a]\n"},
    {"numerals", "", numerals, ""},
    {"questions", "", questions, ""},
    {"without an end", "[", flow_items, ""},
};

static bool decode_yaml(struct arena *arena, const struct buf *text, struct err *err) {
    struct value v;
    return yaml_decode_all(arena, text->ptr, text->len, YAML_NUMBERS_EXACT, &v, err);
}

// ---- msgpack ----

static const struct packed {
    const char *name, *type, *item;
    size_t len;
} MSGPACK[] = {
    {"nulls", "[\"list\",\"string\"]", "\xc0", 1},
    {"bools", "[\"list\",\"bool\"]", "\xc3", 1},
    {"small numbers", "[\"list\",\"number\"]", "\x01", 1},
    {"reals", "[\"list\",\"number\"]", "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", 9},
    {"long numbers", "[\"list\",\"number\"]",
     "\xb4"
     "12345678901234567890",
     21},
    {"empty texts", "[\"list\",\"string\"]", "\xa0", 1},
    {"empty lists", "[\"list\",[\"list\",\"string\"]]", "\x90", 1},
    {"empty maps", "[\"list\",[\"map\",\"string\"]]", "\x80", 1},
    {"empty objects", "[\"list\",[\"object\",{}]]", "\x80", 1},
    {"unknowns", "[\"list\",\"string\"]", "\xd4\x00\x00", 3},
    {"pairs of type and value", "[\"list\",\"dynamic\"]", "\x92\xc4\x08\"string\"\xa1x", 13},
    {"cut short", "[\"list\",[\"list\",\"string\"]]", "\xdd\x00\x00\x00\x01", 5},
};

static void add_head(struct buf *out, int format, size_t length) {
    const char head[] = {(char)format, (char)(length >> 24), (char)(length >> 16), (char)(length >> 8),
                         (char)length};
    buf_add(out, head, sizeof head);
}

static struct buf list_of(struct arena *arena, const struct packed *packed, size_t size) {
    struct buf out;
    buf_init(&out, arena);
    add_head(&out, 0xdd, size / packed->len);
    for (size_t i = 0; i < size / packed->len; i++)
        buf_add(&out, packed->item, packed->len);
    return out;
}

// A value that brings its own type, of many attributes, and objects that have none of them.
static struct buf empty_objects_of_many(struct arena *arena, size_t size) {
    struct buf type, out;
    buf_init(&type, arena);
    buf_init(&out, arena);
    buf_str(&type, "[\"list\",[\"object\",{");
    for (size_t i = 0; type.len < size / 2; i++)
        buf_printf(&type, "\"%zx\":\"bool\",", i);
    buf_str(&type, "\"x\":\"bool\"}]]");
    buf_char(&out, (char)0x92);
    add_head(&out, 0xdb, type.len);
    buf_add(&out, type.ptr, type.len);
    add_head(&out, 0xdd, size / 2);
    buf_fill(&out, (char)0x80, size / 2);
    return out;
}

static const struct type *wanted; // of the value under way

static bool decode_msgpack(struct arena *arena, const struct buf *text, struct err *err) {
    struct value v;
    return msgpack_decode(arena, text->ptr, text->len, wanted, &v, err);
}

// ---- what is asserted ----

typedef bool decoder(struct arena *arena, const struct buf *text, struct err *err);

struct cost {
    size_t bytes, memory, work;
};

static struct cost cost_of(decoder *decode, const struct buf *text) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    arena_alloc(arena, 1);
    size_t before = held;
    most_held = held;
    work = 0;
    decode(arena, text, &err);
    return (struct cost){text->len, most_held - before, work};
}

// What any call takes, and what a byte may take of memory and of blocks.
enum { BASE_MEMORY = 256 << 10, WORK_PER_BYTE = 128 };

// `memory`: bytes that a byte may take.
static bool fits(const char *name, size_t memory, const struct cost *small, const struct cost *large) {
    size_t growth = 2 * RATIO; // a sort grows a little faster than what it sorts
    bool good = small->memory < BASE_MEMORY + memory * small->bytes &&
                large->memory < BASE_MEMORY + memory * large->bytes &&
                large->memory < growth * (small->memory + BASE_MEMORY) &&
                large->work < WORK_PER_BYTE * large->bytes && large->work < growth * (small->work + SMALL);
    if (!good)
        print_message("%s: %zu and %zu bytes a byte, %zu and %zu blocks a byte\n", name,
                      small->memory / small->bytes, large->memory / large->bytes, small->work / small->bytes,
                      large->work / large->bytes);
    return good;
}

static void check(const struct shape *shapes, size_t count, size_t memory, decoder *decode) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        SCRATCH_ARENA(arena);
        struct buf small = text_of(arena, &shapes[i], SMALL), large = text_of(arena, &shapes[i], LARGE);
        struct cost a = cost_of(decode, &small), b = cost_of(decode, &large);
        wrong += !fits(shapes[i].name, memory, &a, &b);
    }
    assert_int_equal(wrong, 0);
}

static void json_is_proportionate(void **state) {
    (void)state;
    check(JSON, sizeof JSON / sizeof *JSON, 160, decode_json); // jansson's tree of "{},{},…" alone takes 80
}

static void yaml_is_proportionate(void **state) {
    (void)state;
    check(YAML, sizeof YAML / sizeof *YAML, 128, decode_yaml);
}

static void msgpack_is_proportionate(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof MSGPACK / sizeof *MSGPACK; i++) {
        struct err err = err_in(arena);
        struct value type = json(arena, MSGPACK[i].type);
        struct buf small = list_of(arena, &MSGPACK[i], SMALL), large = list_of(arena, &MSGPACK[i], LARGE);
        wanted = type_from_value(arena, type, &err);
        struct cost a = cost_of(decode_msgpack, &small), b = cost_of(decode_msgpack, &large);
        wrong += !fits(MSGPACK[i].name, 64, &a, &b);
    }
    struct buf small = empty_objects_of_many(arena, SMALL), large = empty_objects_of_many(arena, LARGE);
    wanted = &type_dynamic;
    struct cost a = cost_of(decode_msgpack, &small), b = cost_of(decode_msgpack, &large);
    wrong += !fits("empty objects of many attributes", 64, &a, &b);
    assert_int_equal(wrong, 0);
}

static int count_memory(void **state) {
    (void)state;
    return !__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(json_is_proportionate),
                                       cmocka_unit_test(yaml_is_proportionate),
                                       cmocka_unit_test(msgpack_is_proportionate)};
    return cmocka_run_group_tests(tests, count_memory, NULL);
}
