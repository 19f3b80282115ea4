/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much an encrypted message can hold: its length without header, SK header, IV, Pad Length and
 * ICV (RFC 7296 3.14), whose lengths follow from the negotiated algorithms. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

typedef struct {
    uint16_t id;
    uint8_t iv, icv; /* icv 0: that of the integrity algorithm */
} cipher_overhead;

static const cipher_overhead ciphers[] = {
    {2, 8, 0},   {3, 8, 0},   {12, 16, 0}, {13, 8, 0},  {14, 8, 8},  {15, 8, 12},
    {16, 8, 16}, {18, 8, 8},  {19, 8, 12}, {20, 8, 16}, {23, 16, 0}, {25, 8, 8},
    {26, 8, 12}, {27, 8, 16}, {28, 8, 16}, {29, 0, 8},  {30, 0, 16}, {31, 0, 16},
};

/* Integrity algorithms and the bytes of their ICVs (RFC 7296 3.3.2, RFC 4868). */
static const struct {
    uint16_t id;
    uint8_t icv;
} integrity[] = {{1, 12}, {2, 12}, {5, 12}, {8, 12}, {12, 16}, {13, 24}, {14, 32}};

/* PRFs and the bytes of their output (RFC 7296 2.13, RFC 4868, RFC 4434, RFC 4615). */
static const struct {
    uint16_t id;
    uint8_t output;
} prfs[] = {{1, 16}, {2, 20}, {4, 16}, {5, 32}, {6, 48}, {7, 64}, {8, 16}};

uint32_t ike_shared_key_auth_bytes(const ike_negotiated *negotiated)
{
    enum { HEADER = 4 + 4, LONGEST = 64 };
    for (size_t i = 0; i < G_N_ELEMENTS(prfs); i++)
        if (prfs[i].id == negotiated->prf)
            return HEADER + prfs[i].output;
    return HEADER + LONGEST;
}

static uint32_t overhead_of(const ike_negotiated *negotiated)
{
    enum { LEAST_IV = 8, LEAST_ICV = 8 };
    uint32_t iv = LEAST_IV, icv = LEAST_ICV; /* of what is not known: rather more room than less */
    for (size_t i = 0; i < G_N_ELEMENTS(integrity); i++)
        if (integrity[i].id == negotiated->integrity)
            icv = integrity[i].icv;
    for (size_t i = 0; i < G_N_ELEMENTS(ciphers); i++) {
        if (ciphers[i].id != negotiated->encryption)
            continue;
        iv = ciphers[i].iv;
        if (ciphers[i].icv)
            icv = ciphers[i].icv;
    }
    return iv + icv;
}

uint32_t ike_plaintext_room(const ike_message_record *record)
{
    enum { SK_HEADER = 4, PAD_LENGTH = 1 };
    uint32_t overhead =
        IKE_HEADER + SK_HEADER + PAD_LENGTH + overhead_of(record->exchange->sa->negotiated);
    return record->length > overhead ? record->length - overhead : 0;
}
