"""People who may write to each other, what sockets would hear, and services that wake devices."""

import datetime as dt
import json

import orjson
import pytest

from sora_social.accounts import ties
from sora_social.core import bus, telling
from sora_social.inbox.push import apns, delivering, fcm, services
from tests.inbox.devices import EC, RSA, pem
from tests.inbox.push_servers import push_servers


@pytest.fixture
def friends(ada, bo):
    """Ada and Bo follow each other."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    return ada, bo


@pytest.fixture
def heard(monkeypatch, django_capture_on_commit_callbacks):
    """What the `/me` sockets of people are told by an act, in order: (whom, frame)."""

    def during(act):
        said: list = []

        def publish(channel: str, message: bytes) -> None:
            if channel == telling.CHANNEL:
                _, person_ids, text = telling.opened(message)
                said.append((set(person_ids), json.loads(text)))

        monkeypatch.setattr(bus, "publish", publish)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return said

    return during


@pytest.fixture
def push(settings, tmp_path, monkeypatch):
    """Both services, configured, on servers of this process."""
    with push_servers() as (fcm_server, apns_server):
        account = {"project_id": "demo", "client_email": "a@b.c", "private_key_id": "k1"}
        account |= {"private_key": pem(RSA).decode(), "token_uri": f"{fcm_server.url}/token"}
        (tmp_path / "account.json").write_bytes(orjson.dumps(account))
        (tmp_path / "key.p8").write_bytes(pem(EC))
        settings.FCM_CREDENTIALS_FILE, settings.FCM_URL = str(tmp_path / "account.json"), fcm_server.url
        settings.APNS_KEY_FILE, settings.APNS_URL = str(tmp_path / "key.p8"), apns_server.url
        settings.APNS_KEY_ID, settings.APNS_TEAM_ID, settings.APNS_TOPIC = "KEY1", "TEAM1", "org.example.app"
        monkeypatch.setattr(delivering, "WAITS", dt.timedelta(0))
        monkeypatch.setattr(services, "ANSWER_SECONDS", 0.5)
        monkeypatch.setattr(services, "WHOLE_SECONDS", 1.0)
        for known in (fcm._tokens, apns._tokens):
            known.clear()
        yield fcm_server, apns_server
