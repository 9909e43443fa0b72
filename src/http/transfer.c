// SPDX-License-Identifier: Apache-2.0
#include "http/private.h"
#include "http/url.h"

#include "go/idna.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    DEFAULT_LIMIT = 64 << 20,
    DEFAULT_TRIES = 5,
    DEFAULT_CONNECT_MS = 30000,
    SILENCE_S = 120, // an answer that stalls this long is given up
    FIRST_BACKOFF_MS = 250,
    LONGEST_BACKOFF_MS = 5000,
    LONGEST_RETRY_AFTER_MS = 30000,
    MOST_REDIRECTS = 10,
};

static const char *method_of(const struct job *job) {
    return job->request.method ? job->request.method : "GET";
}

static bool is_followed(const struct job *job, long status) {
    return job->request.follow && status > 300 && status < 309 && status != 304;
}

// A login goes to nobody but whom it was given for.
static bool is_at_home(const struct job *job) {
    return url_same_origin(job->arena, job->request.url, job->target);
}

// ---- what libcurl calls back ----

static size_t exceed(struct job *job, const char *what, size_t limit) {
    job->over_limit = arena_printf(job->arena, "%s longer than the limit of %zu bytes", what, limit);
    return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    struct job *job = arg;
    size_t len = size * count, limit = job->request.limit ? job->request.limit : DEFAULT_LIMIT;
    if (job->interim)
        return len;
    if (job->streaming)
        pthread_mutex_lock(&job->client->lock);
    bool fits = job->body.len + len <= limit;
    if (fits)
        buf_add(&job->body, data, len);
    if (job->streaming) {
        pthread_cond_broadcast(&job->client->changed);
        pthread_mutex_unlock(&job->client->lock);
    }
    return fits ? len : exceed(job, "the answer is", limit);
}

static void set_status(struct job *job, int status) {
    pthread_mutex_lock(&job->client->lock);
    job->status = status;
    pthread_cond_broadcast(&job->client->changed);
    pthread_mutex_unlock(&job->client->lock);
}

// Each answer of a redirect chain begins with its own status line; only the last one's headers count.
static size_t on_header(char *line, size_t size, size_t count, void *arg) {
    struct job *job = arg;
    size_t len = size * count;
    if (len > 5 && !memcmp(line, "HTTP/", 5)) {
        job->answer.count = 0;
        const char *space = memchr(line, ' ', len);
        int status = space ? atoi(space + 1) : 0;
        job->interim = status < 200 || is_followed(job, status);
        if (job->streaming && !job->interim)
            set_status(job, status);
    }
    return headers_add(job->arena, &job->answer, line, len)
               ? len
               : exceed(job, "the answer's headers are", HEADERS_LIMIT);
}

// Our sockets must not leak into credential plugins, and a peer that silently went away must be noticed
// within about a minute on streams that are idle by nature.
static curl_socket_t on_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)data;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    int probes = 3;
    unsigned unacknowledged_ms = 30000;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    return fd;
}

// ---- setting up one attempt ----

static void set_trust(struct job *job) {
    const struct http_settings *settings = &job->client->settings;
    CURL *easy = job->easy;
    if (settings->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    // libcurl's compiled-in folder would otherwise be trusted on top of what was asked for.
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_CAINFO, job->client->trust.file);
    const char *pem = settings->ca_pem ? settings->ca_pem : job->client->trust.pem;
    if (pem) {
        struct curl_blob blob = {(void *)pem, strlen(pem), CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
}

static void set_certificate(struct job *job) {
    pthread_mutex_lock(&job->client->lock);
    const char *cert = job->client->settings.cert_pem, *key = job->client->settings.key_pem;
    pthread_mutex_unlock(&job->client->lock);
    if (!cert || !key)
        return;
    struct curl_blob cert_blob = {(void *)cert, strlen(cert), CURL_BLOB_NOCOPY};
    struct curl_blob key_blob = {(void *)key, strlen(key), CURL_BLOB_NOCOPY};
    curl_easy_setopt(job->easy, CURLOPT_SSLCERT_BLOB, &cert_blob);
    curl_easy_setopt(job->easy, CURLOPT_SSLKEY_BLOB, &key_blob);
    curl_easy_setopt(job->easy, CURLOPT_KEYPASSWD, ""); // without one libcurl reads where there is none
}

static void set_proxy(struct job *job, const struct url *url) {
    const struct http_client *client = job->client;
    const char *set = client->settings.proxy_url;
    const char *proxy = !set   ? proxy_choose(job->arena, &client->proxies, url)
                        : *set ? proxy_address(job->arena, set)
                               : NULL;
    curl_easy_setopt(job->easy, CURLOPT_PROXY, proxy ? proxy : ""); // "": libcurl asks no environment itself
    curl_easy_setopt(job->easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(job->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_auth(struct job *job) {
    const struct http_request *request = &job->request;
    struct err ignored = err_in(job->arena);
    struct url away = {0};
    bool at_home = is_at_home(job);
    if (!at_home && !url_parse(job->arena, job->target, &away, &ignored))
        return;
    const char *username = at_home ? request->username : away.username,
               *password = at_home ? request->password : away.password;
    if (request->bearer && at_home) {
        curl_easy_setopt(job->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(job->easy, CURLOPT_XOAUTH2_BEARER, request->bearer);
    } else if (username || password) {
        curl_easy_setopt(job->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(job->easy, CURLOPT_USERNAME, username ? username : "");
        curl_easy_setopt(job->easy, CURLOPT_PASSWORD, password ? password : "");
    }
}

static void set_body(struct job *job) {
    const struct http_request *request = &job->request;
    const char *method = method_of(job);
    if (request->body || !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH")) {
        curl_easy_setopt(job->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(job->easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    }
    if (!strcmp(method, "HEAD"))
        curl_easy_setopt(job->easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(job->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void push_header(struct job *job, const char *line) {
    struct curl_slist *list = curl_slist_append(job->headers, line);
    job->headers = list ? list : job->headers;
}

static bool is_secret(const char *header) {
    return !strcasecmp(header, "authorization") || !strcasecmp(header, "cookie");
}

static void set_headers(struct job *job, const char *host) {
    const struct http_request *request = &job->request;
    bool typed = false, at_home = is_at_home(job);
    if (host)
        push_header(job, arena_printf(job->arena, "Host: %s", host));
    for (size_t i = 0; i < request->header_count; i++) {
        if (is_secret(request->headers[i].name) && !at_home)
            continue;
        typed |= !strcasecmp(request->headers[i].name, "content-type");
        push_header(job,
                    arena_printf(job->arena, "%s: %s", request->headers[i].name, request->headers[i].value));
    }
    if (!typed)
        push_header(job, "Content-Type:"); // not libcurl's guess
    push_header(job, "Expect:");
    curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, job->headers);
}

static const char *host_port(struct arena *arena, const struct url *url, bool always) {
    const char *host = strchr(url->host, ':') ? arena_printf(arena, "[%s]", url->host) : url->host;
    return url->port || always ? arena_printf(arena, "%s:%d", host, url_port(url)) : host;
}

// libcurl has no option for the name to expect: ask for that name, connect elsewhere, and send the true Host.
static const char *set_server_name(struct job *job, const struct url *url, const char *name) {
    struct url named = *url;
    named.host = name;
    named.port = url_port(url);
    job->connect_to =
        curl_slist_append(NULL, arena_printf(job->arena, "%s:%s", host_port(job->arena, &named, true),
                                             host_port(job->arena, url, true)));
    curl_easy_setopt(job->easy, CURLOPT_CONNECT_TO, job->connect_to);
    return url_text(job->arena, &named);
}

static void set_target(struct job *job) {
    struct err ignored = err_in(job->arena);
    struct url url;
    if (!url_parse(job->arena, job->target, &url, &ignored))
        url = (struct url){.scheme = "", .host = "", .path = ""}; // submit has refused these
    url.fragment = NULL;
    url.host = go_idna_ascii(job->arena, url.host);
    bool https = !strcmp(url.scheme, "https"), renamed = https && job->client->settings.server_name;
    const char *target =
        renamed ? set_server_name(job, &url, job->client->settings.server_name) : url_text(job->arena, &url);
    curl_easy_setopt(job->easy, CURLOPT_URL, target);
    curl_easy_setopt(job->easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(job->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // Rather a stream of the first connection than another one; without TLS that is never on offer.
    curl_easy_setopt(job->easy, CURLOPT_PIPEWAIT, https ? 1L : 0L);
    set_proxy(job, &url);
    set_headers(job, renamed ? host_port(job->arena, &url, false) : NULL);
}

static void set_limits(struct job *job) {
    const struct http_settings *settings = &job->client->settings;
    CURL *easy = job->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // do not wait for a slow resolver when cancelled
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(settings->connect_ms ? settings->connect_ms : DEFAULT_CONNECT_MS));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    if (!job->streaming) {
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
    }
}

static void set_callbacks(struct job *job) {
    CURL *easy = job->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->words);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, job);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
}

void transfer_begin(struct job *job) {
    job->easy = curl_easy_init();
    if (!job->easy)
        abort(); // out of memory
    job->words[0] = '\0';
    buf_truncate(&job->body, 0);
    job->answer.count = job->answer.bytes = 0;
    job->interim = false;
    const char *agent = job->client->settings.user_agent;
    curl_easy_setopt(job->easy, CURLOPT_USERAGENT,
                     agent ? agent : "terraform-provider-wandb/" WANDB_PROVIDER_VERSION);
    set_callbacks(job);
    set_limits(job);
    set_trust(job);
    set_certificate(job);
    set_target(job);
    set_body(job);
    set_auth(job);
}

void transfer_drop(struct job *job) {
    curl_easy_cleanup(job->easy);
    curl_slist_free_all(job->headers);
    curl_slist_free_all(job->connect_to);
    job->easy = NULL;
    job->headers = job->connect_to = NULL;
}

// ---- how it ended ----

enum { SENT_NOTHING = 1, HOPELESS = 2, TRUST = 4, PROXY = 8 };

static const struct {
    CURLcode code;
    enum err_kind kind;
    unsigned flags;
    const char *what;
} endings[] = {
    {CURLE_URL_MALFORMAT, ERR_INVALID, HOPELESS, "not a URL that can be requested"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_INVALID, HOPELESS,
     "only http and https URLs can be requested, and after a login over https only https"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_UNAVAILABLE, SENT_NOTHING | PROXY, "the proxy cannot be found"},
    {CURLE_COULDNT_RESOLVE_HOST, ERR_UNAVAILABLE, SENT_NOTHING, "could not resolve the host's name"},
    {CURLE_COULDNT_CONNECT, ERR_UNAVAILABLE, SENT_NOTHING, "could not connect"},
    {CURLE_PROXY, ERR_UNAVAILABLE, SENT_NOTHING | PROXY, "the proxy refused"},
    {CURLE_SSL_CONNECT_ERROR, ERR_UNAVAILABLE, SENT_NOTHING, "TLS handshake failed"},
    {CURLE_PEER_FAILED_VERIFICATION, ERR_UNAVAILABLE, HOPELESS | TRUST,
     "the server's certificate is not trusted"},
    {CURLE_SSL_CACERT_BADFILE, ERR_INVALID, HOPELESS | TRUST, "the trusted certificates cannot be read"},
    {CURLE_SSL_CERTPROBLEM, ERR_INVALID, HOPELESS, "the client certificate or its key cannot be used"},
    {CURLE_TOO_MANY_REDIRECTS, ERR_UNAVAILABLE, HOPELESS, "more than 10 redirects"},
    {CURLE_OPERATION_TIMEDOUT, ERR_UNAVAILABLE, 0, "no answer in time"},
    {CURLE_OK, ERR_UNAVAILABLE, 0, "the connection broke"}, // anything else
};

static size_t ending_of(CURLcode code) {
    size_t i = 0;
    while (endings[i].code != code && endings[i].code != CURLE_OK)
        i++;
    return i;
}

static const char *trusted(const struct http_client *client) {
    return client->settings.ca_pem ? "the CA certificates given in the configuration"
           : client->trust.file
               ? client->trust.file
               : "nothing: no CA certificates were found on this system, set SSL_CERT_FILE or SSL_CERT_DIR";
}

static const char *proxy_origin(const struct job *job) {
    return job->client->settings.proxy_url          ? "proxy_url"
           : !strncasecmp(job->target, "https:", 6) ? "the environment variable HTTPS_PROXY"
                                                    : "the environment variable HTTP_PROXY";
}

// Under the lock.
static void fail(struct job *job, CURLcode code) {
    size_t i = ending_of(code);
    struct buf text;
    buf_init(&text, job->arena);
    buf_printf(
        &text, "%s: %s (%s)", job->shown, endings[i].what,
        hidden_mask(job->client->hidden, job->arena, *job->words ? job->words : curl_easy_strerror(code)));
    if (endings[i].flags & PROXY || strcasestr(job->words, "proxy"))
        buf_printf(&text, "; it is the one of %s", proxy_origin(job));
    if (endings[i].flags & TRUST)
        buf_printf(&text, "; checked against %s", trusted(job->client));
    if (job->tries > 1)
        buf_printf(&text, "; tried %d times", job->tries);
    job->failure = endings[i].kind;
    job->failure_text = buf_text(&text);
}

void transfer_end(struct job *job, CURLcode code) {
    long status = 0, connections = 0;
    const char *url = NULL;
    curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(job->easy, CURLINFO_EFFECTIVE_URL, &url);
    curl_easy_getinfo(job->easy, CURLINFO_NUM_CONNECTS, &connections);
    pthread_mutex_lock(&job->client->lock);
    job->client->stats.connections += (unsigned long)connections;
    job->failure = ERR_NONE;
    job->status = (int)status;
    bool known = url && *url && !job->client->settings.server_name;
    job->url = arena_strdup(job->arena, known ? url : job->target);
    if (job->over_limit) {
        job->failure = ERR_LIMIT;
        job->failure_text = arena_printf(job->arena, "%s: %s", job->shown, job->over_limit);
    } else if (code != CURLE_OK) {
        fail(job, code);
        job->status = job->streaming ? job->status : 0;
    }
    pthread_mutex_unlock(&job->client->lock);
}

// ---- redirects: by us, since each URL has a proxy of its own ----

// As Go has it: what was to be written is only asked for after these, and written again after 307 and 308.
static void become_get(struct job *job) {
    if (job->status > 303 || !strcmp(method_of(job), "HEAD"))
        return;
    job->request.method = "GET";
    job->request.body = NULL;
    job->request.body_len = 0;
}

// What was asked for with a login over TLS is not to end in plain http, where the answer could be anybody's.
static bool may_go(const struct job *job, const char *to) {
    bool https = !strncasecmp(to, "https:", 6), from_https = !strncasecmp(job->request.url, "https:", 6);
    return https || (!strncasecmp(to, "http:", 5) && !(from_https && job_has_login(job)));
}

bool transfer_onward(struct job *job, CURLcode code) {
    const char *to = NULL;
    if (code != CURLE_OK || job->failure || !is_followed(job, job->status))
        return false;
    curl_easy_getinfo(job->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to)
        return false;
    bool allowed = may_go(job, to);
    if (!allowed || job->redirects == MOST_REDIRECTS) {
        pthread_mutex_lock(&job->client->lock);
        fail(job, allowed ? CURLE_TOO_MANY_REDIRECTS : CURLE_UNSUPPORTED_PROTOCOL);
        job->status = 0;
        pthread_mutex_unlock(&job->client->lock);
        return false;
    }
    job->target = arena_strdup(job->arena, to);
    job->redirects++;
    job->tries = 0;
    become_get(job);
    return true;
}

// ---- another try ----

static bool repeatable(const struct job *job) {
    const char *method = method_of(job);
    return job->request.send_again || (strcmp(method, "POST") && strcmp(method, "PATCH"));
}

static bool worth_again(const struct job *job, CURLcode code) {
    if (job->over_limit)
        return false;
    if (job->failure) {
        unsigned flags = endings[ending_of(code)].flags;
        return !(flags & HOPELESS) && ((flags & SENT_NOTHING) || repeatable(job)) &&
               !(job->streaming && job->status);
    }
    if (job->streaming)
        return false; // the reader has seen it already
    if (job->status == 500 && job->request.final_500)
        return false;
    return job->status == 429 ||
           (repeatable(job) && job->status >= 500 && job->status != 501 && job->status != 505);
}

static int64_t retry_after(const struct job *job) {
    for (size_t i = 0; i < job->answer.count; i++)
        if (!strcmp(job->answer.items[i].name, "retry-after")) {
            int64_t ms = (int64_t)atoi(job->answer.items[i].value) * 1000;
            return ms < 0 ? 0 : ms > LONGEST_RETRY_AFTER_MS ? LONGEST_RETRY_AFTER_MS : ms;
        }
    return 0;
}

bool transfer_again(struct job *job, CURLcode code, int64_t *wait_ms) {
    int tries = job->client->settings.tries ? job->client->settings.tries : DEFAULT_TRIES;
    if (job->tries >= tries || !worth_again(job, code))
        return false;
    int64_t backoff = (int64_t)FIRST_BACKOFF_MS << (job->tries - 1 < 8 ? job->tries - 1 : 8);
    backoff = backoff > LONGEST_BACKOFF_MS ? LONGEST_BACKOFF_MS : backoff;
    int64_t asked = job->failure ? 0 : retry_after(job);
    int64_t spread = call_now() * 7919 % (backoff / 4); // so that many do not return at once
    *wait_ms = asked > backoff ? asked : backoff + spread;
    return true;
}
