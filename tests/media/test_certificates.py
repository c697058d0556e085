"""What clips are signed with: the operator's own certificates, or ones that follow from SECRET_KEY."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from django.core.exceptions import ImproperlyConfigured

from sora_social.media import certificates, manifests
from tests import cast
from tests.clips import write_video
from tests.media.trap import trap

CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
NOW = datetime.now(UTC)


def named(text):
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, text), x509.NameAttribute(NameOID.COMMON_NAME, text)]
    )


USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(use):
    return x509.KeyUsage(**{name: name == use for name in USES})


def certificate(subject, key, *, issuer, issuer_key, is_root=False, purpose=CLAIM_SIGNING, days=30, ocsp="", use=""):
    made = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(key_usage(use or ("key_cert_sign" if is_root else "digital_signature")), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if (not is_root or subject == "clips.example") and purpose is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if ocsp:
        place = x509.UniformResourceIdentifier(ocsp)
        asked = x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)])
        made = made.add_extension(asked, critical=False)
    return made.sign(issuer_key, SHA256())


def pem_of(*things):
    return b"".join(
        thing.public_bytes(Encoding.PEM)
        if isinstance(thing, x509.Certificate)
        else thing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for thing in things
    )


@pytest.fixture
def operator(tmp_path, settings):
    """An operator's own root, the certificate of their service below it, and its key; all of it may be spoilt."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "middle", "leaf", "other")}

    def given(spoilt="", purpose=CLAIM_SIGNING, ocsp=""):
        root = certificate("Root", keys["root"], issuer="Root", issuer_key=keys["root"], is_root=True)
        left = -1 if spoilt == "run out between" else 30
        middle = certificate("Middle", keys["middle"], issuer="Root", issuer_key=keys["root"], is_root=True, days=left)
        issuer = keys["other" if spoilt == "broken chain" else "middle"]
        leaf = certificate(
            "clips.example",
            keys["leaf"],
            issuer="Middle",
            issuer_key=issuer,
            ocsp=ocsp,
            days=-1 if spoilt == "run out" else 30,
            is_root=spoilt == "a root",
            use="content_commitment" if spoilt == "not for signatures" else "",
            purpose={"no purpose": None, "of a server": ExtendedKeyUsageOID.SERVER_AUTH}.get(spoilt, purpose),
        )
        key = keys["other" if spoilt == "another's key" else "leaf"]
        if spoilt == "rsa":
            key = rsa.generate_private_key(65537, 2048)
        chain = pem_of(leaf) if spoilt == "leaf alone" else pem_of(leaf, middle, root)
        (tmp_path / "chain.pem").write_bytes(b"nothing" if spoilt == "no pem" else chain)
        (tmp_path / "key.pem").write_bytes(b"nothing" if spoilt == "no key in it" else pem_of(key))
        settings.C2PA_CERTIFICATES_FILE = "" if spoilt == "no chain" else str(tmp_path / "chain.pem")
        settings.C2PA_KEY_FILE = {"no key": "", "not there": str(tmp_path / "gone.pem")}.get(
            spoilt, str(tmp_path / "key.pem")
        )
        certificates._credentials.cache_clear()

    return given


PROGRAM = """
import django; django.setup()
from sora_social.media import certificates
print(certificates.anchors() + certificates.current().chain)
"""


def in_a_process_of_its_own(secret, **environ):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sora_social.settings", "SECRET_KEY": secret, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_certificates_are_the_same_bytes_in_every_process():
    one, again, other = (in_a_process_of_its_own(secret).stdout for secret in ("a secret", "a secret", "another"))
    assert one.count("BEGIN CERTIFICATE") == 2
    assert one == again
    assert one != other


def test_what_is_derived_is_a_root_and_a_leaf_that_differs_from_it(settings):
    root, leaf = x509.load_pem_x509_certificates((certificates.anchors() + certificates.current().chain).encode())
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.public_key() != root.public_key()
    assert "PRIVATE" not in certificates.anchors() + certificates.current().chain


@pytest.mark.parametrize("purpose", [CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
def test_an_operator_signs_with_their_own(purpose, operator, tmp_path):
    operator(purpose=purpose)
    certificates.require_usable()
    manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "signed.mp4", cast.statement())
    with (tmp_path / "signed.mp4").open("rb") as file:
        reading = manifests.read(file)
    assert (reading.state, reading.signed_by) == ("valid", "clips.example")
    (anchor,) = x509.load_pem_x509_certificates(certificates.anchors().encode())
    assert anchor.subject == named("Root")


def test_p03_nobody_is_asked_whether_a_certificate_still_holds(operator, tmp_path):
    with trap() as (address, came):
        operator(ocsp=address)
        manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "signed.mp4", cast.statement())
        with (tmp_path / "signed.mp4").open("rb") as file:
            assert manifests.read(file).state == "valid"
        assert came == []


@pytest.mark.mutant("the state of certificates is asked for")
def test_p03_mutant_a_check_that_asks_is_caught(operator, tmp_path):
    with trap() as (address, came):
        operator(ocsp=address)
        manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "signed.mp4", cast.statement())
        asking = {"verify": {"ocsp_fetch": True}, "trust": {"trust_anchors": certificates.anchors()}}
        with (
            (tmp_path / "signed.mp4").open("rb") as file,
            c2pa.Context.from_dict(asking) as context,
            c2pa.Reader("video/mp4", file, context=context) as reader,
        ):
            assert reader.json()
        assert len(came) >= 1


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("no key", "belong together"),
        ("no chain", "belong together"),
        ("not there", "C2PA_KEY_FILE"),
        ("no key in it", "C2PA_KEY_FILE"),
        ("rsa", "P-256"),
        ("no pem", "C2PA_CERTIFICATES_FILE"),
        ("leaf alone", "root last"),
        ("another's key", "not that of the key"),
        ("broken chain", "issued by the next"),
        ("run out", "must be valid now"),
        ("run out between", "must be valid now"),
        ("a root", "not a root"),
        ("not for signatures", "key usage"),
        ("no purpose", "extended key usage"),
        ("of a server", "extended key usage"),
    ],
)
def test_what_cannot_sign_is_refused_with_the_reason(spoilt, said, operator):
    operator(spoilt)
    with pytest.raises(ImproperlyConfigured, match=said):
        certificates.require_usable()


def test_half_a_pair_stops_every_process_at_its_start(tmp_path):
    ended = in_a_process_of_its_own("a secret", C2PA_KEY_FILE=str(tmp_path / "key.pem"))
    assert ended.returncode == 1
    assert "ImproperlyConfigured: C2PA_CERTIFICATES_FILE and C2PA_KEY_FILE belong together" in ended.stderr


def test_what_was_signed_before_a_change_of_keys_holds_while_its_root_is_kept(tmp_path, settings):
    manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "signed.mp4", cast.statement())
    old, data = certificates.anchors(), (tmp_path / "signed.mp4").open("rb")
    settings.SECRET_KEY = "another"
    with data:
        assert manifests.read(data).codes == ("signingCredential.untrusted",)
        (tmp_path / "old.pem").write_text(old)
        settings.C2PA_RETIRED_ANCHORS_FILE = str(tmp_path / "old.pem")
        assert manifests.read(data).state == "valid"
    assert certificates.anchors().endswith(old)
