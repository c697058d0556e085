"""C01: whoever publishes while consent is taken back loses, or was first."""

from collections.abc import Iterator
from typing import Any

from tests.drill.crowds import in_processes
from tests.drill.table import Tried

PROCESSES = 4
RICH = {"CLIPS_PER_DAY": "100000000", "CLIPS_AT_ONCE": "100000"}


def drill(scale: float) -> Iterator[Tried]:
    pairs, mutants = max(40, round(10_000 * scale)), max(40, round(600 * scale))
    for name, count, without_lock in (("", pairs, False), ("mutant: asked, but not held", mutants, True)):
        cases = [(number, count // PROCESSES, without_lock) for number in range(PROCESSES)]
        found = in_processes(race, cases, **RICH)
        published, refused = (sum(each[side] for each in found) for side in ("published", "refused"))
        bad, errors = ([reason for each in found for reason in each[side]] for side in ("bad", "errors"))
        yield Tried(
            "C01",
            "no published post exists whose cast is not in force",
            name or "pairs of a publisher and an owner who takes consent back in one of ten ways, 0–3 ms apart",
            f"{count // PROCESSES * PROCESSES:,} pairs in {PROCESSES} processes",
            f"{published:,} were first, {refused:,} refused; {len(bad)} published without consent, {len(errors)} ended "
            f"in an error{f' ({errors[0][:60]})' if errors else ''}",
            bool(bad) if without_lock else not bad and not errors and min(published, refused) > 0,
        )


def race(number: int, pairs: int, without_lock: bool) -> dict[str, Any]:
    from django.db import transaction
    from django.db.models.functions import Now

    from cameos import casting
    from sora_social.studio.models import Draft, Generation, JobStatus
    from tests import cast
    from tests.journeys.consent_races import ConsentRaces, Stage

    class OneOfSeveral(Stage):
        def draft(self) -> Draft:
            """The rows that a finished job leaves; to submit it takes longer than all that is raced here."""
            with transaction.atomic():
                job = Generation.objects.create(
                    owner=self.maker,
                    prompt=f"@{self.owner.handle} wins the election",
                    seed=1,
                    provider="preview",
                    model="preview-1",
                    status=JobStatus.COMPLETED,
                    finished_at=Now(),
                )
                held = list(casting.castable_among(self.maker, [self.face.pk]).values())
                casting.appear_in_job(self.maker, job.pk, held, [casting.Member(self.face.pk, is_inherited=False)])
                draft = Draft.objects.create(generation=job, owner=self.maker, clip=cast.clip())
                casting.appear_in_draft(draft.pk, casting.cast_of_job(job.pk), held)
            return draft

    def ask_without_holding(actor: Any, cameo_ids: Any) -> Any:
        found = casting.castable_among(actor, cameo_ids)
        if len(found) < len(set(cameo_ids)):
            raise casting.CastNotAllowed
        return [found[cameo_id] for cameo_id in cameo_ids]

    if without_lock:
        casting.hold = ask_without_holding
    people = [cast.person(f"{role}{number}{'m' * without_lock}") for role in ("owner", "maker", "stranger")]
    stage = OneOfSeveral(*people, cast.cameo(people[0], audience="everyone"))
    found = ConsentRaces(stage, seed=number).run(pairs)
    return {
        "published": sum(found.published.values()),
        "refused": sum(found.refused.values()),
        "bad": [*found.late, *found.seen],
        "errors": [" ".join(error.split()) for error in found.broken],
    }
