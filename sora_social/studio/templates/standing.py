"""Whether a template may be used, asked under lock: who withdraws it waits for the job, or the job sees it."""

from typing import TYPE_CHECKING, Any

from django.db import connection

from sora_social.accounts.models import User
from sora_social.core.errors import Conflict
from sora_social.posts.models import Post
from sora_social.studio.templates import recipes
from sora_social.studio.templates.models import Template, TemplateVersion
from sora_social.studio.templates.reading import opened
from sora_social.studio.templates.recipes import WORDS, Use

if TYPE_CHECKING:
    from sora_social.studio.models import Generation


class TemplateWithdrawn(Conflict):
    """Its author took the template back; what was made with it stays."""

    code = "template_withdrawn"
    title = "This template takes no new uses"


def held(actor: User, template_id: int) -> Template:
    """A template that `actor` may use now, held until the transaction ends against edits and withdrawal.

    Many hold it at once, and counting does not wait for them. Raises NotFound, TemplateWithdrawn.
    """
    _hold(template_id)
    template = opened(actor, template_id)
    if template.withdrawn_at is not None:
        raise TemplateWithdrawn
    return template


def _hold(template_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM studio_template WHERE id = %s FOR KEY SHARE", [template_id])


def credit_of(version: TemplateVersion | None) -> dict[str, Any] | None:
    """What a post says of the template that it is made with, in the transaction that publishes it: who removes the
    template waits, and then takes it from this post too."""
    if version is None:
        return None
    _hold(version.template_id)
    removed = Template.objects.filter(pk=version.template_id, removed_at__isnull=False)
    return None if removed.exists() else recipes.credit_of(version)


def may_read_words(actor: User, version: TemplateVersion, template: Template) -> bool:
    """Whether `actor` may read what of the words they may not change: whoever may read the post's prompt may."""
    if template.author_id == actor.pk or not set(version.locked) & set(WORDS):
        return True
    return Post.objects.prompt_readable_by(actor).filter(pk=template.post_id).exists()


def used_again(actor: User, job: "Generation") -> Use | None:
    """The template of a job that is to be made again; None when it has none. What was sealed stays so.

    Raises NotFound, TemplateWithdrawn, Conflict.
    """
    version = job.template_version
    if version is None:
        return None
    held(actor, version.template_id)
    if version.seed is not None:
        raise Conflict("Its template fixes the seed: it would be the same clip.", code="seed_locked")
    return Use(version, job.filled or {}, job.is_sealed)
