"""A moderator's morning in a real browser: sign in, watch, remove, read the log.

SCREENSHOTS=<folder> keeps a picture of each page.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import expect

from cameos import enrolling
from cameos.models import Enrolment
from feeds.learning import lifecycle, serving_model, training_log
from feeds.models import RankingModel
from sora_social.moderation import demo, reporting
from tests import cast
from tests.clips import write_video
from tests.feeds.test_learning import impressions
from tests.moderation import browser, films

PLAYING = "video => video.readyState >= 3 && video.currentTime > 0.3 && !video.error"


@pytest.fixture
def executable():
    return browser.chromium() or pytest.fail(browser.HOW)


@pytest.fixture
def morning(committed, tmp_path):
    """A few posts that really play, one of them reported twice; and mod."""
    ada, bo, cy = (cast.person(handle) for handle in ("ada", "bo", "cy"))
    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    clips = [films.stored_clip(tmp_path, number=n) for n in range(4)]
    root = cast.post(ada, clip=clips[0], caption="Waves at dawn #sea", prompt="slow waves in pink light at dawn")
    post = cast.post(bo, sources=[root], clip=clips[1], caption="Waves, but green", prompt="the same waves in green")
    cast.post(cy, sources=[post], clip=clips[2], caption="Greener still", prompt="even greener waves")
    cast.post(cy, clip=clips[3], caption="A market in the rain", prompt="a night market in the rain, neon")
    reporting.report(ada, post_id=post.pk, reason="harassment", text="This makes fun of my film.")
    reporting.report(cy, post_id=post.pk, reason="likeness", text="That is my neighbour at 0:02.")
    reporting.report(cy, handle="bo", reason="spam", text="Posts the same thing all day.")
    return ada, post


def test_mod_signs_in_watches_removes_and_reads_the_log(morning, executable, tmp_path, api):
    ada, post = morning
    reader = api(ada)
    assert reader.get(f"/v1/posts/{post.pk}").status_code == 200
    with browser.server(tmp_path / "api.log") as url, browser.page(executable, tmp_path / "profile") as page:
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)

        page.goto(f"{url}/admin/")
        expect(page).to_have_url(re.compile("/staff/login/"))
        picture(page, "1-sign-in")
        page.get_by_label("Login").fill("mod")
        page.get_by_label("Password").fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/staff/2fa/authenticate/"))
        picture(page, "2-second-factor")
        page.locator("input[name=code]").fill(apart(demo.current_code, "mod"))
        page.get_by_role("button", name="Sign In", exact=True).click()
        expect(page).to_have_url(f"{url}/admin/")
        expect(page.get_by_text("open reports")).to_be_visible()
        picture(page, "3-overview")

        go_to(page, "Reports")
        expect(page.get_by_text("That is my neighbour")).to_be_visible()
        picture(page, "4-reports")
        go_to(page, "Posts")
        expect(page.locator("img.desk-thumbnail").first).to_have_js_property("complete", value=True)
        assert page.locator("img.desk-thumbnail").first.evaluate("image => image.naturalWidth") > 0
        picture(page, "5-posts")

        page.get_by_role("link", name="Waves, but green").click()
        video = page.locator("video")
        video.evaluate("video => video.play()")
        page.wait_for_function(f"({PLAYING})(document.querySelector('video'))")
        before = video.evaluate("video => video.currentTime")
        page.wait_for_function(f"document.querySelector('video').currentTime > {before}")
        video.evaluate("video => { video.currentTime = 2.5 }")  # by a range of bytes
        page.wait_for_function("!document.querySelector('video').seeking")
        assert video.evaluate("video => video.videoWidth") == films.WIDTH
        assert video.evaluate("video => video.seekable.end(0)") > 2.5
        picture(page, "6-post")

        page.get_by_label("Reason").fill("Makes fun of a neighbour who did not agree")
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Removed: nobody sees it now.")).to_be_visible()
        assert apart(reader.get, f"/v1/posts/{post.pk}").status_code == 404
        page.locator("video").evaluate("video => video.play()")  # removed, and the desk still sees what it was
        page.wait_for_function(f"({PLAYING})(document.querySelector('video'))")
        picture(page, "7-removed")

        go_to(page, "Posts")
        for row in (0, 1):
            page.locator("input.action-select[name=_selected_action]").nth(row).check()
        page.locator("select[name=action]").select_option("remove_selected")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text("Remove these 2 posts")).to_be_visible()
        picture(page, "7b-remove-two")
        page.get_by_label("Reason").fill("Two for one reason")
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Removed 2 posts.")).to_be_visible()

        go_to(page, "Audit log")
        expect(page.get_by_text("Makes fun of a neighbour who did not agree")).to_be_visible()
        picture(page, "8-audit-log")
        for name in ("People", "Cameos", "Memorials", "Jobs", "Invites", "Waitlist"):
            go_to(page, name)
            picture(page, f"9-{name.lower()}")
        assert broken == []


@pytest.fixture
def enrolments(committed, tmp_path):
    """Two faces that wait for a person, one of them like one that is enrolled; and mod."""
    ada, bo, cy = (cast.person(handle) for handle in ("ada", "bo", "cy"))
    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    enrolled = cast.approved(bo)
    waiting = []
    for number, person in enumerate((ada, cy)):
        video = write_video(tmp_path / f"face-{number}.mp4", seconds=3, size=(films.WIDTH, films.HEIGHT), fps=24)
        face = cast.begun(person)
        with video.open("rb") as recording:
            enrolling.store_recording(person, face.pk, recording)
        claimed = enrolling._claim(face.pk)
        enrolling.conclude(claimed, cast.examination(similar_to=(enrolled.pk,) if number else ()))
        waiting.append(Enrolment.objects.select_related("cameo__owner").get(pk=face.pk))
    return waiting


def test_mod_compares_a_recording_with_what_was_asked_and_approves_it(enrolments, executable, tmp_path, api):
    first = enrolments[0]
    client = api(first.cameo.owner)
    with browser.server(tmp_path / "api.log") as url, browser.page(executable, tmp_path / "profile") as page:
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
        sign_in(page, url)
        page.get_by_role("link", name="2 cameos to review").click()
        rows = page.locator("#result_list tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("@ada")  # the oldest first
        assert page.locator("img.desk-thumbnail").first.evaluate(
            "image => image.decode().then(() => image.naturalWidth)"
        )
        picture(page, "10-cameos")

        rows.first.get_by_role("link", name="@ada").first.click()
        asked = page.locator(".desk-asked")
        expect(asked.nth(0)).to_have_text(" · ".join(map(str, first.numbers)))
        expect(asked.nth(1)).to_contain_text(first.head_turn)
        expect(page.get_by_text("This check says undecided.")).to_be_visible()
        video = page.locator("video")
        video.evaluate("video => { video.muted = true; return video.play() }")
        page.wait_for_function(f"({PLAYING})(document.querySelector('video'))")
        picture(page, "11-cameo")
        page.get_by_label("Reason").fill("She says the numbers and turns")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Approved: the cameo is in force.")).to_be_visible()
        expect(rows).to_have_count(1)
        mine = apart(client.get, f"/v1/cameos/{first.pk}").json()
        assert (mine["status"], mine["viewer"]["may_cast"]) == ("active", True)

        rows.first.get_by_role("link", name="@cy").first.click()
        expect(page.get_by_text("Looks like")).to_be_visible()
        expect(page.get_by_role("link", name="@bo").first).to_be_visible()
        picture(page, "12-alike")
        page.get_by_label("Reason").fill("This is the face of @bo")
        page.get_by_role("button", name="Reject").click()
        expect(page.get_by_text("Rejected: the owner is told why.")).to_be_visible()

        go_to(page, "Memorials")
        go_to(page, "Audit log")
        expect(page.get_by_text("She says the numbers and turns")).to_be_visible()
        picture(page, "13-audit-log")
        assert broken == []


def test_mod_announces_a_challenge_changes_it_and_ends_it(committed, executable, tmp_path, api):
    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    reader = api(cast.person("ada"))
    with browser.server(tmp_path / "api.log") as url, browser.page(executable, tmp_path / "profile") as page:
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
        sign_in(page, url)
        go_to(page, "Challenges")
        page.get_by_role("link", name="New challenge").click()
        page.get_by_label("Title").fill("Rain in one shot")
        page.get_by_label("Description").fill("One take, no cuts.")
        page.get_by_label("Prompt").fill("a street in the rain, one shot")
        page.get_by_label("Tag").fill("raintake")
        page.get_by_label("Starts at").fill("2026-01-01T00:00")
        page.get_by_label("Ends at").fill("2025-01-01T00:00")
        page.get_by_label("Reason").fill("The theme of the week")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("It ends after it starts.")).to_be_visible()
        picture(page, "14-challenge-refused")
        page.get_by_label("Ends at").fill("2056-01-01T00:00")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Announced.")).to_be_visible()
        picture(page, "15-challenge")
        (shown,) = apart(reader.get, "/v1/challenges?state=open").json()["items"]
        assert (shown["title"], shown["tag"]) == ("Rain in one shot", "raintake")

        page.get_by_role("link", name="Change", exact=True).click()
        page.get_by_label("Title").fill("Rain, no cuts")
        page.get_by_label("Reason").fill("Shorter")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Changed.")).to_be_visible()
        expect(page.get_by_text("Rain, no cuts").first).to_be_visible()
        page.get_by_label("Reason").fill("Enough rain")
        page.get_by_role("button", name="End now").click()
        expect(page.get_by_text("Ended.")).to_be_visible()
        assert apart(reader.get, f"/v1/challenges/{shown['id']}").json()["state"] == "past"
        go_to(page, "Challenges")
        expect(page.get_by_role("link", name="Rain, no cuts")).to_be_visible()
        picture(page, "16-challenges")
        go_to(page, "Audit log")
        expect(page.get_by_text("Enough rain")).to_be_visible()
        assert broken == []


@pytest.fixture
def two_models(committed, known_log, monkeypatch):
    """Two that training made, a day of the same log apart; and mod."""
    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    for begin in (2_000, 0):
        monkeypatch.setattr(
            training_log, "read", lambda begin=begin, **_: impressions(known_log.part(begin, len(known_log)))
        )
        lifecycle.train()
    return list(RankingModel.objects.order_by("-pk").values_list("version", flat=True))


CANVAS_HAS_INK = """canvas => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, place) => place % 4 === 3 && value > 0).length;
}"""


def test_mod_reads_how_a_model_fares_promotes_it_and_takes_it_back(two_models, executable, tmp_path):
    newest, _ = two_models
    with browser.server(tmp_path / "api.log") as url, browser.page(executable, tmp_path / "profile") as page:
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
        sign_in(page, url)
        go_to(page, "Ranking models")
        expect(page.locator("#result_list tbody tr")).to_have_count(2)
        picture(page, "14-models")
        page.get_by_role("link", name=newest).click()
        expect(page.get_by_text("Calibration: open")).to_be_visible()
        canvases = page.locator("canvas.chart")
        assert canvases.count() >= 6
        for scheme in ("light", "dark"):
            page.evaluate(f"document.documentElement.classList.toggle('dark', {str(scheme == 'dark').lower()})")
            page.wait_for_timeout(300)
            for number in range(canvases.count()):
                assert canvases.nth(number).evaluate(CANVAS_HAS_INK) > 500, (scheme, number)
            picture(page, f"15-model-{scheme}", whole=True)
        page.get_by_label("Reason").fill("Better on the newest day")
        page.get_by_role("button", name="Promote").click()
        expect(page.get_by_text("Promoted: it ranks in every process within seconds.")).to_be_visible()
        assert apart(serving_model.current).model is not None
        page.get_by_label("Reason").fill("Only to see it go back")
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("Taken back: the one before ranks.")).to_be_visible()
        go_to(page, "Audit log")
        expect(page.get_by_text("Only to see it go back")).to_be_visible()
        assert broken == []


def sign_in(page, url):
    page.goto(f"{url}/admin/")
    page.get_by_label("Login").fill("mod")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=code]").fill(apart(demo.current_code, "mod"))
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page).to_have_url(f"{url}/admin/")


def go_to(page, name):
    page.locator("#nav-sidebar-apps").get_by_role("link", name=name).click()
    expect(page.locator("#nav-sidebar-apps a.active")).to_contain_text(name)


def apart(call, *args):
    """The driver runs a loop in this thread, and Django does not work inside one: work in another."""

    def called():
        try:
            return call(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(called).result()


def picture(page, name, *, whole=False):
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)
