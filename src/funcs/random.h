// SPDX-License-Identifier: Apache-2.0
// Where functions get randomness: the options' source, or the system's. Private to src/template.
#ifndef FUNCS_RANDOM_H
#define FUNCS_RANDOM_H

#include "crypto/random.h"
#include "template/function.h"

struct crypto_random random_source(struct rt *rt);

#endif
