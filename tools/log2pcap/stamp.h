/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as loggers put them before a line. */
#ifndef LOG2PCAP_STAMP_H
#define LOG2PCAP_STAMP_H

#include <glib.h>

#include "tools/log2pcap/endpoint.h"

/* What a time without a year, a date or a zone is completed with. */
typedef struct {
    GTimeZone *zone;          /* of the times that name none */
    int year, month, day;     /* of the log's end; the last date seen later on */
    int64_t last_time_of_day; /* microseconds, of times without a date */
    bool dated;               /* a date was seen */
    int minute[7];        /* the minute that was completed last, and its beginning: lines of one */
    int64_t minute_start; /* minute follow each other */
} log_clock;

/* `end`: when the log was last written, in seconds since 1970. */
void log_clock_init(log_clock *clock, int64_t end);
void log_clock_free(log_clock *clock);

/* The time in the first part of a line, in microseconds since 1970. */
bool log_clock_read(log_clock *clock, ike_text line, int64_t *time);

#endif
