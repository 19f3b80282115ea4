# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates of every encoding are dissected as what they are. The objects were made with openssl: a CA "Lab CA"
issued a certificate for "gw.example", revoked it, and answered OCSP about it."""
import base64

import pytest

from packets import RSPI, message, pcap, udp
from tshark import shown, wireshark_version


def decode(text):
    return base64.b64decode(text)


CERTIFICATE = decode(
    "MIIBRDCB6gIBATAKBggqhkjOPQQDAjAsMQswCQYDVQQGEwJDSDEMMAoGA1UECgwDTGFiMQ8wDQYDVQQDDAZMYWIgQ0EwHhcNMjYx"
    "MTIzMDkxNTIzWhcNMzYxMTIwMDkxNTIzWjAwMRMwEQYDVQQDDApndy5leGFtcGxlMQwwCgYDVQQKDANMYWIxCzAJBgNVBAYTAkNI"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIHHBRL7YVBkUZDLClR9pWLahXXaddyxBKlHzb6YXfMcX3+eKYMYdxtDmG69WliQf"
    "C7+v89wqrgphrDHFCneVmDAKBggqhkjOPQQDAgNJADBGAiEAxjKyMQF3xG6idzmPiO3SnrRTg6LkqdzHZiSsMGRE0fECIQCGPzEW"
    "JjfCKQmcXrvRaBIcRv4nOv3h50kXvTgeFr0Ahg==")
CRL = decode(
    "MIHZMIGBAgEBMAoGCCqGSM49BAMCMCwxCzAJBgNVBAYTAkNIMQwwCgYDVQQKDANMYWIxDzANBgNVBAMMBkxhYiBDQRcNMjYxMTIz"
    "MDkxNTIzWhcNMjYxMjIzMDkxNTIzWjAUMBICAQEXDTI2MTEyMzA5MTUyM1qgDjAMMAoGA1UdFAQDAgEBMAoGCCqGSM49BAMCA0cA"
    "MEQCICLtpsCW1OwTF19MgKAosXM1+F7L2NxPfCao4E8pVCjQAiAEni1Zf5/OpbCWY0HhBo6QcILz7IrqpIiARS3Knda6iw==")
PKCS7 = decode(
    "MIIBcwYJKoZIhvcNAQcCoIIBZDCCAWACAQExADALBgkqhkiG9w0BBwGgggFIMIIBRDCB6gIBATAKBggqhkjOPQQDAjAsMQswCQYD"
    "VQQGEwJDSDEMMAoGA1UECgwDTGFiMQ8wDQYDVQQDDAZMYWIgQ0EwHhcNMjYxMTIzMDkxNTIzWhcNMzYxMTIwMDkxNTIzWjAwMRMw"
    "EQYDVQQDDApndy5leGFtcGxlMQwwCgYDVQQKDANMYWIxCzAJBgNVBAYTAkNIMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIHHB"
    "RL7YVBkUZDLClR9pWLahXXaddyxBKlHzb6YXfMcX3+eKYMYdxtDmG69WliQfC7+v89wqrgphrDHFCneVmDAKBggqhkjOPQQDAgNJ"
    "ADBGAiEAxjKyMQF3xG6idzmPiO3SnrRTg6LkqdzHZiSsMGRE0fECIQCGPzEWJjfCKQmcXrvRaBIcRv4nOv3h50kXvTgeFr0AhjEA")
OCSP = decode(
    "MIIC/AoBAKCCAvUwggLxBgkrBgEFBQcwAQEEggLiMIIC3jCByqEuMCwxCzAJBgNVBAYTAkNIMQwwCgYDVQQKDANMYWIxDzANBgNV"
    "BAMMBkxhYiBDQRgPMjAyNjExMjMwOTE1MjNaMGIwYDA6MAkGBSsOAwIaBQAEFJCyKrUFuXD/ujSJC4vfsDCdhj6WBBRV9vwbuiRf"
    "/5ij98lUyx7aZ0+lYAIBAaERGA8yMDI2MTEyMzA5MTUyM1oYDzIwMjYxMTIzMDkxNTIzWqEjMCEwHwYJKwYBBQUHMAECBBIEEEPh"
    "/PT+qWCO1fPhBN50XMIwCgYIKoZIzj0EAwIDSQAwRgIhAOOj1ZgAr5DQ0BIEWrmrFAvmTxtXvLTDB43UdiM3w3/sAiEAyvsl8zRC"
    "FPVB79LJJBnU7R/PAp0m0VZd3Og501GtfRugggG2MIIBsjCCAa4wggFToAMCAQICFDR5i0nXjPV5M3dRe5ukkaa+bOfnMAoGCCqG"
    "SM49BAMCMCwxCzAJBgNVBAYTAkNIMQwwCgYDVQQKDANMYWIxDzANBgNVBAMMBkxhYiBDQTAeFw0yNjExMjMwOTE1MjNaFw0zNjEx"
    "MjAwOTE1MjNaMCwxCzAJBgNVBAYTAkNIMQwwCgYDVQQKDANMYWIxDzANBgNVBAMMBkxhYiBDQTBZMBMGByqGSM49AgEGCCqGSM49"
    "AwEHA0IABCCTRhg3YcgbFfw63X4iGj/kbSGkatKzebBa98bmTSfSsBk5XNh9M8PjQ9UWafQs1iV5TRfcopUsCjCHgsgT1UujUzBR"
    "MB0GA1UdDgQWBBRV9vwbuiRf/5ij98lUyx7aZ0+lYDAfBgNVHSMEGDAWgBRV9vwbuiRf/5ij98lUyx7aZ0+lYDAPBgNVHRMBAf8E"
    "BTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQC27y4QcNKgFospZwBWsSAFKdVM6l6h8H52LIshZdVO6QIhAPI5um6YDX8gStZIUbBn"
    "e+nMQuMfKqZ4341icjJF8JJl")
PUBLIC_KEY = decode(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIHHBRL7YVBkUZDLClR9pWLahXXaddyxBKlHzb6YXfMcX3+eKYMYdxtDmG69WliQf"
    "C7+v89wqrgphrDHFCneVmA==")
RSA_KEY = decode(
    "MIGJAoGBANKsSjf4BkjgiRUZ4n9ZC9A3PMOZ31cjzTqWRkEpwIdUhJ7orNLbKnTvv1BSYVCBbCzY1VN6HPYmUxmSlGNi6tiLBRYo"
    "f1MS4baAcKbjZhM9S2sQTHrW80xfflpZmk4qx6vvI69d1lne/ALK12ucqHm/GVvMksPTH/zu5psAm1vlAgMBAAE=")

HASH = bytes(range(20))
SUBJECT = "(id-at-countryName=CH,id-at-organizationName=Lab,id-at-commonName=gw.example)"

# Where Wireshark keeps the parameters of algorithms.
CURVE = "pkixalgs.namedCurve" if wireshark_version() >= (4, 6) else "pkcs1.namedCurve"

# Name -> (encoding, data, fields that must be there with these values, fields that must not be there).
CASES = {
    "X.509": (4, CERTIFICATE, {"x509af.serialNumber": "01"}, ["isakmp.cert.octets"]),
    "CRL": (7, CRL, {"x509af.signedCertificateList_element": ""}, ["x509af.signedCertificate_element"]),
    "ARL": (8, CRL, {"x509af.signedCertificateList_element": ""}, ["x509af.signedCertificate_element"]),
    "PKCS #7": (1, PKCS7, {"cms.contentType": "1.2.840.113549.1.7.2", "x509af.serialNumber": "01"}, []),
    "OCSP": (14, OCSP, {"ocsp.responseStatus": "0", "ocsp.responseType.id": "1.3.6.1.5.5.7.48.1.1"}, []),
    "raw public key": (15, PUBLIC_KEY, {"x509af.algorithm.id": "1.2.840.10045.2.1",
                                        CURVE: "1.2.840.10045.3.1.7"}, []),
    "raw RSA key": (11, RSA_KEY, {"isakmp.cert.rsa.exponent": "01:00:01"}, ["x509af.algorithm.id"]),
    "hash and URL": (12, HASH + b"http://a.example/c", {"isakmp.cert.x509.url": "http://a.example/c"}, []),
    "hash and URL of a bundle": (13, HASH + b"http://a.example/b",
                                 {"isakmp.cert.x509.url": "http://a.example/b"}, []),
    "PGP": (2, b"\x99\x01", {"isakmp.cert.octets": "99:01"}, []),
    "DNS signed key": (3, b"\x01\x00", {"isakmp.cert.octets": "01:00"}, []),
    "Kerberos": (6, b"\x6e\x02", {"isakmp.cert.octets": "6e:02"}, []),
    "SPKI": (9, b"(cert)", {"isakmp.cert.octets": "28:63:65:72:74:29"}, []),
}


@pytest.fixture(scope="module")
def packets(plain):
    capture = pcap([udp(message(37, [(37, bytes([encoding]) + data)], rspi=RSPI, message_id=index))
                    for index, (encoding, data, _, _) in enumerate(CASES.values())])
    return dict(zip(CASES, plain.pdml(capture)))


@pytest.mark.parametrize("case", CASES)
def test_dissected_as_what_it_is(case, packets):
    _, _, there, absent = CASES[case]
    for field, value in there.items():
        assert value in [show for _, show, _ in shown(packets[case], field)], field
    for field in absent:
        assert not shown(packets[case], field), field
    assert not [name for name, _, _ in shown(packets[case]) if name.startswith("ber.error")]


def test_the_subject_stands_beside_the_certificate(packets):
    assert [text for _, _, text in shown(packets["X.509"], "isakmp.cert.data")] == ["Certificate Data " + SUBJECT]


def test_the_columns_stay_ours(plain):
    capture = pcap([udp(message(37, [(37, bytes([encoding]) + data)], rspi=RSPI, message_id=index))
                    for index, (encoding, data, _, _) in enumerate(CASES.values())])
    shown = [frame["_ws.col.Protocol"] for frame in plain.fields(capture, ["_ws.col.Protocol"])]
    assert shown == [["ISAKMP"]] * len(CASES)


def test_a_certificate_request_lists_hashes(plain):
    capture = pcap([udp(message(37, [(38, b"\x04" + HASH + HASH[::-1])], rspi=RSPI))])
    hashes = [show for _, show, _ in shown(plain.pdml(capture)[0], "isakmp.ike.certreq.authority")]
    assert hashes == [HASH.hex(":"), HASH[::-1].hex(":")]


def test_a_name_as_identity(plain):
    name = bytes.fromhex("300d310b3009060355040613024348")  # C=CH
    capture = pcap([udp(message(37, [(35, b"\x09\0\0\0" + name)], rspi=RSPI))])
    packet = plain.pdml(capture)[0]
    assert [text for _, _, text in shown(packet, "isakmp.id.data")] == ["Identification Data: (id-at-countryName=CH)"]
    assert [show for _, show, _ in shown(packet, "x509sat.CountryName")] == ["CH"]


def beside(certificate, encoding, data, index=0):
    """A certificate and a CERT payload of another encoding in one IKE_AUTH, in clear."""
    payloads = [(37, b"\x04" + certificate), (37, bytes([encoding]) + data)]
    return udp(message(37, payloads, rspi=RSPI, message_id=index + 1))


@pytest.mark.parametrize("encoding, data, source", [(7, CRL, "CRL"), (14, OCSP, "OCSP")], ids=["CRL", "OCSP"])
def test_revocation(plain, encoding, data, source):
    """Both revoke the certificate with serial number 1 since 2026-11-23, as openssl prints them; no other certificate, and
    nothing where they are truncated."""
    fields = ["isakmp.finding.code", "isakmp.finding.found", "_ws.expert.message"]
    row = plain.fields(pcap([beside(CERTIFICATE, encoding, data)]), fields)[0]
    assert "CERTIFICATE_REVOKED" in row["isakmp.finding.code"] and f"revoked by the {source}" in row["isakmp.finding.found"]
    assert any("is revoked since 2026-11-23" in text for text in row["_ws.expert.message"])
    other = CERTIFICATE.replace(b"\x02\x01\x01\x30", b"\x02\x01\x02\x30", 1)
    assert other != CERTIFICATE
    packets = [beside(other, encoding, data)]
    packets += [beside(CERTIFICATE, encoding, data[:size], size) for size in range(1, len(data), 5)]
    rows = plain.fields(pcap(packets), fields)
    assert len(rows) == len(packets) and not [row for row in rows if "CERTIFICATE_REVOKED" in row["isakmp.finding.code"]]
