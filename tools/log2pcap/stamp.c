/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/stamp.h"

#include <string.h>

enum {
    SEARCHED = 160, /* bytes of a line in which its time stands */
    SECOND = 1000000,
};
static const int64_t DAY = (int64_t)24 * 60 * 60 * SECOND;

/* The parts that a stamp has; those that it lacks are 0 or false. */
typedef struct {
    int year, month, day; /* month 0: no date */
    int hour, minute, second, micros;
    bool has_zone;
    int zone_minutes;
} stamp;

typedef bool stamp_parser(ike_text *text, stamp *s);

/* Exactly `digits` digits, no more behind them. */
static bool take_digits(ike_text *text, unsigned digits, int *number)
{
    int value = 0;

    if (ike_text_length(*text) < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        if (!g_ascii_isdigit(text->at[i]))
            return false;
        value = value * 10 + (text->at[i] - '0');
    }
    if (ike_text_length(*text) > digits && g_ascii_isdigit(text->at[digits]))
        return false;
    text->at += digits;
    *number = value;
    return true;
}

static bool take_one_of(ike_text *text, const char *chars)
{
    if (text->at == text->end || *text->at == '\0' || !strchr(chars, *text->at))
        return false;
    text->at++;
    return true;
}

/* A day: one or two digits, a blank before one. */
static bool take_day(ike_text *text, int *day)
{
    ike_text_skip(text, " ");
    return (take_digits(text, 2, day) || take_digits(text, 1, day)) && *day >= 1 && *day <= 31;
}

static bool take_month_name(ike_text *text, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    if (ike_text_length(*text) < 4 || g_ascii_isalpha(text->at[3]))
        return false;
    for (int i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(text->at, names + i * 3, 3) == 0) {
            text->at += 3;
            *month = i + 1;
            return true;
        }
    return false;
}

static void take_fraction(ike_text *text, stamp *s)
{
    ike_text rest = *text;
    int scale = SECOND / 10, digits = 0;

    if (!take_one_of(&rest, ".,"))
        return;
    for (; rest.at < rest.end && g_ascii_isdigit(*rest.at); rest.at++, digits++) {
        s->micros += (*rest.at - '0') * scale;
        scale /= 10;
    }
    if (digits > 0)
        *text = rest;
}

/* HH:MM:SS, with a fraction */
static bool take_time(ike_text *text, stamp *s)
{
    ike_text rest = *text;

    if (!take_digits(&rest, 2, &s->hour) || !ike_text_skip(&rest, ":") ||
        !take_digits(&rest, 2, &s->minute) || !ike_text_skip(&rest, ":") ||
        !take_digits(&rest, 2, &s->second) || s->hour > 23 || s->minute > 59 || s->second > 60)
        return false;
    take_fraction(&rest, s);
    ike_text more = rest;
    if (ike_text_skip(&more, ":") && ike_text_length(more) > 0 &&
        g_ascii_xdigit_value(*more.at) >= 0)
        return false; /* a hardware address */
    *text = rest;
    return true;
}

/* Z, +HH:MM, +HHMM, +HH, UTC, GMT */
static void take_zone(ike_text *text, stamp *s)
{
    ike_text rest = *text;
    int hours = 0, minutes = 0;

    if (ike_text_skip(&rest, "Z") || ike_text_skip(&rest, " UTC") || ike_text_skip(&rest, " GMT")) {
        s->has_zone = true;
        *text = rest;
        return;
    }
    ike_text_skip(&rest, " ");
    bool west = rest.at < rest.end && *rest.at == '-';
    if (!take_one_of(&rest, "+-"))
        return;
    if (take_digits(&rest, 4, &hours)) {
        minutes = hours % 100;
        hours /= 100;
    } else if (take_digits(&rest, 2, &hours)) {
        if (ike_text_skip(&rest, ":") && !take_digits(&rest, 2, &minutes))
            return;
    } else {
        return;
    }
    if (hours > 14 || minutes > 59)
        return;
    s->has_zone = true;
    s->zone_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    *text = rest;
}

/* 2026-11-27T04:32:27.123+01:00, with / or a blank too */
static bool parse_iso(ike_text *text, stamp *s)
{
    if (!take_digits(text, 4, &s->year) || !take_one_of(text, "-/") ||
        !take_digits(text, 2, &s->month) || !take_one_of(text, "-/") ||
        !take_digits(text, 2, &s->day) || !take_one_of(text, "T _"))
        return false;
    if (!take_time(text, s))
        return false;
    take_zone(text, s);
    return true;
}

/* Nov 27 04:32:27, Nov 27 2026 04:32:27, Nov 27 04:32:27 2026, nov/27/2026 04:32:27 */
static bool parse_month_first(ike_text *text, stamp *s)
{
    if (!take_month_name(text, &s->month) || !take_one_of(text, " /") || !take_day(text, &s->day))
        return false;
    ike_text_skip(text, ",");
    if (!take_one_of(text, " /"))
        return false;
    if (take_digits(text, 4, &s->year) && !take_one_of(text, " "))
        return false;
    if (!take_time(text, s))
        return false;
    ike_text rest = *text;
    int year;
    if (s->year == 0 && ike_text_skip(&rest, " ") && take_digits(&rest, 4, &year) && year > 1969) {
        s->year = year;
        *text = rest;
    }
    take_zone(text, s);
    return true;
}

/* 27 Nov 2026 04:32:27, 27/Nov/2026:04:32:27 +0100 */
static bool parse_day_first(ike_text *text, stamp *s)
{
    if (!take_day(text, &s->day) || !take_one_of(text, " -/") ||
        !take_month_name(text, &s->month) || !take_one_of(text, " -/") ||
        !take_digits(text, 4, &s->year) || !take_one_of(text, " :T") || !take_time(text, s))
        return false;
    take_zone(text, s);
    return true;
}

/* logcat and RouterOS: 11-27 04:32:27 */
static bool parse_month_day(ike_text *text, stamp *s)
{
    return take_digits(text, 2, &s->month) && ike_text_skip(text, "-") &&
           take_digits(text, 2, &s->day) && ike_text_skip(text, " ") && take_time(text, s);
}

/* klog of Kubernetes: I1127 04:32:27.123456 */
static bool parse_klog(ike_text *text, stamp *s)
{
    int date;

    if (!take_one_of(text, "IWEF") || !take_digits(text, 4, &date) || !ike_text_skip(text, " ") ||
        !take_time(text, s))
        return false;
    s->month = date / 100;
    s->day = date % 100;
    return true;
}

/* isakmpd: 043227.123456 */
static bool parse_packed(ike_text *text, stamp *s)
{
    int time;

    if (!take_digits(text, 6, &time) || text->at == text->end || *text->at != '.')
        return false;
    s->hour = time / 10000;
    s->minute = time / 100 % 100;
    s->second = time % 100;
    take_fraction(text, s);
    return s->hour < 24 && s->minute < 60 && s->second < 60 && ike_text_skip(text, " ");
}

static bool parse_time_alone(ike_text *text, stamp *s)
{
    return take_time(text, s);
}

/* Seconds since 1970, also in milliseconds or microseconds: 1764218747.123456 */
static bool read_epoch(ike_text text, int64_t *time)
{
    static const struct {
        unsigned digits;
        int64_t micros;
    } units[] = {{10, SECOND}, {13, 1000}, {16, 1}};
    ike_text rest = text;
    uint64_t number;
    stamp fraction = {0};

    if (!ike_text_take_number(&rest, 9999999999999999, &number))
        return false;
    unsigned digits = (unsigned)(rest.at - text.at);
    take_fraction(&rest, &fraction);
    if (rest.at < rest.end && !strchr(" ]\",:", *rest.at))
        return false;
    for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
        if (digits == units[i].digits && text.at[0] == '1') {
            *time = (int64_t)number * units[i].micros + (i == 0 ? fraction.micros : 0);
            return true;
        }
    return false;
}

void log_clock_init(log_clock *clock, int64_t end)
{
    *clock = (log_clock){.zone = g_time_zone_new_local()};
    GDateTime *date = g_date_time_new_from_unix_local(end);
    if (date) {
        g_date_time_get_ymd(date, &clock->year, &clock->month, &clock->day);
        g_date_time_unref(date);
    } else {
        clock->year = 1970;
        clock->month = clock->day = 1;
    }
}

void log_clock_free(log_clock *clock)
{
    g_time_zone_unref(clock->zone);
}

/* The beginning of the minute of a stamp with a date, which also is the clock's date then. */
static bool start_minute(log_clock *clock, const stamp *s, int64_t *start)
{
    int minute[] = {s->year, s->month, s->day, s->hour, s->minute, s->has_zone, s->zone_minutes};

    if (memcmp(minute, clock->minute, sizeof minute) == 0) {
        *start = clock->minute_start;
        return true;
    }
    GTimeZone *zone = s->has_zone ? g_time_zone_new_utc() : g_time_zone_ref(clock->zone);
    GDateTime *date = g_date_time_new(zone, s->year, s->month, s->day, s->hour, s->minute, 0);
    g_time_zone_unref(zone);
    if (!date)
        return false;
    *start = (g_date_time_to_unix(date) - (int64_t)s->zone_minutes * 60) * SECOND;
    g_date_time_unref(date);
    memcpy(clock->minute, minute, sizeof minute);
    clock->minute_start = *start;
    return true;
}

static void set_date(log_clock *clock, int64_t time)
{
    GDateTime *day = g_date_time_new_from_unix_local(time / SECOND);

    if (!day)
        return;
    g_date_time_get_ymd(day, &clock->year, &clock->month, &clock->day);
    g_date_time_unref(day);
}

/* Completes a stamp: a date later than the log's end is of the year before; a time alone is of the
 * day of the last one, or of the next day when it is much earlier. */
static bool complete(log_clock *clock, stamp *s, int64_t *time)
{
    int64_t of_day = ((s->hour * 60 + s->minute) * 60 + s->second) * (int64_t)SECOND + s->micros;
    int64_t added = 0;

    if (s->month == 0) {
        if (clock->last_time_of_day - of_day > DAY / 2)
            added = DAY;
        s->year = clock->year;
        s->month = clock->month;
        s->day = clock->day;
    } else if (s->year == 0) {
        bool later = s->month > clock->month || (s->month == clock->month && s->day > clock->day);
        bool new_year = clock->dated && clock->month == 12 && s->month == 1;
        s->year = clock->year - (later && !clock->dated) + new_year;
    }
    int64_t start;
    if (!start_minute(clock, s, &start))
        return false;
    *time = start + (int64_t)MIN(s->second, 59) * SECOND + s->micros + added;
    if (added || s->year != clock->year || s->month != clock->month || s->day != clock->day)
        set_date(clock, *time);
    clock->last_time_of_day = of_day;
    clock->dated = true;
    return true;
}

bool log_clock_read(log_clock *clock, ike_text line, int64_t *time)
{
    static stamp_parser *const parsers[] = {
        parse_iso,  parse_month_first, parse_day_first,  parse_month_day,
        parse_klog, parse_packed,      parse_time_alone,
    };

    if (ike_text_length(line) > SEARCHED)
        line.end = line.at + SEARCHED;
    for (const char *at = line.at; at < line.end; at++) {
        char before = at > line.at ? at[-1] : ' ';
        if (!g_ascii_isalnum(*at) || g_ascii_isalnum(before) || before == '.' || before == ':')
            continue;
        for (unsigned i = 0; i < G_N_ELEMENTS(parsers); i++) {
            ike_text text = {at, line.end};
            stamp s = {0};
            if (parsers[i](&text, &s) && complete(clock, &s, time))
                return true;
        }
        if ((at == line.at || strchr("[\"", before)) && read_epoch((ike_text){at, line.end}, time))
            return true;
    }
    return false;
}
