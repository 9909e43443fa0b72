// SPDX-License-Identifier: Apache-2.0
#include "drift/secret_names.h"

#include <string.h>

enum { WORDS = 8, LETTERS = 24 };

// The words of one key in small letters, the last one first; what is longer is cut.
struct words {
    char at[WORDS][LETTERS];
    size_t count;
    bool shouted; // an environment variable's name: capitals and underscores
};

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// ---- a key's words ----

// Where the word that ends at `end` begins: "AWSSecretKey1" is AWS, Secret, Key1.
static size_t word_start(const char *key, size_t end) {
    size_t at = end;
    while (at && is_digit(key[at - 1]))
        at--;
    bool lower = at && is_lower(key[at - 1]);
    while (at && (is_digit(key[at - 1]) || (lower ? is_lower(key[at - 1]) : is_upper(key[at - 1]))))
        at--;
    return lower && at && is_upper(key[at - 1]) ? at - 1 : at;
}

static void add_word(struct words *words, const char *text, size_t len) {
    char *word = words->at[words->count];
    size_t kept = len < LETTERS ? len : LETTERS - 1;
    for (size_t i = 0; i < kept; i++) // the end of a long word tells more than its beginning
        word[i] = (char)(text[len - kept + i] | 0x20);
    word[kept] = 0;
    words->count++;
}

static struct words words_of(const char *key, size_t len) {
    struct words words = {.shouted = memchr(key, '_', len) != NULL};
    for (size_t i = 0; i < len; i++)
        words.shouted = words.shouted && !is_lower(key[i]);
    for (size_t end = len; end && words.count < WORDS;) {
        size_t start = word_start(key, end);
        if (start == end) {
            end--;
            continue;
        }
        if (!is_digit(key[start])) // DB_PASSWORD_2
            add_word(&words, key + start, end - start);
        end = start;
    }
    return words;
}

static const char *word_at(const struct words *words, size_t i) {
    return i < words->count ? words->at[i] : "";
}

static bool is_one_of(const char *word, const char *list) {
    size_t len = strlen(word);
    for (const char *at = list; len && (at = strstr(at, word)); at += len)
        if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

// ---- the table ----

// A secret whatever stands before, but for the words of NOT_AFTER.
static const char ALONE[] =
    "credential credentials dockerconfigjson dsn htpasswd licence license pass passcode "
    "passphrase passwd password passwords pat pw pwd secret token tokens";

// A secret only after one of these.
static const struct {
    const char *last, *after;
} ONLY_AFTER[] = {
    {"key", "access account api auth client cookie deploy encryption fernet hmac jwt licence license master "
            "private secret server session set shared signing ssh ssl storage tls"},
    {"keys", "access api auth encryption private signing"},
    {"cookie", "erlang"},
    {"string", "connection"},
};

// What is no secret after these: the name of a Secret, a mounted file, a cursor.
static const struct {
    const char *last, *after;
} NOT_AFTER[] = {
    {"secret",
     "ca cert certificate certificates certs config credential credentials db existing from key kube "
     "license password passwords pull script scripts ssl superuser tls user vars"},
    {"token", "account continue next page"},
    {"key", "foreign kms partition password per primary public sort token topology username"},
};

// Words written as one; the beginnings may differ (rootpassword).
static const char *const ENDINGS[] = {
    "accesskey",        "accesstoken", "accountkey", "apikey",    "authtoken", "clientsecret",
    "connectionstring", "masterauth",  "passphrase", "passwd",    "password",  "privatekey",
    "refreshtoken",     "requirepass", "secretkey",  "sharedkey",
};

// Said after a secret's name without changing what it is.
static const char QUALIFIERS[] =
    "b64 base64 current encoded new old plain plaintext prev previous text value";

// Said before a secret's name: a question about it, a number of them.
static const char QUESTIONS[] = "allow automount create disable enable force generate has ignore is max min "
                                "mount no num require rotate show skip use without";

static bool ends_alike(const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        size_t ending = strlen(ENDINGS[i]);
        if (len >= ending && !strcmp(word + len - ending, ENDINGS[i]))
            return true;
    }
    return false;
}

static bool refused_after(const char *last, const char *before) {
    for (size_t i = 0; i < sizeof NOT_AFTER / sizeof *NOT_AFTER; i++)
        if (!strcmp(NOT_AFTER[i].last, last) && is_one_of(before, NOT_AFTER[i].after))
            return true;
    return false;
}

static bool wanted_after(const char *last, const char *before) {
    for (size_t i = 0; i < sizeof ONLY_AFTER / sizeof *ONLY_AFTER; i++)
        if (!strcmp(ONLY_AFTER[i].last, last) && is_one_of(before, ONLY_AFTER[i].after))
            return true;
    return false;
}

// "secretKey" is half of an access key, or says which key of a Secret to read: under a map that names the
// Secret (oidcSecret.secretKey, tls.secretKey), or with what is in that key in front (rootPasswordSecretKey).
static bool is_key_in_secret(const struct words *words, const struct words *parent) {
    bool named = !strcmp(word_at(words, 0), "key") && !strcmp(word_at(words, 1), "secret");
    bool glued = !strcmp(word_at(words, 0), "secretkey");
    return (named && is_one_of(word_at(words, 2), "key password token user username")) ||
           ((named || glued) && is_one_of(word_at(parent, 0), "ref secret ssl tls"));
}

static void drop_digits(char *word) {
    size_t len = strlen(word);
    while (len && is_digit(word[len - 1]) && strcmp(word, "base64") != 0 && strcmp(word, "b64") != 0)
        word[--len] = 0;
}

// Drops numbers and qualifiers behind the name: licenseBase64 is a license.
static void drop_qualifiers(struct words *words) {
    drop_digits(words->at[0]);
    while (words->count > 1 && is_one_of(words->at[0], QUALIFIERS)) {
        memmove(words->at[0], words->at[1], (words->count - 1) * sizeof words->at[0]);
        words->count--;
        drop_digits(words->at[0]);
    }
}

static bool is_secret_name(struct words words, const struct words *parent) {
    drop_qualifiers(&words);
    const char *last = word_at(&words, 0), *before = word_at(&words, 1);
    if (words.count > 1 && is_one_of(words.at[words.count - 1], QUESTIONS))
        return false;
    if (refused_after(last, before) || is_key_in_secret(&words, parent))
        return false;
    bool shouted_key = words.shouted && words.count > 1 && is_one_of(last, "key");
    return is_one_of(last, ALONE) || shouted_key || wanted_after(last, before) || ends_alike(last);
}

// ---- paths ----

// The working directory of a shell; the path of a file.
static const char *const NEVER[] = {"GOOGLE_APPLICATION_CREDENTIALS", "OLDPWD", "PWD"};

struct key {
    const char *at;
    size_t len;
};

// The next key of a path, of length 0 for an index; returns where the step ends.
static const char *next_key(const char *at, struct key *key) {
    bool quoted = at[0] == '[' && at[1] == '"';
    *key = (struct key){at + (quoted ? 2 : *at == '.'), 0};
    if (*at == '[' && !quoted) {
        at += strcspn(at, "]");
        return at + (*at == ']');
    }
    at = key->at;
    if (!quoted) {
        key->len = strcspn(at + (*at == '['), ".[") + (*at == '[');
        return at + key->len;
    }
    for (; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    key->len = (size_t)(at - key->at);
    return at + (*at == '"') + (at[0] == '"' && at[1] == ']');
}

static bool is_key(struct key key, const char *text) {
    return key.len == strlen(text) && !memcmp(key.at, text, key.len);
}

bool secret_names_path(const char *path) {
    struct key last = {path, 0}, parent = {path, 0};
    for (const char *at = path; *at;) {
        struct key key;
        at = next_key(at, &key);
        if (!key.len) // an item is as secret as its list
            continue;
        parent = last;
        last = key;
    }
    struct words words = words_of(last.at, last.len), above = words_of(parent.at, parent.len);
    for (size_t i = 0; i < sizeof NEVER / sizeof *NEVER; i++)
        if (is_key(last, NEVER[i]))
            return false;
    if (is_one_of(word_at(&above, 0), "from")) // envFrom: names of Secrets
        return false;
    for (size_t i = 1; i < words.count; i++)
        if (!strcmp(words.at[i], "existing")) // existingSecretPassword: where a Secret has it
            return false;
    if (is_one_of(word_at(&above, 0), "passwords tokens"))
        return !is_one_of(word_at(&words, 0), "enabled file key name namespace path ref");
    return is_secret_name(words, &above);
}

// ---- values ----

// What stands between user and host is filled in elsewhere: $(NAME), ${NAME}, {{ … }}, <NAME>, or stars.
static bool is_placeholder(const char *text, size_t len) {
    static const char *const AROUND[][2] = {{"$(", ")"}, {"${", "}"}, {"{{", "}}"}, {"<", ">"}, {"*", "*"}};
    for (size_t i = 0; i < sizeof AROUND / sizeof *AROUND; i++) {
        size_t open = strlen(AROUND[i][0]), close = strlen(AROUND[i][1]);
        if (len >= open + close && !memcmp(text, AROUND[i][0], open) &&
            !memcmp(text + len - close, AROUND[i][1], close))
            return true;
    }
    return len > 1 && *text == '$' && strcspn(text, "(){}:@") >= len;
}

bool secret_names_text(const char *text) {
    const char *pem = text ? strstr(text, "-----BEGIN ") : NULL;
    if (pem && strstr(pem, "PRIVATE KEY-----"))
        return true;
    for (const char *at = text; at && (at = strstr(at, "://"));) {
        at += 3;
        size_t len = strcspn(at, "/?#\"'`\\ \t\r\n");
        const char *host = memrchr(at, '@', len), *colon = host ? memchr(at, ':', (size_t)(host - at)) : NULL;
        if (colon && host - colon > 1 && !is_placeholder(colon + 1, (size_t)(host - colon - 1)))
            return true;
    }
    return false;
}

bool secret_names_leaf(const char *path, struct value leaf) {
    leaf = value_untyped(leaf);
    if (value_kind(leaf) == VALUE_STRING)
        return value_len(leaf) && (secret_names_path(path) || secret_names_text(value_get_string(leaf)));
    return value_is_number(leaf) && secret_names_path(path);
}

const char *secret_names_key(struct value map, const char *key) {
    const char *name = !strcmp(key, "value") ? value_dig_string(map, "name", NULL) : NULL;
    return name ? name : key;
}

bool secret_names_in_object(const char *object, const char *path) {
    bool content = !strncmp(path, "data", 4) || !strncmp(path, "stringData", 10);
    return (content && !strncmp(object, "Secret/", 7)) || secret_names_path(path);
}
