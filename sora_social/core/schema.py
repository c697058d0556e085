"""The OpenAPI document: every operation says what it takes, what it gives, and how it refuses."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from sora_social.core.idempotency import HEADER

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; act on this."},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                },
            },
        },
        "retry_after": {"type": "integer", "description": "Seconds; also in the Retry-After header."},
        "request_id": {"type": "string"},
    },
}
_REFUSALS = {
    "400": "The request cannot be read.",
    "401": "Nobody is signed in.",
    "403": "Not allowed: `waitlisted`, `suspended`, `unsupported_country_code`, or a rule of this act.",
    "404": "Not there, or not for you to know.",
    "406": "Only JSON is served here.",
    "409": "Not possible in the present state.",
    "413": "Too large.",
    "415": "Only the documented media types are read here.",
    "422": "Some fields are not right.",
    "429": "A limit is reached; see Retry-After.",
    "503": "An engine does not answer; nothing was done.",
}


class Schema(AutoSchema):
    """Names operations after their path, and documents the idempotency key where it is taken."""

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        if getattr(handler, "is_idempotent", False):
            return [
                OpenApiParameter(
                    HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    description="Makes the request safe to repeat: same key and body, same answer.",
                )
            ]
        return []

    def get_auth(self) -> list[Any]:
        needs_nobody = not self.view.permission_classes
        return [] if needs_nobody else [{"sessionToken": []}]


def add_problem_answers(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - the hook's signature
    """Every operation may answer with problem details."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, description in _REFUSALS.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result
