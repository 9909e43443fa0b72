// SPDX-License-Identifier: Apache-2.0
// What belongs to controllers, row by row: the manifest as it is applied, and the live object as it is
// compared.
#include "kube/controllers.h"

#include "files.h"
#include "http/client.h"

#include <stdlib.h>
#include <string.h>

#define META(more) "'metadata':{'name':'a','namespace':'ns'" more "}"
#define ASKS                                                                                                 \
    ","                                                                                                      \
    "'annotations':{'cert-manager.io/inject-ca-from':'ns/cert'}"
#define POD(annotations) "'spec':{'template':{'metadata':{'labels':{'a':'b'}" annotations "}}}"
#define RESTARTED(name) POD(",'annotations':{'" name "':'now'}")

struct row {
    const char *name, *kind, *manifest, *live; // what follows the kind
    const char *applied, *compared;            // NULL: as they are
    bool scaled;
};

static const struct row rows[] = {
    {"CA of a webhook: absent", "MutatingWebhookConfiguration",
     "'webhooks':[{'name':'x','clientConfig':{'url':'u'}}]",
     "'webhooks':[{'name':'x','clientConfig':{'url':'u','caBundle':'QQ=='}}]", NULL,
     "'webhooks':[{'name':'x','clientConfig':{'url':'u'}}]", false},
    {"CA of a webhook: a placeholder, in another order", "ValidatingWebhookConfiguration",
     "'webhooks':[{'name':'x','clientConfig':{'caBundle':'Cg=='}},{'name':'y','clientConfig':{'caBundle':'Qg="
     "="
     "'}}]",
     "'webhooks':[{'name':'y','clientConfig':{'caBundle':'Qw=='}},{'name':'x','clientConfig':{'caBundle':'QQ="
     "="
     "'}}]",
     "'webhooks':[{'name':'x','clientConfig':{}},{'name':'y','clientConfig':{'caBundle':'Qg=='}}]",
     "'webhooks':[{'name':'y','clientConfig':{'caBundle':'Qw=='}},{'name':'x','clientConfig':{}}]", false},
    {"CA of a webhook: given, and asked of cert-manager", "ValidatingWebhookConfiguration",
     META(ASKS) ",'webhooks':[{'name':'x','clientConfig':{'caBundle':'Qg=='}}]",
     "'webhooks':[{'name':'x','clientConfig':{'caBundle':'QQ=='}}]",
     META(ASKS) ",'webhooks':[{'name':'x','clientConfig':{}}]", "'webhooks':[{'name':'x','clientConfig':{}}]",
     false},
    {"CA of a conversion", "CustomResourceDefinition",
     "'spec':{'conversion':{'webhook':{'clientConfig':{'caBundle':''}}}}",
     "'spec':{'conversion':{'webhook':{'clientConfig':{'caBundle':'QQ=='}}}}",
     "'spec':{'conversion':{'webhook':{'clientConfig':{}}}}",
     "'spec':{'conversion':{'webhook':{'clientConfig':{}}}}", false},
    {"CA of an API service", "APIService", "'spec':{'group':'g'}", "'spec':{'group':'g','caBundle':'QQ=='}",
     NULL, "'spec':{'group':'g'}", false},
    {"CA of an API service: given", "APIService", "'spec':{'caBundle':'QQ=='}", "'spec':{'caBundle':'Qg=='}",
     NULL, NULL, false},
    {"CA in a ConfigMap of OpenShift", "ConfigMap",
     META(",'annotations':{'service.beta.openshift.io/inject-cabundle':'true'}") ",'data':{}",
     "'data':{'service-ca.crt':'x'}",
     META(",'annotations':{'service.beta.openshift.io/inject-cabundle':'true'}"), "", false},
    {"trusted CAs in a ConfigMap of OpenShift", "ConfigMap",
     META(",'labels':{'config.openshift.io/inject-trusted-cabundle':'true'}") ",'data':{'a':'b'}",
     "'data':{'a':'c','ca-bundle.crt':'x'}", NULL, "'data':{'a':'c'}", false},
    {"any other ConfigMap", "ConfigMap", "'data':{'a':'b'}", "'data':{'ca-bundle.crt':'x'}", NULL, NULL,
     false},
    {"target of an autoscaler", "Deployment", "'spec':{'replicas':1}", "'spec':{'replicas':5}", "'spec':{}",
     "'spec':{}", true},
    {"target of nobody", "StatefulSet", "'spec':{'replicas':1}", "'spec':{'replicas':5}", NULL, NULL, false},
    {"aggregated role", "ClusterRole", "'aggregationRule':{'x':1},'rules':[]", "'rules':[{'verbs':['get']}]",
     "'aggregationRule':{'x':1}", "", false},
    {"any other role", "ClusterRole", "'rules':[]", "'rules':[{'verbs':['get']}]", NULL, NULL, false},
    {"token of a service account", "Secret",
     "'type':'kubernetes.io/service-account-token','data':{'token':'','extra':'x'}",
     "'data':{'token':'t','ca.crt':'c','namespace':'n','extra':'y'}",
     "'type':'kubernetes.io/service-account-token','data':{'extra':'x'}", "'data':{'extra':'y'}", false},
    {"claim that is bound", "PersistentVolumeClaim", "'spec':{'volumeName':''}", "'spec':{'volumeName':'pv'}",
     "'spec':{}", "'spec':{}", false},
    {"volume that is bound", "PersistentVolume", "'spec':{'a':1}", "'spec':{'a':1,'claimRef':{'name':'x'}}",
     NULL, "'spec':{'a':1}", false},
    {"job in a queue", "Job", META(",'labels':{'kueue.x-k8s.io/queue-name':'q'}") ",'spec':{'suspend':true}",
     "'spec':{'suspend':false}", META(",'labels':{'kueue.x-k8s.io/queue-name':'q'}") ",'spec':{}",
     "'spec':{}", false},
    {"job without a queue", "Job", "'spec':{'suspend':true}", "'spec':{'suspend':false}", NULL, NULL, false},
    {"kubectl rollout restart", "Deployment", POD(""), RESTARTED("kubectl.kubernetes.io/restartedAt"), NULL,
     POD(""), false},
    {"kubectl rollout restart of a DaemonSet", "DaemonSet", POD(",'annotations':{'x':'y'}"),
     POD(",'annotations':{'x':'y','kubectl.kubernetes.io/restartedAt':'now'}"), NULL,
     POD(",'annotations':{'x':'y'}"), false},
    {"Rancher's redeploy", "StatefulSet", POD(""), RESTARTED("cattle.io/timestamp"), NULL, POD(""), false},
    {"Reloader", "Deployment", POD(""), RESTARTED("reloader.stakater.com/last-reloaded-from"), NULL, POD(""),
     false},
    {"Vault Secrets Operator", "Deployment", POD(""), RESTARTED("vso.secrets.hashicorp.com/restartedAt"),
     NULL, POD(""), false},
    {"Keel", "Deployment", POD(""), RESTARTED("keel.sh/update-time"), NULL, POD(""), false},
    {"Aptakube", "Deployment", POD(""), RESTARTED("aptakube.com/restartedAt"), NULL, POD(""), false},
    {"OpenShift's console", "Deployment", POD(""), RESTARTED("openshift.openshift.io/restartedAt"), NULL,
     POD(""), false},
    {"a restart that the chart orders", "Deployment", RESTARTED("kubectl.kubernetes.io/restartedAt"),
     POD(",'annotations':{'kubectl.kubernetes.io/restartedAt':'later'}"), NULL, NULL, false},
    {"an annotation of anybody's", "Deployment", POD(""), RESTARTED("x"), NULL, NULL, false},
};

static struct value object(struct arena *arena, const char *kind, const char *rest) {
    return json_quoted(arena, arena_printf(arena, "{'kind':'%s'%s%s}", kind, *rest ? "," : "", rest));
}

static void expect(struct arena *arena, const struct row *row, struct value found, const char *rest) {
    if (!value_equal(found, object(arena, row->kind, rest)))
        fail_msg("%s: %s", row->name, json_text(arena, found));
}

static void leaves(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        const struct row *row = &rows[i];
        struct kube_controlled c = {object(arena, row->kind, row->manifest),
                                    object(arena, row->kind, row->live), row->scaled};
        expect(arena, row, kube_left_to_controllers(arena, &c, c.manifest),
               row->applied ? row->applied : row->manifest);
        expect(arena, row, kube_left_to_controllers(arena, &c, c.live),
               row->compared ? row->compared : row->live);
    }
}

static void goes(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_true(kube_goes_by_itself(object(arena, "Job", "'spec':{'ttlSecondsAfterFinished':0}")));
    assert_false(kube_goes_by_itself(object(arena, "Job", "'spec':{}")));
    assert_false(kube_goes_by_itself(object(arena, "Pod", "'spec':{'ttlSecondsAfterFinished':1}")));
}

// ---- autoscalers ----

#define SCALED(manager, subresource)                                                                         \
    "{'kind':'Deployment','metadata':{'name':'app','namespace':'ns','managedFields':[{'manager':'" manager   \
    "','operation':'Update'" subresource                                                                     \
    ",'fieldsV1':{'f:spec':{'f:replicas':{}}}}]},'spec':{'replicas':4}}"
#define HPA(kind, name)                                                                                      \
    "{\"kind\":\"List\",\"items\":[{\"metadata\":{\"name\":\"auto\"},\"spec\":{\"scaleTargetRef\":{"         \
    "\"kind\":"                                                                                              \
    "\"" kind "\",\"name\":\"" name "\"}}}]}"

struct list_answer {
    int status;
    const char *body;
    int asked;
};

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    struct list_answer *list = data;
    (void)nth, (void)method, (void)url;
    list->asked++;
    return (struct http_fault){HTTP_FAULT_STATUS, 0, list->status, list->body, NULL};
}

static void finds_autoscalers(void **state) {
    static const struct {
        const char *live, *body;
        int status, asked;
        bool going, scaled;
    } cases[] = {
        {SCALED("kube-controller-manager", ",'subresource':'scale'"), HPA("Deployment", "app"), 200, 1, false,
         true},
        {SCALED("kubectl", ",'subresource':'scale'"), HPA("Deployment", "app"), 200, 1, false, true},
        {SCALED("kube-controller-manager", ",'subresource':'scale'"), HPA("Deployment", "app"), 200, 1, true,
         false},
        {SCALED("kubectl", ",'subresource':'scale'"), HPA("StatefulSet", "app"), 200, 1, false, false},
        {SCALED("kubectl", ",'subresource':'scale'"), HPA("Deployment", "other"), 200, 1, false, false},
        {SCALED("kubectl-edit", ""), HPA("Deployment", "app"), 200, 0, false, false},
        {SCALED("kubectl", ",'subresource':'scale'"), "{\"kind\":\"Status\"}", 403, 1, false, false},
        {SCALED("kube-controller-manager", ",'subresource':'scale'"), "{\"kind\":\"Status\"}", 403, 1, false,
         true},
    };
    static const struct kube_ref going = KUBE_REF("autoscaling/v2", "HorizontalPodAutoscaler", "ns", "auto");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct kube_config config = {.host = "https://api.test"};
        struct kube_client *kube = kube_client_create(&config, NULL);
        struct list_answer list = {cases[i].status, cases[i].body, 0};
        struct kube_autoscalers except = {&going, cases[i].going};
        struct kube_controlled c = {object(arena, "Deployment", "'spec':{'replicas':1}"),
                                    json_quoted(arena, cases[i].live), false};
        http_client_set_faults(kube_client_http(kube), answer, &list);
        kube_find_scaled(&call, kube, &except, &c, 1);
        kube_client_destroy(kube);
        if (c.scaled != cases[i].scaled || list.asked != cases[i].asked)
            fail_msg("case %zu: %s, asked %d times", i, c.scaled ? "scaled" : "not scaled", list.asked);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves),
        cmocka_unit_test(goes),
        cmocka_unit_test(finds_autoscalers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
