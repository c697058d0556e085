"""The learned heads as they are served: one float32 matrix product and a calibration table for each step.

Linear heads over expanded features: counts as ln(1 + n), each step's smoothed odds, hand-made crosses, one bit for
each topic. Standardisation is folded into the weights, so that nothing but numpy is needed to serve. How the weights
are found is in `training`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np

from ranking.features import COLUMN, FEATURES, FLAGS, LAYOUT, Bits, Candidates, Floats
from ranking.rates import AMONG, BASE_RATES, STEPS, Baseline, Prior, base_probabilities, chained

TOPICS = 64
NEW_AT = np.float32(12)  # impressions at which "unseen" is ½
AUTHOR_STRENGTH = 200.0  # impressions that an author's posts must have before their rate outweighs the mean
KNOTS_AT_MOST = 64  # of a calibration table

_PLAIN = (*FLAGS, "topic_affinity")
_LOGGED = tuple(name for name in FEATURES if name not in {*_PLAIN, "hour"})
_ODDS = tuple(f"{step}_odds" for step in STEPS)
_MADE = ("author_odds", "unseen", "hour_sin", "hour_cos")
_BASE = (*_PLAIN, *_LOGGED, *_ODDS, *_MADE)
CROSSES: Final = (
    ("mutual", "open_odds"),
    ("mutual", "age_seconds"),
    ("follows_author", "age_seconds"),
    ("past_remix_count", "open_odds"),
    ("topic_affinity", "open_odds"),
    ("topic_affinity", "age_seconds"),
    ("viewer_making_count", "open_odds"),
    ("viewer_making_count", "mutual"),
    ("viewer_making_count", "topic_affinity"),
    ("unseen", "author_odds"),
    ("unseen", "topic_affinity"),
    ("unseen", "mutual"),
    ("in_cast", "mutual"),
    ("cast_open", "mutual"),
    ("cast_open", "cast_permission"),
    ("in_my_lineage", "open_odds"),
    ("prompt_open", "open_odds"),
    ("same_country", "same_script"),
)
EXPANDED: Final = (
    *_BASE,
    *(f"{one} × {other}" for one, other in CROSSES),
    *(f"topic {bit}" for bit in range(TOPICS)),
)
EXPANDED_COLUMN = MappingProxyType({name: index for index, name in enumerate(EXPANDED)})
SHAPE = hashlib.sha256("\n".join((LAYOUT, *EXPANDED, *STEPS)).encode()).hexdigest()[:12]

# Larger products are spread over threads by OpenBLAS, and on a busy machine waking them takes ten times the product.
_ROWS_AT_ONCE = 262_144 // (len(EXPANDED) * len(STEPS))

_PLAIN_FROM = [COLUMN[name] for name in _PLAIN]
_LOGGED_FROM = [COLUMN[name] for name in _LOGGED]
_AGE = _LOGGED.index("age_seconds")  # in hours
_STEP_FROM = [COLUMN[f"{step}_count"] for step in STEPS]
_AMONG_FROM = [COLUMN[f"{AMONG.get(step, 'impression')}_count"] for step in STEPS]
_ONE = [_BASE.index(one) for one, _ in CROSSES]
_OTHER = [_BASE.index(other) for _, other in CROSSES]
_AT = {name: index for index, name in enumerate(_BASE)}


class BrokenModel(ValueError):
    """What was stored is no model, or one for features that this version does not have."""


def expand(features: Floats, topics: Bits, priors: Mapping[str, Prior] = BASE_RATES) -> Floats:
    """The columns of EXPANDED, float32[n, len(EXPANDED)], each in one piece of memory.

    features: float32[n, len(FEATURES)], topics: uint64[n]. priors: what the smoothed odds lean on.
    """
    columns = np.ascontiguousarray(features.T)
    n, plain, logged, steps = len(features), len(_PLAIN), len(_LOGGED), len(STEPS)
    wide = np.empty((len(EXPANDED), n), np.float32)
    np.take(columns, _PLAIN_FROM, axis=0, out=wide[:plain])
    counts = wide[plain : plain + logged]
    np.take(columns, _LOGGED_FROM, axis=0, out=counts)
    counts[_AGE] /= np.float32(3600)
    np.log1p(counts, out=counts)
    acted = columns[_STEP_FROM]
    passed = np.maximum(columns[_AMONG_FROM] - acted, 0)
    alpha, beta = _alpha_beta(priors)
    np.subtract(np.log(acted + alpha), np.log(passed + beta), out=wide[plain + logged : plain + logged + steps])
    wide[_AT["author_odds"]] = _author_odds(columns, priors)
    wide[_AT["unseen"]] = NEW_AT / (NEW_AT + columns[COLUMN["impression_count"]])
    angle = columns[COLUMN["hour"]] * np.float32(np.pi / 12)
    wide[_AT["hour_sin"]], wide[_AT["hour_cos"]] = np.sin(angle), np.cos(angle)
    np.multiply(wide[_ONE], wide[_OTHER], out=wide[len(_BASE) : -TOPICS])
    bits = np.ascontiguousarray(topics).astype("<u8", copy=False).view(np.uint8).reshape(n, 8)
    wide[-TOPICS:] = np.unpackbits(bits, axis=1, bitorder="little").T
    return wide.T


def require_shape(stored: Mapping[str, Any]) -> None:
    """Raises BrokenModel when what was stored is for other features than this version has."""
    if stored.get("shape") != SHAPE:
        raise BrokenModel(f"what was stored is of shape {stored.get('shape')}, this version has {SHAPE}")


def _alpha_beta(priors: Mapping[str, Prior]) -> tuple[Floats, Floats]:
    alpha = np.array([[priors[step].alpha] for step in STEPS], np.float32)
    return alpha, np.array([[priors[step].beta] for step in STEPS], np.float32)


def _author_odds(columns: Floats, priors: Mapping[str, Prior]) -> Floats:
    """Log odds that a showing of any post by this author ends in a making."""
    heads = base_probabilities(priors)
    prior = Prior(min(heads["remix"] + heads["cast"] + heads["prompt"], 0.5), AUTHOR_STRENGTH)
    made = columns[COLUMN["author_publish_count"]]
    passed = np.maximum(columns[COLUMN["author_impression_count"]] - made, 0)
    odds: Floats = np.log(made + np.float32(prior.alpha)) - np.log(passed + np.float32(prior.beta))
    return odds


@dataclass(frozen=True, eq=False)
class HeadModel:
    """P(step | the step before) for each of STEPS.

    weights: float32[len(EXPANDED), len(STEPS)] and bias: float32[len(STEPS)] give log odds at an ordinary position.
    position_weights: float32[len(STEPS)], on ln(1 + position) − position_mean: used in training and evaluation only.
    tables: for each step knots of log odds, rising, and their calibrated probabilities, rising, float32[k] each.
    baseline: what was ordinary in the log that it was trained on.
    """

    weights: Floats
    bias: Floats
    position_weights: Floats
    position_mean: float
    tables: tuple[tuple[Floats, Floats], ...]
    baseline: Baseline

    def __post_init__(self) -> None:
        steps = len(STEPS)
        shapes = {
            "weights": (len(EXPANDED), steps),
            "bias": (steps,),
            "position_weights": (steps,),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                raise BrokenModel(f"{name} is no finite float32{list(shape)}")
        if self.baseline.typical.shape != (len(FEATURES),) or not np.isfinite(self.baseline.typical).all():
            raise BrokenModel("typical values are not one finite number for each feature")
        if set(self.baseline.priors) != set(STEPS) or not np.isfinite(self.position_mean):
            raise BrokenModel("there is no prior for each step, or no position")
        if len(self.tables) != steps or not all(map(_is_table, self.tables)):
            raise BrokenModel("calibration tables do not rise, or leave 0 … 1")

    @cached_property
    def version(self) -> str:
        """A hash of the content: equal models have equal versions, on every machine."""
        digest = hashlib.sha256(SHAPE.encode())
        for array in self._arrays().values():
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:12]

    @cached_property
    def _weights_by_step(self) -> Floats:
        return np.ascontiguousarray(self.weights.T)

    @cached_property
    def _tables(self) -> list[tuple[Any, Any]]:
        """As `np.interp` wants them, which would make them anew at each call."""
        return [(knots.astype(np.float64), calibrated.astype(np.float64)) for knots, calibrated in self.tables]

    def log_odds(self, features: Floats, topics: Bits, position: Floats | None = None) -> Floats:
        """Before calibration, float32[n, len(STEPS)]; at these positions (0 is the top), or at an ordinary one."""
        wide = expand(features, topics, self.baseline.priors).T
        odds = np.empty((len(STEPS), len(features)), np.float32)
        for start in range(0, len(features), _ROWS_AT_ONCE):
            end = start + _ROWS_AT_ONCE
            np.matmul(self._weights_by_step, wide[:, start:end], out=odds[:, start:end])
        odds += self.bias[:, None]
        if position is not None:
            centred = np.log1p(position).astype(np.float32) - np.float32(self.position_mean)
            odds += centred * self.position_weights[:, None]
        return odds.T

    def steps(self, features: Floats, topics: Bits, position: Floats | None = None) -> Floats:
        """P(step | the step before), float32[n, len(STEPS)], calibrated."""
        odds = self.log_odds(features, topics, position).T.astype(np.float64)
        steps = np.empty(odds.shape, np.float32)
        for of_step, seen, (knots, calibrated) in zip(odds, steps, self._tables, strict=True):
            seen[:] = np.interp(of_step, knots, calibrated)
        return steps.T

    def head_probabilities(self, candidates: Candidates) -> Floats:
        """P(act | shown) for each head, float32[n, len(rates.HEADS)]."""
        return chained(self.steps(candidates.features, candidates.topics), candidates.features)

    def to_bytes(self) -> bytes:
        """As it is stored to be served: plain arrays in NumPy's archive, nothing that could run."""
        target = io.BytesIO()
        np.savez(target, header=np.frombuffer(json.dumps({"shape": SHAPE}).encode(), np.uint8), **self._arrays())
        return target.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises BrokenModel."""
        try:
            with np.load(io.BytesIO(stored), allow_pickle=False) as found:
                arrays: dict[str, Any] = {name: found[name] for name in found.files}
                require_shape(json.loads(arrays.pop("header").tobytes()))
                ends = np.cumsum(arrays["table_sizes"])[:-1]
                tables = zip(np.split(arrays["knots"], ends), np.split(arrays["calibrated"], ends), strict=True)
                priors = zip(STEPS, arrays["prior_rates"], arrays["prior_strengths"], strict=True)
                return cls(
                    weights=arrays["weights"],
                    bias=arrays["bias"],
                    position_weights=arrays["position_weights"],
                    position_mean=float(arrays["position_mean"]),
                    tables=tuple(tables),
                    baseline=Baseline(
                        MappingProxyType({step: Prior(float(rate), float(held)) for step, rate, held in priors}),
                        arrays["typical"],
                    ),
                )
        except BrokenModel:
            raise
        except Exception as error:  # a turned bit of an archive raises whatever zipfile and NumPy have
            raise BrokenModel(f"no model can be read: {error}") from error

    def _arrays(self) -> dict[str, Any]:
        priors = [self.baseline.priors[step] for step in STEPS]
        return {
            "weights": self.weights,
            "bias": self.bias,
            "position_weights": self.position_weights,
            "position_mean": np.float64(self.position_mean),
            "table_sizes": np.array([len(knots) for knots, _ in self.tables], np.int64),
            "knots": np.concatenate([knots for knots, _ in self.tables]),
            "calibrated": np.concatenate([calibrated for _, calibrated in self.tables]),
            "prior_rates": np.array([prior.rate for prior in priors]),
            "prior_strengths": np.array([prior.strength for prior in priors]),
            "typical": self.baseline.typical,
        }


def _is_table(table: tuple[Floats, Floats]) -> bool:
    knots, calibrated = table
    return (
        knots.ndim == 1
        and knots.shape == calibrated.shape
        and 2 <= len(knots) <= KNOTS_AT_MOST
        and knots.dtype == calibrated.dtype == np.float32
        and bool(np.isfinite(knots).all() and (np.diff(knots) > 0).all())
        and bool(((calibrated >= 0) & (calibrated <= 1)).all() and (np.diff(calibrated) >= 0).all())
    )
