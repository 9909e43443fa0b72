// SPDX-License-Identifier: Apache-2.0
// Requests as a broken host might send them: the first byte is the method's number, the rest its packed
// message. Methods that may reach for files or the network are left out.
#include "protocol/service.h"

#include <stdlib.h>
#include <string.h>

static const char *const SKIPPED[] = {"PlanResourceChange", "ApplyResourceChange", "ReadResource",
                                      "ImportResourceState", "ReadDataSource"};

static void *reply(void *room, size_t size) {
    void **kept = room;
    return *kept = malloc(size + 1);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    static struct protocol_service *service;
    if (!service)
        service = protocol_service_create(&provider_content);
    const struct protocol_method *method = size ? protocol_method_at(data[0]) : NULL;
    if (!method)
        return 0;
    for (size_t i = 0; i < sizeof SKIPPED / sizeof *SKIPPED; i++)
        if (strstr(method->path, SKIPPED[i]))
            return 0;
    void *room = NULL;
    struct protocol_rpc rpc = {
        .method = data[0], .request = data + 1, .size = size - 1, .transport = &room, .reply = reply};
    protocol_serve(service, &rpc);
    free(room);
    return 0;
}
