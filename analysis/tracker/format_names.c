/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for numbers: their names in the registries. */
#include "analysis/tracker/format.h"

#include "registry/private.h"

typedef struct {
    uint8_t type;
    const char *text;
    ike_registry v2, v1_phase1, v1_esp;
} transform_type;

static const transform_type transform_types[] = {
    {IKE_T_ENCR, "encryption", IKE_REG_IKEV2_ENCR, IKE_REG_IKEV1_ENCR, IKE_REG_IKEV1_TRANSFORM_ESP},
    {IKE_T_PRF, "PRF", IKE_REG_IKEV2_PRF, IKE_REG_IKEV1_PRF, IKE_REG_COUNT},
    {IKE_T_INTEG, "integrity", IKE_REG_IKEV2_INTEG, IKE_REG_IKEV1_HASH, IKE_REG_IPSEC_AUTH},
    {IKE_T_KE, "key exchange", IKE_REG_IKEV2_KE, IKE_REG_IKEV1_GROUP, IKE_REG_IKEV1_GROUP},
    {IKE_T_ESN, "ESN", IKE_REG_IKEV2_ESN, IKE_REG_COUNT, IKE_REG_IPSEC_ESN},
    {IKE_T_V1_AUTH, "authentication method", IKE_REG_COUNT, IKE_REG_IKEV1_AUTH, IKE_REG_COUNT},
    {IKE_T_V1_MODE, "encapsulation mode", IKE_REG_COUNT, IKE_REG_COUNT,
     IKE_REG_IPSEC_ENCAPSULATION},
    {IKE_T_V1_COMPRESSION, "compression", IKE_REG_COUNT, IKE_REG_COUNT,
     IKE_REG_IKEV1_TRANSFORM_IPCOMP},
};

static const transform_type *find_type(uint8_t type)
{
    if (type >= IKE_T_ADDKE1 && type <= IKE_T_ADDKE7)
        type = IKE_T_KE;
    for (size_t i = 0; i < G_N_ELEMENTS(transform_types); i++)
        if (transform_types[i].type == type)
            return &transform_types[i];
    return NULL;
}

const char *ike_format_transform_type(uint8_t major, uint8_t protocol, uint8_t type)
{
    static const char *const additional[] = {
        "additional key exchange 1", "additional key exchange 2", "additional key exchange 3",
        "additional key exchange 4", "additional key exchange 5", "additional key exchange 6",
        "additional key exchange 7"};
    if (type >= IKE_T_ADDKE1 && type <= IKE_T_ADDKE7)
        return additional[type - IKE_T_ADDKE1];
    if (major == 1 && protocol == 1 && type == IKE_T_INTEG)
        return "hash";
    const transform_type *row = find_type(type);
    return row ? row->text : "unknown transform type";
}

void ike_format_algorithm(GString *out, uint8_t major, uint8_t protocol, uint8_t type, uint16_t id,
                          uint16_t key_bits)
{
    const transform_type *row = find_type(type);
    ike_registry registry = IKE_REG_COUNT;
    if (type == IKE_T_ESN && id <= 1) { /* the registry's names are sentences */
        g_string_append(out, id ? "yes" : "no");
        return;
    }
    if (row)
        registry = major != 1 ? row->v2 : protocol == 1 ? row->v1_phase1 : row->v1_esp;
    if (major == 1 && protocol == 2 && type == IKE_T_ENCR)
        registry = IKE_REG_IKEV1_TRANSFORM_AH;
    const char *name = NULL;
    if (registry != IKE_REG_COUNT)
        name = ike_registry_name(registry, id);
    if (registry == IKE_REG_IKEV2_KE || registry == IKE_REG_IKEV1_GROUP) {
        const ike_group *group = ike_group_find(id);
        if (group && !ike_registry_assigned(registry, id))
            name = group->name;
    }
    if (name && (id == 0 || registry == IKE_REG_COUNT || ike_registry_assigned(registry, id) ||
                 ike_group_find(id)))
        g_string_append(out, name);
    else
        g_string_append_printf(out, "%s %u", name ? name : "unknown", id);
    if (key_bits)
        g_string_append_printf(out, "-%u", key_bits);
}

const char *ike_format_protocol(uint8_t protocol)
{
    static const char *const names[] = {"unknown protocol", "IKE", "AH", "ESP", "IPComp"};
    return protocol < G_N_ELEMENTS(names) ? names[protocol] : names[0];
}

void ike_format_group(GString *out, uint8_t major, uint16_t group)
{
    ike_format_algorithm(out, major, 1, IKE_T_KE, group, 0);
}

void ike_format_negotiated(GString *out, uint8_t major, const ike_negotiated *negotiated)
{
    const struct {
        uint8_t type;
        uint16_t id, key_bits;
    } parts[] = {{IKE_T_ENCR, negotiated->encryption, negotiated->key_bits},
                 {IKE_T_INTEG, negotiated->integrity, 0},
                 {IKE_T_PRF, negotiated->prf, 0},
                 {IKE_T_KE, negotiated->key_exchange, 0}};
    gsize start = out->len;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!parts[i].id)
            continue;
        if (out->len > start)
            g_string_append(out, ", ");
        ike_format_algorithm(out, major, negotiated->protocol, parts[i].type, parts[i].id,
                             parts[i].key_bits);
    }
    for (uint8_t i = 0; i < 7; i++) {
        if (!negotiated->additional[i])
            continue;
        g_string_append(out, ", ");
        ike_format_algorithm(out, major, negotiated->protocol, (uint8_t)(IKE_T_ADDKE1 + i),
                             negotiated->additional[i], 0);
    }
}

typedef struct {
    uint16_t number;
    const char *text;
} short_name;

static const char *find_short(const short_name *names, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number)
            return names[i].text;
    return NULL;
}

const char *ike_format_auth_method(uint8_t major, uint16_t method)
{
    static const short_name v1[] = {{1, "PSK"},
                                    {2, "DSS"},
                                    {3, "RSA"},
                                    {4, "RSA encryption"},
                                    {5, "RSA encryption revised"},
                                    {9, "ECDSA-256"},
                                    {10, "ECDSA-384"},
                                    {11, "ECDSA-521"},
                                    {64221, "hybrid RSA"},
                                    {64222, "hybrid RSA"},
                                    {64223, "hybrid DSS"},
                                    {64224, "hybrid DSS"},
                                    {65001, "PSK+XAUTH"},
                                    {65002, "PSK+XAUTH"},
                                    {65003, "DSS+XAUTH"},
                                    {65004, "DSS+XAUTH"},
                                    {65005, "RSA+XAUTH"},
                                    {65006, "RSA+XAUTH"}};
    static const short_name v2[] = {{1, "RSA"},       {2, "PSK"},        {3, "DSS"},
                                    {9, "ECDSA-256"}, {10, "ECDSA-384"}, {11, "ECDSA-521"},
                                    {12, "password"}, {13, "NULL"},      {14, "signature"}};
    if (method == 0)
        return NULL;
    const char *text = major == 1 ? find_short(v1, G_N_ELEMENTS(v1), method)
                                  : find_short(v2, G_N_ELEMENTS(v2), method);
    if (text)
        return text;
    return ike_registry_name(major == 1 ? IKE_REG_IKEV1_AUTH : IKE_REG_IKEV2_AUTH, method);
}

const char *ike_format_exchange(uint8_t major, uint8_t type)
{
    static const short_name v1[] = {{2, "Main Mode"},     {4, "Aggressive Mode"},
                                    {5, "Informational"}, {6, "Transaction"},
                                    {32, "Quick Mode"},   {33, "New Group Mode"}};
    const char *text = major == 1 ? find_short(v1, G_N_ELEMENTS(v1), type) : NULL;
    if (!text)
        text =
            ike_registry_name(major == 1 ? IKE_REG_IKEV1_EXCHANGE : IKE_REG_IKEV2_EXCHANGE, type);
    return text ? text : "unknown exchange";
}

void ike_append_notify(GString *out, const ike_sa *sa, uint16_t type)
{
    ike_registry registry = sa->major == 1 ? IKE_REG_IKEV1_NOTIFY : IKE_REG_IKEV2_NOTIFY;
    const char *name = ike_number_name(registry, type, sa->vendor_bits);
    const gsize start = out->len;
    if (name)
        g_string_append(out, name);
    else
        g_string_append_printf(out, "NOTIFY_%u", type);
    for (gsize i = start; i < out->len; i++)
        if (out->str[i] == '-')
            out->str[i] = '_';
}

bool ike_notify_is_error(uint8_t major, uint16_t type)
{
    (void)major; /* the same in both: RFC 7296 3.10.1, RFC 2408 3.14.1 */
    return type > 0 && type < 16384;
}

const char *ike_format_eap(uint8_t type)
{
    static const short_name types[] = {
        {1, "EAP-Identity"}, {3, "EAP-NAK"},    {4, "EAP-MD5"},       {5, "EAP-OTP"},
        {6, "EAP-GTC"},      {13, "EAP-TLS"},   {18, "EAP-SIM"},      {21, "EAP-TTLS"},
        {23, "EAP-AKA"},     {25, "EAP-PEAP"},  {26, "EAP-MSCHAPv2"}, {43, "EAP-FAST"},
        {47, "EAP-PSK"},     {49, "EAP-IKEv2"}, {51, "EAP-GPSK"},     {53, "EAP-EKE"},
        {50, "EAP-AKA'"},    {52, "EAP-PWD"},   {55, "EAP-TEAP"}};
    const char *text = find_short(types, G_N_ELEMENTS(types), type);
    return text ? text : "EAP";
}
