/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scene for the tests of analysis/: two peers, a clock, and messages built payload by payload. */
#ifndef IKE_TEST_SCENE_H
#define IKE_TEST_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analysis/findings/findings.h"
#include "analysis/report/report.h"
#include "analysis/tracker/tracker.h"

#define SPI_I 0x0102030405060708u
#define SPI_R 0x1112131415161718u

typedef struct {
    ike_tracker *tracker;
    ike_message m; /* the message under construction */
    ike_sa *sa;    /* of the last message sent */
    ike_endpoint initiator, responder;
    uint64_t spi_i, spi_r;
    uint64_t now_ms;
    uint32_t frame;
    uint64_t digest;     /* of the next message that is no retransmission */
    uint8_t bytes[4096]; /* what the message under construction points to */
    size_t used;
} scene;

static inline ike_endpoint scene_ip(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (ike_endpoint){.family = 4, .bytes = {a, b, c, d}, .port = port};
}

static inline scene *scene_new(void)
{
    scene *s = test_calloc(1, sizeof *s);
    s->tracker = ike_tracker_new();
    s->initiator = scene_ip(192, 0, 2, 1, 500);
    s->responder = scene_ip(198, 51, 100, 2, 500);
    s->spi_i = SPI_I;
    s->now_ms = 1000000;
    s->digest = 1000;
    return s;
}

static inline void scene_free(scene *s)
{
    ike_tracker_free(s->tracker);
    test_free(s);
}

/* A test whose *state is a new scene. */
#define scene_test(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, scene_set_up, scene_tear_down)

static inline int scene_set_up(void **state)
{
    *state = scene_new();
    return 0;
}

static inline int scene_tear_down(void **state)
{
    scene_free(*state);
    return 0;
}

static inline ike_span scene_bytes(scene *s, const void *data, size_t length)
{
    assert_true(s->used + length <= sizeof s->bytes);
    uint8_t *to = s->bytes + s->used;
    if (data)
        memcpy(to, data, length);
    else
        memset(to, 0x5a, length);
    s->used += length;
    return (ike_span){to, (uint32_t)length};
}

static inline void scene_has(scene *s, uint8_t payload)
{
    s->m.payloads[payload / 64] |= (uint64_t)1 << (payload % 64);
    if (!s->m.first_payload)
        s->m.first_payload = (uint8_t)payload;
}

/* ---- beginning a message --------------------------------------------------------------------- */

static inline void scene_begin(scene *s, uint8_t major, uint8_t exchange, bool from_initiator,
                               uint32_t id)
{
    memset(&s->m, 0, sizeof s->m);
    s->used = 0;
    s->m.major = major;
    s->m.exchange = exchange;
    s->m.message_id = id;
    s->m.initiator_spi = s->spi_i;
    s->m.responder_spi = s->spi_r;
    s->m.source = from_initiator ? s->initiator : s->responder;
    s->m.destination = from_initiator ? s->responder : s->initiator;
    s->m.length = 200;
    s->m.digest = s->digest++;
    s->m.initiator = from_initiator;
}

/* An IKEv2 message; everything but IKE_SA_INIT is encrypted, and decrypted with its keys. */
static inline void v2(scene *s, uint8_t exchange, bool from_initiator, bool response, uint32_t id)
{
    scene_begin(s, 2, exchange, from_initiator, id);
    s->m.response = response;
    s->m.encrypted = exchange != 34;
    s->m.decryption = exchange == 34 ? IKE_PLAIN : IKE_DECRYPTION_DONE;
}

static inline void v1(scene *s, uint8_t exchange, bool from_initiator, uint32_t id, bool encrypted)
{
    scene_begin(s, 1, exchange, from_initiator, id);
    s->m.encrypted = encrypted;
    s->m.decryption = encrypted ? IKE_DECRYPTION_DONE : IKE_PLAIN;
}

/* The message is encrypted, and its outside tells the type of the first payload and the length. */
static inline void encrypted(scene *s, uint8_t first, uint32_t length)
{
    s->m.decryption = IKE_DECRYPTION_NONE;
    s->m.encrypted = true;
    s->m.first_inside = (uint16_t)(first + 1);
    s->m.length = length;
    if (!s->m.first_payload)
        s->m.first_payload = s->m.major == 1 ? first : 46; /* SK */
}

/* ---- payloads -------------------------------------------------------------------------------- */

static inline void proposal(scene *s, uint8_t protocol, uint64_t spi, size_t spi_bytes)
{
    ike_proposal *p = &s->m.proposals[s->m.proposal_count++];
    uint8_t bytes[8];
    for (size_t i = 0; i < spi_bytes; i++)
        bytes[i] = (uint8_t)(spi >> 8 * (spi_bytes - 1 - i));
    memset(p, 0, sizeof *p);
    p->number = (uint8_t)s->m.proposal_count;
    p->protocol = protocol;
    p->spi = scene_bytes(s, bytes, spi_bytes);
    p->first_transform = s->m.transform_count;
    scene_has(s, s->m.major == 1 ? 1 : 33);
}

static inline void transform(scene *s, uint8_t type, uint16_t id, uint16_t key_bits)
{
    s->m.transforms[s->m.transform_count++] =
        (ike_transform){.type = type, .id = id, .key_bits = key_bits};
    s->m.proposals[s->m.proposal_count - 1].transform_count++;
}

static inline ikev1_transform *v1_transform(scene *s, uint8_t id)
{
    ikev1_transform *t = &s->m.v1_transforms[s->m.transform_count++];
    memset(t, 0, sizeof *t);
    t->number = (uint8_t)s->m.transform_count;
    t->id = id;
    s->m.proposals[s->m.proposal_count - 1].transform_count++;
    return t;
}

/* AES-CBC-256, SHA-256, and a group. */
static inline void ike_proposal_with(scene *s, uint16_t group, uint64_t new_spi)
{
    proposal(s, 1, new_spi, new_spi ? 8 : 0);
    transform(s, 1, 12, 256);
    transform(s, 3, 12, 0);
    transform(s, 2, 5, 0);
    transform(s, 4, group, 0);
}

static inline void esp_proposal(scene *s, uint32_t spi, uint16_t cipher, uint16_t key_bits)
{
    proposal(s, 3, spi, 4);
    transform(s, 1, cipher, key_bits);
    transform(s, 3, 12, 0);
    transform(s, 5, 0, 0);
}

static inline void key_exchange(scene *s, uint16_t group, size_t bytes)
{
    s->m.ke[s->m.ke_count++] =
        (ike_key_exchange){.group = group, .data = scene_bytes(s, NULL, bytes)};
    scene_has(s, s->m.major == 1 ? 4 : 34);
}

static inline void nonce(scene *s, size_t bytes)
{
    s->m.nonce = scene_bytes(s, NULL, bytes);
    scene_has(s, s->m.major == 1 ? 10 : 40);
}

static inline void notify_with(scene *s, uint16_t type, const void *data, size_t length)
{
    ike_notify *n = &s->m.notifies[s->m.notify_count++];
    memset(n, 0, sizeof *n);
    n->type = type;
    if (length)
        n->data = scene_bytes(s, data, length);
    scene_has(s, s->m.major == 1 ? 11 : 41);
}

static inline void notify(scene *s, uint16_t type)
{
    notify_with(s, type, NULL, 0);
}

static inline void rekey_sa(scene *s, uint32_t spi)
{
    uint8_t bytes[4] = {(uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8),
                        (uint8_t)spi};
    notify(s, 16393);
    s->m.notifies[s->m.notify_count - 1].protocol = 3;
    s->m.notifies[s->m.notify_count - 1].spi = scene_bytes(s, bytes, 4);
}

static inline void identity(scene *s, int slot, uint8_t type, const char *text)
{
    s->m.id[slot].type = type;
    s->m.id[slot].data = scene_bytes(s, text, strlen(text));
    if (s->m.id_count <= slot)
        s->m.id_count = (uint8_t)(slot + 1);
    scene_has(s, s->m.major == 1 ? 5 : (uint8_t)(35 + slot));
}

static inline void auth(scene *s, uint8_t method)
{
    s->m.auth_method = method;
    s->m.auth = scene_bytes(s, NULL, 32);
    scene_has(s, 39);
}

/* 10.n.0.0/16 on one side. */
static inline void selector(scene *s, bool of_initiator, uint8_t net)
{
    ike_selector ts = {
        .type = 7, .end_port = 0xffff, .start = {10, net, 0, 0}, .end = {10, net, 255, 255}};
    if (of_initiator)
        s->m.ts_initiator[s->m.ts_initiator_count++] = ts;
    else
        s->m.ts_responder[s->m.ts_responder_count++] = ts;
    scene_has(s, of_initiator ? 44 : 45);
}

static inline void deletes(scene *s, uint8_t protocol, uint32_t spi)
{
    uint8_t bytes[4] = {(uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8),
                        (uint8_t)spi};
    ike_delete *d = &s->m.deletes[s->m.delete_count++];
    memset(d, 0, sizeof *d);
    d->protocol = protocol;
    if (protocol != 1)
        d->spi = scene_bytes(s, bytes, 4);
    scene_has(s, s->m.major == 1 ? 12 : 42);
}

/* ---- sending --------------------------------------------------------------------------------- */

static inline ike_message_record *send_at(scene *s, uint64_t after_ms)
{
    s->now_ms += after_ms;
    s->m.time_ns = s->now_ms * 1000000;
    s->m.frame = ++s->frame;
    s->sa = ike_tracker_sa_of(s->tracker, &s->m);
    return ike_tracker_message(s->tracker, s->sa, &s->m);
}

static inline ike_message_record *send_now(scene *s)
{
    return send_at(s, 10);
}

/* Ordinary IKEv2 handshakes. */
static inline ike_message_record *init_request(scene *s, uint16_t group, size_t bytes)
{
    s->spi_r = 0;
    v2(s, 34, true, false, 0);
    ike_proposal_with(s, group, 0);
    key_exchange(s, group, bytes);
    nonce(s, 32);
    return send_now(s);
}

static inline ike_message_record *init_response(scene *s, uint16_t group, size_t bytes)
{
    s->spi_r = SPI_R;
    v2(s, 34, false, true, 0);
    ike_proposal_with(s, group, 0);
    key_exchange(s, group, bytes);
    nonce(s, 32);
    return send_now(s);
}

static inline void auth_request_begin(scene *s, uint32_t spi)
{
    v2(s, 35, true, false, 1);
    identity(s, 0, 2, "moon.example");
    auth(s, 2);
    esp_proposal(s, spi, 12, 256);
    selector(s, true, 1);
    selector(s, false, 2);
}

static inline void auth_response_begin(scene *s, uint32_t spi)
{
    v2(s, 35, false, true, 1);
    identity(s, 1, 2, "sun.example");
    auth(s, 2);
    esp_proposal(s, spi, 12, 256);
    selector(s, true, 1);
    selector(s, false, 2);
}

/* IKE_SA_INIT and IKE_AUTH, frames 1 to 4, Child SA with SPIs 0xa1 and 0xb1. */
static inline void handshake(scene *s)
{
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    auth_request_begin(s, 0xa1);
    send_now(s);
    auth_response_begin(s, 0xb1);
    send_now(s);
}

/* Some time without a packet of theirs: the capture goes on with another flow. */
static inline void wait_ms(scene *s, uint64_t ms)
{
    ike_esp_packet packet = {.spi = 0xffff0000u + s->frame,
                             .sequence = 1,
                             .source = scene_ip(203, 0, 113, 200, 0),
                             .destination = scene_ip(203, 0, 113, 201, 0)};
    s->now_ms += ms;
    packet.time_ns = s->now_ms * 1000000;
    packet.frame = ++s->frame;
    (void)ike_tracker_esp(s->tracker, &packet);
}

static inline ike_esp_flow *scene_esp(scene *s, uint32_t spi, const ike_endpoint *source,
                                      const ike_endpoint *destination, uint32_t sequence,
                                      uint32_t frame, uint64_t time_ns, bool decrypted)
{
    const ike_esp_packet packet = {.spi = spi,
                                   .sequence = sequence,
                                   .frame = frame,
                                   .time_ns = time_ns,
                                   .source = *source,
                                   .destination = *destination,
                                   .decrypted = decrypted};
    return ike_tracker_esp(s->tracker, &packet);
}

/* ---- looking --------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const ike_finding *found;
    unsigned count;
} search;

/* The texts of a finding one after the other, in places that are used in turn. */
static inline const char *scene_texts(const char *text, const char *requested, const char *received,
                                      const char *detail)
{
    static char places[8][1200];
    static unsigned next;
    char *place = places[next++ % 8];
    snprintf(place, sizeof places[0], "%s | %s | %s | %s", text, requested ? requested : "",
             received ? received : "", detail ? detail : "");
    return place;
}

static inline void search_one(const ike_finding *finding, void *user)
{
    static ike_finding places[8];
    static unsigned next;
    search *wanted = user;
    if (wanted->name && strcmp(finding->kind->name, wanted->name) != 0)
        return;
    ike_finding *copy = &places[next++ % 8];
    static char codes[8][48];
    *copy = *finding;
    snprintf(codes[next % 8], sizeof codes[0], "%s", finding->code);
    copy->code = codes[next % 8];
    copy->text = scene_texts(finding->text, finding->requested, finding->received, finding->detail);
    wanted->found = copy;
    wanted->count++;
}

/* The last finding of a name on a message, on a later pass; NULL when there is none. */
static inline const ike_finding *find_on(scene *s, const ike_message_record *record,
                                         const char *name)
{
    search wanted = {.name = name};
    ike_findings_of_message(s->tracker, record, search_one, &wanted);
    return wanted.found;
}

typedef struct {
    uint32_t stream;
    void (*look)(const ike_report_sa *record);
    bool seen;
} report_look;

static inline void look_at(const ike_report_sa *record, void *user)
{
    report_look *l = user;
    if (record->sa->stream != l->stream)
        return;
    l->seen = true;
    l->look(record);
}

static inline void with_report(scene *s, uint32_t stream, void (*look)(const ike_report_sa *record))
{
    report_look l = {.stream = stream, .look = look};
    ike_report_each(s->tracker, NULL, NULL, look_at, &l);
    assert_true(l.seen);
}

/* What the report says of the first IKE SA: outcome, cause and the cause of its last Child SA. */
typedef struct {
    ike_outcome outcome;
    char code[48], text[1200], child_code[48], child_outcome[16], child_text[1200];
    unsigned loud; /* errors and warnings that are not of the security kind */
} auth_text_of_report;

static inline void sum_up(const ike_report_sa *record, void *user)
{
    auth_text_of_report *v = user;
    if (record->sa->stream != 0)
        return;
    v->outcome = record->outcome;
    snprintf(v->code, sizeof v->code, "%s", record->cause.code ? record->cause.code : "");
    snprintf(v->text, sizeof v->text, "%s",
             record->cause.text ? scene_texts(record->cause.text, record->cause.requested,
                                              record->cause.received, record->cause.detail)
                                : "");
    for (size_t i = 0; i < record->child_count; i++) {
        const ike_report_child *c = &record->children[i];
        snprintf(v->child_outcome, sizeof v->child_outcome, "%s", c->outcome);
        snprintf(v->child_code, sizeof v->child_code, "%s", c->cause.code ? c->cause.code : "");
        snprintf(v->child_text, sizeof v->child_text, "%s",
                 c->cause.text ? scene_texts(c->cause.text, c->cause.requested, c->cause.received,
                                             c->cause.detail)
                               : "");
    }
    for (size_t i = 0; i < record->finding_count; i++)
        v->loud +=
            record->findings[i].severity >= IKE_SEVERITY_WARN && !record->findings[i].security;
}

static inline auth_text_of_report report_of(scene *s)
{
    auth_text_of_report v = {0};
    ike_report_each(s->tracker, NULL, NULL, sum_up, &v);
    return v;
}

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" is not in \"%s\"", (part), (text));                                   \
    } while (0)

#endif
