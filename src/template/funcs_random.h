// SPDX-License-Identifier: Apache-2.0
// Where functions get randomness: the options' source, or the system's. Private to src/template.
#ifndef TEMPLATE_FUNCS_RANDOM_H
#define TEMPLATE_FUNCS_RANDOM_H

#include "crypto/random.h"
#include "template/funcs.h"

struct crypto_random random_source(struct rt *rt);

#endif
