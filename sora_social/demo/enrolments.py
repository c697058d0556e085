"""The cameos of the demo world: people who record themselves, are checked, and say who may cast them.

Everything takes the way that everybody takes: a release, a recording that answers the challenge (see `faces`), the
checks, the decision of a moderator, and then the owner's own words.
"""

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from cameos import consent, enrolling
from cameos.limits import Limits
from cameos.models import Cameo, CameoKind, CameoStatus, ConsentRecord, Enrolment, RecordKind
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict
from sora_social.demo import catalogue, faces, world
from sora_social.demo.world import Likeness
from sora_social.moderation import deciding

_ENDED = (CameoStatus.REJECTED, CameoStatus.ERASED)


def enrol(likenesses: Sequence[Likeness]) -> None:
    """Give these people their cameos. Goes on where an interrupted run stopped; what a person has said, rejected or
    erased since stays as it is."""
    for likeness in likenesses:
        owner = User.objects.get(handle=likeness.handle)
        cameo = _of(owner)
        if cameo is None:
            cameo = enrolling.create(owner, kind=CameoKind.PERSON)
        if cameo.status == CameoStatus.AWAITING_RECORDING:
            _record(owner, cameo)
        if cameo.status not in _ENDED:
            cameo = catalogue.examined(cameo)
        if likeness.is_approved:
            _settle(owner, cameo, likeness)


def is_done() -> bool:
    return all(_is_settled(likeness) for likeness in world.LIKENESSES)


def _of(owner: User) -> Cameo | None:
    """The newest, erased ones too."""
    return Cameo.objects.filter(owner=owner, kind=CameoKind.PERSON).order_by("-id").first()


def _record(owner: User, cameo: Cameo) -> None:
    enrolling.record_release(owner, cameo.pk, terms_version=settings.RELEASE_TERMS)
    asked = Enrolment.objects.get(pk=cameo.pk)
    with tempfile.TemporaryDirectory(prefix="sora-enrolment-") as folder:
        made = faces.record(owner.handle, numbers=asked.numbers, head_turn=asked.head_turn, directory=Path(folder))
        with made.open("rb") as upload:
            enrolling.store_recording(owner, cameo.pk, upload)


def _settle(owner: User, cameo: Cameo, likeness: Likeness) -> None:
    if cameo.status == CameoStatus.PENDING_REVIEW:
        moderator = User.objects.get(handle=world.MODERATOR)
        with contextlib.suppress(Conflict):  # whoever sits at the desk was faster
            deciding.approve_cameo(moderator, cameo.pk, reason="Says the numbers, turns the head, is who it says.")
        cameo.refresh_from_db()
    if cameo.status != CameoStatus.ACTIVE:
        return
    for handle in likeness.grantees:
        if not ConsentRecord.objects.filter(cameo=cameo, kind=RecordKind.GRANTED).exists():
            consent.grant(owner, cameo.pk, handle)
    if likeness.terms and cameo.terms_version == 1:
        limits = Limits.of(likeness.terms.get("limits", {})).as_json()
        consent.set_terms(owner, cameo.pk, **{**likeness.terms, "limits": limits})


def _is_settled(likeness: Likeness) -> bool:
    cameo = _of(User.objects.get(handle=likeness.handle))
    if cameo is None:
        return False
    if not likeness.is_approved:
        return cameo.status not in {CameoStatus.AWAITING_RECORDING, CameoStatus.PROCESSING}
    return cameo.status in _ENDED or (
        cameo.status == CameoStatus.ACTIVE and (not likeness.terms or cameo.terms_version > 1)
    )
