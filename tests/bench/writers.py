"""A process that acts for many people, one act after the other: `relay` and `fold` without end, or what each line of
standard input orders, answered by a line."""

import json
import sys
import time
from collections.abc import Sequence

import django

Drafts = dict[str, list[tuple[int, int]]]  # by the side that they are for: who, and which draft


def relay() -> None:
    from sora_social.core import outbox

    while True:
        if not outbox.relay():
            time.sleep(0.02)  # a hint comes with each event in a running stack


def fold() -> None:
    from django.conf import settings

    from sora_social.core import tallies

    while True:
        while tallies.fold():
            pass
        time.sleep(settings.FOLD_SECONDS)


def draft(drafts: Drafts, *, side: str, post_id: int, people: Sequence[int]) -> int:
    """Each has a finished remix of the post ready, of which nothing is rendered."""
    from remix.lineage import Source
    from sora_social.accounts.models import User
    from tests import cast

    for person_id in people:
        job = cast.finished_job(User.objects.get(pk=person_id), sources=[Source(post_id, "remix")])
        drafts.setdefault(side, []).append((person_id, job.drafts.get().pk))
    return len(people)


def publish(drafts: Drafts, *, side: str) -> int:
    from sora_social.accounts.models import User
    from sora_social.studio import publishing

    waiting = drafts.pop(side)
    words = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    for person_id, draft_id in waiting:
        publishing.publish_draft(User.objects.get(pk=person_id), draft_id, caption="One more", **words)
    return len(waiting)


def like(_: Drafts, *, pairs: Sequence[Sequence[int]]) -> int:
    from sora_social.accounts.models import User
    from sora_social.posts import reactions

    for person_id, post_id in pairs:
        reactions.like(User.objects.get(pk=person_id), post_id)
    return len(pairs)


def main() -> None:
    django.setup()
    if len(sys.argv) > 1:
        {"relay": relay, "fold": fold}[sys.argv[1]]()
    acts = {"draft": draft, "publish": publish, "like": like}
    drafts: Drafts = {}
    print("ready", flush=True)
    while line := sys.stdin.readline():
        order = json.loads(line)
        print(acts[order.pop("act")](drafts, **order), flush=True)


if __name__ == "__main__":
    main()
