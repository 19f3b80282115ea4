/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of items that say more than their field does. */
#include "dissector/base/label.h"

/* Puts `text` at `*at`, where it fits with room for the ellipsis of what does not. */
static bool fits(item_label_t *label, size_t *at, const char *text)
{
    enum { ELLIPSIS = 4 };
    size_t length = strlen(text);

    if (*at + length + ELLIPSIS >= ITEM_LABEL_LENGTH)
        return false;
    memcpy(label->representation + *at, text, length + 1);
    *at += length;
    return true;
}

/* The label of `field` as far as it stays: all of it, its "Name: ", or nothing. */
static size_t begin(item_label_t *label, field_info *field, ike_label_part part, bool is_new)
{
    size_t at = 0;

    if (part == IKE_LABEL_MORE) {
        if (is_new)
            ike_fill_item_label(field, label);
        return strlen(label->representation);
    }
    label->representation[0] = '\0';
    if (part == IKE_LABEL_VALUE && fits(label, &at, field->hfinfo->name))
        fits(label, &at, ": ");
    ike_label_value_at(label, at);
    return at;
}

void ike_label_lay(proto_item *item, ike_label_part part, const char *const texts[])
{
    field_info *field = item ? PITEM_FINFO(item) : NULL;

    if (!field || !PTREE_DATA(item)->visible || proto_item_is_hidden(item))
        return;
    bool is_new = !field->rep;
    if (is_new)
        field->rep = wmem_new(PNODE_POOL(item), item_label_t);
    size_t at = begin(field->rep, field, part, is_new);
    while (*texts && fits(field->rep, &at, *texts))
        texts++;
    for (; *texts; texts++)
        proto_item_append_text(item, "%s", *texts); /* knows how to cut */
}

void ike_label_bytes(proto_item *item, ike_bytes bytes)
{
    enum { SHOWN = 36 };
    static const char digits[] = "0123456789abcdef";
    char text[2 * SHOWN + 1], *at = text;

    if (!bytes.length || bytes.length > SHOWN)
        return;
    for (size_t i = 0; i < bytes.length; i++) {
        *at++ = digits[bytes.data[i] >> 4];
        *at++ = digits[bytes.data[i] & 0x0f];
    }
    *at = '\0';
    ike_label_value(item, text);
}

const char *ike_decimal(uint32_t value, int digits, char *room)
{
    char *at = room + IKE_DECIMAL - 1;

    *at = '\0';
    for (; value || digits > 0; digits--, value /= 10)
        *--at = (char)('0' + value % 10);
    return at;
}
