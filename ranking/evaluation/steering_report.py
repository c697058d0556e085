"""E5 as a report: hearing, leaks, and how topics are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ranking.evaluation.report import Lines, Report, Table, Verdict
from ranking.evaluation.steering_cases import (
    LEAK_AT_MOST,
    POLARITY_AT_LEAST,
    Caption,
    Case,
    Hearing,
    SteeringFigures,
    run,
)

LANGUAGES = {"en": "English", "zh": "Chinese"}


def report(
    own: Mapping[str, Sequence[Case]], held_out: Mapping[str, Sequence[Case]], captions: Sequence[Caption]
) -> Report:
    found = run(own, held_out, captions)
    sentences = sum(hearing.sentences for hearing in found.held_out)
    return Report(
        code="E5",
        title="instructions are heard right, and no means no",
        scope=f"{sentences} sentences that the parser had not seen, written by somebody else; {len(captions)} captions",
        region="E5",
        words=(
            "The held-out sentences were written without sight of the parser and opened once it was frozen; one run, "
            "as found. Only the codes of their labels were read before, to map them to ours; three of them (night, "
            "friends, work) have no topic here, and rules about them count as missed.",
            "Polarity is the share of wanted rules with the right target and the right way. A time counts as right "
            "when it is the labelled one: tonight is 12 hours here and was 24 in the labels.",
            "Leaks are counted on captions labelled by hand, by the same people who wrote the vocabulary, before it: "
            "pools of 100 in which everything about the topic is best liked, one rule, the first 20.",
        ),
        tables=(_hearings(found), _reading(found)),
        pictures=(_reliability(found),),
        verdicts=(*_verdicts(found.held_out), _no_is_no(found)),
    )


def _verdicts(hearings: Sequence[Hearing]) -> list[Verdict]:
    return [
        Verdict(
            f"polarity of held-out sentences in {LANGUAGES[hearing.language]} at least {POLARITY_AT_LEAST:.0%}",
            f"{hearing.polarity:.1%}",
            hearing.passed,
        )
        for hearing in hearings
    ]


def _no_is_no(found: SteeringFigures) -> Verdict:
    leaks = found.leaks
    return Verdict(
        f"at most {LEAK_AT_MOST:.0%} of what somebody said no to is left in the first 20, for covered topics",
        f"{leaks.left:.1%} over {leaks.topics} topics and {leaks.pages} pages; {leaks.without:.1%} without the rule",
        leaks.passed,
    )


def _hearings(found: SteeringFigures) -> Table:
    rows = [
        (
            f"{LANGUAGES[hearing.language]}, {name}",
            str(hearing.sentences),
            f"{hearing.polarity:.1%}",
            f"{hearing.polarity_of_found:.1%}",
            f"{hearing.targets:.1%}",
            f"{hearing.precision:.1%}",
            f"{hearing.exact:.1%}",
            "–" if hearing.lasting is None else f"{hearing.timed:.0%} / {hearing.lasting:.0%}",
            str(hearing.uncovered),
        )
        for name, hearings in (("held out", found.held_out), ("seen by the parser", found.own))
        for hearing in hearings
    ]
    header = (
        *("Sentences", "count", "polarity", "polarity of found targets", "targets found", "rules that were wanted"),
        *("wholly right", "a time heard / the labelled one", "without a topic here"),
    )
    return Table("What was heard", header, tuple(rows))


def _reading(found: SteeringFigures) -> Table:
    rows = tuple(
        (LANGUAGES[reading.language], str(reading.captions), f"{reading.precision:.1%}", f"{reading.recall:.1%}")
        for reading in found.reading
    )
    return Table("Topics read from captions", ("Captions", "count", "precision", "recall"), rows)


def _reliability(found: SteeringFigures) -> Lines:
    middles = tuple((low + high) / 2 for low, high, *_ in found.reliability)
    shares = tuple(share for *_, share in found.reliability)
    return Lines(
        name="e5-reliability",
        title="How often a topic is right, by the confidence it was given",
        x_axis="confidence",
        y_axis="share that was right",
        lines=(("captions", middles, shares),),
        diagonal=True,
    )
