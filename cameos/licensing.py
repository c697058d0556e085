"""What it costs to cast somebody who asks a price.

A licence says how many credits a clip or a second costs, how many clips are to be had in all, until which day, and
whether for ads. The requester pays when clips are made, the owner earns; one's own cameo costs nothing.
"""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from cameos.casting import not_allowed
from cameos.models import Cameo
from sora_social.accounts.models import User
from sora_social.credits import quota
from sora_social.credits.quota import FeeOrder


def fees_for(cast: Sequence[Cameo], *, actor: User, seconds: int, clips: int, is_ad: bool) -> list[FeeOrder]:
    """What `actor` pays for so many clips of so many seconds with this cast. In the transaction that reserves it.

    Raises CastNotAllowed for a licence that is over, sold out, or not for ads.
    """
    today = timezone.now().date().isoformat()
    fees = []
    for cameo in sorted(cast, key=lambda one: one.pk):  # two buyers of the same two wait for each other in one order
        licence = cameo.licence
        if licence is None or cameo.owner_id == actor.pk:
            continue
        if licence.get("until") and today > licence["until"]:
            raise not_allowed(f"The licence of @{cameo.handle} is over.")
        if is_ad and not licence.get("ads"):
            raise not_allowed(f"The licence of @{cameo.handle} does not include ads.")
        if licence.get("quota"):
            _hold_licence(cameo.pk)
            if quota.clips_under_licence(cameo.pk) + clips > licence["quota"]:
                raise not_allowed(f"The licence of @{cameo.handle} is sold out.")
        price = licence["credits"] * (seconds if licence["per"] == "second" else 1)
        fees.append(FeeOrder(payee_id=cameo.owner_id, cameo_id=cameo.pk, credits_per_clip=price))
    return fees


def _hold_licence(cameo_id: int) -> None:
    """Let one buyer at a time count what is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"licence {cameo_id}"])
