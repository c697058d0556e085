"""Devices of people, what push services know of us, and what they were sent."""

import datetime as dt

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone

from sora_social.inbox import tasks
from sora_social.inbox.models import Delivery
from sora_social.inbox.push import devices
from tests import cast

FCM_TOKEN = "fcm_device_token_of_ada:1"
APNS_TOKEN = "ab" * 32
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(key) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def register(person, platform="fcm", token="", language="en"):
    token = token or (FCM_TOKEN if platform == "fcm" else APNS_TOKEN)
    session = cast.session_token(person)
    return devices.register(person, platform=platform, token=token, session_token=session, language=language), session


def due_now():
    Delivery.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))


def messages(server):
    return [asked for asked in server.asked if asked.path != "/token"]


def woken(push):
    due_now()
    tasks.push()
    return len(messages(push[0])) + len(push[1].asked)
