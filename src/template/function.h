// SPDX-License-Identifier: Apache-2.0
// How template functions and methods are written, called and found.
#ifndef TEMPLATE_FUNCTION_H
#define TEMPLATE_FUNCTION_H

#include "template/runtime.h"
#include "template/template.h"

// One running template: what a function may use.
struct rt {
    struct rheap *heap;                     // results are born here (heap->arena for buffers)
    struct arena *keep;                     // lives as long as the set: caches, compiled things
    const struct template_options *options; // profile, random, clock, dns, lookup
    struct template_set *set;
    struct exec *exec; // private to exec
    struct rv self;    // receiver, while a method runs
    uint64_t steps;    // spent so far, see rt_spend
};

// Gets arguments already checked against its parameter codes; fills *out (never .iface) or
// returns false after rt_fail. A result that was never set is nil.
typedef bool rt_function(struct rt *rt, const struct rv *args, size_t count, struct rv *out);

// Parameter codes: a function's parameters are a text of them, one a parameter; a final '*' makes the last
// one variadic ("is", "sv*").
// clang-format off
enum rt_parameter {
    PARAM_UNTYPED = 0, // takes anything as it is; in no text
    PARAM_STRING = 's', PARAM_INT = 'i', PARAM_INT64 = 'l', PARAM_FLOAT64 = 'f', PARAM_BOOL = 'b',
    PARAM_ANY = 'v',     // interface {}
    PARAM_MAP = 'm',     // map[string]interface {}
    PARAM_LIST = 'a',    // []interface {}
    PARAM_BYTES = 'B',   // []uint8
    PARAM_TIME = 't', PARAM_CERTIFICATE = 'c', PARAM_VERSION = 'S', PARAM_DURATION = 'D', PARAM_LOCATION = 'L',
    PARAM_UINT32 = 'u',  // no value is one, but constants are
    PARAM_WRITER = 'W',  // io.Writer: no value is one
    PARAM_REFLECT = 'V', // reflect.Value: text/template's own functions see .iface and the invalid value
};
// clang-format on

// A Go method with results no template may call says so behind '>': ">3" three of them, ">int" a second that
// is this type instead of error; it needs no function.
// An 'm' or 'a' argument may be nil (map NULL, len 0); 'v' arrives without .iface, RT_NIL for nil.
// 'm' accepts chartutil.Values too and then arrives as RT_MAP. 't' and 'c' arrive as RT_OBJECT
// whose class has that name.
struct rt_func {
    const char *name;
    const char *params;
    rt_function *call;
    uint8_t only; // 0 both profiles, TEMPLATE_HELM3, TEMPLATE_HELM4
};

// Go's word for a failing function: the text after "error calling NAME: ". Also what a Go
// panic inside the function says. Always false, so that it can be returned.
bool rt_fail(struct rt *rt, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool rt_fail_limit(struct rt *rt, const char *format, ...) __attribute__((format(printf, 2, 3))); // ERR_LIMIT

// What a function says of a value that is too deep or too large to print, encode or compare (ERR_LIMIT).
bool rt_fail_cut(struct rt *rt);

// Ends the run by the words of the chart's author (fail, required), between the marks that tell Helm where
// they are. Always false.
bool rt_stop(struct rt *rt, const char *text, size_t len);

// Accounts for `amount` elements or bytes of work about to be done; false (ERR_LIMIT set) when the
// set's limits are spent. Call it before building anything whose size an argument decides.
bool rt_spend(struct rt *rt, uint64_t amount);

// What a Go method that returns an error alone gives: `text`, or nil where that is NULL.
struct rv rv_error(struct rheap *heap, const char *text);

// The method of that name, or NULL.
const struct rt_func *rv_method(struct rv v, const char *name, size_t len);

// Structs, pointers and named types of Go. An object's data is the owner's.
struct rfield {
    const char *name; // Go's; one in lower case exists, but no template may read it
    const char *json; // tag name; NULL: not in JSON; "" embedded (its fields are promoted)
    bool omitempty;
};
struct rclass {
    const char *name;            // as %T: "*semver.Version", "time.Time", "engine.files"
    const char *kind_name;       // "struct", "ptr", "map", "slice"
    enum rv_kind kind;           // RV_STRUCT, RV_POINTER (to a struct), RV_MAP, RV_SLICE
    const struct rfield *fields; // structs: parallel to robject.fields
    size_t field_count;
    const struct rt_func *methods; // ends with a NULL name; they find the receiver in rt->self
    void (*string)(const struct robject *self, struct buf *out);    // String() or Error(); NULL for none
    void (*go_string)(const struct robject *self, struct buf *out); // GoString(), for %#v; NULL for none
    // Values of the fields, for printing, where the object holds none because no template may read them.
    void (*unexported)(const struct robject *self, struct rv *fields);
    bool by_address; // methods and string are a pointer's: seen only where Go can take the address
    // Whether two objects' data say the same; NULL: only when they are the same data.
    bool (*same)(const struct robject *a, const struct robject *b);
    const void *blank; // data of a deep copy where Go cannot see the fields; NULL: copies share the data
    // MarshalJSON, as a value; NULL: by fields or under. Returns what is wrong, NULL when nothing is.
    const char *(*json)(const struct robject *self, struct arena *arena, struct value *out);
};
struct robject {
    const struct rclass *class;
    struct rv *fields; // structs and pointers to them
    struct rv under;   // named maps and slices
    const void *data;  // the class's own
};

// text/template's own: a table ending with a NULL name. Its first rows have no code: the engine evaluates
// their arguments its own way.
enum { BUILTIN_AND, BUILTIN_OR, BUILTIN_CALL };
extern const struct rt_func template_builtins[];

// Calls back into the engine (include and tpl are made of these). Output is appended to `out`'s string.
bool rt_include(struct rt *rt, struct rv name, struct rv data, struct rv *out);
bool rt_tpl(struct rt *rt, struct rv text, struct rv data, struct rv *out);

// Go's fmt. `verb` forms: fmt_sprintf runs a format, fmt_value prints as %v, fmt_verb one verb such
// as "%+v" or "%q"; fmt_sprint puts spaces between operands when neither is a string; sprintln always.
// False: a value is too deep or the text too long, and what was appended is cut (rt_fail_cut).
bool fmt_sprintf(struct buf *out, const char *format, size_t len, const struct rv *args, size_t count);
bool fmt_value(struct buf *out, struct rv v);
bool fmt_verb(struct buf *out, const char *verb, struct rv v);
bool fmt_sprint(struct buf *out, const struct rv *args, size_t count);
bool fmt_sprintln(struct buf *out, const struct rv *args, size_t count);

// encoding/json's Marshal of a value: sorted maps, structs in field order, HTML escapes unless
// told, indent NULL for compact. False after filling *bad with Go's message, or with NULL where the value is
// too deep.
bool rv_json(struct buf *out, struct rv v, bool escape_html, const char *indent, const char **bad);

#endif
