"""Templates as one viewer may see them: those of posts that they may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from sora_social.accounts.models import User
from sora_social.core.cursors import Page, PreparedList
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, ids_param
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for
from sora_social.studio.templates.models import Template, TemplateVersion
from sora_social.studio.templates.recipes import WORDS


@dataclass(frozen=True)
class TemplateShown:
    """A template as one viewer sees it; `hidden` are the parts of its words that they may not read."""

    template: Template
    may_use: bool
    hidden: frozenset[str]

    @property
    def recipe(self) -> TemplateVersion:
        return self.template.recipe

    @property
    def prompt(self) -> str | None:
        return None if "prompt" in self.hidden else self.recipe.prompt

    @property
    def shots(self) -> list[dict[str, object]] | None:
        return None if "shots" in self.hidden else self.recipe.shots

    @property
    def negative_prompt(self) -> str | None:
        return None if "negative_prompt" in self.hidden else self.recipe.negative_prompt

    @property
    def is_withdrawn(self) -> bool:
        return self.template.withdrawn_at is not None


_ORDERS = {"popular": ("-person_count", "-id"), "new": ("-id",)}
_MINE = {
    sort: PreparedList(
        lambda viewer: (
            Template.objects.standing()
            .filter(author=viewer, post__in=Post.objects.visible_to(viewer).values("pk"))
            .with_details()
        ),
        "viewer",
        order=order,
    )
    for sort, order in _ORDERS.items()
}
_ALL = {
    sort: PreparedList(
        lambda viewer: (
            Template.objects.standing()
            .filter(post__in=Post.objects.listed_for(viewer).not_muted_by(viewer).values("pk"))
            .with_details()
        ),
        "viewer",
        order=order,
    )
    for sort, order in _ORDERS.items()
}


def templates_page(viewer: User, *, mine: bool, sort: str, cursor: str, limit: int) -> Page[TemplateShown]:
    """Templates to use: those that most people made something with first, or the newest; `mine`, or everybody's."""
    purpose = f"templates {viewer.pk} {mine} {sort}"
    page = (_MINE if mine else _ALL)[sort].page(viewer=viewer.pk, purpose=purpose, cursor=cursor, limit=limit)
    return Page(shown_to(viewer, page.items), page.next)


def template_for(viewer: User, template_id: int) -> TemplateShown:
    """Also one that its author withdrew. Raises NotFound."""
    return shown_to(viewer, [opened(viewer, template_id)])[0]


def opened(viewer: User, template_id: int) -> Template:
    """A template whose post `viewer` may open; one that was withdrawn is there to be read. Raises NotFound."""
    template = Template.objects.with_details().filter(pk=template_id, removed_at=None).first()
    if template is None:
        raise NotFound
    post_for(viewer, template.post_id)
    return template


def listed_among(viewer: User, template_ids: Sequence[int]) -> list[TemplateShown]:
    """Those of these templates that may come up unasked."""
    found = Template.objects.listed_for(viewer).with_details().filter(pk__in=template_ids)
    return shown_to(viewer, list(found))


_REMIXABLE = Prepared(
    lambda viewer, ids: (
        Post.objects.visible_to(viewer).as_seen_by(viewer).filter(Q(may_remix=True), pk__any=ids).values_list("pk")
    ),
    "viewer",
    "ids",
)
_READABLE = Prepared(
    lambda viewer, ids: Post.objects.prompt_readable_by(viewer).filter(pk__any=ids).values_list("pk"), "viewer", "ids"
)


def shown_to(viewer: User, templates: Sequence[Template]) -> list[TemplateShown]:
    """These templates, each of which `viewer` may see: two queries, whatever their number."""
    asked = {"viewer": viewer.pk, "ids": ids_param(template.post_id for template in templates)}
    remixable = {row[0] for row in _REMIXABLE.rows(**asked)}
    readers = {row[0] for row in _READABLE.rows(**asked)}
    return [
        TemplateShown(
            template,
            may_use=template.withdrawn_at is None and template.post_id in remixable,
            hidden=frozenset()
            if template.post_id in readers or template.author_id == viewer.pk
            else frozenset(template.recipe.locked) & frozenset(WORDS),
        )
        for template in templates
    ]
