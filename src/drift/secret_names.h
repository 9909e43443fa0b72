// SPDX-License-Identifier: Apache-2.0
// What is secret by its name or by its form: one table for drift reports, imports, moved states and
// wandb_spec. Names are judged by their last words, however they are written: rootPassword, DB_PASSWORD,
// root-password and rootpassword are the same. Pure.
#ifndef DRIFT_SECRET_NAMES_H
#define DRIFT_SECRET_NAMES_H

#include "value/value.h"

// True when the last key of a path (value/path.h text; a bare name is one) names a secret text: a password,
// token, license, access key, … Items of a list are as secret as the list; all below a map "passwords" or
// "tokens" is. Names of Secrets and of keys in them are none (existingSecret, secretKeyRef.key, passwordKey),
// nor is what is said about a secret (tokenExpiry, keySize, createPassword, PASSWORD_FILE, publicKey).
bool secret_names_path(const char *path);

// True when the text itself gives a secret away: a URL with a password anywhere in it (not a
// placeholder such as $(DB_PASSWORD)), or a private key in PEM. NULL is none.
bool secret_names_text(const char *text);

// Both, for one leaf: a text that is not empty, or a number at a path that names a secret.
bool secret_names_leaf(const char *path, struct value leaf);

// The name that a member of a map goes by: of {"name": "DB_PASSWORD", "value": "…"}, as in a container's
// env, "value" goes by DB_PASSWORD; every other member by its key.
const char *secret_names_key(struct value map, const char *key);

// True when a path names something secret (drift/secret_names.h) or lies in a Secret's data.
bool secret_names_in_object(const char *object, const char *path);

#endif
