"""What authors do with templates: make them of their posts, change them, take them back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid
from sora_social.posts import posting
from sora_social.posts.models import Post
from sora_social.studio import limiting, safety
from sora_social.studio.events import TemplateChanged
from sora_social.studio.models import Draft, Generation
from sora_social.studio.templates import recipes
from sora_social.studio.templates.models import Template, TemplateVersion
from sora_social.studio.templates.reading import opened
from sora_social.studio.templates.recipes import Slot


def make_template(actor: User, post_id: int, **given: Any) -> Template:
    """Make a template of one's own post: what is not given is as in the job behind it.

    Raises NotFound, Forbidden for somebody else's post, Conflict when there is a template of it, when nothing is left
    of its recipe, or when that is another template's whose words its author may not read; Invalid per field.
    """
    with transaction.atomic():
        post = posting.post_for(actor, post_id)
        if post.author_id != actor.pk:
            raise Forbidden("Only its author may do this.")
        Post.objects.select_for_update(no_key=True).get(pk=post.pk)  # two at once make one
        if Template.objects.filter(post=post, withdrawn_at=None).exists():
            raise Conflict("There is a template of this post.", code="already_a_template")
        draft = Draft.objects.filter(post=post).select_related("generation").first()
        if draft is None:
            raise Conflict("Nothing is known of how this post was made.", code="no_recipe")
        if draft.generation.is_sealed:
            raise Conflict("It was made with words that are not yours to read.", code="no_recipe")
        recipe = {**_recipe_of(draft.generation), **given}
        template = Template.objects.create(post=post, author=actor)
        _write(template, recipe, number=1, seed=draft.generation.seed + draft.ordinal)
    return template


def edit_template(actor: User, template_id: int, **changes: Any) -> Template:
    """Change one's own template: a new version, with the rest as it was. Jobs keep the version that they were of.

    Raises NotFound, Forbidden, Conflict when it is withdrawn, Invalid per field.
    """
    with transaction.atomic():
        template = _own(actor, template_id)
        if template.withdrawn_at is not None:
            raise Conflict("This template is withdrawn.", code="template_withdrawn")
        last = template.recipe
        was = {name: getattr(last, name) for name in (*recipes.WORDS, *recipes.LOOKS, "title", "locked")}
        recipe = {**was, "slots": recipes.slots_of(last), **changes}
        draft = Draft.objects.select_related("generation").get(post_id=template.post_id)
        _write(template, recipe, number=last.number + 1, seed=draft.generation.seed + draft.ordinal)
    return template


def withdraw_template(actor: User, template_id: int) -> None:
    """Take one's own template back: nobody uses it any more, what was made with it stays. May be repeated.

    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        template = _own(actor, template_id)
        if template.withdrawn_at is None:
            template.withdrawn_at = timezone.now()
            template.save(update_fields=["withdrawn_at"])
            outbox.announce(TemplateChanged(template_id=template.pk))


def _own(actor: User, template_id: int) -> Template:
    """One's own template, held: uses of it wait, or are seen."""
    Template.objects.select_for_update().filter(pk=template_id).first()
    template = opened(actor, template_id)
    if template.author_id != actor.pk:
        raise Forbidden("Only its author may do this.")
    return template


def _recipe_of(job: Generation) -> dict[str, Any]:
    return {name: getattr(job, name) for name in (*recipes.WORDS, *recipes.LOOKS)}


def _write(template: Template, recipe: Mapping[str, Any], *, number: int, seed: int) -> None:
    slots: Sequence[Slot] = recipe["slots"]
    recipes.require_sound(prompt=recipe["prompt"], shots=recipe["shots"], slots=slots, seconds=recipe["seconds"])
    _require_usable(recipe, slots)
    template.current = TemplateVersion.objects.create(
        template=template,
        number=number,
        slots=recipes.rows_of(slots),
        seed=seed % 2**32 if "seed" in recipe["locked"] else None,
        **{name: value for name, value in recipe.items() if name != "slots"},
    )
    template.save(update_fields=["current"])
    outbox.announce(TemplateChanged(template_id=template.pk))


def _require_usable(recipe: Mapping[str, Any], slots: Sequence[Slot]) -> None:
    """A recipe that is refused whatever one puts into it is not offered, nor words that others should not be shown."""
    words = [recipe["prompt"], *(shot["text"] for shot in recipe["shots"]), recipe["title"]]
    words += [text for slot in slots for text in (slot.label, slot.example, slot.default) if text]
    refusal = safety.refusal_of(words[0], beside=words[1:]) or limiting.memorial_refusal(words)
    if refusal is not None:
        raise Invalid.field("prompt", refusal.message, code=refusal.rule)
