/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a message of charon begins in a line, whatever stands before it. */
#include <string.h>

#include "decrypt/keylog/charon.h"

/* ---- "12[IKE] <c|1> message" ----------------------------------------------------------------- */

static const struct {
    char name[4];
    charon_group group;
} groups[] = {
    {"IKE", GROUP_IKE}, {"CHD", GROUP_CHD}, {"CFG", GROUP_CFG},
    {"MGR", GROUP_MGR}, {"ENC", GROUP_ENC},
};

/* charon has more groups, whose lines are passed over but are its own. */
static bool group_of(ike_text name, charon_group *group)
{
    static const char *const others[] = {"DMN", "JOB", "KNL", "NET", "ASN", "TNC", "IMC",
                                         "IMV", "PTS", "TLS", "APP", "ESP", "LIB"};
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (ike_text_is(name, groups[i].name)) {
            *group = groups[i].group;
            return true;
        }
    *group = GROUP_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (ike_text_is(name, others[i]))
            return true;
    return false;
}

/* FNV-1a over the words before the thread number that do not change from line to line. */
static guint64 daemon_of(ike_text prefix)
{
    guint64 hash = 2166136261u;
    ike_text_trim(&prefix);
    if (prefix.at == prefix.end || prefix.end[-1] != ':')
        return 0;
    const char *at = prefix.end;
    for (unsigned words = 0; at > prefix.at; at--) {
        if (at[-1] == ' ' && ++words == 2)
            break;
        hash = (hash ^ (guint8)at[-1]) * 16777619u & 0xffffffff;
    }
    return hash;
}

/* " <c|1> " before the message, or the blank alone. */
static void skip_connection(ike_text *message)
{
    (void)ike_text_skip(message, " ");
    if (ike_text_first(*message) != '<')
        return;
    ike_text rest = *message;
    (void)ike_text_until(&rest, '>');
    if (rest.at == rest.end)
        return;
    (void)ike_text_skip(&rest, " ");
    *message = rest;
}

/* "[IKE]" or "[IKE2]" at the bracket; *close is behind it. */
static bool read_group(ike_text at_bracket, charon_group *group, const char **close)
{
    if (ike_text_length(at_bracket) < 5)
        return false;
    const char *at = at_bracket.at;
    *close = at + 4;
    if (g_ascii_isdigit(**close))
        ++*close;
    if (*close >= at_bracket.end || **close != ']')
        return false;
    ++*close;
    return group_of((ike_text){at + 1, at + 4}, group);
}

bool charon_find_tag(ike_text text, charon_line *line)
{
    enum { NUMBER_MAX = 5 };
    for (ike_text rest = text; ike_text_after(&rest, "[");) {
        const char *bracket = rest.at - 1, *number = bracket, *close;
        if (!read_group((ike_text){bracket, text.end}, &line->group, &close))
            continue;
        while (number > text.at && bracket - number < NUMBER_MAX && g_ascii_isdigit(number[-1]))
            number--;
        unsigned thread = 0;
        line->has_thread = ike_text_decimal((ike_text){number, bracket}, &thread);
        if (!line->has_thread && bracket > text.at && bracket[-1] == ']')
            continue; /* "[DEBU][N3IWF][IKE]" of free5GC */
        line->key = daemon_of((ike_text){text.at, number}) << 20 | thread;
        line->message = (ike_text){close, text.end};
        skip_connection(&line->message);
        return true;
    }
    return false;
}

/* ---- messages without a thread number -------------------------------------------------------- */

static const struct {
    const char *text;
    charon_group group;
} messages[] = {
    {"checkout IKE", GROUP_MGR},
    {"checkin IKE", GROUP_MGR},
    {"checkin and destroy IKE", GROUP_MGR},
    {"IKE_SA checkout not successful", GROUP_MGR},
    {"selected proposal: ", GROUP_CFG},
    {"parsed IKE_", GROUP_ENC},
    {"parsed CREATE_CHILD_SA ", GROUP_ENC},
    {"parsed ID_PROT ", GROUP_ENC},
    {"parsed AGGRESSIVE ", GROUP_ENC},
    {"parsed QUICK_MODE ", GROUP_ENC},
    {"adding inbound ", GROUP_CHD},
    {"adding outbound ESP SA", GROUP_CHD},
    {"registering outbound ESP SA", GROUP_CHD},
    {"SPI 0x", GROUP_CHD},
    {"using ", GROUP_CHD},
    {"authentication of '", GROUP_IKE},
    {"successfully created shared key MAC", GROUP_IKE},
    {"no shared key found", GROUP_IKE},
    {"IKE_SA rekey collision ", GROUP_IKE},
    {"established with SPIs ", GROUP_IKE},
};

bool charon_find_message(ike_text text, charon_line *line)
{
    ike_text found;
    unsigned bytes;
    line->has_thread = false;
    line->group = GROUP_UNKNOWN;
    line->message = text;
    line->key = 0;
    if (charon_find_item(text, true, &bytes) != NULL)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
        if (ike_text_find_word(text, messages[i].text, &found)) {
            line->group = messages[i].group;
            line->message = found;
            return true;
        }
    return false;
}

/* ---- dumps ----------------------------------------------------------------------------------- */

static const charon_item items[] = {
    {"shared Diffie Hellman secret", USE_DH, 0},
    {"key exchange secret", USE_DH, 0},
    {"additional key exchange secret", USE_DH, 0},
    {"DH secret", USE_DH, 0},
    {"SKEYSEED", USE_SET, IKE_SECRET_SKEYSEED},
    {"Sk_d secret", USE_SET, IKE_SECRET_SK_D},
    {"Sk_ai secret", USE_SET, IKE_SECRET_SK_AI},
    {"Sk_ar secret", USE_SET, IKE_SECRET_SK_AR},
    {"Sk_ei secret", USE_SET, IKE_SECRET_SK_EI},
    {"Sk_er secret", USE_SET, IKE_SECRET_SK_ER},
    {"Sk_pi secret", USE_SET, IKE_SECRET_SK_PI},
    {"Sk_pr secret", USE_SET, IKE_SECRET_SK_PR},
    {"derive keys using PPK", USE_PPK, 0},
    {"secret", USE_AUTH, 0},
    {"SKEYID", USE_SET, IKE_SECRET_V1_SKEYID},
    {"SKEYID_d", USE_SET, IKE_SECRET_V1_SKEYID_D},
    {"SKEYID_a", USE_SET, IKE_SECRET_V1_SKEYID_A},
    {"SKEYID_e", USE_SET, IKE_SECRET_V1_SKEYID_E},
    {"encryption key Ka", USE_SET, IKE_SECRET_V1_KEY},
    {"encryption initiator key", USE_CHILD, CHILD_EI},
    {"encryption responder key", USE_CHILD, CHILD_ER},
    {"integrity initiator key", USE_CHILD, CHILD_AI},
    {"integrity responder key", USE_CHILD, CHILD_AR},
};

/* Whether `before` ends with the name, all of it or behind what is no part of a word. */
static bool ends_with_name(ike_text before, const char *name, bool in_prefix)
{
    if (!ike_text_ends(before, name))
        return false;
    const char *start = before.end - strlen(name);
    return start == before.at || (in_prefix && !ike_is_word_character(start[-1]));
}

const charon_item *charon_find_item(ike_text message, bool in_prefix, unsigned *bytes)
{
    ike_text rest = message;
    const charon_item *longest = NULL;
    if (!ike_text_after(&rest, " => "))
        return NULL;
    ike_text name = {message.at, rest.at - strlen(" => ")};
    if (!ike_text_decimal(ike_text_word(&rest), bytes) ||
        !ike_text_is(ike_text_word(&rest), "bytes") || !ike_text_begins(rest, " @"))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++)
        if (ends_with_name(name, items[i].name, in_prefix) &&
            (longest == NULL || strlen(items[i].name) > strlen(longest->name)))
            longest = &items[i];
    return longest;
}
