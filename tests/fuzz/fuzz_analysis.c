/* SPDX-License-Identifier: GPL-2.0-or-later */
/* analysis/ with sequences of messages whose fields come from the input: few SPIs, addresses and
 * message IDs, so that messages belong together, and any value elsewhere. Then all that is reported at
 * the end: findings, report, summary. */
#include <glib.h>

#include "analysis/report/report.h"
#include "fuzz.h"

enum { MAX_MESSAGES = 40, MAX_RECORDS = MAX_MESSAGES };

typedef struct {
    fuzz_input in;
    ike_message m;
    ike_x509 x509;
    GPtrArray *copies;
    uint32_t frame;
    uint64_t now;
} scene;

static ike_span take(scene *s, size_t length)
{
    const uint8_t *from = fuzz_take(&s->in, &length);
    uint8_t *copy = length ? g_memdup2(from, length) : NULL;

    if (copy)
        g_ptr_array_add(s->copies, copy);
    return (ike_span){copy, (uint32_t)length};
}

static ike_span take_short(scene *s)
{
    return take(s, fuzz_u8(&s->in));
}

static ike_endpoint endpoint(uint8_t what)
{
    ike_endpoint e = {.family = what & 4 ? 6 : what & 8 ? 0 : 4, .bytes = {192, 0, 2, what & 3}};

    e.port = what & 16 ? 4500 : 500;
    return e;
}

static void proposals(scene *s)
{
    ike_message *m = &s->m;
    unsigned count = fuzz_u8(&s->in) % 5;

    for (unsigned i = 0; i < count && m->proposal_count < IKE_MAX_PROPOSALS; i++) {
        ike_proposal *p = &m->proposals[m->proposal_count++];
        memset(p, 0, sizeof *p);
        p->number = fuzz_u8(&s->in);
        p->protocol = fuzz_u8(&s->in) & 7;
        p->spi = take(s, fuzz_u8(&s->in) % 17);
        p->first_transform = m->transform_count;
        unsigned transforms = fuzz_u8(&s->in) % 9;
        while (transforms-- && m->transform_count < IKE_MAX_TRANSFORMS) {
            if (m->major == 1) {
                ikev1_transform *t = &m->v1_transforms[m->transform_count];
                memset(t, 0, sizeof *t);
                t->id = fuzz_u8(&s->in);
                t->encryption = t->key_bits = fuzz_u8(&s->in);
                t->hash = t->auth_algorithm = fuzz_u8(&s->in);
                t->auth_method = fuzz_u16(&s->in);
                t->group = t->encapsulation = fuzz_u8(&s->in);
                t->life_seconds = t->life_kbytes = fuzz_u8(&s->in);
            } else {
                ike_transform *t = &m->transforms[m->transform_count];
                t->type = fuzz_u8(&s->in) & 15;
                t->id = fuzz_u8(&s->in);
                t->key_bits = (uint16_t)(fuzz_u8(&s->in) * 8);
            }
            m->transform_count++;
            p->transform_count++;
        }
    }
}

static void notifies(scene *s)
{
    ike_message *m = &s->m;
    unsigned count = fuzz_u8(&s->in) & 3;

    while (count-- && m->notify_count < IKE_MAX_NOTIFIES) {
        ike_notify *n = &m->notifies[m->notify_count++];
        memset(n, 0, sizeof *n);
        n->type = fuzz_u16(&s->in);
        n->protocol = fuzz_u8(&s->in) & 3;
        n->spi = take(s, fuzz_u8(&s->in) % 9);
        n->data = take_short(s);
    }
}

static void selectors(scene *s, ike_selector *list, uint8_t *count)
{
    unsigned n = fuzz_u8(&s->in) & 3;

    while (n-- && *count < IKE_MAX_SELECTORS) {
        ike_selector *t = &list[(*count)++];
        memset(t, 0, sizeof *t);
        t->type = (uint8_t)(7 + (fuzz_u8(&s->in) & 3));
        t->ip_protocol = fuzz_u8(&s->in);
        t->start_port = fuzz_u8(&s->in);
        t->end_port = fuzz_u16(&s->in);
        size_t length = 4;
        const uint8_t *bytes = fuzz_take(&s->in, &length);
        memcpy(t->start, bytes, length);
        length = 4;
        bytes = fuzz_take(&s->in, &length);
        memcpy(t->end, bytes, length);
    }
}

static void identities(scene *s)
{
    ike_message *m = &s->m;
    uint8_t what = fuzz_u8(&s->in);

    m->id_count = 0;
    memset(m->id, 0, sizeof m->id);
    for (unsigned i = 0; i < IKE_MAX_IDS; i++)
        if (what & 1u << i) {
            m->id[i].type = fuzz_u8(&s->in);
            m->id[i].protocol = fuzz_u8(&s->in);
            m->id[i].port = fuzz_u8(&s->in);
            m->id[i].data = take_short(s);
            m->id[i].body = m->id[i].data;
            m->id_count = (uint8_t)(i + 1);
        }
}

static void deletes(scene *s)
{
    ike_message *m = &s->m;
    unsigned count = fuzz_u8(&s->in) & 3;

    while (count--) {
        ike_delete *d = &m->deletes[m->delete_count++];
        d->protocol = fuzz_u8(&s->in) & 3;
        d->spi = take(s, fuzz_u8(&s->in) % 17);
    }
}

static void certificates(scene *s)
{
    s->m.certificates[0] = (ike_certificate){.encoding = fuzz_u8(&s->in)};
    s->m.certificates[0].data = take(s, fuzz_u16(&s->in) & 0xfff);
    if (s->m.certificates[0].data.length > 2) {
        ike_span data = s->m.certificates[0].data;
        s->x509 = (ike_x509){.subject = data.data,
                             .subject_length = data.length,
                             .issuer = data.data + 1,
                             .issuer_length = data.length - 1u,
                             .not_after = data.data[0],
                             .name_count = 1};
        s->x509.names[0] = (ike_x509_name){data.data[0] & 15, data.data, data.length};
        s->m.certificates[0].x509 = &s->x509;
    }
    s->m.certificate_count = 1;
}

static void authentication(scene *s)
{
    ike_message *m = &s->m;

    m->auth_method = fuzz_u8(&s->in);
    m->auth = take_short(s);
    m->eap = take_short(s);
    m->eap_code = fuzz_u8(&s->in);
    m->eap_type = fuzz_u8(&s->in);
    m->config_type = fuzz_u8(&s->in);
    m->xauth_status = fuzz_u8(&s->in);
    m->hash = take_short(s);
    m->signature = take_short(s);
}

/* What the payloads say beyond their names: EAP, configuration, certificate requests. */
static void details(scene *s)
{
    ike_message *m = &s->m;
    uint8_t what = fuzz_u8(&s->in);

    m->eap_packet = (ike_eap_packet){.code = m->eap_code,
                                     .type = m->eap_type,
                                     .identity = take(s, what & 15),
                                     .text = take(s, what & 31),
                                     .wanted = take(s, what & 3),
                                     .mschapv2_error = what & 4 ? 691 : 0,
                                     .tls_alert = what & 8,
                                     .tls_alert_level = what & 3,
                                     .tls_alert_description = fuzz_u8(&s->in),
                                     .aka_subtype = fuzz_u8(&s->in),
                                     .aka_has_code = what & 32,
                                     .aka_code = fuzz_u16(&s->in)};
    m->config_attribute_count = fuzz_u8(&s->in) % 6;
    for (unsigned i = 0; i < m->config_attribute_count; i++)
        m->config_attributes[i] = (ike_config_attribute){fuzz_u8(&s->in) & 31, take(s, what & 31)};
    m->certificate_request_count = fuzz_u8(&s->in) % 3;
    for (unsigned i = 0; i < m->certificate_request_count; i++)
        m->certificate_requests[i] =
            (ike_certificate_request){fuzz_u8(&s->in) & 15, take(s, what & 63)};
    m->payload_count = fuzz_u8(&s->in) % 12;
    for (unsigned i = 0; i < m->payload_count; i++)
        m->payload_list[i] = (ike_payload_entry){.type = fuzz_u8(&s->in) & 63};
    m->not_authentic = what & 128;
    if (m->malformed && what & 64) {
        m->fault = "Payload exceeds the message";
        m->fault_payload = fuzz_u8(&s->in) & 63;
    }
}

static void exchange_values(scene *s)
{
    ike_message *m = &s->m;

    m->nonce = take_short(s);
    m->ke_count = fuzz_u8(&s->in) % (IKE_MAX_KEY_EXCHANGES + 1);
    for (unsigned i = 0; i < m->ke_count; i++)
        m->ke[i] = (ike_key_exchange){.group = fuzz_u8(&s->in), .data = take_short(s)};
    m->nat_hash_count = fuzz_u8(&s->in) & 3;
    for (unsigned i = 0; i < m->nat_hash_count; i++)
        m->nat_hashes[i] = take(s, 20);
    m->vendor_count = fuzz_u8(&s->in) & 3;
    for (unsigned i = 0; i < m->vendor_count; i++)
        m->vendors[i] = "strongSwan";
    m->sa_body = take_short(s);
}

static void header(scene *s)
{
    ike_message *m = &s->m;
    uint8_t what = fuzz_u8(&s->in), way = fuzz_u8(&s->in), spis = fuzz_u8(&s->in);

    memset(m, 0, offsetof(ike_message, id));
    m->frame = ++s->frame;
    s->now += (uint64_t)fuzz_u8(&s->in) * UINT64_C(200000000);
    m->time_ns = s->now;
    m->source = endpoint(way & 1 ? way ^ 3 : way);
    m->destination = endpoint(way & 1 ? way : way ^ 3);
    m->tcp = what & 1;
    m->major = what & 4 ? 1 : what & 8 ? spis : 2;
    m->initiator_spi = (spis & 3) * UINT64_C(0x1111);
    m->responder_spi = (spis >> 2 & 3) * UINT64_C(0x2222);
    m->exchange = fuzz_u8(&s->in);
    m->flags = fuzz_u8(&s->in);
    m->message_id = fuzz_u8(&s->in);
    m->length = fuzz_u16(&s->in);
    m->response = m->flags & 0x20;
    m->initiator = m->flags & 8;
    m->encrypted = what & 16;
    m->malformed = what & 32;
    m->decryption = spis >> 4 & 3;
    m->digest = what & 64 ? 77 : s->frame;
    m->first_inside = fuzz_u8(&s->in);
    m->interface = way & 3;
    m->ip_id = way & 4 ? (uint16_t)(s->frame / 2) : 0;
    m->ttl = way & 8 ? 64 : 63;
    m->prefix_digest = what & 3;
    m->captured = what & 4 ? m->length / 2 : 0;
    if (m->decryption == IKE_FRAGMENT || what & 128) {
        m->fragment = fuzz_u8(&s->in);
        m->fragments = fuzz_u8(&s->in);
        m->reassembled = m->decryption != IKE_FRAGMENT;
    }
    for (unsigned i = 0; i < 4; i++)
        m->payloads[0] |= UINT64_C(1) << (fuzz_u8(&s->in) & 63);
    m->critical_unknown = way & 32;
    m->critical_type = spis;
}

static void fill(scene *s)
{
    header(s);
    uint8_t has = fuzz_u8(&s->in);
    memset(s->m.id, 0, sizeof s->m.id);
    if (has & 1)
        proposals(s);
    if (has & 2)
        notifies(s);
    if (has & 4) {
        selectors(s, s->m.ts_initiator, &s->m.ts_initiator_count);
        selectors(s, s->m.ts_responder, &s->m.ts_responder_count);
    }
    if (has & 8)
        identities(s);
    if (has & 16)
        deletes(s);
    if (has & 32)
        certificates(s);
    if (has & 64) {
        authentication(s);
        details(s);
    }
    if (has & 128)
        exchange_values(s);
}

static void read_finding(const ike_finding *finding, void *user)
{
    size_t *length = user;

    *length += strlen(finding->text) + strlen(finding->code) + ike_finding_index(finding);
}

static void read_text(const char *text, void *user)
{
    *(size_t *)user += strlen(text);
}

static void read_record(const ike_report_sa *record, void *user)
{
    size_t *length = user;

    *length += strlen(ike_outcome_text(record->outcome)) + record->child_count;
    for (size_t i = 0; i < record->exchange_count; i++)
        *length += strlen(record->exchanges[i].type) + record->exchanges[i].frame_count;
    for (size_t i = 0; i < record->finding_count; i++)
        *length += strlen(record->findings[i].text);
}

static void one_message(scene *s, ike_tracker *tracker, const ike_message_record **record)
{
    char text[64];
    uint64_t ns;

    fill(s);
    ike_sa *sa = ike_tracker_sa_of(tracker, &s->m);
    (void)ike_sa_from_initiator(sa, &s->m);
    *record = ike_tracker_message(tracker, sa, &s->m);
    (void)ike_record_step(*record, text, sizeof text);
    (void)ike_record_response_time(*record, &ns);
    (void)ike_sa_algorithms(sa);
    if (s->m.auth_method)
        ike_sa_set_auth(tracker, sa, s->m.initiator, s->m.auth_method % 3, "reason");
    g_ptr_array_set_size(s->copies, 0); /* nothing is kept of the packet */
}

static void one_esp(scene *s, ike_tracker *tracker)
{
    uint8_t way = fuzz_u8(&s->in);
    ike_endpoint source = endpoint(way), destination = endpoint(way ^ 3);

    ike_esp_packet packet = {.spi = fuzz_u8(&s->in),
                             .sequence = fuzz_u8(&s->in),
                             .frame = ++s->frame,
                             .bytes = 100,
                             .time_ns = s->now,
                             .source = source,
                             .destination = destination,
                             .interface = way & 3,
                             .ttl = way & 64 ? 7 : 0,
                             .not_authentic = way & 16,
                             .decrypted = way & 32};
    (void)ike_tracker_esp(tracker, &packet);
}

/* An ICMP error with the beginning of a message. */
static void one_unreachable(scene *s, ike_tracker *tracker)
{
    header(s);
    uint8_t what = fuzz_u8(&s->in);
    ike_icmp_error error = {.version = what & 1 ? 6 : 4,
                            .type = what >> 1 & 15,
                            .code = fuzz_u8(&s->in) & 15,
                            .mtu = fuzz_u16(&s->in)};

    ike_tracker_unreachable(tracker, &s->m, what & 128 ? NULL : &error);
}

/* Frames of the messages that keys verified. */
static void one_verified(scene *s, ike_tracker *tracker)
{
    header(s);
    uint32_t frames[IKE_INIT_FRAMES];

    ike_sa *sa = ike_tracker_sa_of(tracker, &s->m);
    for (size_t i = 0; i < IKE_INIT_FRAMES; i++)
        frames[i] = fuzz_u8(&s->in);
    ike_sa_set_verified_init(tracker, sa, frames);
}

static void one_step(scene *s, ike_tracker *tracker, const ike_message_record **records,
                     size_t *count)
{
    uint8_t step = fuzz_u8(&s->in);

    if (step % 8 == 7)
        one_esp(s, tracker);
    else if (step % 32 == 6)
        one_unreachable(s, tracker);
    else if (step % 32 == 14)
        one_verified(s, tracker);
    else
        one_message(s, tracker, &records[(*count)++]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scene *s = g_new0(scene, 1);
    ike_tracker *tracker = ike_tracker_new();
    const ike_message_record *records[MAX_RECORDS];
    size_t length = 0, count = 0;

    s->in = (fuzz_input){data, data + size};
    s->copies = g_ptr_array_new_with_free_func(g_free);
    s->now = UINT64_C(1700000000000000000);
    while (fuzz_left(&s->in) && count < MAX_RECORDS)
        one_step(s, tracker, records, &count);
    for (size_t i = 0; i < count; i++)
        ike_findings_of_message(tracker, records[i], read_finding, &length);
    ike_report_each(tracker, NULL, NULL, read_record, &length);
    ike_report_text(tracker, NULL, NULL, read_text, &length);
    ike_summary *summary = ike_summary_new(tracker, NULL, NULL);
    ike_summary_text(summary, read_text, &length);
    ike_summary_free(summary);
    ike_tracker_free(tracker);
    g_ptr_array_free(s->copies, TRUE);
    g_free(s);
    return 0;
}
