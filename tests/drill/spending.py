"""R04: what many requests at once take is never more than there is, and all of it is accounted for."""

from collections.abc import Iterator
from typing import Any

from tests.drill.crowds import in_processes
from tests.drill.table import Tried

PROCESSES, THREADS = 4, 4
PLAN, GIFT, AT_ONCE = 100, 400, 12
SETTINGS = {"CLIPS_PER_DAY": str(PLAN), "CLIPS_AT_ONCE": str(AT_ONCE)}


def drill(scale: float) -> Iterator[Tried]:
    from sora_social.credits.models import Entry
    from tests import cast

    for name, without_lock, count in (
        ("reserve, then settle (also twice) or die in between", False, max(100, round(2_000 * scale))),
        ("mutant: the account is not locked", True, 400),
    ):
        owner = cast.person(f"spender{'m' * without_lock}")
        Entry.objects.create(owner=owner, credits=GIFT, reason="gift")
        each = count // (PROCESSES * THREADS)
        found = in_processes(spend, [(owner.pk, each, number, without_lock) for number in range(PROCESSES)], **SETTINGS)
        made, refused, errors = (sum(row[place] for row in found) for place in range(3))
        wrong = _wrong(owner, made, errors)
        yield Tried(
            "R04",
            "free + reserved + spent = granted, never negative",
            name,
            f"{each * PROCESSES * THREADS:,} requests of {PROCESSES * THREADS} at once, for {PLAN} clips and {GIFT} "
            f"credits, {AT_ONCE} under way at most",
            f"{made:,} made, {refused:,} refused; {'; '.join(wrong) or 'every sum is right'}",
            bool(wrong) is without_lock and made > 0,
        )


def _wrong(owner: Any, made: int, errors: int) -> list[str]:
    from django.db.models import Sum

    from sora_social.credits.models import Entry, Hold

    holds = list(Hold.objects.filter(owner=owner))
    # what is not captured goes back where it came from, to the ledger first
    extra = [hold.extra_clips - min(hold.extra_clips, _unused(hold)) for hold in holds]
    kept_extra = sum(extra)
    from_plan = sum(hold.clips - _unused(hold) for hold in holds) - kept_extra
    free = Entry.objects.filter(owner=owner).aggregate(sum=Sum("credits"))["sum"]
    running = sum(hold.clips for hold in holds if hold.state == "reserved")
    checks = {
        f"{errors} errors": errors == 0,
        f"{len(holds)} holds for {made} requests": len(holds) == made,
        f"{free} free + {kept_extra} taken is not {GIFT}": free + kept_extra == GIFT,
        f"{free} free": free >= 0,
        f"{from_plan} of {PLAN} clips of the plan": from_plan <= PLAN,
        f"{running} under way": running <= AT_ONCE,
    }
    return [words for words, holds_true in checks.items() if not holds_true]


def _unused(hold: Any) -> int:
    return 0 if hold.state == "reserved" else int(hold.clips - hold.captured_clips)


def spend(owner_id: int, times: int, seed: int, without_lock: bool) -> tuple[int, int, int]:
    """How many were made, were refused, and ended in an error."""
    import random
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections, transaction

    from sora_social.accounts.models import User
    from sora_social.credits import quota

    if without_lock:
        quota._lock = lambda person: None
    owner = User.objects.get(pk=owner_id)
    chance = random.Random(seed)
    ends = [[(chance.random() < 0.005, chance.randint(0, 2), chance.random() < 0.3) for _ in range(times)]] * THREADS

    def one_thread(plan: list[tuple[bool, int, bool]]) -> tuple[int, int, int]:
        made = refused = errors = 0
        for dies, captured, twice in plan:
            try:
                with transaction.atomic():
                    hold = quota.reserve(owner, clips=2)
                made += 1
                for _ in range(0 if dies else 1 + twice):
                    with transaction.atomic():
                        quota.settle(hold.pk, captured=captured)
            except quota.QuotaExceeded:
                refused += 1
            except Exception:  # counted, and a failure of the promise
                errors += 1
        connections.close_all()
        return made, refused, errors

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(one_thread, ends))
    made, refused, errors = (sum(row[place] for row in found) for place in range(3))
    return made, refused, errors
