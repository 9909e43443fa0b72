// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include <stdlib.h>

struct worker {
    struct worker *next;
    pthread_t thread;
};

void pool_init(struct pool *pool) {
    *pool = (struct pool){0};
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
}

// Waits for work; NULL when the pool closes. Called and returns with the lock held.
static struct shim_call *take(struct pool *pool) {
    pool->idle++;
    while (!pool->head && !pool->closing)
        pthread_cond_wait(&pool->wake, &pool->lock);
    pool->idle--;
    struct shim_call *call = pool->head;
    if (call) {
        pool->head = call->queued;
        pool->waiting--;
    }
    return call;
}

static void *work(void *argument) {
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (struct shim_call *call; (call = take(pool));) {
        pthread_mutex_unlock(&pool->lock);
        call_work(call);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

// The stack's size is not left to `ulimit -s`: how deep a value may nest is a limit of the handlers.
static bool start_thread(struct pool *pool, pthread_t *out) {
    pthread_attr_t attr;
    if (pthread_attr_init(&attr))
        return false;
    bool started = !pthread_attr_setstacksize(&attr, SHIM_STACK) && !pthread_create(out, &attr, work, pool);
    pthread_attr_destroy(&attr);
    return started;
}

static bool start_worker(struct pool *pool) {
    struct worker *worker = malloc(sizeof *worker);
    if (!worker || !start_thread(pool, &worker->thread)) {
        free(worker);
        return false;
    }
    worker->next = pool->workers;
    pool->workers = worker;
    pool->count++;
    return true;
}

// An urgent call goes to the front and may have a thread beyond the limit, so nothing that blocks can hold it
// up.
static void enqueue(struct pool *pool, struct shim_call *call, bool urgent) {
    call->queued = urgent ? pool->head : NULL;
    if (!pool->head)
        pool->head = pool->tail = call;
    else if (urgent)
        pool->head = call;
    else
        pool->tail = pool->tail->queued = call;
    pool->waiting++;
}

bool pool_add(struct pool *pool, struct shim_call *call, bool urgent) {
    pthread_mutex_lock(&pool->lock);
    // `idle` still counts workers that were signalled and have not woken, hence the comparison with
    // `waiting`.
    bool more = pool->waiting >= pool->idle && (urgent || pool->count < SHIM_WORKERS);
    bool started = !more || start_worker(pool), served = pool->count > 0;
    if (served) {
        enqueue(pool, call, urgent);
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!started)
        shim_log(SHIM_ERROR,
                 served ? "no thread could be started; the call waits for a free one"
                        : "no thread could be started",
                 NULL, 0);
    return served;
}

bool pool_is_quiet(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    bool quiet = !pool->head && pool->idle == pool->count;
    pthread_mutex_unlock(&pool->lock);
    return quiet;
}

void pool_finish(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (struct worker *worker = pool->workers, *next; worker; worker = next) {
        next = worker->next;
        pthread_join(worker->thread, NULL);
        free(worker);
    }
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
}
