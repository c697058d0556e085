"""How a cameo ends: gone from the next request on, and then destroyed, with a receipt of what was."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cameos import consent, ledger
from cameos.events import CameoErased
from cameos.models import Audience, Cameo, CameoStatus, ConsentRecord, Enrolment, Grant, RecordDetails, RecordKind
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.media import intake, upkeep

ORPHANED_FOR = timedelta(hours=1)  # longer than any upload or examination is under way


def erase(owner: User, cameo_id: int) -> None:
    """Take a cameo out of the world. Every appearance lapses, whoever made it; what was stored of it is destroyed.

    The name of a character stays taken. Raises NotFound.
    """
    with transaction.atomic():
        cameo = consent.hold_own(owner, cameo_id)
        consent.lapse(cameo, unpublishes=True)
        Grant.objects.filter(cameo=cameo).delete()
        cameo.status, cameo.erased_at, cameo.audience = CameoStatus.ERASED, timezone.now(), Audience.ONLY_ME
        cameo.display_name = cameo.preferences = cameo.restrictions = cameo.rejection = ""
        cameo.limits, cameo.terms_until, cameo.licence = {}, None, None
        cameo.in_catalogue = cameo.ask_first = False
        cameo.version += 1
        ledger.append(cameo.pk, RecordKind.ERASED, actor_id=owner.pk, epoch=cameo.epoch)
        cameo.save()
        consent.announce_lapse(cameo, deletes=True)
        outbox.announce(CameoErased(cameo_id=cameo.pk))


def purge(event: CameoErased) -> None:
    """Destroy recording, portrait, template, and the salts and details of the ledger; leave the receipt of it.

    The files go first: where the storage does not answer, nothing was written, and it is tried again.
    """
    cameo = Cameo.objects.select_for_update().filter(pk=event.cameo_id, status=CameoStatus.ERASED).first()
    if cameo is None or ConsentRecord.objects.filter(cameo=cameo, kind=RecordKind.PURGED).exists():
        return
    enrolment = Enrolment.objects.filter(pk=cameo.pk).first()
    recording, portrait = enrolment.recording_key if enrolment else "", cameo.portrait_key
    files = [key for key in (recording, portrait) if key]
    intake.discard_files(files)
    templates = int(enrolment is not None and enrolment.template is not None)
    Enrolment.objects.filter(pk=cameo.pk).delete()
    cameo.portrait_key = ""
    cameo.save(update_fields=["portrait_key"])
    details, _ = RecordDetails.objects.filter(record__cameo=cameo).delete()
    ledger.append(
        cameo.pk,
        RecordKind.PURGED,
        actor_id=None,
        files=[hashlib.sha256(key.encode()).hexdigest() for key in files],
        recordings=int(bool(recording)),
        portraits=int(bool(portrait)),
        templates=templates,
        record_details=details,
    )


def remove_orphans() -> int:
    """Delete files of enrolments that no row names, left by somebody who died between file and row. Returns how many.

    May run at any time, twice.
    """
    recordings = upkeep.remove_unknown("enrolments", known=_known_recordings, older_than=ORPHANED_FOR)
    return recordings + upkeep.remove_unknown("portraits", known=_known_portraits, older_than=ORPHANED_FOR)


def _known_recordings(keys: Sequence[str]) -> set[str]:
    return set(Enrolment.objects.filter(recording_key__in=keys).values_list("recording_key", flat=True))


def _known_portraits(keys: Sequence[str]) -> set[str]:
    return set(Cameo.objects.filter(portrait_key__in=keys).values_list("portrait_key", flat=True))
