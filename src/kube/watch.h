// SPDX-License-Identifier: Apache-2.0
// List and watch: every state of some objects, as it happens, without polling.
#ifndef KUBE_WATCH_H
#define KUBE_WATCH_H

#include "kube/client.h"

// What to watch: one object (name set), or a collection.
struct kube_watch_target {
    struct kube_ref ref;
    const char *label_selector;
};

enum kube_event_kind {
    KUBE_EVENT_FOUND,   // in the first list, or added since
    KUBE_EVENT_CHANGED, //
    KUBE_EVENT_GONE,    // deleted; also reported once, with a null object, for a single object that the list
                        // lacks
    KUBE_EVENT_SYNCED,  // every target has been listed once; object is null
};

struct kube_event {
    enum kube_event_kind kind;
    size_t target;       // index of the watch target
    struct value object; // lives until the callback returns (value_copy to keep it)
};

enum kube_watch_next { KUBE_WATCH_ON, KUBE_WATCH_DONE, KUBE_WATCH_FAILED };

// Called in the caller's thread; may make requests of its own. With KUBE_WATCH_FAILED it sets `err`.
typedef enum kube_watch_next kube_watch_fn(void *data, struct call *call, const struct kube_event *event,
                                           struct err *err);

// Watches all targets at once (one stream each) until `fn` says done. Ended streams reconnect from the
// last resourceVersion (bookmarks move it); an expired one (410) lists again and reports what changed.
// Unavailable servers are retried until the deadline; refusals (401, 403, unknown kind) end it. `tick_ms`
// above 0: `fn` is also called that often with a NULL event. False: `err`, also ERR_TIMEOUT, ERR_CANCELLED.
bool kube_watch(struct call *call, struct kube_client *client, const struct kube_watch_target *targets,
                size_t count, int tick_ms, kube_watch_fn *fn, void *data, struct err *err);

// Waits until none of the objects exists; ERR_TIMEOUT names those that remain, with their finalizers.
bool kube_wait_gone(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                    struct err *err);

#endif
