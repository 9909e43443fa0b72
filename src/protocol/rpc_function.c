// SPDX-License-Identifier: Apache-2.0
// CallFunction.
#include "protocol/rpc.h"

#include <stdlib.h>
#include <string.h>

static const struct function_impl *find(struct rpc *rpc, const char *name) {
    for (const struct function_impl *const *impl = service_content(rpc->service)->functions; *impl; impl++)
        if (!strcmp((*impl)->name, name))
            return *impl;
    err_set(&rpc->err, ERR_UNSUPPORTED, "This provider has no function \"%s\".", name);
    return NULL;
}

static const struct function_param *param_at(const struct function_impl *impl, size_t n) {
    for (size_t i = 0; impl->params && impl->params[i].name; i++)
        if (i == n)
            return &impl->params[i];
    return impl->variadic;
}

// Terraform keeps null and unknown from parameters that do not allow them; this is for hosts that do not.
static bool fits(struct rpc *rpc, const struct function_param *param, struct value arg, bool *unknown) {
    *unknown = *unknown || (!param->allow_unknown && !value_is_known(arg));
    return param->allow_null || !value_is_null(arg) ||
           err_at(&rpc->err, param->name, "%s must not be null.", param->name);
}

static bool call(struct rpc *rpc, const struct function_impl *impl, const TF(CallFunction__Request) *in,
                 struct value *result) {
    struct value *args = arena_array(rpc->arena, in->n_arguments, sizeof *args);
    bool unknown = false;
    if (param_at(impl, in->n_arguments) && param_at(impl, in->n_arguments) != impl->variadic)
        return err_set(&rpc->err, ERR_INVALID, "%s needs more than %zu arguments.", impl->name,
                       in->n_arguments);
    for (size_t i = 0; i < in->n_arguments; i++) {
        const struct function_param *param = param_at(impl, i);
        if (!param)
            return err_set(&rpc->err, ERR_INVALID, "%s takes %zu arguments; found %zu.", impl->name, i,
                           in->n_arguments);
        if (!from_dynamic(rpc, in->arguments[i], param->type, &args[i]) ||
            !fits(rpc, param, args[i], &unknown))
            return false;
    }
    *result = value_unknown();
    return unknown || impl->call(rpc->arena, args, in->n_arguments, result, &rpc->err);
}

// The argument an error's path begins with: "list" or, of the variadic parameter, "values[2]".
static bool argument_at(const struct function_impl *impl, const char *path, int64_t *index) {
    size_t len = path ? strcspn(path, "[.") : 0, i = 0;
    if (!len)
        return false;
    for (const struct function_param *param = impl->params; param && param->name; param++, i++) {
        *index = (int64_t)i;
        if (strlen(param->name) == len && !strncmp(param->name, path, len))
            return true;
    }
    *index = (int64_t)i + (path[len] == '[' ? atoll(path + len + 1) : 0);
    return impl->variadic && strlen(impl->variadic->name) == len && !strncmp(impl->variadic->name, path, len);
}

bool rpc_call_function(struct rpc *rpc, const void *request, void *response) {
    const TF(CallFunction__Request) *in = request;
    TF(CallFunction__Response) *out = response;
    struct value result;
    const struct function_impl *impl = find(rpc, in->name);
    if (impl && call(rpc, impl, in, &result) && (out->result = to_dynamic(rpc, result, impl->returns)))
        return true;
    out->error = TF_NEW(rpc, FunctionError, function_error);
    out->error->text = (char *)call_shown(&rpc->call, rpc->err.msg);
    if (impl && argument_at(impl, rpc->err.path, &out->error->function_argument))
        out->error->maybe_function_argument_case =
            TFPLUGIN6__FUNCTION_ERROR__MAYBE_FUNCTION_ARGUMENT_FUNCTION_ARGUMENT;
    return false;
}
