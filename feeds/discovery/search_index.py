"""Keeping what can be found in step with what there is.

What a thing can be found by is written whenever it changes; whether it may be found is asked of it when somebody looks.
So a post that is withdrawn is found by nobody from that moment on, and its words go a moment later. An edit is followed
in its own transaction: words that its author took out are not looked for a moment longer.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q

from cameos.events import CameoActivated, CameoErased, ConsentNarrowed
from cameos.models import Cameo, CameoStatus
from feeds.discovery import tokens
from feeds.models import TAG_POSTS, CameoWords, PostWords, Tag, TemplateWords
from sora_social.accounts.events import PersonChanged
from sora_social.accounts.models import User
from sora_social.posts.events import PostEdited, PostPublished, PostRestored, PostsWithdrawn, PostVisibilityChanged
from sora_social.posts.models import Post, Visibility
from sora_social.posts.posting import tags_of
from sora_social.studio.events import TemplateChanged
from sora_social.studio.templates.models import Template

AT_ONCE = 500

_POSTS = """
INSERT INTO feeds_postwords (post_id, words, tags) VALUES (%s, array_to_tsvector(%s::text[]), %s::varchar[])
ON CONFLICT (post_id) DO UPDATE SET words = excluded.words, tags = excluded.tags
WHERE (feeds_postwords.words, feeds_postwords.tags) IS DISTINCT FROM (excluded.words, excluded.tags)"""
_PEOPLE = """
INSERT INTO feeds_personwords (person_id, words, weight) VALUES (%s, array_to_tsvector(%s::text[]), %s)
ON CONFLICT (person_id) DO UPDATE SET words = excluded.words"""
_CAMEOS = """
INSERT INTO feeds_cameowords (cameo_id, words, weight) VALUES (%s, array_to_tsvector(%s::text[]), 0)
ON CONFLICT (cameo_id) DO UPDATE SET words = excluded.words"""
_TEMPLATES = """
INSERT INTO feeds_templatewords (template_id, words, weight) VALUES (%s, array_to_tsvector(%s::text[]), %s)
ON CONFLICT (template_id) DO UPDATE SET words = excluded.words"""
_TAGS = """
INSERT INTO feeds_tag (tag, words, post_count) VALUES (%s, array_to_tsvector(%s::text[]), 0)
ON CONFLICT (tag) DO NOTHING"""

# who is followed by how many, which template was used by how many, and who was cast by how many others, in posts that
# stand in public counts
_WEIGHTS = (
    """UPDATE feeds_personwords w SET weight = u.follower_count FROM accounts_user u
       WHERE u.id = w.person_id AND w.weight <> u.follower_count""",
    """UPDATE feeds_templatewords w SET weight = t.person_count FROM studio_template t
       WHERE t.id = w.template_id AND w.weight <> t.person_count""",
    """WITH castings AS (
           SELECT a.cameo_id, count(DISTINCT a.requester_id)::int AS people
           FROM cameos_appearance a JOIN cameos_cameo c ON c.id = a.cameo_id JOIN posts_post p ON p.id = a.post_id
           WHERE a.withdrawn_at IS NULL AND a.requester_id <> c.owner_id AND p.counted AND p.visibility = 'public'
           GROUP BY 1)
       UPDATE feeds_cameowords w SET weight = coalesce(castings.people, 0)
       FROM feeds_cameowords mine LEFT JOIN castings USING (cameo_id)
       WHERE mine.cameo_id = w.cameo_id AND w.weight <> coalesce(castings.people, 0)""",
)


def follow(event: PostEdited | PostPublished | PostRestored | PostVisibilityChanged) -> None:
    """What these posts can be found by changed, or whether they may be."""
    index_posts(event.post_ids)


def follow_withdrawal(event: PostsWithdrawn) -> None:
    """Posts that do not stand any more are counted for no tag; the words of those that were taken away go.

    What came back meanwhile is left to the event that says so.
    """
    with transaction.atomic():
        held = Post.objects.select_for_update(no_key=True).filter(pk__any=event.post_ids).order_by("pk")
        posts = set(held.values_list("pk", flat=True))
        gone = posts - set(Post.objects.standing().filter(pk__any=event.post_ids).values_list("pk", flat=True))
        indexed = PostWords.objects.filter(pk__any=list(gone))
        changes: Counter[str] = Counter()
        changes.subtract(tag for tags in indexed.values_list("tags", flat=True) for tag in tags)
        _count_tags(changes)
        indexed.filter(Q(post__deleted_at__isnull=False) | Q(post__removed_at__isnull=False)).delete()
        indexed.exclude(tags=[]).update(tags=[])


def follow_person(event: PersonChanged) -> None:
    """A person's own cameo goes by their handle, too."""
    index_people([event.person_id])
    index_cameos(Cameo.objects.filter(owner=event.person_id).values_list("pk", flat=True))


def follow_cameo(event: CameoActivated | CameoErased | ConsentNarrowed) -> None:
    """A cameo came into force, or ended, or is open to fewer."""
    index_cameos([event.cameo_id])


def follow_template(event: TemplateChanged) -> None:
    """A template was made, or has another title, or takes no uses any more."""
    index_templates([event.template_id])


def index_posts(post_ids: Collection[int]) -> None:
    """Write what these posts can be found by now, and count their tags. May be repeated, in any order of events."""
    with transaction.atomic():
        posts = list(Post.objects.select_for_update(no_key=True).filter(pk__in=post_ids).order_by("pk"))
        standing = Post.objects.standing().filter(visibility=Visibility.PUBLIC, pk__in=post_ids)
        public = set(standing.values_list("pk", flat=True))
        counted = dict(PostWords.objects.filter(pk__in=post_ids).values_list("pk", "tags"))
        changes: Counter[str] = Counter()
        rows = []
        for post in posts:
            tags = sorted(tags_of(post.caption)) if post.pk in public else []
            changes.update(tags)
            changes.subtract(counted.get(post.pk, []))
            if not post.is_tombstone:
                rows.append((post.pk, tokens.tokens_of(_words_of(post)), tags))
        PostWords.objects.filter(pk__in=[post.pk for post in posts if post.is_tombstone]).delete()
        _write(_POSTS, rows)
        _count_tags(changes)


def _words_of(post: Post) -> str:
    """The line break keeps caption and prompt from running into each other."""
    return "\n".join(filter(None, (post.caption, post.prompt if post.has_open_prompt else "")))


def _count_tags(changes: "Counter[str]") -> None:
    changed = sorted(tag for tag, delta in changes.items() if delta)
    _write(_TAGS, [(tag, tokens.tokens_of_name(tag)) for tag in changed])
    for pk, tag in Tag.objects.filter(tag__in=changed).values_list("pk", "tag"):
        TAG_POSTS.add(pk, changes[tag])


def index_people(person_ids: Collection[int]) -> None:
    """Write what these people can be found by: their name, the handle they have, and those they had."""
    people = User.objects.filter(pk__in=person_ids).prefetch_related("handles").order_by("pk")
    _write(
        _PEOPLE,
        [
            (
                person.pk,
                _names([person.display_name, *(handle.name for handle in person.handles.all())]),
                person.follower_count,
            )
            for person in people
        ],
    )


def index_cameos(cameo_ids: Collection[int]) -> None:
    """Write what these cameos can be found by; those that are not in force have no words."""
    cameos = Cameo.objects.filter(pk__in=cameo_ids, status=CameoStatus.ACTIVE).select_related("owner").order_by("pk")
    rows = [(cameo.pk, _names([cameo.handle, cameo.display_name])) for cameo in cameos]
    CameoWords.objects.filter(pk__in=cameo_ids).exclude(pk__in=[pk for pk, _ in rows]).delete()
    _write(_CAMEOS, rows)


def index_templates(template_ids: Collection[int]) -> None:
    """Write what these templates can be found by; those that take no uses have no words."""
    standing = Template.objects.standing().filter(pk__in=template_ids).with_details().order_by("pk")
    rows = [(one.pk, tokens.tokens_of_name(one.recipe.title), one.person_count) for one in standing]
    TemplateWords.objects.filter(pk__in=template_ids).exclude(pk__in=[pk for pk, *_ in rows]).delete()
    _write(_TEMPLATES, rows)


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(token for name in names for token in tokens.tokens_of_name(name)))


def _write(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def weigh() -> None:
    """Bring up to date who comes first among people, cameos and templates. May be repeated."""
    for statement in _WEIGHTS:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def reindex() -> Iterator[tuple[str, int]]:
    """Write all of it anew, some hundred at a time, while the service runs. Gives what was written, and how many."""
    kinds: tuple[tuple[str, type[Model], Callable[[Collection[int]], None]], ...] = (
        ("posts", Post, index_posts),
        ("people", User, index_people),
        ("cameos", Cameo, index_cameos),
        ("templates", Template, index_templates),
    )
    for name, model, index in kinds:
        last, count = 0, 0
        while ids := list(_after(model, last)):
            index(ids)
            last, count = ids[-1], count + len(ids)
        yield name, count
    weigh()


def _after(model: type[Model], last: int) -> Iterable[int]:
    rows = model._default_manager.filter(pk__gt=last).order_by("pk")
    return rows.values_list("pk", flat=True)[:AT_ONCE]
