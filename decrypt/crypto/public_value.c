/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of received public values: RFC 6989 2.1 (MODP), 2.3 (ECP and Brainpool), RFC 8031 3.2
 * (X25519 and X448, whose all-zero value and other points of small order give an all-zero secret).
 */
#include "decrypt/crypto/public_value.h"

#include <string.h>

#include <glib.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "decrypt/crypto/dh.h"
#include "decrypt/crypto/openssl_context.h"

/* What a check needs of a group; made once. */
typedef struct {
    uint16_t group;
    BIGNUM *last; /* MODP: p - 1 */
    EC_GROUP *curve;
    EC_POINT *point;
    BN_CTX *context;
} checker;

enum { MAX_CHECKERS = 32 };
static checker checkers[MAX_CHECKERS];
static unsigned checker_count;

static void prepare(checker *made, const ike_dh_group *group)
{
    made->group = group->id;
    if (group->kind == IKE_DH_MODP) {
        made->last = ike_dh_prime(group);
        if (made->last)
            BN_sub_word(made->last, 1);
    } else if (group->kind == IKE_DH_EC) {
        made->curve = EC_GROUP_new_by_curve_name_ex(ike_ossl(), NULL, group->nid);
        made->point = made->curve ? EC_POINT_new(made->curve) : NULL;
        made->context = BN_CTX_new_ex(ike_ossl());
    }
}

static checker *checker_of(const ike_dh_group *group)
{
    for (unsigned i = 0; i < checker_count; i++)
        if (checkers[i].group == group->id)
            return &checkers[i];
    if (checker_count == MAX_CHECKERS)
        return NULL;
    prepare(&checkers[checker_count], group);
    return &checkers[checker_count++];
}

static const char *modp_fault(const checker *modp, ike_span value)
{
    BIGNUM *number = modp->last ? BN_bin2bn(value.data, (int)value.length, NULL) : NULL;
    const char *fault = NULL;

    if (number && (BN_is_zero(number) || BN_is_one(number)))
        fault = "0 or 1 is no public value";
    else if (number && BN_cmp(number, modp->last) == 0)
        fault = "p - 1 is no public value";
    else if (number && BN_cmp(number, modp->last) > 0)
        fault = "not below the prime of the group";
    BN_free(number);
    return fault;
}

static const char *curve_fault(const checker *ec, ike_span value)
{
    int half = (int)(value.length / 2);

    if (!ec->point || !ec->context)
        return NULL;
    BIGNUM *x = BN_bin2bn(value.data, half, NULL);
    BIGNUM *y = BN_bin2bn(value.data + half, half, NULL);
    bool fine =
        !x || !y || EC_POINT_set_affine_coordinates(ec->curve, ec->point, x, y, ec->context) == 1;

    BN_free(x);
    BN_free(y);
    ERR_clear_error();
    return fine ? NULL : "not a point on the curve";
}

static const char *montgomery_fault(ike_span value)
{
    bool other = false;

    for (size_t i = 0; i < value.length; i++)
        other = other || value.data[i] != (i == 0 && value.data[0] == 1);
    return other ? NULL : "a point of small order: the shared secret would be zero";
}

const char *ike_public_value_fault(uint16_t id, ike_span value)
{
    const ike_dh_group *group = ike_dh_find(id);
    const checker *with = group ? checker_of(group) : NULL;

    if (!with || value.length != group->public_length)
        return NULL;
    switch (group->kind) {
    case IKE_DH_MODP:
        return modp_fault(with, value);
    case IKE_DH_EC:
        return curve_fault(with, value);
    case IKE_DH_MODERN:
        break;
    }
    return montgomery_fault(value);
}

void ike_public_value_cleanup(void)
{
    for (unsigned i = 0; i < checker_count; i++) {
        BN_free(checkers[i].last);
        EC_POINT_free(checkers[i].point);
        EC_GROUP_free(checkers[i].curve);
        BN_CTX_free(checkers[i].context);
    }
    memset(checkers, 0, sizeof checkers);
    checker_count = 0;
}
