"""How a cameo begins: a release, a recording, checks, and a person who looks.

Nothing of a face is stored before its owner released it, and what is refused is destroyed. The states go one way:
`awaiting_recording` → `processing` → `pending_review` → `active`, or `rejected`, from where a new release begins anew.
The checks are heavy and run in the `render` workers alone, under a lease like a job's (see `studio.generating`).
"""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from cameos import checks, consent, ledger, memorials
from cameos.checks import Examination, KnownFace, Verdict
from cameos.events import CameoActivated, LikenessRefused, RecordingStored
from cameos.models import Cameo, CameoKind, CameoStatus, Enrolment, RecordKind
from sora_social.accounts import people
from sora_social.accounts.ages import age_on
from sora_social.accounts.models import Handle, User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from sora_social.media import intake

log = structlog.get_logger(__name__)

CHARACTERS_AT_MOST = 10
NAMES_FREE_AFTER = timedelta(days=30)  # an erased character counts that long: its name stays taken for good
LEASES_OF_EXAMINATION = 2  # in leases of a job: it is not extended, and takes some seconds
EXAMINATIONS = 3
WAITING_TOO_LONG = timedelta(seconds=15)
SWEEP_AT_MOST = 100


# begun


def create(owner: User, *, kind: CameoKind, handle: str = "", display_name: str = "", figure: str = "") -> Cameo:
    """Begin a cameo: of oneself, by one's own handle, or a character with a name of its own.

    Nothing can be uploaded yet: that takes a release. Raises Forbidden under 13; Conflict for a second face of one
    person; Invalid for fields that do not fit the kind, a name that is taken, or one that a memorial closed; TooMany
    characters.
    """
    with transaction.atomic():
        held = User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # whoever counts, waits
        _require_old_enough(held)
        begin = _begin_face if kind == CameoKind.PERSON else _begin_character
        cameo = begin(held, handle.strip(), display_name=display_name.strip(), figure=figure)
        Enrolment.objects.create(cameo=cameo, **_challenge(cameo))
    return consent.cameo_for(owner, cameo.pk)


def _require_old_enough(owner: User) -> None:
    """As the database has it, which counts again. Raises Forbidden."""
    if owner.birthday is not None and age_on(timezone.now().date(), owner.birthday) < settings.MINIMUM_AGE:
        raise Forbidden("Nobody under 13 has a cameo.", code="too_young")


def _begin_face(owner: User, handle: str, *, display_name: str, figure: str) -> Cameo:
    if handle and handle.lower() != owner.handle:
        raise Invalid.field("handle", "A cameo of yourself goes by your own handle.", code="not_your_handle")
    if figure:
        raise Invalid.field("figure", "Only a character is a figure.")
    if Cameo.objects.owned_by(owner).filter(kind=CameoKind.PERSON).exists():
        raise Conflict("You have a cameo of yourself already.", code="already_enrolled")
    return Cameo.objects.create(owner=owner, kind=CameoKind.PERSON, display_name=display_name)


def _begin_character(owner: User, handle: str, *, display_name: str, figure: str) -> Cameo:
    if not figure:
        raise Invalid.field("figure", "Say what the character is.", code="required")
    counted = Cameo.objects.filter(owner=owner, kind=CameoKind.CHARACTER).exclude(
        erased_at__lt=Now() - NAMES_FREE_AFTER
    )
    if counted.count() >= CHARACTERS_AT_MOST:
        raise TooMany(
            f"At most {CHARACTERS_AT_MOST} characters; one that was erased counts for 30 days.",
            code="too_many_characters",
            retry_after=86_400,
        )
    name = people.well_formed_handle(handle)
    memorials.require_open(handle=name, display_name=display_name)
    try:
        with transaction.atomic():
            taken = Handle.objects.create(name=name)
    except IntegrityError as error:
        raise Invalid.field("handle", "This handle is taken.", code="handle_taken") from error
    return Cameo.objects.create(
        owner=owner, kind=CameoKind.CHARACTER, figure=figure, name=taken, display_name=display_name
    )


def _challenge(cameo: Cameo) -> dict[str, Any]:
    """What a person must say and do in the recording. A character cannot be asked."""
    if cameo.kind != CameoKind.PERSON:
        return {}
    made = checks.new_challenge()
    return {
        "numbers": list(made.numbers),
        "head_turn": made.head_turn,
        "challenge_until": Now() + settings.CHALLENGE_FOR,
    }


# released


def record_release(owner: User, cameo_id: int, *, terms_version: str) -> Cameo:
    """Agree to the terms under which a likeness is stored. May be repeated; a challenge that is over is replaced.

    After a rejection this begins anew. Raises Invalid for terms that are not the ones in force, NotFound, and Conflict
    when there is a recording already.
    """
    if terms_version != settings.RELEASE_TERMS:
        raise Invalid.field("terms_version", f"The terms are {settings.RELEASE_TERMS}.", code="terms_changed")
    with transaction.atomic():
        cameo, enrolment = _held(owner, cameo_id)
        if cameo.status not in {CameoStatus.AWAITING_RECORDING, CameoStatus.REJECTED}:
            raise _already_recorded()
        _require_old_enough(cameo.owner)
        is_anew = enrolment.release_id is None or enrolment.release_terms != terms_version
        if is_anew:
            enrolment.release = ledger.append(
                cameo.pk, RecordKind.RELEASED, actor_id=owner.pk, release_terms=terms_version
            )
            enrolment.release_terms = terms_version
        if is_anew:
            for name, value in _NOTHING_FOUND.items():
                setattr(enrolment, name, value)
        if not enrolment.numbers or _is_over(enrolment):
            for name, value in _challenge(cameo).items():
                setattr(enrolment, name, value)
        enrolment.save()
        cameo.status, cameo.rejection = CameoStatus.AWAITING_RECORDING, ""
        _save(cameo, "status", "rejection")
    return consent.cameo_for(owner, cameo_id)


_NOTHING_FOUND: dict[str, Any] = {"findings": [], "examined_at": None, "attempts": 0, "lease_until": None}


def require_release(owner: User, cameo_id: int) -> Enrolment:
    """Asked before a byte of an upload is read. Raises NotFound; Conflict without a release (`release_required`), when
    the challenge is over (`challenge_over`), and when there is a recording already (`already_recorded`).
    """
    cameo = consent.own_cameo(owner, cameo_id)
    return _require_open(cameo, _enrolment_of(cameo))


def _require_open(cameo: Cameo, enrolment: Enrolment) -> Enrolment:
    if cameo.status not in {CameoStatus.AWAITING_RECORDING, CameoStatus.REJECTED}:
        raise _already_recorded()
    if cameo.status == CameoStatus.REJECTED or enrolment.release_id is None:
        raise Conflict("Record a release first: PUT …/release.", code="release_required")
    if _is_over(enrolment):
        raise Conflict("The challenge is over. Record the release again to get a new one.", code="challenge_over")
    return enrolment


def _already_recorded() -> Conflict:
    return Conflict("There is a recording of this cameo already.", code="already_recorded")


def _is_over(enrolment: Enrolment) -> bool:
    return enrolment.challenge_until is not None and enrolment.challenge_until <= timezone.now()


# recorded


def store_recording(owner: User, cameo_id: int, upload: IO[bytes]) -> Cameo:
    """Keep what a cameo shall be made of: for a person the recording, for a character its picture.

    The release and the state are asked again under lock after the bytes are stored: of two uploads at once one is
    kept, and nothing of the other. Raises what `require_release` raises, and UploadRejected.
    """
    begun = require_release(owner, cameo_id)
    is_person = begun.cameo.kind == CameoKind.PERSON
    key = intake.store_recording(upload) if is_person else intake.store_likeness(upload)
    try:
        _keep_recording(owner, begun, key)
    except DatabaseError:  # nobody knows whether it was done: `erasing.remove_orphans` looks after the file
        raise
    except BaseException:
        intake.discard_files([key])
        raise
    return consent.cameo_for(owner, cameo_id)


def _keep_recording(owner: User, begun: Enrolment, key: str) -> None:
    with transaction.atomic():
        cameo, enrolment = _held(owner, begun.pk)
        if cameo.status != CameoStatus.AWAITING_RECORDING:
            raise _already_recorded()
        if (enrolment.release_id, enrolment.challenge_until) != (begun.release_id, begun.challenge_until):
            raise Conflict("There is a newer challenge than the one of this recording.", code="challenge_over")
        enrolment.recording_key, enrolment.recorded_at = key, timezone.now()
        enrolment.save(update_fields=["recording_key", "recorded_at"])
        cameo.status = CameoStatus.PROCESSING
        _save(cameo, "status")
        outbox.announce(RecordingStored(cameo_id=cameo.pk))


def _held(owner: User, cameo_id: int) -> tuple[Cameo, Enrolment]:
    cameo = consent.hold_own(owner, cameo_id)
    return cameo, _enrolment_of(cameo)


def _enrolment_of(cameo: Cameo) -> Enrolment:
    """Blank for a cameo that was made without one, as those of the catalogue may be."""
    return Enrolment.objects.filter(pk=cameo.pk).first() or Enrolment(cameo=cameo)


def _save(cameo: Cameo, *columns: str) -> None:
    cameo.version += 1
    cameo.save(update_fields=[*columns, "version"])


# examined


def enqueue(event: RecordingStored) -> None:
    """Ask a worker to examine. Raises when the broker is down: the event is then tried again."""
    dispatch(event.cameo_id)


def dispatch(cameo_id: int) -> None:
    current_app.send_task("cameos.tasks.examine", args=[cameo_id])


def examine(cameo_id: int) -> None:
    """Run the checks on a recording. May be called twice, at once, late: all but one call find nothing to do."""
    enrolment = _claim(cameo_id)
    if enrolment is None:
        return
    try:
        examination = _examination_of(enrolment)
    except FileNotFoundError:  # erased meanwhile, or the storage lost it: the sweep asks again, then a person
        log.warning("recording_gone", cameo_id=cameo_id)
    except Exception:  # another attempt may go better, three at most
        log.exception("examination_failed", cameo_id=cameo_id, attempt=enrolment.attempts)
    else:
        conclude(enrolment, examination)


def _free() -> Q:
    return Q(cameo__status=CameoStatus.PROCESSING) & (Q(lease_until=None) | Q(lease_until__lte=Now()))


def _claim(cameo_id: int) -> Enrolment | None:
    with transaction.atomic():
        free = Enrolment.objects.filter(pk=cameo_id, attempts__lt=EXAMINATIONS).filter(_free())
        row = free.select_for_update(of=("self",), skip_locked=True).select_related("cameo").first()
        if row is not None:
            row.attempts += 1
            Enrolment.objects.filter(pk=row.pk).update(
                attempts=row.attempts, lease_until=Now() + LEASES_OF_EXAMINATION * settings.LEASE
            )
        return row


def _examination_of(enrolment: Enrolment) -> Examination:
    known = _known_faces(enrolment)
    with tempfile.TemporaryDirectory(prefix="sora-examine-") as folder:
        file = intake.fetch_file(enrolment.recording_key, Path(folder) / Path(enrolment.recording_key).name)
        if enrolment.cameo.kind != CameoKind.PERSON:
            return checks.examine_picture(file, known=known)
        one, two, three = enrolment.numbers
        return checks.examine_recording(file, numbers=(one, two, three), head_turn=enrolment.head_turn, known=known)


def _known_faces(enrolment: Enrolment) -> Iterator[KnownFace]:
    """The faces of everybody else who is enrolled or is about to be; for a picture the others' pictures, too."""
    others = Enrolment.objects.exclude(template=None).exclude(cameo__owner=enrolment.cameo.owner_id)
    if enrolment.cameo.kind == CameoKind.PERSON:
        others = others.filter(cameo__kind=CameoKind.PERSON)
    for cameo_id, template in others.values_list("pk", "template").iterator():
        yield KnownFace(cameo_id, bytes(template or b""))


def conclude(enrolment: Enrolment, examination: Examination) -> None:
    """Write what the checks found of a claimed enrolment: rejected, active, or for a person to look at.

    Nothing is written for who lost the claim, or when the cameo was erased meanwhile.
    """
    findings = [
        {"name": found.name, "version": str(found.version), "verdict": str(found.verdict), "detail": found.detail}
        for found in examination.findings
    ]
    failed = [found.detail for found in examination.findings if found.verdict == Verdict.FAIL]
    portrait = intake.store_portrait(examination.portrait) if examination.portrait and not failed else ""
    is_kept = False
    try:
        with transaction.atomic():
            cameo = Cameo.objects.select_for_update().filter(pk=enrolment.pk, status=CameoStatus.PROCESSING).first()
            held = Enrolment.objects.filter(pk=enrolment.pk, attempts=enrolment.attempts).first()
            if cameo is None or held is None or held.recording_key != enrolment.recording_key:
                return
            held.findings, held.examined_at, held.lease_until = findings, timezone.now(), None
            held.template, held.similar_to = examination.template, list(examination.similar_to)
            cameo.portrait_key = portrait
            is_kept = bool(portrait)
            if failed:
                _refuse(cameo, held, words=" ".join(failed), actor=None)
            elif examination.verdict != Verdict.PASS or not findings:
                _ask_a_person(cameo, held)
            else:
                held.save()
                _activate(cameo, held, actor=None)
    except DatabaseError:  # as with the recording: nobody knows
        is_kept = True
        raise
    finally:
        if not is_kept:
            intake.discard_files([portrait])


def sweep() -> None:
    """Find recordings that nobody examines: send a worker, or put before a person what failed several times.

    Raises when the broker is down; the next sweep goes on.
    """
    waiting = _free() & (Q(attempts__gt=0) | Q(recorded_at__lt=Now() - WAITING_TOO_LONG))
    rows = list(Enrolment.objects.filter(waiting).order_by("pk").values_list("pk", "attempts")[:SWEEP_AT_MOST])
    for cameo_id, attempts in rows:
        if attempts >= EXAMINATIONS:
            _give_up(cameo_id)
    for cameo_id, attempts in rows:
        if attempts < EXAMINATIONS:
            dispatch(cameo_id)


def _give_up(cameo_id: int) -> None:
    with transaction.atomic():
        cameo = Cameo.objects.select_for_update().filter(pk=cameo_id, status=CameoStatus.PROCESSING).first()
        held = Enrolment.objects.filter(_free(), pk=cameo_id, attempts__gte=EXAMINATIONS).first()
        if cameo is not None and held is not None:
            said = "The checks broke off on this file, several times."
            held.findings = [{"name": "checks", "version": "1", "verdict": "undecided", "detail": said}]
            held.examined_at = timezone.now()
            _ask_a_person(cameo, held)


# looked at


def approve(moderator: User, cameo_id: int, *, reason: str) -> None:
    """A person looked, and it is who it says. In the caller's transaction, which keeps the reason.

    Raises NotFound, and Conflict when it does not wait for this.
    """
    cameo, enrolment = _held_for_review(cameo_id)
    _require_old_enough(cameo.owner)
    _activate(cameo, enrolment, actor=moderator)


def reject(moderator: User, cameo_id: int, *, reason: str) -> None:
    """A person looked, and it is not. The owner is told the reason, and the recording is destroyed.

    In the caller's transaction. Raises NotFound, and Conflict when it does not wait for this.
    """
    cameo, enrolment = _held_for_review(cameo_id)
    _refuse(cameo, enrolment, words=reason, actor=moderator)


def _held_for_review(cameo_id: int) -> tuple[Cameo, Enrolment]:
    rows = Cameo.objects.select_related("owner").select_for_update(of=("self",))
    cameo = rows.exclude(status=CameoStatus.ERASED).filter(pk=cameo_id).first()
    if cameo is None:
        raise NotFound
    if cameo.status != CameoStatus.PENDING_REVIEW:
        raise Conflict("This cameo does not wait for a decision.")
    return cameo, _enrolment_of(cameo)


def _ask_a_person(cameo: Cameo, enrolment: Enrolment) -> None:
    enrolment.save()
    cameo.status = CameoStatus.PENDING_REVIEW
    _save(cameo, "status", "portrait_key")


def _activate(cameo: Cameo, enrolment: Enrolment, *, actor: User | None) -> None:
    """In force from now on, for a year, and for its owner alone until they say otherwise."""
    cameo.status = CameoStatus.ACTIVE
    cameo.in_force_until = timezone.now() + settings.CONSENT_FOR
    cameo.terms_record = ledger.append(
        cameo.pk,
        RecordKind.ACTIVATED,
        actor_id=actor.pk if actor else None,
        checks=_verdicts(enrolment),
        until=cameo.in_force_until.isoformat(),
        **consent.terms_of(cameo),
    )
    _save(cameo, "status", "portrait_key", "in_force_until", "terms_record")
    outbox.announce(CameoActivated(cameo_id=cameo.pk))


def _refuse(cameo: Cameo, enrolment: Enrolment, *, words: str, actor: User | None) -> None:
    """Rejected, with the reason; the row names its files no more, and the event has them destroyed."""
    ledger.append(cameo.pk, RecordKind.REJECTED, actor_id=actor.pk if actor else None, checks=_verdicts(enrolment))
    files = tuple(key for key in (enrolment.recording_key, cameo.portrait_key) if key)
    cameo.status, cameo.rejection, cameo.portrait_key = CameoStatus.REJECTED, words[:500], ""
    _save(cameo, "status", "rejection", "portrait_key")
    enrolment.recording_key, enrolment.recorded_at, enrolment.release, enrolment.release_terms = "", None, None, ""
    enrolment.template, enrolment.similar_to, enrolment.lease_until = None, [], None
    enrolment.numbers, enrolment.head_turn, enrolment.challenge_until = [], "", None
    enrolment.save()
    outbox.announce(LikenessRefused(keys=files))


def _verdicts(enrolment: Enrolment) -> list[dict[str, str]]:
    return [{name: found[name] for name in ("name", "version", "verdict")} for found in enrolment.findings]


def destroy_refused(event: LikenessRefused) -> None:
    """Destroy the files of a rejected enrolment. Raises when the storage does not answer: it is then tried again."""
    intake.discard_files(event.keys)
