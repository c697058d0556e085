"""Fill an empty service with the demo world, through the same activities that everybody uses.

People first, in a moment, so that they are there before HTTP answers; cameos and posts may follow. All parts go on
where an interrupted run stopped, and do nothing when all is there.
"""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from cameos.casting import CastNotAllowed
from remix.lineage import Source
from remix.rules import RemixNotAllowed
from sora_social.accounts import invites, people, ties
from sora_social.accounts.models import Follow, Invite, User
from sora_social.challenges.models import Challenge
from sora_social.core import outbox, tallies
from sora_social.core.errors import DomainError, NotFound
from sora_social.demo import catalogue, enrolments, world
from sora_social.demo.world import Piece
from sora_social.inbox.conversations import conversing, messaging
from sora_social.moderation import deciding, reporting
from sora_social.moderation.demo import make_moderator
from sora_social.moderation.models import Report
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from sora_social.posts.comments.rules import RoomClosed
from sora_social.posts.models import Post
from sora_social.studio import cocreating, generating, publishing, submitting
from sora_social.studio.models import Draft, Generation, JobStatus
from sora_social.studio.templates import authoring
from sora_social.studio.templates.models import Template

SHORT_EDGE = 240  # pixels: a whole world in half a minute
PATIENCE = 180.0  # seconds to wait for a piece that another worker took up


def seed_people() -> None:
    """The people and their ties; nothing to do when the last of them is there."""
    follows = world.follows()
    last_follower, last_followee = follows[-1]
    if Follow.objects.filter(follower__handle=last_follower, followee__handle=last_followee).exists():
        return
    password = make_password(world.PASSWORD)
    for character in world.PEOPLE:
        if not User.objects.filter(handle=character.handle).exists():
            _join(character, password)
    make_moderator(world.MODERATOR, f"{world.MODERATOR}@demo.invalid", world.PASSWORD)
    for follower, followee in follows:
        ties.follow(User.objects.get(handle=follower), followee)


def _join(character: world.Character, password: str) -> None:
    with transaction.atomic():
        person = User(
            handle=character.handle,
            display_name=character.display_name,
            bio=character.bio,
            birthday=character.birthday,
            country=character.country,
            email=f"{character.handle}@demo.invalid",
            password=password,
        )
        people.join(person)
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        invites.admit(person)


def facts() -> dict[str, object]:
    """What a newcomer needs: names to sign in with, and an invite code that nobody used."""
    unused = Invite.objects.filter(redeemer=None, inviter__handle__in=world.NAMED).order_by("id").first()
    if unused is None:
        unused = Invite.objects.create(code=invites.new_code(), inviter=User.objects.get(handle="ada"))
    return {"invite_code": unused.code, "logins": [*world.NAMED, world.MODERATOR], "password": world.PASSWORD}


def seed_posts(*, processes: int) -> int:
    """Make cameos and posts on so many cores, then let people react. Returns how many posts there are now."""
    pieces = list(world.pieces())
    if not _is_reported():
        _announce_challenges()
    if processes > 1:
        shares = [
            subprocess.Popen([sys.executable, "manage.py", "seed_demo", "--share", f"{index}/{processes}"])  # noqa: S603
            for index in range(1, processes)
        ]
    else:
        shares = []
    make_share(pieces, index=0, of=processes)
    for share in shares:
        if share.wait() != 0:
            raise RuntimeError(f"a share of the demo world ended with {share.returncode}")
    _finish_cameos()
    castings = world.castings()
    _make_castings(castings)
    _settle()
    if not _is_reported():
        pieces += castings
        _make_templates(pieces)
        _react(pieces)
        _talk(pieces)
        _write(pieces)
        _report(pieces)
        _end_challenges()
        _settle()
    return Post.objects.count()


def make_share(pieces: Sequence[Piece], *, index: int, of: int) -> None:
    """Enrol every `of`-th person, then make every `of`-th piece, waiting for sources that another share makes."""
    enrolments.enrol(world.LIKENESSES[index::of])
    if index == of - 1:  # the one that has the fewer people
        list(catalogue.stock(_moderator()))
    settings.PREVIEW_SHORT_EDGE = min(settings.PREVIEW_SHORT_EDGE, SHORT_EDGE)
    for piece in pieces[index::of]:
        if _post_of(piece) is None:
            sources = [_await_post(pieces[number]) for number in piece.sources]
            _make(piece, [Source(post.pk, piece.kind, place) for place, post in enumerate(sources)])


def _announce_challenges() -> None:
    """Before anything is made, so that it can enter; those that are to be over are open until then."""
    now = timezone.now()
    for theme in world.THEMES:
        if not Challenge.objects.filter(title=theme.title).exists():
            deciding.announce_challenge(
                _moderator(),
                title=theme.title,
                description=theme.description,
                prompt=theme.prompt,
                tag=theme.tag,
                starts_at=now + timedelta(days=theme.starts_days),
                ends_at=now + timedelta(days=max(theme.ends_days, 1)),
                reason="The demo world has challenges",
            )


def _end_challenges() -> None:
    now = timezone.now()
    for theme in world.THEMES:
        found = Challenge.objects.open_at(now).filter(title=theme.title).first()
        if found is not None and theme.ends_days <= 0:
            ends_at = now + timedelta(days=theme.ends_days)
            deciding.change_challenge(_moderator(), found.pk, ends_at=ends_at, reason="It was last week's")


def _challenge_of(piece: Piece) -> int | None:
    if piece.theme is None:
        return None
    found = Challenge.objects.open_at(timezone.now()).filter(title=piece.theme.title).first()
    return found.pk if found else None


def _finish_cameos() -> None:
    """Go on with cameos whose checks died with an interrupted run: their lease must run out first."""
    until = time.monotonic() + PATIENCE
    while not (enrolments.is_done() and catalogue.is_stocked()):
        if time.monotonic() > until:
            raise RuntimeError("the cameos of the demo world were not made")
        enrolments.enrol(world.LIKENESSES)
        list(catalogue.stock(_moderator()))


def _moderator() -> User:
    moderator: User = User.objects.get(handle=world.MODERATOR)
    return moderator


def _make_castings(pieces: Sequence[Piece]) -> None:
    """Make what the cameos are for. A piece that somebody in it does not allow any more is left out, and what is made
    from it; people of the demo world may say so while it is made."""
    for piece in pieces:
        if _is_made(piece):
            continue
        sources = [post for number in piece.sources if (post := _post_of(pieces[number - world.POSTS]))]
        if len(sources) == len(piece.sources):
            with contextlib.suppress(CastNotAllowed, RemixNotAllowed, NotFound):
                _make(piece, [Source(post.pk, piece.kind) for post in sources])


def _make_templates(pieces: Sequence[Piece]) -> None:
    """Something that a newcomer can shoot the same of; each once, whatever its author did with it since."""
    for recipe in world.RECIPES:
        post = _post_of(pieces[recipe.number])
        if post is None or Template.objects.filter(post=post).exists():
            continue
        words = {"title": recipe.title, "prompt": recipe.prompt, "slots": recipe.slots, "locked": ["prompt"]}
        with contextlib.suppress(NotFound):  # deleted by now
            authoring.make_template(post.author, post.pk, **words)


def _is_made(piece: Piece) -> bool:
    drafts = Draft.objects.filter(generation__seed=piece.seed, owner__handle=piece.author)
    return drafts.exists() if piece.is_waiting else _post_of(piece) is not None


def _make(piece: Piece, sources: Sequence[Source]) -> None:
    author = User.objects.get(handle=piece.author)
    job = Generation.objects.filter(owner=author, seed=piece.seed).exclude(status__in=_HOPELESS).first()
    if job is None:
        job = submitting.submit(
            author,
            prompt=piece.prompt,
            style=piece.style,
            camera=piece.camera,
            orientation=piece.orientation,
            seed=piece.seed,
            cast_replacements=piece.swaps,
            sources=sources,
            challenge_id=_challenge_of(piece),
        )
    generating.render(job.pk)
    draft = _await_draft(job.pk)
    if draft.post_id is None and not piece.is_waiting:
        _invite(piece, author, draft)
        publishing.publish_draft(
            author,
            draft.pk,
            caption=piece.caption,
            visibility="public",
            remix_policy="everyone",
            prompt_visibility="public",
        )


def _invite(piece: Piece, author: User, draft: Draft) -> None:
    for handle in piece.co_creators:
        with contextlib.suppress(DomainError):  # they follow each other, unless people who play with them changed that
            cocreating.invite(author, draft.pk, handle)
            cocreating.accept(User.objects.get(handle=handle), draft.pk)


_HOPELESS = (JobStatus.FAILED, JobStatus.REFUSED, JobStatus.CANCELLED)


def _post_of(piece: Piece) -> Post | None:
    draft = Draft.objects.filter(generation__seed=piece.seed, owner__handle=piece.author, post__isnull=False)
    return Post.objects.filter(pk__in=draft.values("post")).select_related("author").first()


def _await_post(piece: Piece) -> Post:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        post = _post_of(piece)
        if post is not None:
            return post
        time.sleep(0.05)
    raise RuntimeError(f"piece {piece.number} of the demo world was not made")


def _await_draft(job_id: int) -> Draft:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        draft = Draft.objects.filter(generation_id=job_id, clip__isnull=False).first()
        if draft is not None:
            return draft
        time.sleep(0.05)
    raise RuntimeError(f"job {job_id} of the demo world did not end")


def _react(pieces: Sequence[Piece]) -> None:
    """Likes and saves, more for what was remixed more; the same every time."""
    chance = random.Random(world.SEED + 2)
    crowd = list(User.objects.filter(handle__in=[person.handle for person in world.PEOPLE]).order_by("id"))
    pulled = {piece.number: 1 for piece in pieces}
    for piece in pieces:
        for number in piece.sources:
            pulled[number] += 2
    for piece in pieces:
        post = _post_of(piece)
        if post is None:
            continue
        for person in chance.sample(crowd, min(len(crowd), chance.randint(0, 3) + pulled[piece.number])):
            if person.pk != post.author_id:
                saves = chance.random() < 0.2
                with contextlib.suppress(NotFound):  # deleted, taken back, or behind a block by now
                    reactions.like(person, post.pk)
                    if saves:
                        reactions.save(person, post.pk)


def _talk(pieces: Sequence[Piece]) -> None:
    """Comments and answers; `client_id` keeps a second run from saying them again."""
    chance = random.Random(world.SEED + 3)
    crowd = list(User.objects.filter(handle__in=[person.handle for person in world.PEOPLE]).order_by("id"))
    for piece in pieces:
        remarks = [(chance.choice(crowd), chance.choice(world.REMARKS)) for _ in range(chance.randint(0, 3))]
        answered = chance.random() < 0.4
        post = _post_of(piece)
        if post is None:
            continue
        for place, (person, text) in enumerate(remarks):
            with contextlib.suppress(NotFound, RoomClosed):  # as above; or strangers of a teen
                said = commenting.say(person, post.pk, text=text, client_id=f"demo-{place}")
                if answered and person.pk != post.author_id:
                    words = world.REPLIES[(piece.number + place) % len(world.REPLIES)]
                    commenting.say(
                        post.author, post.pk, text=words, parent_id=said.pk, client_id=f"demo-{place}-answer"
                    )


def _write(pieces: Sequence[Piece]) -> None:
    """Ada and Bo write to each other, and share posts; each line once, however often this runs."""
    ada, bo = (User.objects.get(handle=handle) for handle in ("ada", "bo"))
    with contextlib.suppress(DomainError):  # a block, or another choice of who may write, by people who play with them
        talk = conversing.begin(ada, handles=[bo.handle])
        for place, (handle, text, number) in enumerate(world.LETTERS):
            post = None if number is None else _post_of(pieces[number])
            messaging.send(
                ada if handle == "ada" else bo,
                talk.pk,
                text=text,
                post_id=post.pk if post else None,
                client_id=f"demo-{place}",
            )


def _report(pieces: Sequence[Piece]) -> None:
    """Something for the moderators to decide."""
    for place, (handle, reason, text) in enumerate(world.REPORTS):
        post = _post_of(pieces[7 * (place // 2) + 3])
        reporter = User.objects.get(handle=handle)
        if post is not None and post.author_id != reporter.pk:
            with contextlib.suppress(NotFound):  # as above
                reporting.report(reporter, post_id=post.pk, reason=reason, text=text)


def _is_reported() -> bool:
    """Whether the last thing of all was done: then people go on by themselves."""
    handle, reason, _ = world.REPORTS[-1]
    return Report.objects.filter(reporter__handle=handle, reason=reason).exists()


def _settle() -> None:
    while outbox.relay():
        pass
    while tallies.fold():
        pass
