// SPDX-License-Identifier: Apache-2.0
// Inside src/codec: texts for libyaml that goyaml, a copy of an older libyaml, reads differently.
#ifndef CODEC_YAML_COMPAT_H
#define CODEC_YAML_COMPAT_H

#include "base/buf.h"

// The text, changed where that is needed for libyaml to read what goyaml would; lines stay lines.
const char *yaml_as_older(struct arena *arena, const char *text, size_t *len);

#endif
