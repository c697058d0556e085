"""What the arms of an experiment did: rates per card with intervals clustered by person, a verdict, and a plot.

Each rate counts the cards that are old enough for it. A ghost of the control arm counts like a card that was shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

from feeds.models import Experiment
from feeds.moments import page_id_at
from feeds.scroll.experimenting import running
from ranking.experiments import ARMS, Difference, Rate, Verdict, difference, rate_of, shared_confidence, verdict
from sora_social.core.errors import NotFound

METRICS: Mapping[str, str] = {
    "started": "sent a generation within 30 minutes",
    "published": "published what came of it within 24 hours",
    "kept": "and it was still there a day later",
    "dismissed": "dismissed the card",
    "left": "asked for no page in the 30 minutes after",
    "returned": "came back 12 to 36 hours later",
}
PRIMARY = "published"

# One line for each person: how many cards were old enough for a metric, and of how many it is true.
_PEOPLE = """
WITH card AS (
    SELECT n.*, %(now)s - n.made_at AS age FROM feeds_nudge n
    WHERE n.kind IN ('create', 'friend', 'break') AND n.id >= %(since)s
      AND (%(experiment)s::bigint IS NULL OR n.experiment_id = %(experiment)s)),
told AS (
    SELECT c.arm, c.viewer_id, c.age,
           c.outcome IN ('created', 'remixed') AS started, c.outcome = 'dismissed' AS dismissed,
           c.outcome = 'left' AS left_it, p.created_at IS NOT NULL AS published,
           p.created_at IS NOT NULL AND coalesce(p.gone_at >= p.created_at + interval '1 day', true) AS kept,
           EXISTS (SELECT FROM feeds_servedpage s WHERE s.viewer_id = c.viewer_id
                   AND s.id >= c.id + (12::bigint * 3600000 << 21) AND s.id < c.id + (36::bigint * 3600000 << 21)
           ) AS returned
    FROM card c LEFT JOIN LATERAL (
        SELECT p.created_at, least(p.deleted_at, p.removed_at) AS gone_at
        FROM studio_draft d JOIN posts_post p ON p.id = d.post_id
        WHERE d.generation_id = c.job_id AND p.visibility <> 'private' AND p.created_at <= c.made_at + interval '1 day'
        ORDER BY p.id LIMIT 1) p ON true)
SELECT arm, viewer_id, count(*),
       count(*) FILTER (WHERE age >= interval '30 minutes'),
       count(*) FILTER (WHERE age >= interval '30 minutes' AND started),
       count(*) FILTER (WHERE age >= interval '1 day'),
       count(*) FILTER (WHERE age >= interval '1 day' AND published),
       count(*) FILTER (WHERE age >= interval '2 days'),
       count(*) FILTER (WHERE age >= interval '2 days' AND kept),
       count(*) FILTER (WHERE age >= interval '30 minutes'),
       count(*) FILTER (WHERE age >= interval '30 minutes' AND dismissed),
       count(*) FILTER (WHERE age >= interval '1 hour'),
       count(*) FILTER (WHERE age >= interval '1 hour' AND left_it),
       count(*) FILTER (WHERE age >= interval '36 hours'),
       count(*) FILTER (WHERE age >= interval '36 hours' AND returned)
FROM told GROUP BY 1, 2 ORDER BY 1, 2"""


@dataclass(frozen=True)
class ArmReport:
    """One arm: its people, its cards, and the rates by metric."""

    arm: str
    people: int
    cards: int
    rates: Mapping[str, Rate]


@dataclass(frozen=True)
class Report:
    """An experiment's arms, each one's difference to the baseline in the primary metric, and the verdict.

    Without an experiment there is one arm, everybody, and nothing to compare.
    """

    name: str
    arms: Sequence[ArmReport]
    baseline: str
    differences: Mapping[str, Difference]
    verdict: Verdict


def report(name: str, *, since: datetime | None, now: datetime) -> Report:
    """The report of an experiment by its name; of the running or the last one when none is named.

    Raises NotFound for a name that there is not.
    """
    experiment = _experiment(name, now)
    arms = _arms(experiment, since, now)
    if experiment is None:
        return Report("all cards", arms, "", {}, Verdict("", "No experiment: nothing is compared.", None))
    baseline = next((arm for arm in ARMS if experiment.arms.get(arm)), ARMS[0])
    rates = {arm.arm: arm.rates[PRIMARY] for arm in arms}
    pairs = len(rates) * (len(rates) - 1) // 2
    confidence = shared_confidence(0.95, pairs)
    return Report(
        name=experiment.name,
        arms=arms,
        baseline=baseline,
        differences={
            arm: difference(rate, rates[baseline], confidence=confidence)
            for arm, rate in rates.items()
            if arm != baseline and baseline in rates
        },
        verdict=verdict(
            rates,
            baseline=baseline,
            relative_effect=experiment.minimum_effect,
            minimum_people=experiment.minimum_people,
        ),
    )


def _experiment(name: str, now: datetime) -> Experiment | None:
    if not name:
        return running(now) or Experiment.objects.order_by("-starts_at").first()
    found = Experiment.objects.filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no experiment {name}.")
    return found


def _arms(experiment: Experiment | None, since: datetime | None, now: datetime) -> list[ArmReport]:
    params = {
        "experiment": experiment.pk if experiment is not None else None,
        "since": page_id_at(since) if since is not None else 0,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, params)
        rows = cursor.fetchall()
    arms = []
    for arm in sorted({row[0] for row in rows}, key=lambda arm: (ARMS.index(arm) if arm in ARMS else len(ARMS), arm)):
        people = [row[2:] for row in rows if row[0] == arm]
        columns = list(zip(*people, strict=True))
        rates = {}
        for index, metric in enumerate(METRICS):
            old_enough, true = columns[1 + 2 * index], columns[2 + 2 * index]
            counted = [(y, n) for y, n in zip(true, old_enough, strict=True) if n]
            rates[metric] = rate_of([y for y, _ in counted], [n for _, n in counted])
        arms.append(ArmReport(arm or "everybody", len(people), sum(columns[0]), rates))
    return arms


def as_text(told: Report) -> str:
    """A table for the terminal: each rate with its 95 % interval."""
    width = max((len(arm.arm) for arm in told.arms), default=8) + 2
    head = f"{'arm':<{width}}{'people':>8}{'cards':>8}  " + "".join(f"{metric:>22}" for metric in METRICS)
    lines = [told.name, "", head]
    for arm in told.arms:
        cells = "".join(f"{_cell(arm.rates[metric]):>22}" for metric in METRICS)
        lines.append(f"{arm.arm:<{width}}{arm.people:>8}{arm.cards:>8}  {cells}")
    if not told.arms:
        lines.append("No cards yet.")
    for other, diff in told.differences.items():
        lines.append(
            f"{PRIMARY}, {other} − {told.baseline}: {diff.value:+.2%} ({diff.low:+.2%} to {diff.high:+.2%}, "
            "of all comparisons together 95 %)"
        )
    needed = "cannot be told yet" if told.verdict.needed is None else f"{told.verdict.needed}"
    lines += ["", f"People needed in each arm: {needed}.", told.verdict.reason, ""]
    lines += [f"{metric}: {words}" for metric, words in METRICS.items()]
    return "\n".join(lines)


def _cell(rate: Rate) -> str:
    if rate.people < 2:
        return "–"
    low, high = rate.interval()
    return f"{rate.value:.1%} ({low:.1%}–{high:.1%})"


def plot(told: Report, folder: Path) -> Path:
    """Draw every rate with its interval, a panel for each metric. Gives the SVG's path."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 1.2 + 0.9 * max(1, len(told.arms)) * 2), layout="constrained")
    panels = figure.subplots(2, 3, sharey=True)
    names = [arm.arm for arm in told.arms]
    for panel, (metric, words) in zip(panels.flat, METRICS.items(), strict=True):
        for place, arm in enumerate(told.arms):
            rate = arm.rates[metric]
            if rate.people < 2:
                continue
            low, high = rate.interval()
            panel.plot([100 * low, 100 * high], [place, place], color="#4a6fa5", linewidth=2)
            panel.plot([100 * rate.value], [place], "o", color="#1b2a41")
        panel.set_yticks(range(len(names)), names)
        panel.set_ylim(len(names) - 0.5, -0.5)
        panel.set_xlim(left=0)
        panel.set_title(metric, fontsize=11)
        panel.set_xlabel(f"% {words}", fontsize=8)
        panel.grid(axis="x", alpha=0.3)
    figure.suptitle(f"{told.name}: {told.verdict.reason}", fontsize=10)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"nudge-{told.name.replace(' ', '-')}.svg"
    with mpl.rc_context({"svg.hashsalt": told.name, "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target
