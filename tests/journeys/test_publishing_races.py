"""What is taken away while somebody publishes from it is not published from."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from remix.lineage import Source
from remix.models import Edge
from sora_social.accounts import ties
from sora_social.core.errors import NotFound
from sora_social.posts import posting
from sora_social.studio import publishing
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed")
def test_a_source_deleted_while_its_remix_is_published_wins():
    ada, bo = cast.person("ada"), cast.person("bo")
    root = cast.post(ada)
    draft = cast.finished_job(bo, sources=[Source(root.pk, "remix")]).drafts.get()
    deleted = threading.Event()

    def publish():
        try:
            deleted.wait(10)
            return publishing.publish_draft(bo, draft.pk, **WORDS)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            posting.delete_post(ada, root.pk)
            publishing_bo = pool.submit(publish)
            deleted.set()
            end = time.monotonic() + 10
            while not waiting_for_locks():  # the publisher found the post still there, and waits for its row
                assert time.monotonic() < end, publishing_bo.exception(0)
                time.sleep(0.01)
        with pytest.raises(NotFound):
            publishing_bo.result(10)
    draft.refresh_from_db()
    assert draft.status == "ready"
    assert not Edge.objects.exists()


@pytest.mark.usefixtures("committed")
def test_a_wall_put_up_while_a_remix_is_published_wins():
    ada, bo = cast.person("ada"), cast.person("bo")
    root = cast.post(ada)
    draft = cast.finished_job(bo, sources=[Source(root.pk, "remix")]).drafts.get()

    def publish():
        try:
            return publishing.publish_draft(bo, draft.pk, **WORDS)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ties.hold_tie(ada.pk, bo.pk)
            ties.block(ada, "bo")
            publishing_bo = pool.submit(publish)
            end = time.monotonic() + 10
            while not waiting_for_locks():  # the publisher sees no wall yet, and waits for what is between the two
                assert time.monotonic() < end, publishing_bo.exception(0)
                time.sleep(0.01)
        with pytest.raises(NotFound):
            publishing_bo.result(10)
    assert not Edge.objects.exists()


@pytest.mark.usefixtures("committed")
def test_those_who_rely_on_a_tie_do_not_wait_for_each_other():
    ada, bo = cast.person("ada"), cast.person("bo")

    def rely():
        try:
            with transaction.atomic():
                ties.hold_tie(bo.pk, ada.pk, shared=True)
                return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        ties.hold_tie(ada.pk, bo.pk, shared=True)
        assert pool.submit(rely).result(5)
