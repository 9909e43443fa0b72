// SPDX-License-Identifier: Apache-2.0
// Go's text/template with Helm's functions: parse named texts into a set, run
// one with data, get its output or Go's own error text.
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

struct rv;
struct rheap;
struct template_set;

// Which Helm to behave as: 3.20.1 (and 3.22.0), or 4.3.1.
enum template_profile { TEMPLATE_HELM3 = 3, TEMPLATE_HELM4 = 4 };

struct rt_func;
// Finds the function that a name in a template calls; NULL when there is none.
typedef const struct rt_func *template_functions(enum template_profile profile, const char *name, size_t len);

// Bounds on hostile templates; 0 takes the default. Beyond them: ERR_LIMIT.
struct template_limits {
    size_t output;  // bytes a template may write, and bytes a function may make; default 256 MiB
    uint64_t steps; // nodes walked plus elements made by functions, per execution; default 200 million
    size_t memory;  // bytes of live values and caches; default 2 GiB
};
// Fixed: 1000 nested include of one name (Helm's own bound and text); parentheses and control
// structures nested 1000 deep in a template's text; 2000 variables declared at once; calls nested until a 64
// MiB stack is used.

// An object of the cluster that a template looks up; of all its kind where `name` is "".
struct template_object {
    const char *api_version, *kind, *namespace, *name;
};

struct template_options {
    enum template_profile profile;
    template_functions *functions; // src/funcs has Helm's; NULL: text/template's own alone
    bool strict;                   // missingkey=error, as `helm lint --strict`; otherwise missingkey=zero
    bool lint;                     // `helm lint`: required and fail do not stop rendering
    // Also runs what a condition leaves out (but not inside of that), and goes on after a failure: what is
    // written is of no use, but everything that the templates look at has been looked at (rheap.seen).
    bool every_branch;
    struct template_limits limits;

    // What `lookup` sees; NULL: no cluster, lookup gives an empty map. An object that is not
    // there is an empty map too; an error stops the template with its message.
    bool (*lookup)(void *context, const struct template_object *wanted, struct value *out, struct err *err);
    void *lookup_context;

    // What getHostByName sees (--enable-dns): an address, or NULL. NULL callback: always "".
    const char *(*resolve)(void *context, struct arena *arena, const char *host);
    void *resolve_context;

    // Random bytes and the clock, so that tests are exact. NULL: the system's.
    void (*random)(void *context, void *out, size_t len);
    void *random_context;
    void (*now)(void *context, int64_t *seconds, int32_t *nanoseconds, int32_t *utc_offset);
    void *now_context;
};

// One location of a failed run, outermost first: where the error passed through.
struct template_frame {
    const char *file;    // where the node was parsed; "gotpl" inside tpl
    int line;            // 1-based
    int column;          // 0-based bytes; -1 when the error names none (parse errors)
    const char *name;    // template being executed; NULL for parse errors
    const char *context; // the node, as Go prints it; NULL for parse errors
    const char *message; // all that follows the location
};
struct template_error {
    const char *text; // Go's error text, whole
    const struct template_frame *frames;
    size_t count;
    bool parse; // a parse error
    // A `fail` or `required` stopped the run: its message, without the marks Helm puts around it.
    const char *failed;
};

// An empty set with memory of its own, freed by template_set_destroy.
// `options` is borrowed.
struct template_set *template_set_create(const struct template_options *options);
void template_set_destroy(struct template_set *set);

// Where data for this set is built (template/runtime.h). Lives as long as the set.
struct rheap *template_heap(struct template_set *set);

// Parses `text` as template `name` into the set, with the templates it defines. A later text
// replaces an earlier definition of a name, unless it is blank. ERR_INVALID carries Go's words;
// template_last_error has the parts. `text` and `name` must outlive the set.
bool template_parse(struct template_set *set, const char *name, const char *text, size_t len,
                    struct err *err);

// Runs a template and appends what it wrote, exactly as Go would ("<no value>" included). Data changed
// by the template (set, merge) stays changed for later runs. Nothing is appended on failure.
// ERR_INVALID: Go's error text. ERR_LIMIT: a bound was hit.
bool template_execute(struct template_set *set, const char *name, struct rv data, struct buf *out,
                      struct err *err);

// The parts of the last failure of parse or execute on this set; never NULL after one.
const struct template_error *template_last_error(const struct template_set *set);

#endif
