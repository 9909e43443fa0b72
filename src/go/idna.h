// SPDX-License-Identifier: Apache-2.0
// Host names in their own letters, as golang.org/x/net/idna's Lookup writes them for the network. Of its
// mapping there is the lower case; names have no other where people write them as browsers show them.
#ifndef GO_IDNA_H
#define GO_IDNA_H

#include "base/arena.h"

// "bücher.example" is "xn--bcher-kva.example"; a name of ASCII alone is itself, as is what is no UTF-8.
const char *go_idna_ascii(struct arena *arena, const char *host);

#endif
