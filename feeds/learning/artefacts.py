"""The estimators of a model as bytes: skops, never pickle, and nothing in it but what a recipe is made of.

What is stored could be exchanged by whoever can write the table. So every node of it must be on the list below before
skops is asked to build anything; skops' own list of what it trusts is longer than a recipe.
"""

import io
import json
from collections.abc import Iterator
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from ranking.model import BrokenModel

# module, class, and skops' loader, of everything that a recipe holds
TRUSTED: Final = frozenset(
    {
        ("builtins", "dict", "DictNode"),
        ("builtins", "list", "ListNode"),
        ("builtins", "tuple", "TupleNode"),
        ("builtins", "str", "JsonNode"),
        ("builtins", "str", "TypeNode"),
        ("numpy", "ndarray", "NdArrayNode"),
        ("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode"),
    }
)


def stored(recipe: dict[str, Any]) -> bytes:
    """What `training.fit` gave, to be kept."""
    import skops.io  # scikit-learn comes with it: for workers and commands alone

    written: bytes = skops.io.dumps(recipe, compression=ZIP_DEFLATED)
    return written


def read(estimators: bytes) -> dict[str, Any]:
    """The recipe again. Raises BrokenModel when it holds anything else than it may, before that is built."""
    import skops.io

    strange = sorted({".".join(node[:2]) for node in _nodes(_schema(estimators)) if node not in TRUSTED})
    if strange:
        raise BrokenModel(f"the estimators hold what a recipe does not: {', '.join(strange)}")
    try:
        recipe: dict[str, Any] = skops.io.loads(estimators, trusted=[])
    except (TypeError, ValueError, KeyError, AttributeError, OSError) as error:
        raise BrokenModel(f"the estimators cannot be read: {error}") from error
    return recipe


def _schema(estimators: bytes) -> Any:
    try:
        with ZipFile(io.BytesIO(estimators)) as archive:
            return json.loads(archive.read("schema.json"))
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise BrokenModel(f"the estimators cannot be read: {error}") from error


def _nodes(schema: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(schema, dict):
        if "__class__" in schema or "__loader__" in schema:
            yield tuple(str(schema.get(name)) for name in ("__module__", "__class__", "__loader__"))  # type: ignore[misc]
        for part in schema.values():
            yield from _nodes(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _nodes(part)
