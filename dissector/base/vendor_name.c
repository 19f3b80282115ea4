/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/vendor_name.h"

#include "registry/names.h"

/* "Private Use: A (3GPP) or B (strongSwan)": no Vendor ID in the IKE SA shows which. */
static const char *all_private_names(const ike_packet *pkt, ike_registry registry, uint32_t value)
{
    wmem_strbuf_t *names = wmem_strbuf_new(pkt->pinfo->pool, "Private Use:");
    const char *between = " ";

    for (unsigned vendor = IKE_VENDOR_SEVERAL; vendor < IKE_VENDOR_COUNT; vendor++) {
        const char *name = ike_private_name((ike_vendor)vendor, registry, value);
        if (!name)
            continue;
        wmem_strbuf_append_printf(names, "%s%s (%s)", between, name,
                                  ike_vendor_name((ike_vendor)vendor));
        between = " or ";
    }
    return wmem_strbuf_get_str(names);
}

const char *ike_vendor_name_of(const ike_packet *pkt, ike_registry registry, uint32_t value)
{
    const char *name = ike_number_name(registry, value, pkt->vendors);
    unsigned vendors;

    if (name)
        return name;
    ike_private_any(registry, value, &vendors);
    if (vendors > 1)
        return all_private_names(pkt, registry, value);
    name = ike_registry_name(registry, value);
    return name ? name : "Unknown";
}

const char *ike_vendor_notify_name(const ike_packet *pkt, uint16_t type)
{
    return ike_vendor_name_of(pkt, IKE_REG_IKEV2_NOTIFY, type);
}
