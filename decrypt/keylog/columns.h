/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of names above their values, as spreadsheets save them:
 *
 *   Time,Initiator SPI,Responder SPI,SK_ei,SK_er       | SPI_i | SPI_r | SK_ei |
 *   04:32:00,dccc908456cfc798,5704dca871c3a0ec,..      | dccc.. | 5704.. | 221e.. |
 */
#ifndef IKE_KEYLOG_COLUMNS_H
#define IKE_KEYLOG_COLUMNS_H

#include "decrypt/log/text.h"

enum { IKE_COLUMNS_MAX = 64, IKE_COLUMN_NAME_SIZE = 40 };

/* All zero at first. */
typedef struct {
    unsigned count; /* 0: no header line has come */
    char separator;
    char names[IKE_COLUMNS_MAX][IKE_COLUMN_NAME_SIZE]; /* empty: one that does not matter */
} ike_columns;

/* Whether a name of a column matters. */
typedef bool ike_column_matters(ike_text name);

/* Takes a line of names; false: fewer than two of them matter. */
bool ike_columns_read_header(ike_columns *columns, ike_text line, ike_column_matters *matters);

/* Splits a line with as many fields as there are names; false: it has not. */
bool ike_columns_split(const ike_columns *columns, ike_text line, ike_text fields[IKE_COLUMNS_MAX]);

#endif
