"""Who is to be named when a post, or a clip that is to be one, leaves the service: its author, and those whom it was
made from.

What goes out is for everybody, for good: so only that is named which everybody may know of. A source that is not
public, or gone, is credited without a name, and so is one whose cast took their consent back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from remix.lineage import Source
from remix.models import Edge, EdgeKind
from sora_social.accounts.models import User
from sora_social.media.manifests import LABEL
from sora_social.posts import crediting
from sora_social.posts.models import Post, Visibility

_TITLE = 60  # characters of a caption
_NAMED_AT_MOST = 3

_VERBS = {
    EdgeKind.REMIX: "Remix of",
    EdgeKind.STITCH: "Stitched from",
    EdgeKind.EXTEND: "Continues",
    EdgeKind.TEMPLATE: "Made with the template of",
}


@dataclass(frozen=True)
class Named:
    """A post that everybody may know of: whose it is, and how it begins."""

    post_id: int
    handle: str
    title: str

    @property
    def text(self) -> str:
        return f"@{self.handle}’s “{self.title}”" if self.title else f"a post by @{self.handle}"


@dataclass(frozen=True)
class SourceCredit:
    """A source in its place; `post` is None where it is not for everybody to know of."""

    kind: str
    ordinal: int
    post: Named | None


@dataclass(frozen=True)
class Credit:
    """The credit of a post: of its author, of those who made it with them, of its sources in their order, of the
    template where its post may be named, and of the root where that is another."""

    post_id: int
    handle: str
    co_creators: Sequence[str]
    sources: Sequence[SourceCredit]
    template: str | None
    root: Named | None
    label: str = LABEL

    @property
    def text(self) -> str:
        """The credit in a sentence for each part, as it stands on a share page."""
        makers = [f"@{handle}" for handle in (self.handle, *self.co_creators)]
        parts = [f"By {_joined(makers)}."]
        if self.sources:
            title = f" It is called “{self.template}”." if self.template else ""
            parts.append(f"{_VERBS[EdgeKind(self.sources[0].kind)]} {_named(self.sources)}.{title}")
        if self.root is not None:
            parts.append(f"It began with {self.root.text}.")
        return " ".join([*parts, f"{self.label}."])


@dataclass(frozen=True)
class Origins:
    """Where something comes from: its direct sources in their order, and the root where that is another."""

    sources: Sequence[SourceCredit]
    root: Named | None


def credit_of(post: Post, *, viewer: User | None = None) -> Credit:
    """The credit of a post that leaves the service, for everybody or for one viewer: three queries at most."""
    edges = Edge.objects.filter(derivation=post).order_by("ordinal")
    sources = [Source(edge.source_id, edge.kind, edge.ordinal) for edge in edges]
    origins = _origins(sources, root_id=post.root_id, viewer=viewer)
    credited = crediting.credits_of_posts([post.pk] if post.credit_count else [])
    return Credit(
        post_id=post.pk,
        handle=post.author.handle,
        co_creators=[one.shape["handle"] for one in credited.get(post.pk, ()) if one.shape is not None],
        sources=origins.sources,
        template=post.template["title"] if post.template and sources and origins.sources[0].post else None,
        root=origins.root,
    )


def origins_of(sources: Sequence[Source], *, maker: User) -> Origins:
    """The credit of a clip before it is a post: of what everybody may know of, and its maker too."""
    if not sources:
        return Origins([], None)
    first = sources[0].post_id
    root_id = Post.objects.filter(pk=first).values_list("root_id", flat=True).first() or first
    return _origins(sources, root_id=root_id, viewer=maker)


def _origins(sources: Sequence[Source], *, root_id: int | None, viewer: User | None) -> Origins:
    ids = {source.post_id for source in sources} | ({root_id} if root_id else set())
    public = Post.objects.open_to_all().filter(visibility=Visibility.PUBLIC, pk__in=ids).select_related("author")
    if viewer is not None:
        public = public.filter(pk__in=Post.objects.visible_to(viewer).filter(pk__in=ids).values("pk"))
    named = {found.pk: Named(found.pk, found.author.handle, title_of(found)) for found in public}
    places = [SourceCredit(source.kind, source.ordinal, named.get(source.post_id)) for source in sources]
    is_named = any(place.post and place.post.post_id == root_id for place in places)
    return Origins(places, None if is_named or root_id is None else named.get(root_id))


def title_of(post: Post) -> str:
    """How the caption begins, in one line."""
    line = " ".join(post.caption.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"


def _named(sources: Sequence[SourceCredit]) -> str:
    words = [source.post.text for source in sources if source.post is not None][:_NAMED_AT_MOST]
    left = len(sources) - len(words)
    if left:
        others = "a post that is not public" if left == 1 else f"{left} posts that are not public"
        more = "another post" if left == 1 else f"{left} other posts"
        words.append(more if any(source.post for source in sources) else others)
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
