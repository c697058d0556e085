"""R06: Redis emptied under load loses no job, like, comment, notification or session; the feed goes on, no repeats."""

import http.client
import json
import threading
import time
import uuid

from sora_social.core import bus
from sora_social.core.models import OutboxEvent, Tally
from sora_social.credits.models import Hold
from sora_social.inbox.models import Jotting
from sora_social.inbox.notifications import mailbox
from sora_social.posts.models import Comment, Like
from sora_social.studio.models import OPEN, Draft, Generation
from tests import cast
from tests.processes import eventually

SECONDS = 6.0
POSTS = 60
WIPES = 3


class Person(threading.Thread):
    """Acts over HTTP until told to stop, and remembers everything that was acknowledged."""

    def __init__(self, port: int, token: str, posts: list[int]) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.posts = port, token, posts
        self.liked: set[int] = set()
        self.said: set[str] = set()
        self.asked: set[str] = set()
        self.seen: list[str] = []
        self.failed: list[tuple[str, int, str]] = []
        self.over = threading.Event()

    def call(self, verb: str, path: str, body: dict | None = None) -> dict | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"X-Session-Token": self.token, "Content-Type": "application/json"}
            if verb == "POST":
                headers["Idempotency-Key"] = uuid.uuid4().hex
            connection.request(verb, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            words = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            self.failed.append((f"{verb} {path}", answer.status, words.decode()[:200]))
            return None
        return json.loads(words) if words else {}

    def run(self) -> None:
        turn, cursor = 0, ""
        while not self.over.is_set():
            post = self.posts[turn % len(self.posts)]
            if self.call("PUT", f"/v1/posts/{post}/like") is not None:
                self.liked.add(post)
            said = self.call("POST", f"/v1/posts/{post}/comments", {"text": f"turn {turn}"})
            if said is not None:
                self.said.add(said["id"])
            if turn % 5 == 0 and len(self.asked) < 3:
                job = self.call("POST", "/v1/generations", {"prompt": "a cat in the rain"})
                if job is not None:
                    self.asked.add(job["id"])
            if cursor is not None:
                page = self.call("GET", f"/v1/feed?feed=for_you&limit=5&cursor={cursor}")
                if page is not None:
                    self.seen += [item["id"] for item in page["items"]]
                    cursor = page["next"]
            turn += 1


def test_r06_redis_emptied_under_load_loses_nothing(running, api):
    author = cast.person("author")
    posts = [cast.post(author, caption=f"post {number}").pk for number in range(POSTS)]
    maker = {"PROVIDER": "tests.studio.makers.Quick"}
    _, port = running.api(**maker)
    running.worker(**maker)
    running.beat(**maker)
    people = [cast.person(handle) for handle in ("ada", "bo")]
    crowd = [Person(port, cast.session_token(person), posts) for person in people]
    for person in crowd:
        person.start()
    for _ in range(WIPES):
        time.sleep(SECONDS / (WIPES + 1))
        bus.client().flushdb()  # cache, bus and broker of this test are one database
    time.sleep(SECONDS / (WIPES + 1))
    for person in crowd:
        person.over.set()
    for person in crowd:
        person.join(30)
        assert not person.is_alive()
    assert [failure for person in crowd for failure in person.failed] == []

    bus.client().flushdb()
    eventually(lambda: not Generation.objects.filter(status__in=OPEN).exists(), seconds=40, what="jobs end")
    eventually(
        lambda: not (OutboxEvent.objects.exists() or Tally.objects.exists() or Jotting.objects.exists()),
        seconds=40,
        what="all is counted and told",
    )
    likers, commenters = set(), set()
    for seen in mailbox.notifications_of(author, kind="", cursor="", limit=500).items:
        who = {(seen.row.subject_id, pk) for pk in seen.row.occurrences.values_list("actor_id", flat=True)}
        (likers if seen.row.kind == "like" else commenters).update(who)
        assert seen.actor_count == len(who), "somebody was counted twice, or not"
    assert likers == set(Like.objects.values_list("post_id", "person_id"))
    assert commenters == set(Comment.objects.values_list("post_id", "author_id"))
    for person, account in zip(crowd, people, strict=True):
        assert len(person.said) > 5
        assert person.liked == set(Like.objects.filter(person=account).values_list("post_id", flat=True))
        assert person.said == {str(pk) for pk in Comment.objects.filter(author=account).values_list("pk", flat=True)}
        jobs = Generation.objects.filter(owner=account)
        assert person.asked == {str(job.pk) for job in jobs}
        assert {job.status for job in jobs} == {"completed"}
        told = mailbox.notifications_of(account, kind="generation", cursor="", limit=50).items
        assert sorted(seen.row.subject_id for seen in told) == sorted(job.pk for job in jobs)
        assert Draft.objects.filter(owner=account).count() == len(person.asked)
        assert {hold.state for hold in Hold.objects.filter(owner=account)} == {"captured"}
        assert len(person.seen) == len(set(person.seen)) > 5, "the feed repeated itself"
        assert person.call("GET", "/v1/me")["handle"] == account.handle  # the session lives in PostgreSQL
    for post_id in posts[:10]:
        counted = api(people[0]).get(f"/v1/posts/{post_id}").json()["counts"]
        assert counted["likes"] == Like.objects.filter(post=post_id).count()
        assert counted["comments"] == Comment.objects.filter(post=post_id).count()
