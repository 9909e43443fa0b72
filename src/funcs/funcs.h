// SPDX-License-Identifier: Apache-2.0
// The functions that Helm's templates call: text/template's, sprig's (v3.3.0, without env and expandenv) and
// Helm's own.
#ifndef FUNCS_FUNCS_H
#define FUNCS_FUNCS_H

#include "template/function.h"

// The function of that name for a profile, or NULL. Thread-safe. For template_options.
template_functions funcs_find;

// Names all functions there are, one that hides another twice.
void funcs_names(void (*each)(void *context, const char *name), void *context);

#endif
