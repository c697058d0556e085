"""After an act that may close rooms to somebody: tell every process that holds sockets to ask again at once.

They also ask by themselves every few seconds, so that a lost word costs seconds, never an open door.
"""

import orjson

from cameos.events import ConsentRevoked
from sora_social.accounts.events import PersonBlocked, PersonChanged
from sora_social.core import bus
from sora_social.posts.events import PostsWithdrawn
from sora_social.posts.live.frames import CONTROL


def after_block(event: PersonBlocked) -> None:
    _ask(people=[event.blocker_id, event.blocked_id])


def after_change(event: PersonChanged) -> None:
    _ask(people=[event.person_id])


def after_withdrawal(event: PostsWithdrawn) -> None:
    _ask(posts=event.post_ids)


def after_revocation(event: ConsentRevoked) -> None:
    """Any room may show the face: everybody is asked, once for all its parts."""
    if event.after_id == 0:
        _ask(everybody=True)


def _ask(*, people: list[int] | None = None, posts: list[int] | None = None, everybody: bool = False) -> None:
    bus.publish(CONTROL, orjson.dumps({"people": people or [], "posts": posts or [], "everybody": everybody}))
