"""Shapes of the consent ledger on the wire."""

from collections.abc import Collection
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cameos.models import ConsentRecord, RecordKind
from cameos.receipts import STATES_OF_CONSENT, is_withheld
from sora_social.core.wire import IdText


@extend_schema_field({"type": "object", "additionalProperties": True})
class DisclosedField(serializers.DictField):
    """What a record commits to, by name; each kind of record has its own."""


class ConsentRecordOut(serializers.Serializer[Any]):
    """`details` is null once the cameo is erased, and while somebody whom the record concerns is across a block; the
    record stays."""

    id = IdText()
    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(RecordKind.choices)
    at = serializers.DateTimeField()
    details = DisclosedField(allow_null=True)
    hash = serializers.CharField()


class LedgerPageOut(serializers.Serializer[Any]):
    items = ConsentRecordOut(many=True)
    next = serializers.CharField(allow_null=True)


class ReceiptHeaderOut(serializers.Serializer[Any]):
    schema_version = serializers.CharField()
    record_id = IdText()
    cameo_id = IdText()
    pii_principal_id = IdText()
    language = serializers.CharField(allow_null=True)


class ReceiptNoticeOut(serializers.Serializer[Any]):
    terms_version = serializers.CharField(allow_null=True)
    terms_sha256 = serializers.CharField(allow_null=True)


class ReceiptProcessingOut(serializers.Serializer[Any]):
    notice = ReceiptNoticeOut()
    purposes = serializers.ListField(child=serializers.CharField())
    pii_categories = serializers.ListField(child=serializers.CharField())
    legal_basis = serializers.CharField()
    audience = serializers.CharField(allow_null=True)
    restriction_version = serializers.IntegerField(allow_null=True)
    collection_method = serializers.CharField()
    retention = serializers.CharField()
    withdrawal_method = serializers.CharField()
    third_parties = serializers.ListField(child=serializers.CharField())


class ReceiptPartyOut(serializers.Serializer[Any]):
    role = serializers.CharField()
    id = serializers.CharField()


class ReceiptEventOut(serializers.Serializer[Any]):
    state = serializers.ChoiceField(STATES_OF_CONSENT)
    kind = serializers.ChoiceField(RecordKind.choices)
    at = serializers.DateTimeField()


class ReceiptRecordOut(serializers.Serializer[Any]):
    """`hash` is the SHA-256 of `body`; each commitment in it is the HMAC-SHA256, under `salt`, of the canonical JSON of
    `{name: value}` of what is disclosed."""

    body = serializers.CharField()
    hash = serializers.CharField()
    salt = serializers.CharField(allow_null=True)
    disclosed = DisclosedField(allow_null=True)


class ReceiptOut(serializers.Serializer[Any]):
    header = ReceiptHeaderOut()
    processing = ReceiptProcessingOut()
    parties = ReceiptPartyOut(many=True)
    events = ReceiptEventOut(many=True)
    record = ReceiptRecordOut()


class ReceiptAnswerOut(serializers.Serializer[Any]):
    """`jws` is the receipt once more, signed with one of the keys of `/v1/consent-keys`."""

    receipt = ReceiptOut()
    jws = serializers.CharField()


class ConsentKeyOut(serializers.Serializer[Any]):
    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField()
    kid = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()


class LatestAnchorOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    root = serializers.CharField()  # type: ignore[assignment]  # a field, which DRF takes off the class
    at = serializers.DateTimeField()


class ReleaseTermsOut(serializers.Serializer[Any]):
    """What is agreed to by `PUT /v1/cameos/{id}/release`; the SHA-256 of the text, in UTF-8, is in every receipt."""

    version = serializers.CharField()
    text = serializers.CharField()
    sha256 = serializers.CharField()


class ConsentKeysOut(serializers.Serializer[Any]):
    """A JWK set, and the newest anchor of all ledgers (null before the first)."""

    keys = ConsentKeyOut(many=True)
    anchor = LatestAnchorOut(allow_null=True)


def record_on_wire(record: ConsentRecord, *, unnamed: Collection[str]) -> dict[str, Any]:
    details = None if is_withheld(record, unnamed) else getattr(record, "details", None)
    return {
        "id": str(record.pk),
        "seq": record.seq,
        "kind": record.kind,
        "at": record.at,
        "details": details.disclosed if details else None,
        "hash": bytes(record.hash).hex(),
    }
