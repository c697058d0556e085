"""A phone that signs up and in over the real endpoints of allauth."""

import re
from typing import Any

from django.core import mail
from rest_framework.test import APIClient

PASSWORD = "correct horse battery"
WORDS = {"password": PASSWORD, "birthday": "1990-05-04", "country": "NL"}


class Phone:
    """Keeps the session token that the server gave last."""

    def __init__(self) -> None:
        self.client = APIClient()
        self.token = ""

    def call(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"HTTP_X_SESSION_TOKEN": self.token} if self.token else {}
        url = path if path.startswith("/") else f"/_allauth/app/v1/{path}"
        answer = getattr(self.client, verb)(url, body, format="json", **headers)
        if not path.startswith("/v1") and answer.content:
            self.token = answer.json().get("meta", {}).get("session_token") or self.token
        return answer

    def sign_up(self, handle: str, **words: Any) -> Any:
        return self.call(
            "post", "auth/signup", {"email": f"{handle}@example.org", "username": handle, **WORDS, **words}
        )

    def verify(self, code: str = "") -> Any:
        return self.call("post", "auth/email/verify", {"key": code or code_mailed()})

    def join(self, handle: str, **words: Any) -> "Phone":
        """Sign up and confirm the address."""
        answer = self.sign_up(handle, **words)
        assert answer.status_code == 401, answer.content
        answer = self.verify()
        assert answer.status_code == 200, answer.content
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        field = "email" if "@" in name else "username"
        return self.call("post", "auth/login", {field: name, "password": password})


def code_mailed() -> str:
    """The code in the newest mail."""
    found = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def codes_of(answer: Any) -> set[tuple[str, str]]:
    """What allauth refused: field and code."""
    return {(error.get("param", ""), error["code"]) for error in answer.json()["errors"]}
