// SPDX-License-Identifier: Apache-2.0
// Decoding follows Go's encoding/base64 and encoding/base32 to the byte number in the error.
#include "codec/base64.h"

#include <stdint.h>
#include <string.h>

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char BASE32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// One of the encodings: `bits` a character, `group` characters to a whole number of bytes.
struct alphabet {
    const char *name;
    const char *chars;
    unsigned bits, group;
    bool padding_optional;
};

static const struct alphabet base64_standard = {"base64", STANDARD, 6, 4, false};
static const struct alphabet base64_url = {"base64", URL, 6, 4, true};
static const struct alphabet base32_standard = {"base32", BASE32, 5, 8, false};

static void encode(struct buf *out, const struct alphabet *alphabet, const unsigned char *data, size_t len) {
    uint32_t bits = 0;
    unsigned have = 0, written = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (have += 8; have >= alphabet->bits; written++) {
            have -= alphabet->bits;
            buf_char(out, alphabet->chars[bits >> have & ((1u << alphabet->bits) - 1)]);
        }
    }
    if (have) {
        buf_char(out, alphabet->chars[bits << (alphabet->bits - have) & ((1u << alphabet->bits) - 1)]);
        written++;
    }
    for (; written % alphabet->group; written++)
        buf_char(out, '=');
}

static bool corrupt(const struct alphabet *alphabet, size_t at, struct err *err) {
    return err_set(err, ERR_INVALID, "illegal %s data at input byte %zu", alphabet->name, at);
}

static size_t skip_breaks(const char *text, size_t len, size_t at) {
    while (at < len && (text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

// A group may end after as many characters as hold whole bytes plus less than one character.
static bool ends_well(const struct alphabet *alphabet, unsigned chars) {
    return chars * alphabet->bits % 8 < alphabet->bits && chars * alphabet->bits >= 8;
}

// A text from its first '=' on, which stands at `at` after `chars` characters of a group.
struct padding {
    const char *text;
    size_t len, at;
    unsigned chars;
};

static bool ends_in(struct padding padding, const struct alphabet *alphabet, struct err *err) {
    const char *text = padding.text;
    size_t len = padding.len, at = padding.at;
    if (!ends_well(alphabet, padding.chars))
        return corrupt(alphabet, at, err);
    at++;
    for (unsigned chars = padding.chars + 1; chars < alphabet->group; chars++, at++) {
        at = skip_breaks(text, len, at);
        if (at == len)
            return corrupt(alphabet, len, err);
        if (text[at] != '=')
            return corrupt(alphabet, at - 1, err); // as Go counts
    }
    at = skip_breaks(text, len, at);
    return at == len || corrupt(alphabet, at, err);
}

static bool decode(struct buf *out, const struct alphabet *alphabet, const char *text, size_t len,
                   struct err *err) {
    uint32_t bits = 0;
    unsigned have = 0, chars = 0;
    for (size_t at = skip_breaks(text, len, 0); at < len; at = skip_breaks(text, len, at + 1)) {
        if (text[at] == '=')
            return ends_in((struct padding){text, len, at, chars}, alphabet, err);
        const char *found = text[at] ? strchr(alphabet->chars, text[at]) : NULL;
        if (!found)
            return corrupt(alphabet, at, err);
        bits = bits << alphabet->bits | (uint32_t)(found - alphabet->chars);
        have += alphabet->bits;
        if (have >= 8)
            buf_char(out, (char)(bits >> (have -= 8)));
        chars = (chars + 1) % alphabet->group;
    }
    if (!chars || (alphabet->padding_optional && ends_well(alphabet, chars)))
        return true;
    return corrupt(alphabet, alphabet->padding_optional ? len : len - chars, err);
}

void base64_encode(struct buf *out, const void *data, size_t len) {
    encode(out, &base64_standard, data, len);
}

bool base64_decode(struct buf *out, const char *text, size_t len, struct err *err) {
    return decode(out, &base64_standard, text, len, err);
}

bool base64url_decode(struct buf *out, const char *text, size_t len, struct err *err) {
    return decode(out, &base64_url, text, len, err);
}

void base32_encode(struct buf *out, const void *data, size_t len) {
    encode(out, &base32_standard, data, len);
}

// From the first '=' after `chars` characters of a group. Go looks at what the rest of the group
// holds and ignores what follows.
static bool base32_padding(const char *text, size_t len, size_t at, unsigned chars, struct err *err) {
    size_t rest = len - at;
    if (rest + chars < 7)
        return corrupt(&base32_standard, len, err);
    for (size_t k = 0; k < 7 - chars && k < rest; k++)
        if (text[at + k] != '=')
            return corrupt(&base32_standard, at + k - 1, err);
    return (chars != 3 && chars != 6) || corrupt(&base32_standard, at - 1, err);
}

// Go strips line breaks first, so bytes are counted without them.
static size_t without_breaks(char *out, const char *text, size_t len) {
    size_t kept = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\n' && text[i] != '\r')
            out[kept++] = text[i];
    return kept;
}

bool base32_decode(struct buf *out, const char *text, size_t len, struct err *err) {
    SCRATCH_ARENA(scratch);
    char *plain = arena_alloc(scratch, len + 1);
    len = without_breaks(plain, text, len);
    uint32_t bits = 0;
    unsigned chars = 0, have = 0;
    for (size_t at = 0; at < len; chars = (chars + 1) % 8) {
        char c = plain[at++];
        if (c == '=' && chars >= 2 && len - at < 8)
            return base32_padding(plain, len, at, chars, err);
        const char *found = c ? strchr(BASE32, c) : NULL;
        if (!found)
            return corrupt(&base32_standard, at - 1, err);
        bits = bits << 5 | (uint32_t)(found - BASE32);
        have += 5;
        if (have >= 8)
            buf_char(out, (char)(bits >> (have -= 8)));
    }
    return !chars || corrupt(&base32_standard, len - chars, err);
}
