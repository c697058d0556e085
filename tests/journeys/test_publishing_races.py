"""What is taken away while somebody publishes from it is not published from."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from remix.lineage import Source
from remix.models import Edge
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
