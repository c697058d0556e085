"""What the desk shows of the ranker's models: the list, one of them, and its plots.

Plots are drawn by the browser, with the charts that the theme brings: a process that serves pages loads no plotting
library for them, and they are readable in light and dark.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from feeds.models import ModelState, RankingModel
from ranking.rates import HEADS, STEPS
from sora_social.core.errors import NotFound
from sora_social.moderation.models import AuditEntry, SubjectType

VERSIONS_SHOWN = 20
CURVED_FROM = 20  # successes below which a calibration curve is noise
GREY, BLUE, ORANGE = "#9ca3af", "#3b82f6", "#f59e0b"  # each readable on white and on near-black


@dataclass(frozen=True)
class Chart:
    """One plot: `data` and `options` are JSON for the theme's line or bar chart."""

    title: str
    note: str
    kind: str
    data: str
    options: str


@dataclass(frozen=True)
class Step:
    """How one step was foretold, beside the live model and the trees. None where it cannot be said."""

    name: str
    count: int
    successes: int
    base_rate: float | None
    auc: float | None
    live_auc: float | None
    trees_auc: float | None
    log_loss: float | None
    live_log_loss: float | None
    calibration_error: float | None


@dataclass(frozen=True)
class ModelCase:
    model: RankingModel
    comparison: Mapping[str, Any]
    against: str
    trees_ndcg: float | None
    steps: Sequence[Step]
    weights: Mapping[str, float]
    charts: Sequence[Chart]
    decisions: Sequence[AuditEntry]

    @property
    def is_live(self) -> bool:
        return self.model.state == ModelState.LIVE


def models() -> QuerySet[RankingModel]:
    """The newest first, without their bytes."""
    return RankingModel.objects.without_bytes().order_by("-pk")


def model_case(model_id: int) -> ModelCase:
    """Raises NotFound."""
    model = models().select_related("previous").filter(pk=model_id).first()
    if model is None:
        raise NotFound
    metrics = model.metrics
    newest = list(models()[:VERSIONS_SHOWN])[::-1]
    return ModelCase(
        model=model,
        comparison=metrics.get("comparison", {}),
        against=metrics.get("against", ""),
        trees_ndcg=metrics.get("trees", {}).get("creation_ndcg"),
        steps=_steps(metrics),
        weights={head: model.weights["heads"][head] for head in HEADS if head in model.weights.get("heads", {})},
        charts=[*_groups(metrics), *_over_time(newest), *_calibration(metrics)],
        decisions=list(
            AuditEntry.objects.about(SubjectType.MODEL, model_id).decisions().select_related("actor").order_by("-pk")
        ),
    )


def gain(model: RankingModel) -> str:
    """The difference of creation NDCG to the model that was live, in words for a list."""
    found = model.metrics.get("comparison")
    return f"{found['difference']:+.4f}" if found else "—"


def _steps(metrics: Mapping[str, Any]) -> list[Step]:
    live, trees = metrics.get("live_steps", {}), metrics.get("trees", {}).get("steps", {})
    return [
        Step(
            name=name.replace("_", " "),
            count=told["count"],
            successes=told["successes"],
            base_rate=told["base_rate"],
            auc=told["auc"],
            live_auc=live.get(name, {}).get("auc"),
            trees_auc=trees.get(name, {}).get("auc"),
            log_loss=told["log_loss"],
            live_log_loss=live.get(name, {}).get("log_loss"),
            calibration_error=told["calibration_error"],
        )
        for name, told in _in_order(metrics.get("steps", {}))
    ]


def _in_order(steps: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """As they follow each other: the database keeps names in an order of its own."""
    return [(name, steps[name]) for name in STEPS if name in steps]


# plots


def _calibration(metrics: Mapping[str, Any]) -> list[Chart]:
    """For each step that happens often enough: what was said against what was seen; the diagonal is perfect."""
    charts = []
    for name, told in _in_order(metrics.get("steps", {})):
        if told["successes"] < CURVED_FROM or not told["curve"]:
            continue
        points = [{"x": said, "y": seen} for said, seen, _ in told["curve"]]
        end = max(max(point.values()) for point in points) * 1.05
        data = {
            "datasets": [
                _line("perfect", [{"x": 0, "y": 0}, {"x": end, "y": end}], GREY, dashed=True),
                _line("seen", points, BLUE, dots=True),
            ]
        }
        note = f"{told['successes']:,} of {told['count']:,} did; bins of equally many impressions"
        title = f"Calibration: {name.replace('_', ' ')}"
        charts.append(Chart(title, note, "line", _json(data), _options("said", "seen", linear=True)))
    return charts


def _groups(metrics: Mapping[str, Any]) -> list[Chart]:
    groups = sorted(metrics.get("groups", {}).items(), key=lambda pair: -pair[1])
    if not groups:
        return []
    data = {
        "labels": [name.replace("_", " ") for name, _ in groups],
        "datasets": [{"label": "share", "data": [share for _, share in groups], "backgroundColor": BLUE}],
    }
    note = "How far each moves a score, up or down, on average; of the newest impressions"
    return [Chart("Contributions of feature groups", note, "bar", _json(data), _options("", "part of the score"))]


def _over_time(models: Sequence[RankingModel]) -> list[Chart]:
    told = [(model, model.metrics["comparison"]) for model in models if "comparison" in model.metrics]
    if not told:
        return []
    labels = [f"{model.created_at:%m-%d %H:%M} {model.version[:4]}" for model, _ in told]
    charts = []
    for title, note, new, live in (
        ("Creation NDCG by version", "Each on the newest impressions of its day", "ndcg", "live_ndcg"),
        ("Calibration error by version", "Relative to base rates; 0 is perfect", "error", "live_error"),
    ):
        data = {
            "labels": labels,
            "datasets": [
                _line("this version", [found[new] for _, found in told], BLUE, dots=True),
                _line("live at the time", [found[live] for _, found in told], ORANGE, dots=True, dashed=True),
            ],
        }
        charts.append(Chart(title, note, "line", _json(data), _options("", "")))
    return charts


def _line(label: str, data: Sequence[Any], colour: str, *, dots: bool = False, dashed: bool = False) -> dict[str, Any]:
    return {
        "label": label,
        "data": list(data),
        "borderColor": colour,
        "backgroundColor": colour,
        "borderDash": [4, 4] if dashed else [],
        "pointStyle": "circle" if dots else False,
        "pointRadius": 3 if dots else 0,
    }


def _options(x: str, y: str, *, linear: bool = False) -> str:
    ticks = {"color": GREY}
    grid = {"color": "rgba(156, 163, 175, 0.25)"}
    axes = {
        name: {
            "ticks": ticks,
            "grid": grid,
            "title": {"display": bool(words), "text": words, "color": GREY},
            **({"type": "linear", "beginAtZero": True} if linear or (name == "y" and words) else {}),
        }
        for name, words in (("x", x), ("y", y))
    }
    legend = {"display": True, "position": "top", "align": "end", "labels": {"color": GREY, "boxHeight": 6}}
    return _json(
        {
            "animation": False,
            "responsive": True,
            "maintainAspectRatio": False,
            "scales": axes,
            "plugins": {"legend": legend},
        }
    )


def _json(value: Any) -> str:
    return json.dumps(value)
