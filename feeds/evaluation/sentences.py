"""Sentences and captions with their labels, from the files beside the harness."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ranking import evaluation

HERE = Path(evaluation.__file__).parent
Lines = Sequence[Mapping[str, Any]]


def of(name: str) -> dict[str, Lines]:
    """Labelled instructions by their language: `own`, which the parser was made with, or `held_out`."""
    return {language: _lines(f"steering_{name}_{language}.jsonl") for language in ("en", "zh")}


def captions() -> Lines:
    return _lines("topic_captions.jsonl")


def _lines(name: str) -> Lines:
    return [json.loads(line) for line in (HERE / name).read_text().splitlines() if line.strip()]
