"""Shooting the same: a recipe with one's own words and faces in its slots becomes a job."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from cameos.casting import MENTION
from remix.lineage import Source
from remix.models import EdgeKind
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, Invalid
from sora_social.studio import submitting
from sora_social.studio.events import GenerationFinished
from sora_social.studio.models import Generation, JobStatus
from sora_social.studio.templates import recipes, standing
from sora_social.studio.templates.models import USERS, USES, TemplateUser, TemplateVersion
from sora_social.studio.templates.recipes import Use

PROMPT_AT_MOST = 2_000
SHOT_AT_MOST = 500


def use(
    actor: User,
    template_id: int,
    *,
    slots: Mapping[str, str],
    version: int | None = None,
    cast: Sequence[str] = (),
    changes: Mapping[str, Any],
    **rest: Any,
) -> Generation:
    """Ask for clips by a template's recipe, its slots filled.

    `changes` are parts of the recipe that are given in place of the template's; none of them may be locked. Their words
    may have the template's slots, too. Cast are those who are named: in slots of the cast, in the words, in `cast`;
    nobody comes with the template's post, whose picture is not made use of. Where the words are sealed only the
    template's own slots and words name faces. The template's post is a source like that of a remix: its policy, blocks
    and age are asked, now and at publishing, and the edge to it is the credit.

    With `version` a template that was edited since is not used unread. Raises NotFound, TemplateWithdrawn, Conflict,
    Invalid with an error at each field, and what `submit` raises; then nothing is kept.
    """
    with transaction.atomic():
        template = standing.held(actor, template_id)
        recipe = template.recipe
        if version is not None and version != recipe.number:
            raise Conflict("It was changed since you opened it; read it again.", code="template_changed")
        words = _changed(recipe, changes)
        texts = _texts(words["prompt"], words["shots"])
        known = recipes.slots_of(recipe)
        filled = recipes.fill(known, slots, texts=texts)
        words["prompt"], words["shots"] = recipes.composed(
            words["prompt"], words["shots"], filled, prompt_at_most=PROMPT_AT_MOST, shot_at_most=SHOT_AT_MOST
        )
        faces = [filled[slot.name] for slot in known if slot.kind == "cast" and filled.get(slot.name)]
        is_sealed = not standing.may_read_words(actor, recipe, template)
        if is_sealed:
            _require_own_faces(recipe, words, slots=slots, filled=filled, cast=cast, changes=changes)
        return submitting.submit(
            actor,
            **{**words, **rest},
            cast=[*cast, *faces],
            sources=[Source(template.post_id, EdgeKind.TEMPLATE)],
            template=Use(recipe, filled, is_sealed),
        )


def _changed(recipe: TemplateVersion, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's parts, with what is given in their place. Raises Invalid at each part that is locked."""
    locked = [name for name in changes if name in recipe.locked]
    if locked:
        said = "The template's author keeps this as it is."
        raise Invalid(said, errors={name: [{"code": "locked", "message": said}] for name in locked})
    return {name: getattr(recipe, name) for name in recipes.LOCKABLE} | dict(changes)


def _require_own_faces(
    recipe: TemplateVersion,
    words: Mapping[str, Any],
    *,
    slots: Mapping[str, str],
    filled: Mapping[str, str],
    cast: Sequence[str],
    changes: Mapping[str, Any],
) -> None:
    """Raises Invalid at each field that names a face which the template has no place for.

    The owner of a face reads the words it is asked for with: who may add any face reads sealed words by that of a
    friend. `words` are filled.
    """
    faces = {slot.name for slot in recipes.slots_of(recipe) if slot.kind == "cast"}
    typed = {name for name in slots if name not in faces}
    without = dict(filled) | dict.fromkeys(typed, " ")
    own = _named_in(recipes.put_in(text, without) for text in _texts(recipe.prompt, recipe.shots))
    own |= {filled[name].removeprefix("@") for name in faces & filled.keys()}
    at = ["cast"] if cast else []
    if _named_in(_texts(words["prompt"], words["shots"])) - own:
        given = {f"slots.{name}": [filled[name]] for name in sorted(typed)}
        given |= {"prompt": [changes.get("prompt", "")], "shots": _texts("", changes.get("shots", ()))}
        at += [field for field, texts in given.items() if _named_in(texts) - own] or ["slots"]
    if at:
        said = "Its words are its author's secret: faces come by its own slots alone."
        raise Invalid(said, errors={field: [{"code": "sealed_template", "message": said}] for field in at})


def _texts(prompt: str, shots: Iterable[Mapping[str, Any]]) -> list[str]:
    return [prompt, *(shot["text"] for shot in shots)]


def _named_in(texts: Iterable[str]) -> set[str]:
    return {name.lower() for text in texts for name in MENTION.findall(text)}


def note_use(event: GenerationFinished) -> None:
    """Count a use when its job was completed, and a person with their first; the author is not counted as one."""
    if event.status != JobStatus.COMPLETED:
        return
    job = Generation.objects.filter(pk=event.job_id).select_related("template_version__template").first()
    if job is None or job.template_version is None:
        return
    template = job.template_version.template
    USES.add(template.pk)
    if job.owner_id != template.author_id:
        _, is_new = TemplateUser.objects.get_or_create(template=template, person_id=job.owner_id)
        if is_new:
            USERS.add(template.pk)
