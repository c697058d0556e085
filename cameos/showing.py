"""How a cameo looks to one viewer, and the files of it that they may see.

Who may cast sees the portrait, and is told the restrictions and the price, because they must know them before they
write a prompt. How the
owner wants to look is between the owner and the service, and so is everything of the enrolment.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from cameos.models import Audience, Cameo, CameoStatus, Enrolment
from sora_social.accounts.models import User
from sora_social.core.cursors import Page
from sora_social.core.errors import NotFound
from sora_social.media import delivery, links
from sora_social.media.delivery import Part

Reason = Literal["owner", "granted", "mutual", "everyone", "not_in_audience", "closed_to_you", "not_active", "ended"]
REASONS: tuple[Reason, ...] = (
    "owner",
    "granted",
    "mutual",
    "everyone",
    "not_in_audience",
    "closed_to_you",
    "not_active",
    "ended",
)
Step = Literal["release_required", "recording_required", "challenge_over", "examined", "reviewed", "done", "rejected"]
STEPS: tuple[Step, ...] = (
    "release_required",
    "recording_required",
    "challenge_over",
    "examined",
    "reviewed",
    "done",
    "rejected",
)
_MIMES = {"mp4": "video/mp4", "webm": "video/webm", "jpg": "image/jpeg"}


@dataclass(frozen=True)
class EnrolmentShown:
    """How far an enrolment is, for the owner of the face."""

    enrolment: Enrolment
    status: Step
    rejection: str
    recording_url: str | None

    @property
    def is_open(self) -> bool:
        """Whether there is a challenge that a recording can still answer."""
        return bool(self.enrolment.numbers) and self.status in {"release_required", "recording_required"}


@dataclass(frozen=True)
class CameoShown:
    """A cameo as one viewer sees it."""

    cameo: Cameo
    owner: User
    is_mine: bool
    may_cast: bool
    reason: Reason
    portrait_url: str | None
    links_end_at: datetime | None
    enrolment: EnrolmentShown | None


def shown(viewer: User, cameo: Cameo) -> CameoShown:
    """One cameo that came of `consent.cameo_for`."""
    return shown_page(viewer, Page([cameo], None)).items[0]


def shown_page(viewer: User, page: Page[Cameo]) -> Page[CameoShown]:
    """A page of cameos as `consent` gives them, with `may_cast` and `is_granted`. One query more."""
    owners = {
        owner.pk: owner
        for owner in User.objects.with_ties_to(viewer).filter(pk__in={cameo.owner_id for cameo in page.items})
    }
    now = int(time.time())
    return Page([_shown(viewer, cameo, owners[cameo.owner_id], now) for cameo in page.items], page.next)


def _shown(viewer: User, cameo: Cameo, owner: User, now: int) -> CameoShown:
    is_mine = cameo.owner_id == viewer.pk
    prefix, ends = links.media_prefix("c", cameo.pk, viewer.pk, now)
    url = prefix.decode()
    enrolment = _enrolment(cameo, url) if is_mine else None
    has_portrait = bool(cameo.portrait_key and (is_mine or cameo.may_cast))  # type: ignore[attr-defined]
    is_linked = has_portrait or bool(enrolment and enrolment.recording_url)
    return CameoShown(
        cameo=cameo,
        owner=owner,
        is_mine=is_mine,
        may_cast=bool(cameo.may_cast),  # type: ignore[attr-defined]
        reason=_reason(viewer, cameo, owner),
        portrait_url=f"{url}portrait.jpg" if has_portrait else None,
        links_end_at=datetime.fromisoformat(ends.decode().strip('"')) if is_linked else None,
        enrolment=enrolment,
    )


def _reason(viewer: User, cameo: Cameo, owner: User) -> Reason:
    may_cast = bool(cameo.may_cast)  # type: ignore[attr-defined]
    if cameo.owner_id == viewer.pk:
        if may_cast:
            return "owner"
        return "ended" if cameo.status == CameoStatus.ACTIVE else "not_active"
    if may_cast:
        if cameo.is_granted:  # type: ignore[attr-defined]
            return "granted"
        return "mutual" if cameo.audience == Audience.MUTUALS else "everyone"
    is_of_age = not owner.is_teen(timezone.now().date())
    return "closed_to_you" if cameo.audience == Audience.EVERYONE and is_of_age else "not_in_audience"


_STEPS: dict[str, Step] = {
    CameoStatus.PROCESSING: "examined",
    CameoStatus.PENDING_REVIEW: "reviewed",
    CameoStatus.ACTIVE: "done",
    CameoStatus.REJECTED: "rejected",
}


def _enrolment(cameo: Cameo, url: str) -> EnrolmentShown | None:
    """None for a cameo that was made without one, as those of the catalogue may be."""
    enrolment = getattr(cameo, "enrolment", None)
    if enrolment is None:
        return None
    ending = enrolment.recording_key.rpartition(".")[2]
    return EnrolmentShown(
        enrolment=enrolment,
        status=_STEPS.get(cameo.status) or _waiting_for(enrolment),
        rejection=cameo.rejection,
        recording_url=f"{url}recording.{ending}" if ending else None,
    )


def _waiting_for(enrolment: Enrolment) -> Step:
    if enrolment.release_id is None:
        return "release_required"
    is_over = enrolment.challenge_until is not None and enrolment.challenge_until <= timezone.now()
    return "challenge_over" if is_over else "recording_required"


# files


def serve_media(request: HttpRequest, cameo_id: int, *, grant: str, name: str) -> HttpResponseBase:
    """The portrait, for its owner and whoever may cast now; the recording of an enrolment, for its owner alone.

    Raises NotFound.
    """
    viewer_id = links.viewer_of("c", cameo_id, grant, now=int(time.time()))
    viewer = User.objects.filter(pk=viewer_id, is_active=True).first()
    if viewer is None:
        raise NotFound
    cameo = Cameo.objects.visible_to(viewer).select_related("enrolment").filter(pk=cameo_id).first()
    if cameo is None:
        raise NotFound
    if cameo.owner_id != viewer.pk and not Cameo.objects.castable_by(viewer).filter(pk=cameo_id).exists():
        raise NotFound
    if name == "portrait.jpg" and cameo.portrait_key:
        return delivery.send(request, Part(cameo.portrait_key, "image/jpeg"))
    recording = recording_of(getattr(cameo, "enrolment", None))
    if cameo.owner_id != viewer.pk or recording is None or name != f"recording.{recording.key.rpartition('.')[2]}":
        raise NotFound
    return delivery.send(request, recording)


def recording_of(enrolment: Enrolment | None) -> Part | None:
    """What was uploaded, as a file to send: for its owner and for the desk."""
    if enrolment is None:
        return None
    ending = enrolment.recording_key.rpartition(".")[2]
    return Part(enrolment.recording_key, _MIMES[ending]) if ending else None
