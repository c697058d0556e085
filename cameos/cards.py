"""How cameos look beside a thing that casts them."""

from collections.abc import Collection
from typing import Any, NamedTuple

from cameos.models import Appearance, Cameo, CameoKind
from sora_social.core.prepared import Prepared, ids_param


def card(cameo: Cameo) -> dict[str, Any]:
    """A member of a cast; needs the owner."""
    return {"id": str(cameo.pk), "handle": cameo.handle, "display_name": cameo.title, "kind": cameo.kind}


class Card(NamedTuple):
    """A member of a cast in its shape, under the version of what was read."""

    version: int
    shape: dict[str, Any]


_CAST = Prepared(
    lambda ids: (
        Appearance.objects.filter(post_id__any=ids)
        .order_by("id")
        .values_list(
            "post_id",
            "cameo_id",
            "cameo__version",
            "cameo__kind",
            "cameo__name_id",
            "cameo__display_name",
            "cameo__owner__handle",
        )
    ),
    "ids",
)


def cards_of_posts(post_ids: Collection[int]) -> dict[int, list[Card]]:
    """Who appears in each of these posts. One query, none for no posts."""
    found: dict[int, list[Card]] = {}
    for post_id, pk, version, kind, name, display_name, owner in (
        _CAST.rows(ids=ids_param(post_ids)) if post_ids else ()
    ):
        handle = owner if kind == CameoKind.PERSON else name or ""
        shape = {"id": str(pk), "handle": handle, "display_name": display_name or handle, "kind": kind}
        found.setdefault(post_id, []).append(Card(version, shape))
    return found


def cast_of_jobs(job_ids: Collection[int]) -> dict[int, list[Cameo]]:
    """Who is to appear in each of these jobs, and in all that comes of them. One query."""
    return _cast(Appearance.objects.filter(job_id__in=job_ids, draft_id=None), "job_id") if job_ids else {}


def owners_of_cast(post_ids: Collection[int]) -> dict[int, set[int]]:
    """Whose faces are in each of these posts. One query, none for no posts."""
    rows = Appearance.objects.filter(post_id__any=list(post_ids)).values_list("post_id", "cameo__owner_id")
    found: dict[int, set[int]] = {}
    for post_id, owner_id in rows if post_ids else ():
        found.setdefault(post_id or 0, set()).add(owner_id)
    return found


def _cast(rows: Any, subject: str) -> dict[int, list[Cameo]]:
    found: dict[int, list[Cameo]] = {}
    for row in rows.select_related("cameo__owner").order_by("id"):
        found.setdefault(getattr(row, subject), []).append(row.cameo)
    return found
