/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where keys come from. The built-in's tables "IKEv1 Decryption Table" and "IKEv2 Decryption Table"
 * stay where people fill them; their rows are read through the general interface of such tables. */
#include "sources.h"

#include "compat.h"
#include <epan/uat-int.h>

#include "session.h"

enum { MAX_COLUMNS = 8 };

/* Octets as hex text, what a user would have typed. */
static char *hex_of(const char *octets, unsigned length)
{
    char *text = g_malloc(2 * (size_t)length + 1);

    for (unsigned i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", (uint8_t)octets[i]);
    text[2 * (size_t)length] = '\0';
    return text;
}

/* The text of each column of a row; the caller frees with free_row(). */
static unsigned read_row(const uat_t *uat, unsigned row, char *columns[MAX_COLUMNS])
{
    unsigned count = MIN(uat->ncols, (unsigned)MAX_COLUMNS);
    void *record = uat->user_data->data + row * uat->record_size;

    for (unsigned i = 0; i < count; i++) {
        const uat_field_t *field = &uat->fields[i];
        char *text = NULL;
        unsigned length = 0;
        field->cb.tostr(record, &text, &length, field->cbdata.tostr, field->fld_data);
        columns[i] = field->mode == PT_TXTMOD_HEXBYTES ? hex_of(text, text ? length : 0)
                                                       : g_strndup(text ? text : "", length);
        if (text)
            memset(text, 0, length);
        g_free(text);
    }
    return count;
}

static void free_row(char *columns[MAX_COLUMNS], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        memset(columns[i], 0, strlen(columns[i]));
        g_free(columns[i]);
    }
}

static const char *add_ikev1(ike_keyring *ring, char *columns[], unsigned count)
{
    return count < 2 ? "too few columns" : ike_keyring_add_ikev1_row(ring, columns[0], columns[1]);
}

static const char *add_ikev2(ike_keyring *ring, char *columns[], unsigned count)
{
    return count < 8
               ? "too few columns"
               : ike_keyring_add_ikev2_row(ring, columns[0], columns[1], columns[2], columns[3],
                                           columns[4], columns[5], columns[6], columns[7]);
}

/* The tables and what takes their rows. */
static const struct {
    const char *name;
    const char *(*add)(ike_keyring *ring, char *columns[], unsigned count);
} tables[] = {
    {"IKEv1 Decryption Table", add_ikev1},
    {"IKEv2 Decryption Table", add_ikev2},
};

static void warn(void *user _U_, const char *source, unsigned line, const char *why)
{
    ws_warning("%s:%u: %s", source, line, why);
}

static void fill(ike_keyring *ring)
{
    for (unsigned t = 0; t < array_length(tables); t++) {
        const uat_t *uat = uat_get_table_by_name(tables[t].name);
        for (unsigned row = 0; uat && row < uat->user_data->len; row++) {
            char *columns[MAX_COLUMNS];
            unsigned count = read_row(uat, row, columns);
            const char *why = tables[t].add(ring, columns, count);
            if (why)
                warn(NULL, tables[t].name, row + 1, why);
            free_row(columns, count);
        }
    }
}

void ike_sources_register(void)
{
    ike_session_set_warn(warn);
    ike_session_set_sources(fill, NULL);
}
