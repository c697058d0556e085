"""F1 to F4: pages of feeds, against a static page, against the control, in statements, and after a long absence."""

import json
import os
import statistics
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.report import Row, spread
from tests.bench.servers import Crowd, Rate, Server, asking, get, serving, settled

PRODUCT = "sora_social.wsgi:application"
STATIC = "tests.bench.static_page:application"
CONTROL = "tests.bench.control_wsgi:application"
PAGES_DEEP = 8
ITEMS = 20


@dataclass(frozen=True)
class Setting:
    """What all of these measurements share."""

    folder: Path
    viewers: Sequence[int]
    engine_pids: Sequence[int]
    rounds: int
    seconds: float

    def engine_cpu_seconds(self) -> float:
        processes = [p for pid in self.engine_pids for p in (psutil.Process(pid), *psutil.Process(pid).children())]
        return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


@dataclass(frozen=True)
class Scroll:
    """One viewer, their token, and the pages that they scroll through."""

    viewer_id: int
    token: str
    for_you: Sequence[str]
    following: Sequence[str]
    snapshot_id: int


def open_sessions(setting: Setting) -> dict[int, str]:
    from sora_social.accounts import sessions
    from sora_social.accounts.models import User

    people = User.objects.in_bulk(setting.viewers)
    return {viewer_id: sessions.open_session(people[viewer_id]) for viewer_id in setting.viewers}


def fetch(server: Server, path: str, token: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"X-Session-Token": token})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def scroll(server: Server, viewer_id: int, token: str) -> Scroll:
    """Walk the first pages once, so that the snapshot is there and the addresses are known."""
    from sora_social.core.cursors import unseal

    walked: dict[str, list[str]] = {"for_you": [], "following": []}
    snapshot_id = 0
    for feed, paths in walked.items():
        cursor = json.loads(fetch(server, f"/v1/feed?feed={feed}&limit={ITEMS}", token))["next"]
        if feed == "for_you":
            snapshot_id = unseal(f"for_you {viewer_id}", cursor, 3)[0]
        while cursor and len(paths) < PAGES_DEEP:
            path = f"/v1/feed?feed={feed}&limit={ITEMS}&cursor={cursor}"
            cursor = json.loads(fetch(server, path, token))["next"]
            if cursor and feed == "for_you" and unseal(f"for_you {viewer_id}", cursor, 3)[0] != snapshot_id:
                break  # the snapshot was scrolled to its end: that page was not a warm one
            paths.append(path)
    return Scroll(viewer_id, token, walked["for_you"], walked["following"], snapshot_id)


def in_turn(scrolls: Sequence[Scroll], paths_of: Callable[[Scroll], Sequence[str]]) -> list[str]:
    """Everybody's first page, then everybody's second: neighbours are never of the same person."""
    deepest = max(len(paths_of(each)) for each in scrolls)
    return [
        get(paths_of(each)[page], each.token)
        for page in range(deepest)
        for each in scrolls
        if page < len(paths_of(each))
    ]


def alternately(setting: Setting, *crowds: Crowd) -> Iterator[tuple[Rate, ...]]:
    for crowd in crowds:
        crowd.run(setting.seconds / 2)
    for _ in range(setting.rounds):
        rates = []
        for crowd in crowds:
            settled()
            rates.append(crowd.run(setting.seconds))
        yield tuple(rates)


def run(setting: Setting, wanted: Callable[[str], bool]) -> Iterator[Row]:
    with ExitStack() as stack:
        product = stack.enter_context(serving(PRODUCT, {}, setting.folder / "api.log"))
        scrolls = [scroll(product, *each) for each in open_sessions(setting).items()]
        if wanted("F1"):
            yield from _against_static(setting, product, scrolls)
        if wanted("F2"):
            yield from _against_control(setting, product, scrolls)
        if wanted("F3"):
            yield from _statements(scrolls)
        if wanted("F4"):
            yield from _cold(setting, product, scrolls)


def _against_static(setting: Setting, product: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    """The static page is a WSGI callable under the same granian: `static_page.py`."""
    body = setting.folder / "page.json"
    body.write_bytes(fetch(product, scrolls[0].for_you[0], scrolls[0].token))
    requests = in_turn(scrolls, lambda each: each.for_you)
    with (
        serving(STATIC, {"BENCH_BODY": str(body)}, setting.folder / "static.log") as static,
        asking(product, requests) as ours,
        asking(static, requests) as theirs,
    ):
        engines = setting.engine_cpu_seconds()
        rounds = list(alternately(setting, ours, theirs))
        engines = setting.engine_cpu_seconds() - engines
    pages = sum(mine.answers for mine, _ in rounds)
    ratios = [mine.per_core / bare.per_core for mine, bare in rounds]
    by_clock = [mine.per_second / bare.per_second for mine, bare in rounds]
    yield Row(
        "F1",
        f"For You, warm, {ITEMS} items, {body.stat().st_size / 1000:.0f} kB; other side: the same bytes from a bare "
        "WSGI callable under the same granian",
        f"{_middle(rounds, 0)} req/s per core ({1000 * _mean_cpu(rounds, 0):.2f} ms; PostgreSQL and Redis "
        f"{1000 * engines / pages:.2f} ms more, elsewhere)",
        f"{_middle(rounds, 1)} req/s per core",
        f"{spread(ratios, 3)} (by the clock {spread(by_clock, 3)})",
        "≥ 0.20",
        statistics.median(ratios) >= 0.20,
    )


def _against_control(setting: Setting, product: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    with serving(CONTROL, {}, setting.folder / "control.log") as control:
        same_content(product, control, scrolls[0])
        for name, ours, theirs in (
            (
                "Following",
                lambda each: each.following,
                lambda each: [f"/v1/control/following?page={2 + n}" for n, _ in enumerate(each.following)],
            ),
            (
                "For You",
                lambda each: each.for_you,
                lambda each: [
                    f"/v1/control/for_you?page={2 + n}&snapshot={each.snapshot_id}" for n, _ in enumerate(each.for_you)
                ],
            ),
        ):
            with asking(product, in_turn(scrolls, ours)) as fast, asking(control, in_turn(scrolls, theirs)) as plain:
                rounds = list(alternately(setting, fast, plain))
            ratios = [mine.per_core / other.per_core for mine, other in rounds]
            by_clock = [mine.per_second / other.per_second for mine, other in rounds]
            yield Row(
                "F2",
                f"{name}, warm, {ITEMS} items; other side: DRF list view with serializers",
                f"{_middle(rounds, 0)} req/s per core",
                f"{_middle(rounds, 1)} req/s per core",
                f"{spread(ratios, 1)} (by the clock {spread(by_clock, 1)})",
                "≥ 8×",
                statistics.median(ratios) >= 8,
            )


def same_content(product: Server, control: Server, each: Scroll) -> None:
    """Both sides show the same posts with the same fields, or the comparison is worth nothing."""
    ours = json.loads(fetch(product, f"/v1/feed?feed=following&limit={ITEMS}", each.token))["items"]
    theirs = json.loads(fetch(control, "/v1/control/following?page=1", each.token))["results"]
    assert [item["post"]["id"] for item in ours] == [item["post"]["id"] for item in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for name in ("media", "created_at"):  # links of another ten seconds, and microseconds in another spelling
            mine["post"].pop(name), other["post"].pop(name)
        assert mine["post"] == other["post"], (mine["post"], other["post"])


def _statements(scrolls: Sequence[Scroll]) -> Iterator[Row]:
    """What really goes over the wire to PostgreSQL for a warm page, traced by libpq itself."""
    from django.test import Client

    client, each = Client(), scrolls[0]
    counts = {}
    for limit in (10, 50):
        for feed in ("for_you", "following"):
            headers = {"X-Session-Token": each.token}
            first = client.get("/v1/feed", {"feed": feed, "limit": limit}, headers=headers).json()
            ask = {"feed": feed, "limit": limit, "cursor": first["next"]}
            for _ in range(7):  # so that what is prepared after some uses is prepared
                client.get("/v1/feed", ask, headers=headers)
            counts[feed, limit] = traced(lambda ask=ask, headers=headers: client.get("/v1/feed", ask, headers=headers))
    most = max(len(found) for found in counts.values())
    words = "; ".join(f"{feed} {limit} items: {len(found)}" for (feed, limit), found in counts.items())
    yield Row(
        "F3",
        "statements to PostgreSQL for a warm page, as libpq traces them, with the person's row of the session check",
        words,
        "",
        f"{most - 1} beside the session check",
        "≤ 3, the same for 10 and 50",
        most - 1 <= 3
        and len({len(counts[feed, 10]) - len(counts[feed, 50]) for feed in ("for_you", "following")}) == 1,
    )


def traced(ask: Callable[[], Any]) -> list[str]:
    """The messages that made PostgreSQL execute something."""
    from django.db import connection

    connection.ensure_connection()
    with tempfile.TemporaryFile("w+") as file:
        connection.connection.pgconn.trace(file.fileno())
        answer = ask()
        connection.connection.pgconn.untrace()
        assert answer.status_code == 200, answer.content
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        lines = file.read().splitlines()
    return [line for line in lines if "\tF\t" in line and ("\tQuery\t" in line or "\tExecute\t" in line)]


def _cold(setting: Setting, product: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    cold_requests = [get(f"/v1/feed?limit={ITEMS}", each.token) for each in scrolls]
    ratios, costs = [], []
    with asking(product, cold_requests) as cold, asking(product, in_turn(scrolls, lambda each: each.for_you)) as warm:
        for _ in range(setting.rounds):
            both = []
            for crowd in (cold, warm):
                settled()
                engines = setting.engine_cpu_seconds()
                rate = crowd.run(setting.seconds)
                both.append((rate.cpu_seconds + setting.engine_cpu_seconds() - engines) / rate.answers)
            costs.append(both)
            ratios.append(both[0] / both[1])
    cold_ms, warm_ms = (1000 * statistics.median(side) for side in zip(*costs, strict=True))
    yield Row(
        "F4",
        "first page after a long absence: candidates, ranking, 200 places kept; other side: a warm page. "
        "Processor time of all processes",
        f"{cold_ms:.1f} ms",
        f"{warm_ms:.2f} ms",
        spread(ratios, 1),
        "≤ 12×",
        statistics.median(ratios) <= 12,
    )


def _middle(rounds: Sequence[Sequence[Rate]], side: int) -> str:
    return f"{statistics.median(rates[side].per_core for rates in rounds):,.0f}"


def _mean_cpu(rounds: Sequence[Sequence[Rate]], side: int) -> float:
    return sum(rates[side].cpu_seconds for rates in rounds) / sum(rates[side].answers for rates in rounds)
