// SPDX-License-Identifier: Apache-2.0
// Whether certificates and keys that somebody gave can be used for TLS, asked before a connection is made:
// there the answer would be a word of the library's, or a question for a passphrase that nobody can answer. A
// text that cannot be used fails with ERR_INVALID and the rest of a sentence that begins with its name ("is
// encrypted; …"), which quotes nothing of it.
#ifndef CRYPTO_IDENTITY_H
#define CRYPTO_IDENTITY_H

#include "base/err.h"

// Where the first block of PEM begins in a text; NULL: there is none.
const char *crypto_pem_find(const char *text);

typedef bool crypto_check(const char *pem, struct err *err);

crypto_check crypto_authorities_check;  // one certificate or more that can be read
crypto_check crypto_certificate_usable; // begins with a certificate; what follows is its chain
crypto_check crypto_key_usable;         // a private key without a passphrase

// Whether the key, itself usable, is the first certificate's.
bool crypto_key_fits(const char *cert, const char *key, struct err *err);

#endif
