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
_SECURED = {
    "401": "Nobody is signed in.",
    "403": "Not allowed: `waitlisted`, `suspended`, `unsupported_country_code`, or a rule of this act.",
}
_NAMED = {"404": "Not there, or not for you to know."}
_ASKED = {"422": "Some fields are not right: see `errors`."}
_WRITTEN = {
    "409": "Not possible in the present state.",
    "429": "A limit is reached; see Retry-After.",
}
_BODIED = {"413": "The body is too large.", "415": "Only the documented media types are read here."}
_ALWAYS = {
    "400": "The request cannot be read.",
    "405": "This path does not take that verb.",
    "406": "Only JSON is served here.",
    "503": "An engine does not answer; nothing was done.",
}
_VERBS = {"POST": "create", "PUT": "put", "PATCH": "update", "DELETE": "delete"}
_SINGULARS = {"people": "person", "replies": "reply"}


class Schema(AutoSchema):
    """Names operations as a client would call them, and documents the idempotency key where it is taken."""

    def get_operation_id(self) -> str:
        return operation_name(self.method, self.path)

    def get_tags(self) -> list[str]:
        """The room of the view, or its part of the room where that has a file of views of its own."""
        package, _, module = type(self.view).__module__.rpartition(".")
        part = module.removesuffix("views").rstrip("_")
        return [f"{part}s" if module.endswith("_views") else part or package.rpartition(".")[2]]

    def get_summary(self) -> str:
        return self.get_description().split(". ")[0].split(": ")[0].strip().rstrip(".")

    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:  # noqa: FBT001, FBT002 - the parent's signature
        """`PostOut` is a Post on the wire, `PublishIn` is a PublishRequest."""
        name = type(serializer).__name__
        return f"{name[:-2]}Request" if name.endswith("In") else name.removesuffix("Out")

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        if getattr(handler, "is_idempotent", False):
            return [
                OpenApiParameter(
                    HEADER,
                    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
                    OpenApiParameter.HEADER,
                    description="Makes the request safe to repeat: same key and body, same answer. "
                    "With another body: 422 `idempotency_conflict`.",
                )
            ]
        return []

    def get_auth(self) -> list[Any]:
        needs_nobody = not self.view.permission_classes
        return [] if needs_nobody else [{"sessionToken": []}]


def operation_name(verb: str, path: str) -> str:
    """What a generated client calls an operation: `like_post`, `list_post_comments`, `get_person`, `update_me`."""
    parts = path.removeprefix("/v1/").replace("-", "_").replace(".", "_").split("/")
    words = ["my" if word == "me" and len(parts) > 1 else word for word in parts if not word.startswith("{")]
    *owners, last = words
    owner = "_".join(_singular(word) for word in owners)
    is_of_one = not parts[-1].startswith("{")  # ends in a word: a list, a property, or an act
    if verb == "GET":
        is_list = is_of_one and last.endswith("s")
        return "_".join(filter(None, ("list" if is_list else "get", owner, last if is_of_one else _singular(last))))
    if verb in {"PUT", "DELETE"} and owner and is_of_one:
        return f"{'un' if verb == 'DELETE' else ''}{last}_{owner}"
    if verb == "POST" and not last.endswith("s"):
        return last if owner in {"", "my"} else f"{last}_{owner}"
    return "_".join(filter(None, (_VERBS[verb], owner, _singular(last))))


def _singular(word: str) -> str:
    return _SINGULARS.get(word, word.removesuffix("s"))


def close_requests(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - the hook's signature
    """Say in the document what `core.wire.Input` holds: a field that is not named is refused."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Request"):
            component["additionalProperties"] = False
    return result


def add_problem_answers(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - the hook's signature
    """Say of each operation which refusals it knows; all of them are problem details."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for verb, operation in operations.items():
            for status, description in sorted(_refusals(path, verb, operation).items()):
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result


def _refusals(path: str, verb: str, operation: dict[str, Any]) -> dict[str, str]:
    has_body = "requestBody" in operation
    return {
        **_ALWAYS,
        **(_SECURED if operation.get("security") else {}),
        **(_NAMED if "{" in path or (has_body and operation.get("security")) else {}),
        **(_ASKED if has_body or operation.get("parameters") else {}),
        **(_WRITTEN if verb != "get" else {}),
        **(_BODIED if has_body else {}),
    }
