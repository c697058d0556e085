"""R01, R09: a request that is sent again and again, over connections that are cut, is one request."""

import http.client
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.drill.publishing import RICH
from tests.drill.table import Tried

TRIES = 5
CUT = 0.4  # of the tries hang up without reading the answer
CLIENTS = 8


def drill(scale: float) -> Iterator[Tried]:
    from sora_social.credits.models import Hold
    from sora_social.studio.models import Generation
    from tests import cast
    from tests.processes import processes

    requests = max(20, round(500 * scale))
    with tempfile.TemporaryDirectory(prefix="sora-drill-") as name, processes(Path(name), **RICH) as running:
        _, port = running.api()
        for words, keyed, count in (
            ("each sent five times at any moment, two of five connections cut before the answer", True, requests),
            ("mutant: the same without a key", False, 20),
        ):
            owner = cast.person(f"sender{'' if keyed else 'm'}")
            sender = Sender(port, cast.session_token(owner), is_keyed=keyed)
            answers, others = sender.send_all(count)
            jobs, holds = Generation.objects.filter(owner=owner).count(), Hold.objects.filter(owner=owner).count()
            differing = sum(len(ids) != 1 for ids in answers.values())
            is_kept = jobs == holds == count and not differing and set(others) <= {202, 409}
            bodies = ""
            if keyed:
                other_bodies = [sender.send(number, "another prompt", cut=False)[0] for number in range(20)]
                is_kept = is_kept and other_bodies == [422] * 20
                bodies = "; 20 keys with another body: all refused" if other_bodies == [422] * 20 else "; let in"
            yield Tried(
                "R01, R09",
                "one accepted request is one job and at most one charge; a key gives one answer",
                words,
                f"{count:,} requests × {TRIES}",
                f"{jobs:,} jobs, {holds:,} charges, {differing} keys with more than one answer; statuses "
                + ", ".join(f"{status} × {n}" for status, n in sorted(others.items()))
                + bodies,
                is_kept is keyed,
            )


class Sender:
    def __init__(self, port: int, token: str, *, is_keyed: bool) -> None:
        self.port, self.token, self.is_keyed = port, token, is_keyed

    def send_all(self, count: int) -> tuple[dict[int, set[str]], Counter[int]]:
        """The ids that each request was answered with, and how often which status came."""
        chance = random.Random(9)
        tries = [(number, chance.random() < CUT) for number in range(count) for _ in range(TRIES)]
        # repeats are near each other, many of them at the same moment; the last is read
        tries.sort(key=lambda each: each[0] + chance.uniform(0, 3))
        with ThreadPoolExecutor(CLIENTS) as pool:
            found = list(pool.map(lambda each: (each[0], *self.send(each[0], "a cat in the rain", cut=each[1])), tries))
            found += pool.map(lambda number: (number, *self.send(number, "a cat in the rain", cut=False)), range(count))
        answers: dict[int, set[str]] = {}
        for number, status, body in found:
            if status == 202:
                answers.setdefault(number, set()).add(str(body["id"]))
        return answers, Counter(status for _, status, _ in found if status)

    def send(self, number: int, prompt: str, *, cut: bool) -> tuple[int, dict[str, Any]]:
        """The status and the body; a status of 0 when it hung up."""
        headers = {"X-Session-Token": self.token, "Content-Type": "application/json"}
        if self.is_keyed:
            headers["Idempotency-Key"] = f"drill-{number}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/v1/generations", json.dumps({"prompt": prompt}), headers)
            if cut:
                return 0, {}
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()
