"""What moderators' decisions do to templates: removed, and with it its title beside what was made with it."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from remix.models import Edge, EdgeKind
from sora_social.core import outbox
from sora_social.posts.models import Post
from sora_social.studio.events import TemplateChanged, TemplateJudged
from sora_social.studio.models import Draft
from sora_social.studio.templates import recipes
from sora_social.studio.templates.models import Template

AT_ONCE = 500


def remove_template(template_id: int) -> bool:
    """Let nobody read or use a template any more. In the caller's transaction; False when it is so already."""
    return _judge(template_id, is_removed=True)


def restore_template(template_id: int) -> bool:
    """Undo `remove_template`. In the caller's transaction; False when it was not removed."""
    return _judge(template_id, is_removed=False)


def _judge(template_id: int, *, is_removed: bool) -> bool:
    template = Template.objects.select_for_update().filter(pk=template_id).first()
    if template is None or (template.removed_at is not None) == is_removed:
        return False
    template.removed_at = timezone.now() if is_removed else None
    template.save(update_fields=["removed_at"])
    outbox.announce(TemplateChanged(template_id=template_id))
    outbox.announce(TemplateJudged(template_id=template_id))
    return True


def follow_judgement(event: TemplateJudged) -> None:
    """Take the title of a removed template from what was made with it, or give it back. May be repeated."""
    template = Template.objects.get(pk=event.template_id)
    made = Edge.objects.filter(source=template.post_id, kind=EdgeKind.TEMPLATE).order_by("derivation_id")
    ids = list(made.values_list("derivation_id", flat=True))
    for begin in range(0, len(ids), AT_ONCE):
        _credit(template, ids[begin : begin + AT_ONCE])


def _credit(template: Template, post_ids: list[int]) -> None:
    with transaction.atomic():
        posts = Post.objects.select_for_update(no_key=True).filter(pk__in=post_ids).order_by("pk")
        drafts = Draft.objects.filter(post__in=post_ids, generation__template_version__template=template)
        jobs = {draft.post_id: draft.generation for draft in drafts.select_related("generation__template_version")}
        for post in posts:
            version = jobs[post.pk].template_version if post.pk in jobs else None
            credit = None if version is None or template.removed_at is not None else recipes.credit_of(version)
            if version is not None and post.template != credit:
                post.template, post.version = credit, F("version") + 1
                post.save(update_fields=["template", "version"])
