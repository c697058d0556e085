"""The seam to what wakes devices: a service per platform, each with its own credentials. Imported by workers alone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import httpx
import jwt
import orjson
import structlog
from django.conf import settings

from sora_social.inbox.models import Platform

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
WHOLE_SECONDS = 15.0  # one message, however slowly the answer trickles
LARGEST_ANSWER = 64 * 1024
AT_ONCE = 50


class Fate(Enum):
    """What became of a message."""

    ARRIVED = "arrived"
    GONE = "gone"  # there is no such device any more
    REFUSED = "refused"  # it will not be taken, however often it is sent
    LATER = "later"


@dataclass(frozen=True)
class Answer:
    fate: Fate
    retry_after: float | None = None  # seconds, when the service says so
    said: str = ""


@dataclass(frozen=True)
class Message:
    """What one device is to show. Devices show messages of one `collapse_id` once, the newest."""

    device_token: str
    text: str
    collapse_id: str
    data: Mapping[str, str]
    good_for: int  # seconds


class Service(Protocol):
    """One platform's push service. Its methods run on one event loop for the time of a batch."""

    speaks_http1: bool

    async def send(self, client: httpx.AsyncClient, message: Message) -> Answer:
        """Hand one message over. Raises httpx.HTTPError and OSError when the service cannot be heard, PyJWTError and
        ValueError when our credentials cannot be read."""


def configured() -> dict[str, Service]:
    """The services whose credentials are set, by platform."""
    from sora_social.inbox.push.apns import Apns
    from sora_social.inbox.push.fcm import Fcm

    found: dict[str, Service] = {}
    if settings.FCM_CREDENTIALS_FILE:
        found[Platform.FCM] = Fcm()
    if settings.APNS_KEY_FILE:
        found[Platform.APNS] = Apns()
    return found


def send_all(service: Service, messages: Sequence[Message]) -> list[Answer]:
    """Hand over many messages at once, over as few connections as there need be. An answer for each, in order."""
    return asyncio.run(_send_all(service, messages))


async def _send_all(service: Service, messages: Sequence[Message]) -> list[Answer]:
    turns = asyncio.Semaphore(AT_ONCE)
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=WHOLE_SECONDS)
    http1 = service.speaks_http1
    async with httpx.AsyncClient(http1=http1, http2=True, timeout=timeout, trust_env=False) as client:

        async def send(message: Message) -> Answer:
            async with turns:
                try:
                    return await asyncio.wait_for(service.send(client, message), WHOLE_SECONDS)
                except (httpx.HTTPError, OSError, jwt.PyJWTError, ValueError) as trouble:
                    log.warning("push_not_sent", error=repr(trouble)[:200])
                    return Answer(Fate.LATER, said=type(trouble).__name__)

        return list(await asyncio.gather(*(send(message) for message in messages)))


async def ask(client: httpx.AsyncClient, url: str, **request: Any) -> tuple[httpx.Response, dict[str, Any]]:
    """POST, and read an answer of limited length: the response, and what its JSON says; nothing when it is none."""
    async with client.stream("POST", url, **request) as response:
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > LARGEST_ANSWER:
                break
    try:
        words = orjson.loads(body)
    except orjson.JSONDecodeError:
        words = {}
    return response, words if isinstance(words, dict) else {}


def retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header; a date in it is not read."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None


def by_status(response: httpx.Response, said: str) -> Answer:
    """What a status means in either service: the others are told apart by their words."""
    if response.status_code == 200:
        return Answer(Fate.ARRIVED)
    if response.status_code == 429 or response.status_code >= 500:
        return Answer(Fate.LATER, retry_after(response), said)
    return Answer(Fate.REFUSED, said=said)
