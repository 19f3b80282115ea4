# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/extensions.md: what it names is there, and the captures show what it says."""
import re

import pytest

from tshark import ROOT, TESTDATA, Tshark, tables_of

N = "isakmp.notify.data."
CAPTURES = {
    "ikev2/mobike.pcap": N + "cookie2",
    "ikev2/mobike-multihomed.pcap": N + "additional_ip4_address",
    "ikev2/multiple-auth.pcap": "isakmp.notify.msgtype == 16405",
    "ikev2/redirect.pcap": N + "redirect.org_resp_gw_ident.ipv4",
    "ikev2/eap-only.pcap": "isakmp.notify.msgtype == 16417",
    "ikev2/childless.pcap": "isakmp.notify.msgtype == 16418",
    "ikev2/cert-rsa.pcap": "x509af.signedCertificate_element",
    "ikev2/fragments.pcap": "isakmp.reassembled.length",
    "ikev2/cert-rsa-pss.pcap": "isakmp.auth.data.sig.asn1.data and x509af.algorithm.id == 1.2.840.113549.1.1.10",
    "ikev2/cert-ed25519.pcap": "isakmp.auth.data.sig.asn1.data and x509af.algorithm.id == 1.3.101.112",
    "ikev2/psk-aes-ctr.pcap": "isakmp.auth.method == 2",  # in what AES-CTR encrypted
    "ikev2/ppk.pcap": N + "ppk_id",
    "ikev2/vendor-ids.pcap": "isakmp.vid_string",
    "libreswan/redirect-init.pcap": N + "redirect.new_resp_gw_ident.ipv4",
    "libreswan/resume.pcap": N + "ticket_opaque.data",
    "libreswan/auth-null.pcap": "isakmp.id.type == 13",
    "libreswan/from-libreswan-ppk.pcap": N + "ppk_id",
    "libreswan/tcp.pcap": "tcp and isakmp",
    "libreswan/alone-intermediate.pcap": "isakmp.exchangetype == 43",
    "multiple-ke/mlkem768.pcap": "isakmp.exchangetype == 43 and isakmp.key_exchange.dh_group == 36",
    "multiple-ke/three-additional.pcap": "isakmp.tf.type == 8",
    "multiple-ke/create-child.pcap": N + "additional_key_exchange",
    "multiple-ke/six-iptfs.pcap": N + "aggfrag",
}


def test_all_that_is_named_is_there():
    text = (ROOT / "docs" / "extensions.md").read_text()
    captures = set(re.findall(r"`([a-z0-9-]+/[a-z0-9-]+\.pcap)`", text))
    assert captures == set(CAPTURES)
    for test in set(re.findall(r"`(test_[a-z0-9_]+\.py)`", text)):
        assert (ROOT / "tests" / test).exists(), test


@pytest.fixture(scope="module")
def with_keys():
    with Tshark(tables=tables_of("ikev2", "multiple-ke", "libreswan")) as tshark:
        yield tshark


@pytest.mark.parametrize("capture", CAPTURES)
def test_the_capture_shows_it(capture, with_keys):
    assert with_keys.frames(TESTDATA / capture, CAPTURES[capture])


def test_info_names_what_eap_carries(with_keys):
    """RFC 3748 5, RFC 5216 2.1.1: the handshake's first messages, after ours and one after the other."""
    info = with_keys.info(TESTDATA / "ikev2" / "eap-tls.pcap")
    assert info[3].endswith("Responder Response, EAP Request, Identity [ IDr CERT AUTH EAP/REQ/ID ]")
    assert "Initiator Request, EAP Client Hello" in info[6]  # Wireshark 4.4 adds the server's name
    assert " EAP Server Hello, Certificate, " in info[9]
