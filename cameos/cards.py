"""How cameos look beside a thing that casts them."""

from collections.abc import Collection
from typing import Any

from cameos.models import Appearance, Cameo


def card(cameo: Cameo) -> dict[str, Any]:
    """A member of a cast; needs the owner."""
    return {"id": str(cameo.pk), "handle": cameo.handle, "display_name": cameo.title, "kind": cameo.kind}


def cast_of_posts(post_ids: Collection[int]) -> dict[int, list[Cameo]]:
    """Who appears in each of these posts. One query, none for no posts."""
    return _cast(Appearance.objects.filter(post_id__in=post_ids), "post_id") if post_ids else {}


def cast_of_jobs(job_ids: Collection[int]) -> dict[int, list[Cameo]]:
    """Who is to appear in each of these jobs, and in all that comes of them. One query."""
    return _cast(Appearance.objects.filter(job_id__in=job_ids, draft_id=None), "job_id") if job_ids else {}


def owners_of_cast(post_ids: Collection[int]) -> dict[int, set[int]]:
    """Whose faces are in each of these posts. One query, none for no posts."""
    rows = Appearance.objects.filter(post_id__in=post_ids).values_list("post_id", "cameo__owner_id")
    found: dict[int, set[int]] = {}
    for post_id, owner_id in rows if post_ids else ():
        found.setdefault(post_id or 0, set()).add(owner_id)
    return found


def _cast(rows: Any, subject: str) -> dict[int, list[Cameo]]:
    found: dict[int, list[Cameo]] = {}
    for row in rows.select_related("cameo__owner").order_by("id"):
        found.setdefault(getattr(row, subject), []).append(row.cameo)
    return found
