"""Checked input: a view turns what came over the wire into plain values, or says per field what is wrong."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from sora_social.core.errors import FieldError, Invalid
from sora_social.core.plaintext import is_plain


class Input(serializers.Serializer[Any]):
    """The fields that a request may carry. Anything else is refused by name, at any depth."""

    @classmethod
    def checked(cls, data: Any, **context: Any) -> dict[str, Any]:
        """The checked values. Raises Invalid with `errors` per field."""
        form = cls(context=context) if context else _form_of(cls)
        try:
            return dict(form.run_validation(data))
        except serializers.ValidationError as error:
            raise Invalid(errors=field_errors(error.detail)) from error

    def to_internal_value(self, data: Any) -> Any:
        unknown = {}
        if isinstance(data, Mapping) and not isinstance(data, QueryDict):
            names = [str(name) for name in data if name not in self.fields]
            unknown = {name: [ErrorDetail("No such field.", code="unknown_field")] for name in names}
        try:
            checked = super().to_internal_value(data)
        except serializers.ValidationError as error:
            found: dict[str, Any] = {name: self._helpful(name, said) for name, said in error.detail.items()}  # type: ignore[union-attr]
            raise serializers.ValidationError({**found, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return checked

    def _helpful(self, name: str, said: Any) -> Any:
        """What a field says of a wrong choice, with the right ones named."""
        field = self.fields.get(name)
        if not isinstance(field, serializers.ChoiceField) or not isinstance(said, list):
            return said
        choices = "One of: " + ", ".join(str(choice) for choice in field.choices) + "."
        return [ErrorDetail(choices, code=word.code) if word.code == "invalid_choice" else word for word in said]


@cache
def _form_of(kind: type[Input]) -> Input:
    """One form for all requests: checking leaves nothing behind in it, and making one copies every field."""
    return kind()


def field_errors(found: Any, prefix: str = "") -> dict[str, list[FieldError]]:
    """DRF's nested errors as one flat map: `shots[0].text` → codes and messages."""
    flat: dict[str, list[FieldError]] = {}
    for name, value in _named(found, prefix):
        if isinstance(value, ErrorDetail):
            flat.setdefault(name or "body", []).append({"code": value.code or "invalid", "message": str(value)})
        else:
            for inner, entries in field_errors(value, name).items():
                flat.setdefault(inner, []).extend(entries)
    return flat


def _named(found: Any, prefix: str) -> Iterable[tuple[str, Any]]:
    if isinstance(found, Mapping):
        for key, value in found.items():
            if isinstance(key, int):  # an entry of a list field
                yield f"{prefix}[{key}]", value
                continue
            own = "" if key == "non_field_errors" else str(key)
            yield (f"{prefix}.{own}" if prefix and own else prefix or own), value
    elif isinstance(found, list):
        for index, value in enumerate(found):
            yield (prefix if isinstance(value, ErrorDetail) else f"{prefix}[{index}]"), value


class PageIn(Input):
    """Paging of every list: an opaque cursor, and at most 100 rows."""

    cursor = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    limit = serializers.IntegerField(required=False, default=20, min_value=1, max_value=100)


class PlainText(serializers.CharField):
    """What people write for people to read; see `core.plaintext`."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_plain(text):
            raise serializers.ValidationError("Control characters have no place here.", code="control_characters")
        return text


class IdText(serializers.CharField):
    """An id in input: a string of digits that fits 63 bits. Gives an int."""

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        text = super().to_internal_value(data)
        if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) >= 2**63:
            raise serializers.ValidationError("Not an id.", code="invalid")
        return int(text)

    def to_representation(self, value: Any) -> str:
        return str(value)


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "22:00"})
class TimeOfDay(serializers.TimeField):
    """Hours and minutes of a clock on the wall."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **arguments)
