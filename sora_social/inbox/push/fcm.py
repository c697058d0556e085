"""Firebase Cloud Messaging, HTTP v1.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages, with access tokens by RFC 7523.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import orjson
from django.conf import settings

from sora_social.inbox.push.services import Answer, Fate, Message, ask, by_status, retry_after

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = 3600
_EARLY = 300  # seconds before its end a token is replaced
_GONE = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_tokens: dict[str, tuple[str, float]] = {}  # of this process, by account


class Fcm:
    """Messages to Android devices, and whatever else Firebase reaches."""

    speaks_http1 = True

    def __init__(self) -> None:
        self.account: dict[str, str] = orjson.loads(Path(settings.FCM_CREDENTIALS_FILE).read_bytes())
        self._turn = asyncio.Lock()

    async def send(self, client: httpx.AsyncClient, message: Message) -> Answer:
        bearer = await self._access_token(client)
        if isinstance(bearer, Answer):
            return bearer
        url = f"{settings.FCM_URL}/v1/projects/{self.account['project_id']}/messages:send"
        response, words = await ask(
            client, url, headers={"Authorization": f"Bearer {bearer}"}, json={"message": self._words(message)}
        )
        said = _error_code(words)
        if response.status_code == 401:  # the token was taken back before its time
            _tokens.pop(self.account["client_email"], None)
            return Answer(Fate.LATER, said=said)
        if response.status_code in {403, 404} and said in _GONE:
            return Answer(Fate.GONE, said=said)
        return by_status(response, said)

    def _words(self, message: Message) -> dict[str, Any]:
        return {
            "token": message.device_token,
            "notification": {"body": message.text},
            "data": dict(message.data),
            "android": {
                "collapse_key": message.collapse_id,
                "ttl": f"{message.good_for}s",
                "notification": {"tag": message.collapse_id},
            },
        }

    async def _access_token(self, client: httpx.AsyncClient) -> str | Answer:
        """A token that is good for a while yet; or the answer that there is none now."""
        email = self.account["client_email"]
        async with self._turn:  # one asks for all
            token, until = _tokens.get(email, ("", 0.0))
            if time.time() < until - _EARLY:
                return token
            now = int(time.time())
            audience = self.account["token_uri"]
            claims = {"iss": email, "scope": _SCOPE, "aud": audience, "iat": now, "exp": now + _LIFE}
            headers = {"kid": self.account.get("private_key_id", "")}
            assertion = jwt.encode(claims, self.account["private_key"], algorithm="RS256", headers=headers)
            response, words = await ask(client, audience, data={"grant_type": _GRANT, "assertion": assertion})
            given = words.get("access_token")
            if response.status_code != 200 or not isinstance(given, str):
                return Answer(Fate.LATER, retry_after(response), f"no access token: {response.status_code}")
            life = words.get("expires_in")
            _tokens[email] = (given, now + (life if isinstance(life, int) else _LIFE))
            return given


def _error_code(words: dict[str, Any]) -> str:
    """The code that FCM gives beside the general one, when there is any; else that."""
    error = words.get("error")
    if not isinstance(error, dict):
        return ""
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("errorCode"), str):
            return str(detail["errorCode"])
    return str(error.get("status", ""))
