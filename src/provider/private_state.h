// SPDX-License-Identifier: Apache-2.0
// The notes that a resource keeps with its state, as Terraform hands them back: the layout is checked here,
// once, so that what reads a note need not.
#ifndef PROVIDER_PRIVATE_STATE_H
#define PROVIDER_PRIVATE_STATE_H

#include "base/call.h"
#include "value/value.h"

// Decodes the notes; no bytes are no notes, null. Without a note that keeps something (the hashes of the
// secrets, the owner's token), going on would delete it or give it away: of another layout, or where nothing
// can be read at all, that is ERR_INVALID. A note that only saves work is left out, with a warning. Members
// that this version does not know are kept as they are.
bool private_state_decode(struct call *call, const void *bytes, size_t len, struct value *out,
                          struct err *err);

#endif
