"""The Apple Push Notification service, with a provider token.

https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
"""

import time
import uuid
from pathlib import Path

import httpx
import jwt
from django.conf import settings

from sora_social.inbox.push.services import Answer, Fate, Message, ask, by_status

_RENEWED_AFTER = 40 * 60  # seconds; Apple wants it between 20 and 60 minutes
_GONE = frozenset({"BadDeviceToken", "Unregistered", "ExpiredToken", "DeviceTokenNotForTopic"})
_STALE = frozenset({"ExpiredProviderToken"})
_NAMES = uuid.UUID("6f0c7f0e-7d0c-4b1b-9d4e-0c1f5b8a2a51")  # the space that our message ids are made in
_tokens: dict[str, tuple[str, float]] = {}  # of this process, by key


class Apns:
    """Messages to Apple's devices."""

    speaks_http1 = False

    async def send(self, client: httpx.AsyncClient, message: Message) -> Answer:
        name = f"{message.collapse_id} {message.device_token}"
        headers = {
            "authorization": f"bearer {self._provider_token()}",
            "apns-topic": settings.APNS_TOPIC,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-id": str(uuid.uuid5(_NAMES, name)),  # a repeat has the same
            "apns-collapse-id": message.collapse_id,
            "apns-expiration": str(int(time.time()) + message.good_for),
        }
        body = {"aps": {"alert": {"body": message.text}, "sound": "default"}, **message.data}
        url = f"{settings.APNS_URL}/3/device/{message.device_token}"
        response, words = await ask(client, url, headers=headers, json=body)
        said = str(words.get("reason", ""))
        if response.status_code == 410 or (response.status_code == 400 and said in _GONE):
            return Answer(Fate.GONE, said=said)
        if response.status_code == 403 and said in _STALE:
            _tokens.pop(settings.APNS_KEY_ID, None)
            return Answer(Fate.LATER, said=said)
        return by_status(response, said)

    def _provider_token(self) -> str:
        token, until = _tokens.get(settings.APNS_KEY_ID, ("", 0.0))
        now = time.time()
        if now >= until:
            claims = {"iss": settings.APNS_TEAM_ID, "iat": int(now)}
            key = Path(settings.APNS_KEY_FILE).read_bytes()
            token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": settings.APNS_KEY_ID})
            _tokens[settings.APNS_KEY_ID] = (token, now + _RENEWED_AFTER)
        return token
