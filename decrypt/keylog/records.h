/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers of logs without threads have in common: the derivation under way, and keys of
 * CHILD_SAs that wait for their SPIs. */
#ifndef IKE_KEYLOG_RECORDS_H
#define IKE_KEYLOG_RECORDS_H

#include "decrypt/keylog/reader.h"

/* Secrets that follow each other in a log and belong together; all zero at first. */
typedef struct {
    ike_set_id set;                        /* 0: none yet */
    uint64_t initiator_spi, responder_spi; /* to bind a new set to; both 0: not known */
} ike_derivation;

/* Puts a secret of an IKE version into the derivation's set, into a new one where a kind comes
 * again or `first` says that a derivation begins with it. */
void ike_derivation_put(ike_keylog *log, ike_derivation *derivation, uint8_t version,
                        ike_secret_kind kind, ike_span secret, bool first);

enum { IKE_KEYMATS = 4, IKE_KEYMAT_MAX = 256 };

/* Key material of Child SA directions, encryption key before integrity key, whose SPIs come later
 * in the log. When the order of a busy daemon leaves doubt, each is a candidate, and the ICV
 * decides. */
typedef struct {
    struct {
        uint8_t bytes[IKE_KEYMAT_MAX];
        size_t length;
        uint8_t direction; /* the log's: 0 for any, else as in ike_keymats_use */
    } waiting[IKE_KEYMATS];
    unsigned count;
} ike_keymats;

/* false: empty, or longer than any key material. When there are too many the oldest goes. */
bool ike_keymats_add(ike_keymats *keymats, ike_span material, uint8_t direction);

/* Puts more behind the newest that waits. false: there is none, or it would be longer than any key
 * material. */
bool ike_keymats_append(ike_keymats *keymats, ike_span more);

/* Sets the direction of the newest that waits, which came without. */
void ike_keymats_set_direction(ike_keymats *keymats, uint8_t direction);

/* Adds a key of ESP, or of AH, for `spi` for each that waits for this direction. `suite` may be
 * NULL. */
void ike_keymats_use(ike_keylog *log, const ike_keymats *keymats, uint32_t spi, uint8_t direction,
                     const ike_suite *suite, bool esn_known);
void ike_keymats_use_ah(ike_keylog *log, const ike_keymats *keymats, uint32_t spi,
                        uint8_t direction, const ike_suite *suite, bool esn_known);

/* Wipes all. */
void ike_keymats_clear(ike_keymats *keymats);

/* Adds a PSK whose peer the log does not name. Daemons log it with every AUTH payload; the key ring
 * keeps it once. */
void ike_keylog_add_psk(ike_keylog *log, ike_span psk);

/* The algorithms by their names as words of a text; false: one of them is not known. An empty
 * `integrity` is none. */
bool ike_suite_by_names(ike_text encryption, size_t key_bytes, ike_text integrity,
                        unsigned truncation_bits, ike_suite *suite);

#endif
