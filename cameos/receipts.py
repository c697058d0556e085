"""Receipts: what a person takes away of a record, so that it holds without us.

The sections are those of ISO/IEC TS 27560:2023. The signed form is a JWS; the record in it can be recomputed from the
salt and the disclosed values.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from cameos import ledger, releases, signing
from cameos.models import Cameo, CameoKind, ConsentRecord, RecordKind
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, keyset_page
from sora_social.core.errors import NotFound

SCHEMA = "ISO/IEC TS 27560:2023"
JWS_TYPE = "consent-receipt+jws"
STATES_OF_CONSENT = ("requested", "given", "refused", "renewed", "withdrawn", "expired", "invalidated")  # of SCHEMA
STATES = {
    RecordKind.RELEASED: "given",
    RecordKind.ACTIVATED: "given",
    RecordKind.REJECTED: "invalidated",
    RecordKind.TERMS_SET: "given",
    RecordKind.GRANTED: "given",
    RecordKind.GRANT_ENDED: "withdrawn",
    RecordKind.USE_APPROVED: "given",
    RecordKind.USE_DECLINED: "refused",
    RecordKind.APPEARANCE_REMOVED: "withdrawn",
    RecordKind.REVOKED: "withdrawn",
    RecordKind.HIDDEN: "withdrawn",
    RecordKind.RENEWED: "renewed",
    RecordKind.EXPIRED: "expired",
    RecordKind.ERASED: "withdrawn",
    RecordKind.PURGED: "invalidated",
}
_CATEGORIES = {CameoKind.PERSON: ["face", "voice"], CameoKind.CHARACTER: ["appearance", "voice"]}


@dataclass(frozen=True)
class Receipt:
    """`jws` signs the canonical JSON of `content`."""

    content: dict[str, Any]
    jws: str


def cameo_of(owner: User, cameo_id: int) -> Cameo:
    """A cameo of one's own, erased or not: its ledger stays. Raises NotFound."""
    cameo = Cameo.objects.filter(owner=owner, pk=cameo_id).first()
    if cameo is None:
        raise NotFound
    return cameo


def records_of(owner: User, cameo_id: int, *, cursor: str, limit: int) -> Page[ConsentRecord]:
    """The ledger of one's own cameo, newest first, with what is disclosed. Raises NotFound."""
    rows = cameo_of(owner, cameo_id).records.select_related("details")
    return keyset_page(rows, purpose=f"ledger {cameo_id}", cursor=cursor, limit=limit, order=("-seq",))


def receipt_for(person: User, record_id: int) -> Receipt:
    """The receipt of a record of one's own cameo, or of a grant to oneself. Raises NotFound.

    No other record is for the person it concerns: who declined a use is the owner's secret.
    """
    granted_to = Q(kind=RecordKind.GRANTED, details__disclosed__subject_id=str(person.pk))
    found = ConsentRecord.objects.filter(Q(cameo__owner=person) | granted_to, pk=record_id)
    record = found.select_related("cameo", "details").first()
    if record is None:
        raise NotFound
    unnamed = behind_walls_of(person) if record.cameo.owner_id == person.pk else frozenset[str]()
    return sealed(content_of(record, record.cameo, release_terms=release_of(record.cameo), unnamed=unnamed))


def behind_walls_of(person: User) -> frozenset[str]:
    """The ids of those who are across a wall from this person now, as records name people."""
    return frozenset(map(str, ties.walls_of([person.pk])[person.pk]))


def is_withheld(record: ConsentRecord, unnamed: Collection[str]) -> bool:
    """Whether a record concerns somebody who stays unnamed. All its details are then kept back, and its salt: with
    that, who it is could be found by trying. Needs `details`."""
    return any(str(disclosed_of(record).get(name)) in unnamed for name in _ROLES.values())


def sealed(content: dict[str, Any]) -> Receipt:
    return Receipt(content, signing.current_key().jws(ledger.canonical(content), kind=JWS_TYPE))


def release_of(cameo: Cameo) -> str | None:
    """The version of the release that was agreed to last; None when the details are gone."""
    released = cameo.records.filter(kind=RecordKind.RELEASED).select_related("details").order_by("-seq").first()
    return disclosed_of(released).get("release_terms") if released else None


def disclosed_of(record: ConsentRecord) -> dict[str, Any]:
    """Empty once the details are destroyed. Needs `details`."""
    details = getattr(record, "details", None)
    return details.disclosed if details else {}


def content_of(
    record: ConsentRecord, cameo: Cameo, *, release_terms: str | None, unnamed: Collection[str] = ()
) -> dict[str, Any]:
    """A receipt's content, the same whenever it is asked for, but for the details of records that concern somebody
    `unnamed`. Needs `details` of the record."""
    details = None if is_withheld(record, unnamed) else getattr(record, "details", None)
    disclosed = details.disclosed if details else {}
    parties = [
        {"role": "pii_controller", "id": settings.PUBLIC_URL},
        {"role": "pii_principal", "id": str(cameo.owner_id)},
        *({"role": role, "id": disclosed[name]} for role, name in _ROLES.items() if disclosed.get(name)),
    ]
    return {
        "header": {
            "schema_version": SCHEMA,
            "record_id": str(record.pk),
            "cameo_id": str(cameo.pk),
            "pii_principal_id": str(cameo.owner_id),
            "language": disclosed.get("language"),
        },
        "processing": {
            "notice": {
                "terms_version": release_terms,
                "terms_sha256": releases.digest_of(release_terms) if release_terms else None,
            },
            "purposes": ["likeness_in_generated_video"],
            "pii_categories": _CATEGORIES[CameoKind(cameo.kind)],
            "legal_basis": "explicit_consent",
            "audience": disclosed.get("audience"),
            "restriction_version": disclosed.get("terms_version"),
            "collection_method": "by_the_person_in_the_app",
            "retention": "until_withdrawn_or_expired_then_destroyed_within_30_days",
            "withdrawal_method": f"{settings.PUBLIC_URL}/v1/cameos/{cameo.pk}/revoke",
            "third_parties": [],
        },
        "parties": parties,
        "events": [
            {
                "state": STATES[RecordKind(record.kind)],
                "kind": record.kind,
                "at": record.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            }
        ],
        "record": {
            "body": record.body,
            "hash": bytes(record.hash).hex(),
            "salt": bytes(details.salt).hex() if details else None,
            "disclosed": disclosed if details else None,
        },
    }


_ROLES = {"recorder": "actor_id", "concerned": "subject_id"}
