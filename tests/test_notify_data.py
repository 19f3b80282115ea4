# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies of notifications, configuration attributes and identities, built from the figures of their RFCs and
of 3GPP, with the values that must be shown."""
import ipaddress

import pytest

from packets import RSPI, message, message_v1, notify, pcap, tlv, tv, udp
from tshark import shown

IP4, IP6 = bytes([192, 0, 2, 1]), ipaddress.ip_address("2001:db8::1").packed
NONCE = bytes(range(0x20, 0x40))
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")  # RFC 7427 appendix A.3.2
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")  # RFC 7427 appendix A.1.2
N = "isakmp.notify.data."
P = "isakmp.notify.priv.3gpp."
C = "isakmp.cfg.attr."


def dotted(raw):
    return ":".join("%02x" % value for value in raw)


def u16(*numbers):
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def u32(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)



def cfg(kind, data, what=2):
    return [(47, bytes([what, 0, 0, 0]) + tlv(kind, data))]


# Name of the case -> (payloads, {field: shown values}).
CASES = {
    # RFC 7296
    "UNSUPPORTED_CRITICAL_PAYLOAD": ([(41, notify(1, b"\x31"))], {N + "unsupported_critical_payload": ["49"]}),
    "INVALID_MESSAGE_ID": ([(41, notify(9, u32(7)))], {N + "invalid_message_id": ["0x00000007"]}),
    "INVALID_KE_PAYLOAD": ([(41, notify(17, u16(36)))], {N + "accepted_dh_group": ["36"]}),
    "INVALID_SELECTORS": ([(41, notify(39, bytes([0x45]) + bytes(11) + IP4 + bytes([198, 51, 100, 2]) + u16(1, 2)))],
                          {N + "offending_packet.source_ipv4": ["192.0.2.1"],
                           N + "offending_packet.destination_ipv4": ["198.51.100.2"]}),
    "SET_WINDOW_SIZE": ([(41, notify(16385, u32(5)))], {N + "window_size": ["5"]}),
    "IPCOMP_SUPPORTED": ([(41, notify(16387, u16(0x1234) + b"\x02"))],
                         {N + "ipcomp.cpi": ["4660"], N + "ipcomp.transform_id": ["2"]}),
    "NAT_DETECTION_SOURCE_IP": ([(41, notify(16388, NONCE[:20]))], {"isakmp.ike.nat_hash": [dotted(NONCE[:20])]}),
    "COOKIE": ([(41, notify(16390, NONCE))], {N + "cookie": [dotted(NONCE)]}),
    # RFC 4555
    "ADDITIONAL_IP4_ADDRESS": ([(41, notify(16397, IP4))], {N + "additional_ip4_address": ["192.0.2.1"]}),
    "ADDITIONAL_IP6_ADDRESS": ([(41, notify(16398, IP6))], {N + "additional_ip6_address": ["2001:db8::1"]}),
    "COOKIE2": ([(41, notify(16401, NONCE))], {N + "cookie2": [dotted(NONCE)]}),
    "NO_NATS_ALLOWED, IPv4": ([(41, notify(16402, IP4 + bytes([192, 0, 2, 2]) + u16(500, 4500)))],
                              {N + "no_nats_allowed.source_ip4": ["192.0.2.1"],
                               N + "no_nats_allowed.destination_ip4": ["192.0.2.2"],
                               N + "no_nats_allowed.source_port": ["500"],
                               N + "no_nats_allowed.destination_port": ["4500"]}),
    "NO_NATS_ALLOWED, IPv6": ([(41, notify(16402, IP6 + IP6 + u16(500, 500)))],
                              {N + "no_nats_allowed.source_ip6": ["2001:db8::1"],
                               N + "no_nats_allowed.destination_port": ["500"]}),
    # RFC 4478
    "AUTH_LIFETIME": ([(41, notify(16403, u32(3600)))], {N + "auth_lifetime": ["3600"]}),
    # RFC 5685
    "REDIRECT, IPv4": ([(41, notify(16407, b"\x01\x04" + IP4 + NONCE))],
                       {N + "redirect.gw_ident.type": ["1"], N + "redirect.gw_ident.len": ["4"],
                        N + "redirect.new_resp_gw_ident.ipv4": ["192.0.2.1"],
                        N + "redirect.nonce_data": [dotted(NONCE)]}),
    "REDIRECT, IPv6": ([(41, notify(16407, b"\x02\x10" + IP6))],
                       {N + "redirect.new_resp_gw_ident.ipv6": ["2001:db8::1"], N + "redirect.nonce_data": []}),
    "REDIRECT, FQDN": ([(41, notify(16407, b"\x03\x0agw.example" + NONCE))],
                       {N + "redirect.new_resp_gw_ident.fqdn": ["gw.example"],
                        N + "redirect.nonce_data": [dotted(NONCE)]}),
    "REDIRECTED_FROM": ([(41, notify(16408, b"\x03\x0agw.example"))],
                        {N + "redirect.org_resp_gw_ident.fqdn": ["gw.example"],
                         N + "redirect.org_resp_gw_ident.data": [dotted(b"gw.example")]}),
    # RFC 5723
    "TICKET_LT_OPAQUE": ([(41, notify(16409, u32(86400) + NONCE))],
                         {N + "ticket_opaque.lifetime": ["86400"], N + "ticket_opaque.data": [dotted(NONCE)]}),
    "TICKET_OPAQUE": ([(41, notify(16413, NONCE))], {N + "ticket_opaque.data": [dotted(NONCE)]}),
    # RFC 5739
    "LINK_ID": ([(41, notify(16414, NONCE[:16]))], {N + "link_id": [dotted(NONCE[:16])]}),
    # RFC 5857
    "ROHC_SUPPORTED": ([(41, notify(16416, tv(1, 15) + tv(2, 0x0101) + tv(2, 4) + tv(3, 2) + tv(4, 12) + tv(5, 1500)))],
                       {N + "rohc.attr.max_cid": ["15"], N + "rohc.attr.profile": ["257", "4"],
                        N + "rohc.attr.integ": ["2"], N + "rohc.attr.icv_len": ["12"], N + "rohc.attr.mrru": ["1500"]}),
    # RFC 6290
    "QUICK_CRASH_DETECTION": ([(41, notify(16419, NONCE))], {N + "qcd.token_secret_data": [dotted(NONCE)]}),
    # RFC 6311
    "IKEV2_MESSAGE_ID_SYNC": ([(41, notify(16422, u32(0xAABBCCDD, 5, 7)))],
                              {N + "ha.nonce_data": ["0xaabbccdd"],
                               N + "ha.expected_send_req_message_id": ["0x00000005"],
                               N + "ha.expected_recv_req_message_id": ["0x00000007"]}),
    "IPSEC_REPLAY_COUNTER_SYNC": ([(41, notify(16423, u32(1 << 14)))],
                                  {N + "ha.incoming_ipsec_sa_delta_value": ["00:00:40:00"],
                                   N + "ha.incoming_ipsec_sa_delta": ["16384"]}),
    "IPSEC_REPLAY_COUNTER_SYNC with ESN": ([(41, notify(16423, u32(1, 0)))],
                                           {N + "ha.incoming_ipsec_sa_delta": [str(1 << 32)]}),
    # RFC 6467
    "SECURE_PASSWORD_METHODS": ([(41, notify(16424, u16(1, 3)))], {N + "secure_password_method": ["1", "3"]}),
    "GSPM": ([(49, NONCE)], {"isakmp.gspm.data": [dotted(NONCE)]}),
    # RFC 6867
    "ERX_SUPPORTED": ([(41, notify(16427, b"erp.example"))], {N + "erx_domain": ["erp.example"]}),
    # RFC 7427
    "SIGNATURE_HASH_ALGORITHMS": ([(41, notify(16431, u16(2, 3, 4)))],
                                  {N + "signature_hash_algorithms": ["2", "3", "4"]}),
    "AUTH with AlgorithmIdentifier": ([(39, b"\x0e\0\0\0" + bytes([len(RSA_SHA256)]) + RSA_SHA256 + NONCE)],
                                      {"isakmp.auth.data.sig.asn1.len": ["15"],
                                       "x509af.algorithm.id": ["1.2.840.113549.1.1.11"],
                                       "isakmp.auth.data.sig.value": [dotted(NONCE)]}),
    # RFC 8019
    "PUZZLE": ([(41, notify(16434, u16(5) + b"\x11"))], {N + "puzzle.prf": ["5"], N + "puzzle.difficulty": ["17"]}),
    "Puzzle Solution": ([(54, NONCE)],
                        {"isakmp.puzzle.solution.key": [dotted(NONCE[i:i + 8]) for i in range(0, 32, 8)]}),
    # RFC 8784 and RFC 9867
    "PPK_IDENTITY": ([(41, notify(16436, b"\x02ppk-1"))],
                     {N + "ppk_id.type": ["2"], N + "ppk_id": [dotted(b"ppk-1")]}),
    "NO_PPK_AUTH": ([(41, notify(16437, NONCE))], {N + "no_ppk_auth": [dotted(NONCE)]}),
    "PPK_IDENTITY_KEY": ([(41, notify(16446, b"\x02ppk-1" + NONCE[:8]))],
                         {N + "ppk_id.type": ["2"], N + "ppk_id": [dotted(b"ppk-1")],
                          N + "ppk_confirmation": [dotted(NONCE[:8])]}),
    # RFC 9347
    "USE_AGGFRAG": ([(41, notify(16442, b"\x03"))],
                    {N + "aggfrag.congestion_control": ["1"], N + "aggfrag.dont_fragment": ["1"]}),
    # RFC 9370
    "ADDITIONAL_KEY_EXCHANGE": ([(41, notify(16441, b"link"))], {N + "additional_key_exchange": [dotted(b"link")]}),
    # RFC 9593: announcements of two, three and more bytes
    "SUPPORTED_AUTH_METHODS": ([(41, notify(16443, b"\x02\x02" + b"\x03\x01\x01"
                                            + bytes([3 + len(ECDSA_SHA256), 14, 2]) + ECDSA_SHA256))],
                               {N + "supported_auth_methods.length": ["2", "3", "15"],
                                N + "supported_auth_methods.method": ["2", "1", "14"],
                                N + "supported_auth_methods.cert_link": ["1", "2"],
                                "x509af.algorithm.id": ["1.2.840.10045.4.3.2"]}),
    # RFC 9611
    "SA_RESOURCE_INFO": ([(41, notify(16444, b"cpu 3"))], {N + "sa_resource_info": [dotted(b"cpu 3")]}),

    # TS 24.302 and TS 24.008
    "BACKOFF_TIMER": ([(41, notify(41041, b"\x01\x85"))],
                      {P + "backoff_timer_len": ["1"], P + "backoff_timer": ["0x85"],
                       "gsm_a.gm.gmm.gprs_timer3_unit": ["4"], "gsm_a.gm.gmm.gprs_timer3_value": ["5"]}),
    "DEVICE_IDENTITY, IMEI": ([(41, notify(41101, u16(9) + b"\x01" + bytes.fromhex("53029900711684f1")))],
                              {P + "device_identity_imei": ["352099001761481"]}),
    "DEVICE_IDENTITY, IMEISV": ([(41, notify(41101, u16(9) + b"\x02" + bytes.fromhex("5302990071168432")))],
                                {P + "device_identity_imeisv": ["3520990017614823"]}),
    "EMERGENCY_CALL_NUMBERS": ([(41, notify(41134, bytes.fromhex("08 0301 11f0 0306 11f2")))],
                               {P + "emergency_call_numbers_len": ["8"], P + "emergency_call_number": ["110", "112"],
                                P + "emergency_call_numbers_flag_b1_police": ["1", "0"],
                                P + "emergency_call_numbers_flag_b2_ambulance": ["0", "1"],
                                P + "emergency_call_mcc": []}),
    "EMERGENCY_CALL_NUMBERS with MCC": ([(41, notify(41134, bytes.fromhex("62f2 08 0301 11f0 0306 11f2")))],
                                        {P + "emergency_call_mcc": ["262"],
                                         P + "emergency_call_number": ["110", "112"]}),
    "PTI": ([(41, notify(41501, b"\x05"))], {P + "pti": ["5"]}),
    # TS 24.301 9.9.4.3: 64 kbps is 0x40, 576 is 0x80, 8640 is 0xfe; extended 0x4a is 16 Mbps
    "EPS_QOS": ([(41, notify(42014, bytes.fromhex("05 01 40 80 40 40")))],
                {P + "eps_qos.qci": ["1"], P + "eps_qos.max_uplink": ["64"], P + "eps_qos.max_downlink": ["576"],
                 P + "eps_qos.guaranteed_uplink": ["64"]}),
    "EPS_QOS, extended": ([(41, notify(42014, bytes.fromhex("09 01 fe fe 40 40 4a fa 00 00")))],
                          {P + "eps_qos.max_uplink": ["16000"], P + "eps_qos.max_downlink": ["256000"],
                           P + "eps_qos.guaranteed_downlink": ["64"]}),
    "APN_AMBR": ([(41, notify(42094, bytes.fromhex("02 fe 40")))],
                 {P + "apn_ambr.downlink": ["8640"], P + "apn_ambr.uplink": ["64"]}),
    "APN_AMBR, extended-2": ([(41, notify(42094, bytes.fromhex("06 fe fe 4a 4a 02 00")))],
                             {P + "apn_ambr.downlink": ["528000"], P + "apn_ambr.uplink": ["16000"]}),
    # units: 3 is 4 Mbps, 7 is 1 Gbps
    "EXTENDED_APN_AMBR": ([(41, notify(42095, bytes.fromhex("06 03 5000 07 0064")))],
                          {P + "apn_ambr.downlink": [str(0x5000 * 4000)], P + "apn_ambr.uplink": ["100000000"]}),
    "EXTENDED_EPS_QOS": ([(41, notify(42015, bytes.fromhex("0a 03 0bb8 0fa0 02 2af8 2af9")))],
                         {P + "eps_qos.max_uplink": ["12000000"], P + "eps_qos.max_downlink": ["16000000"],
                          P + "eps_qos.guaranteed_downlink": ["11001000"]}),
    # create, one filter: both directions, 1, precedence 10, UDP to remote port 5004 of 192.0.2.1/32
    "TFT": ([(41, notify(42017, bytes.fromhex("12 21 310a 0e 10 c0000201 ffffffff 30 11 50 138c")))],
            {P + "tft.operation": ["1"], P + "tft.filter_count": ["1"], P + "tft.filter.direction": ["3"],
             P + "tft.filter.id": ["1"], P + "tft.filter.precedence": ["10"], P + "tft.ipv4": ["192.0.2.1"],
             P + "tft.protocol": ["17"], P + "tft.port": ["5004"]}),
    "N1_MODE_CAPABILITY": ([(41, notify(51015, b"\x01\x05"))], {P + "pdu_session_id": ["5"]}),
    "N1_MODE_INFORMATION": ([(41, notify(51115, bytes.fromhex("04 01 0000ab")))],
                            {P + "s_nssai.sst": ["1"], P + "s_nssai.sd": ["0x0000ab"]}),
    "N1_MODE_S_NSSAI_PLMN_ID": ([(41, notify(52216, bytes.fromhex("62f210")))],
                                {"e212.mcc": ["262"], "e212.mnc": ["1"]}),
    # TS 24.502
    "5G_QOS_INFO": ([(41, notify(55501, bytes.fromhex("06 05 02 09 0a 03 2e")))],
                    {P + "pdu_session_id": ["5"], P + "5g_qos.qfi": ["9", "10"], P + "5g_qos.default": ["1"],
                     P + "5g_qos.has_dscp": ["1"], P + "5g_qos.dscp": ["46"]}),
    # additional: unit 6 is 1 Mbps; loss rate in tenths of a percent
    "5G_QOS_INFO with parameters": ([(41, notify(55501, bytes.fromhex("0e 05 01 09 04 02 02 03 06 000a 07 02 0005")))],
                                    {P + "5g_qos.parameter.id": ["2", "7"], P + "5g_qos.parameter.rate": ["10000"],
                                     P + "5g_qos.parameter.loss": ["5"]}),
    "NAS_IP4_ADDRESS": ([(41, notify(55502, IP4))], {P + "nas_ip4_address": ["192.0.2.1"]}),
    "NAS_IP6_ADDRESS": ([(41, notify(55503, IP6))], {P + "nas_ip6_address": ["2001:db8::1"]}),
    "UP_IP4_ADDRESS": ([(41, notify(55504, IP4))], {P + "up_ip4_address": ["192.0.2.1"]}),
    "UP_IP6_ADDRESS": ([(41, notify(55505, IP6))], {P + "up_ip6_address": ["2001:db8::1"]}),
    "NAS_TCP_PORT": ([(41, notify(55506, u16(20000)))], {P + "nas_tcp_port": ["20000"]}),
    "N3GPP_BACKOFF_TIMER": ([(41, notify(55507, b"\x01\x21"))], {P + "backoff_timer": ["0x21"]}),
    "UP_SA_INFO": ([(41, notify(55508, b"", 3, u32(0x0A0B0C0D)))], {"isakmp.spi": ["0a:0b:0c:0d"]}),

    # Configuration attributes
    "MIP6_HOME_PREFIX": (cfg(16, u32(3600) + IP6 + b"\x40"),
                         {C + "mip6_home_prefix.lifetime": ["3600"], C + "mip6_home_prefix.ip": ["2001:db8::1"],
                          C + "mip6_home_prefix.length": ["64"]}),
    "INTERNAL_IP6_LINK": (cfg(17, u32(0, 1) + b"link"),
                          {C + "internal_ip6_link_interface": ["1"], C + "internal_ip6_link_id": [dotted(b"link")]}),
    "INTERNAL_IP6_PREFIX": (cfg(18, IP6 + b"\x40"),
                            {C + "internal_ip6_prefix_ip": ["2001:db8::1"], C + "internal_ip6_prefix_length": ["64"]}),
    "HOME_AGENT_ADDRESS": (cfg(19, IP6 + IP4), {C + "home_agent_address.ip6": ["2001:db8::1"],
                                                C + "home_agent_address.ip4": ["192.0.2.1"]}),
    "P_CSCF_IP4_ADDRESS": (cfg(20, IP4), {C + "p_cscf_ip4_address": ["192.0.2.1"]}),
    "P_CSCF_IP6_ADDRESS": (cfg(21, IP6), {C + "p_cscf_ip6_address": ["2001:db8::1"]}),
    "FTT_KAT": (cfg(22, u16(30)), {C + "ftt_kat": ["30"]}),
    "EXTERNAL_SOURCE_IP4_NAT_INFO": (cfg(23, IP4 + u16(4500)),
                                     {C + "external_source_ip4_nat_info.ip": ["192.0.2.1"],
                                      C + "external_source_ip4_nat_info.port": ["4500"]}),
    "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK": (cfg(24, u32(600)), {C + "timeout_period_for_liveness_check": ["600"]}),
    "INTERNAL_DNS_DOMAIN": (cfg(25, b"example.com"), {C + "internal_dns_domain": ["example.com"]}),
    "INTERNAL_DNSSEC_TA": (cfg(26, u16(43547) + b"\x08\x02" + NONCE),
                           {C + "dnssec_ta.key_tag": ["43547"], C + "dnssec_ta.algorithm": ["8"],
                            C + "dnssec_ta.digest_type": ["2"], C + "dnssec_ta.digest": [dotted(NONCE)]}),
    # one address, a name, alpn=dot, port=853
    "ENCDNS_IP4": (cfg(27, u16(1) + b"\x01\x0b" + IP4 + b"dns.example" + u16(1, 4) + b"\x03dot" + u16(3, 2, 853)),
                   {C + "encdns.priority": ["1"], C + "encdns.ip4": ["192.0.2.1"], C + "encdns.adn": ["dns.example"],
                    C + "encdns.alpn": ["dot"], C + "encdns.port": ["853"]}),
    "ENCDNS_IP6": (cfg(28, u16(2) + b"\x01\x0b" + IP6 + b"dns.example"),
                   {C + "encdns.ip6": ["2001:db8::1"], C + "encdns.adn": ["dns.example"]}),
    "ENCDNS_DIGEST_INFO, request": (cfg(29, b"\x02\x00" + u16(2, 3), 1), {C + "encdns.hash": ["2", "3"]}),
    "ENCDNS_DIGEST_INFO, reply": (cfg(29, b"\x01\x0bdns.example" + u16(2) + NONCE),
                                  {C + "encdns.adn": ["dns.example"], C + "encdns.hash": ["2"],
                                   C + "encdns.digest": [dotted(NONCE)]}),

    # Identities
    "ID_DER_ASN1_GN": ([(35, b"\x0a\0\0\0\x82\x0agw.example")], {"isakmp.id.data.der_asn1_gn.dns_name": ["gw.example"]}),
    "ID_FC_NAME": ([(35, b"\x0c\0\0\0" + NONCE[:8])], {"isakmp.id.data.fc_name": [dotted(NONCE[:8])]}),
    "ID_NULL": ([(35, b"\x0d\0\0\0")], {"isakmp.id.type": ["13"]}),
}

# Too short, too long or cut in the middle: each must be marked, and none may be malformed as a whole.
WRONG = [(1, b""), (9, b"\x01"), (17, b"\x01"), (17, b"\0\0\0"), (39, b"\x45"), (16385, b"\x01"), (16387, b"\x01\x02"),
         (16397, b"\x01"), (16398, IP4), (16401, b"\x01"), (16402, IP4), (16403, b"\x01"), (16407, b"\x01"),
         (16407, b"\x01\x40abc"), (16409, b"\x01"), (16416, b"\x80"), (16419, b"\x01"), (16422, b"\x01"),
         (16423, b"\x01"), (16424, b"\x01"), (16431, b"\x01\x02\x03"), (16434, b"\x01"), (16442, b"\0\0"),
         (16443, b"\x01"), (16443, b"\x09\x01"), (16446, b"\x01"), (41041, b"\x05\x01"), (41101, b"\0"),
         (41134, b"\x09\x05\x01"), (42014, b"\x03\x01\x02\x03"), (42017, b"\x02\x21\x31"), (42017, b"\x05\x21\x31\x0a\x01\x99"),
         (42094, b"\x01\x01"), (51115, b"\x09\x01"), (55501, b"\x02\x05\x09"), (55501, b"\x05\x05\x00\x04\x02\x01"),
         (55502, b"\x01"), (61520, b"12345")]


@pytest.fixture(scope="module")
def packets(plain):
    """Every case in an IKE SA of its own, one run of tshark for all."""
    capture = pcap([udp(message(37, payloads, rspi=RSPI, ispi=bytes([1, 2, 3, 4]) + index.to_bytes(4, "big")))
                    for index, (payloads, _) in enumerate(CASES.values())])
    return dict(zip(CASES, plain.pdml(capture)))


@pytest.mark.parametrize("case", CASES)
def test_data_is_shown(case, packets):
    for field, values in CASES[case][1].items():
        assert [show for _, show, _ in shown(packets[case], field)] == values, field
    marks = [name for name, _, _ in shown(packets[case]) if name.endswith((".length", ".invalid")) and
             name.startswith("isakmp.") and name != "isakmp.length" and not name.endswith("home_prefix.length")
             and "supported_auth_methods" not in name and "attr.length" not in name]
    assert not marks
    assert not shown(packets[case], "_ws.malformed.expert")


def test_wrong_data_is_marked(plain):
    capture = pcap([udp(message(37, [(41, notify(kind, data)), (41, notify(16384))], rspi=RSPI,
                                ispi=bytes([1, 2, 3, 4]) + index.to_bytes(4, "big")))
                    for index, (kind, data) in enumerate(WRONG)])
    packets = plain.pdml(capture)
    assert len(packets) == len(WRONG)
    for (kind, data), packet in zip(WRONG, packets):
        assert [show for _, show, _ in shown(packet, "isakmp.notify.msgtype")] == [str(kind), "16384"]
        assert not shown(packet, "_ws.malformed.expert"), (kind, data)
        if data and kind != 39:
            assert shown(packet, "_ws.expert.severity"), (kind, data)


def test_every_cut_of_every_body_is_survived(plain):
    """No length of data, however short, breaks what follows it."""
    cuts = []
    for payloads, _ in CASES.values():
        kind, body = payloads[0]
        cuts += [[(kind, body[:length]), (41, notify(16384))] for length in range(len(body))]
    capture = pcap([udp(message(37, payloads, rspi=RSPI, message_id=index)) for index, payloads in enumerate(cuts)])
    broken = plain.fields(capture, ["frame.number", "isakmp.notify.msgtype", "_ws.malformed.expert"])
    assert len(broken) == len(cuts)
    for payloads, frame in zip(cuts, broken):
        assert frame["isakmp.notify.msgtype"][-1:] == ["16384"], payloads
        assert not frame["_ws.malformed.expert"], payloads


def test_names_of_all_notifications(plain):
    """The errors of a message come first; what any peer sends in a set-up is left out."""
    ikev2 = [16388, 16389, 16431, 16430, 16390, 40970, 16384, 16384, 14]
    ikev1 = [24578, 36136, 14]
    capture = pcap([udp(message(34, [(41, notify(kind, bytes(20))) for kind in ikev2])),
                    udp(message(34, [(41, notify(kind, bytes(20))) for kind in (16388, 16389, 16431, 16430)])),
                    udp(message_v1(5, [(11, u32(1) + notify(kind)) for kind in ikev1]))])
    names = [frame["isakmp.notify.names"] for frame in plain.fields(capture, ["isakmp.notify.names"])]
    assert names[0][0].split(", ")[0] == "NO_PROPOSAL_CHOSEN"
    assert names[0][0].split(", ")[2:] == ["COOKIE", "INITIAL_CONTACT"]
    assert names[1] == []
    assert names[2][0].split(", ") == ["NO-PROPOSAL-CHOSEN", "R-U-THERE", "INITIAL-CONTACT"]
