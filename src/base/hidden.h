// SPDX-License-Identifier: Apache-2.0
// Texts that must never be shown: a call collects the secrets that it meets, and every message, log
// line and stored description on its way out is searched for them. The last line of defence: whoever
// writes a message leaves secrets out anyway, but a server, a chart or a helper program may quote them.
#ifndef BASE_HIDDEN_H
#define BASE_HIDDEN_H

#include "base/arena.h"

struct hidden;

// What stands where a secret was.
#define HIDDEN_TEXT "(sensitive)"

// An empty set; it and what it holds live in the arena, which must not be released to a mark meanwhile. One
// thread at a time.
struct hidden *hidden_create(struct arena *arena);

// The same, and what `below` holds is secret to it too, as it grows (NULL: nothing). For what is secret in
// one place only: the arguments of a program, in what that program says.
struct hidden *hidden_above(struct hidden *below, struct arena *arena);

// Adds one secret. Of a text with several lines (a key in PEM) every line counts on its own too. NULL, the
// empty text and what is said everywhere ("true", "null") add nothing. Takes a NULL set, as hidden_add_url
// does.
void hidden_add(struct hidden *hidden, const char *text);

// Adds the password of a URL (scheme://user:password@host), if it has one.
void hidden_add_url(struct hidden *hidden, const char *text);

// `text` with every secret replaced by HIDDEN_TEXT: as it is, escaped as in JSON or a URL, or in base64, also
// as a part of something longer. Secrets of fewer than 6 bytes are replaced only as whole words. Returns
// `text` itself when there is nothing to replace, else a copy in `arena`. Takes a NULL set and a NULL text.
const char *hidden_mask(struct hidden *hidden, struct arena *arena, const char *text);

#endif
