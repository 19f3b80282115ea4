/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of items that say more than their field does. Wireshark makes a label when it is shown,
 * but one with a text of ours at once, for every item of every visible tree: also for `-T fields`,
 * where nobody reads it. Its own functions print with a format, which takes most of the time that
 * such an item takes; these put texts end to end.
 *
 * The texts must be the plugin's own: names of the registries, numbers. What comes from the capture
 * goes through ike_append_text(), which minds control characters and length. An item that is
 * NULL, hidden or in a tree that nobody sees has no label. */
#ifndef IKE_LABEL_H
#define IKE_LABEL_H

#include "dissector/base/packet.h"

/* Make the whole label, what follows "Name: " in it, or more of it, of texts:
 * ike_label_append(item, " (", number, " bytes)"). */
#define ike_label_set(item, ...) ike_label_lay(item, IKE_LABEL_WHOLE, IKE_TEXTS(__VA_ARGS__))
#define ike_label_value(item, ...) ike_label_lay(item, IKE_LABEL_VALUE, IKE_TEXTS(__VA_ARGS__))
#define ike_label_append(item, ...) ike_label_lay(item, IKE_LABEL_MORE, IKE_TEXTS(__VA_ARGS__))

typedef enum { IKE_LABEL_WHOLE, IKE_LABEL_VALUE, IKE_LABEL_MORE } ike_label_part;

/* What the three come to; `texts` ends with NULL. */
void ike_label_lay(proto_item *item, ike_label_part part, const char *const texts[]);

#define IKE_TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "Name: 00112233", which Wireshark makes of bytes, as far as it shows them all. The label of more
 * bytes stays as it is. */
void ike_label_bytes(proto_item *item, ike_bytes bytes);

enum { IKE_DECIMAL = 12 };

/* `value` in decimal, with zeros in front up to `digits` of 1 to 10. Returns where it begins in
 * `room`, which has IKE_DECIMAL bytes. */
const char *ike_decimal(uint32_t value, int digits, char *room);

#endif
