"""The picture of a lineage at the desk, in a real browser: each post in it leads to its page."""

import pytest
from playwright.sync_api import expect

from sora_social.accounts.models import User
from sora_social.moderation import deciding, demo
from tests import cast
from tests.moderation import browser, desk
from tests.moderation.test_browser import apart, executable, picture, sign_in  # noqa: F401 - a fixture


@pytest.fixture
def lineage(committed):
    """root → middle, which a moderator removed → leaf, whose author shows it to nobody; and mod."""
    ada, bo, cy = (cast.person(handle) for handle in ("ada", "bo", "cy"))
    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    root = cast.post(ada, caption="Waves at dawn")
    middle = cast.post(bo, sources=[root], caption="Waves, but green </svg><script>document.title = 'mine'</script>")
    leaf = cast.post(cy, sources=[middle], kind="extend", caption="Greener still", visibility="private")
    deciding.remove_post(User.objects.get(handle="mod"), middle.pk, reason="makes fun of somebody")
    return root, middle, leaf


def test_mod_walks_through_a_lineage_by_its_picture(lineage, executable, tmp_path):  # noqa: F811
    root, middle, leaf = lineage
    with browser.server(tmp_path / "api.log") as url, browser.page(executable, tmp_path / "profile") as page:
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
        page.emulate_media(color_scheme="null")  # as the frame's element says, not as the driver does
        sign_in(page, url)
        page.route("**/clips/**", lambda route: route.fulfill(status=200, body=b""))  # clips of these have no files
        page.goto(f"{url}/admin/posts/post/{root.pk}/change/")
        frame = page.frame_locator("iframe.desk-lineage")
        expect(frame.locator("text.head")).to_be_visible()
        expect(frame.locator("text", has_text="remix · ♥ 0 · gone")).to_be_visible()
        expect(frame.locator("text", has_text="Greener still")).to_be_visible()
        for scheme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")):
            page.evaluate(f"document.documentElement.classList.toggle('dark', {str(scheme == 'dark').lower()})")
            expect(frame.locator("rect.ground")).to_have_css("fill", ground)
            page.locator("iframe.desk-lineage").scroll_into_view_if_needed()
            picture(page, f"20-lineage-{scheme}")
        frame.locator("text", has_text="Greener still").click()
        expect(page).to_have_url(f"{url}/admin/posts/post/{leaf.pk}/change/")
        page.get_by_role("link", name="The picture alone").click()
        expect(page).to_have_url(f"{url}/admin/lineages/{leaf.pk}.svg")
        page.locator("text", has_text="remix · ♥ 0 · gone").click()
        expect(page).to_have_url(f"{url}/admin/posts/post/{middle.pk}/change/")
        assert page.title() != "mine"
        assert [said for said in broken if "Failed to load resource" not in said] == []  # a picture alone has no icon
        page.goto(f"{url}/admin/moderation/auditentry/?q={leaf.pk}")
        expect(page.locator("#result_list")).to_contain_text(f"/admin/lineages/{leaf.pk}.svg")


def test_the_picture_is_for_staff_and_framed_by_the_desk_alone(ada, mod, api):
    root = cast.post(ada)
    address = f"/admin/lineages/{root.pk}.svg"
    assert api(None).get(address).status_code == 302
    client = desk.seated(mod)
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    assert (answer["Content-Security-Policy"], answer["X-Frame-Options"]) == (policy, "SAMEORIGIN")
    assert client.get(f"/admin/lineages/{root.pk + 1}.svg").status_code == 404
