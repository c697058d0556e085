"""The catalogue: ready-made characters for people who will not record themselves, owned by the house.

They come in through the door that every character takes: a release, a picture, the checks, and a person who looks. A
moderator who ran this has looked; without one they wait at the desk, and the next run goes on.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from cameos import consent, enrolling
from cameos.models import Audience, Cameo, CameoKind, CameoStatus
from sora_social.accounts import invites, people
from sora_social.accounts.models import Handle, User
from sora_social.core.errors import Conflict
from sora_social.demo import faces
from sora_social.moderation import deciding

HOUSE = "sora"  # reserved at sign-up since the first version, so that nobody else can be it
_UNDECIDED = (CameoStatus.AWAITING_RECORDING, CameoStatus.PROCESSING, CameoStatus.PENDING_REVIEW)
_PATIENCE = 10.0  # seconds to wait for a check that a worker took up


def stock(moderator: User | None = None) -> Iterator[Cameo]:
    """Put every ready-made character into the catalogue, for everyone to cast. Yields each as it is then.

    Goes on where an interrupted run stopped. What somebody rejected, erased or set to other terms stays as they left
    it. `moderator` approves what waits, with a line in the audit log. Raises Conflict when the handle of the house
    belongs to somebody who can sign in, and Forbidden for who is no moderator.
    """
    house = _house()
    for name, title, figure, description in faces.CATALOGUE:
        cameo = _known(house, name)
        if cameo is None:
            free = f"{name}.{HOUSE}" if Handle.objects.filter(name=name).exists() else name
            cameo = enrolling.create(house, kind=CameoKind.CHARACTER, handle=free, display_name=title, figure=figure)
        yield _brought_in(house, cameo, moderator, picture=(name, figure), description=description)


def _house() -> User:
    """The account that owns the catalogue. It has no address and no password, so nobody signs in as it."""
    with transaction.atomic():
        house: User | None = User.objects.filter(handle=HOUSE).first()
        if house is None:
            house = User(handle=HOUSE, display_name="Sora Social", bio="Ready-made characters, for everyone to cast.")
            house.set_unusable_password()
            people.join(house)
            invites.admit(house)
    if house.has_usable_password() or house.email:
        raise Conflict(f"@{HOUSE} is an account that somebody can sign in to; it cannot own the catalogue.")
    return house


def is_stocked() -> bool:
    """Whether no character is on its way any more."""
    known = Cameo.objects.filter(owner__handle=HOUSE)
    begun = known.filter(status__in=_UNDECIDED)
    unsaid = known.filter(status=CameoStatus.ACTIVE, terms_version=1)
    return known.count() >= len(faces.CATALOGUE) and not (begun | unsaid).exists()


def _known(house: User, name: str) -> Cameo | None:
    return Cameo.objects.filter(owner=house, name__in=[name, f"{name}.{HOUSE}"]).order_by("id").first()


def _brought_in(
    house: User, cameo: Cameo, moderator: User | None, *, picture: tuple[str, str], description: str
) -> Cameo:
    if cameo.status == CameoStatus.AWAITING_RECORDING:
        enrolling.record_release(house, cameo.pk, terms_version=settings.RELEASE_TERMS)
        with tempfile.TemporaryDirectory(prefix="sora-character-") as folder:
            drawn = faces.picture(*picture, directory=Path(folder))
            with drawn.open("rb") as upload:
                enrolling.store_recording(house, cameo.pk, upload)
    cameo = examined(cameo)
    if cameo.status == CameoStatus.PENDING_REVIEW and moderator is not None:
        with contextlib.suppress(Conflict):  # whoever sits at the desk was faster
            deciding.approve_cameo(moderator, cameo.pk, reason="Drawn by this repository: it shows nobody.")
        cameo.refresh_from_db()
    if cameo.status == CameoStatus.ACTIVE and cameo.terms_version == 1:
        words = {"audience": Audience.EVERYONE, "in_catalogue": True, "preferences": description}
        consent.set_terms(house, cameo.pk, **words)
        cameo.refresh_from_db()
    return cameo


def examined(cameo: Cameo) -> Cameo:
    """A cameo after its checks, made here unless a worker was faster; or still in them, if that one died with it."""
    until = time.monotonic() + _PATIENCE
    enrolling.examine(cameo.pk)
    cameo.refresh_from_db()
    while cameo.status == CameoStatus.PROCESSING and time.monotonic() < until:
        time.sleep(0.1)
        cameo.refresh_from_db()
    return cameo
