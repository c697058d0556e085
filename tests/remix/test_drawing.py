"""Pictures of lineages: what is in them, for whom, and that neither words nor size do harm."""

import re
import xml.etree.ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from remix import derivations
from remix.drawing import choosing, layout, pictures
from remix.drawing.svg import cut
from remix.models import Edge
from remix.reading import StaffSight, ViewerSight
from sora_social.accounts import ties
from sora_social.posts import posting
from sora_social.posts.models import Post
from tests import cast
from tests.remix import growing

SVG = "{http://www.w3.org/2000/svg}"


def drawn(client, post):
    answer = client.get(f"/v1/posts/{post.pk}/lineage.svg")
    assert answer.status_code == 200, answer.content
    return ET.fromstring(answer.content)  # noqa: S314 - our own


def titles(picture):
    return [group.find(f"{SVG}title").text for group in picture.iter(f"{SVG}g") if group.get("role")]


def words(picture):
    return " ".join(picture.itertext())


@pytest.fixture
def family(ada, bo, cy):
    """root → middle → stitch of middle and of another → leaf."""
    root = cast.post(ada, caption="Waves at dawn")
    middle = cast.post(bo, sources=[root], caption="Waves, but green")
    other = cast.post(cy, caption="雨夜城市里的一只猫")
    stitch = cast.post(ada, sources=[middle, other], kind="stitch", caption="both")
    leaf = cast.post(bo, sources=[stitch], kind="extend", caption="and on")
    return root, middle, other, stitch, leaf


def test_a_picture_has_ancestors_above_and_what_was_made_below(family, ada, api):
    *_, stitch, _ = family
    picture = drawn(api(ada), stitch)
    assert sorted(titles(picture)) == [
        "@ada, made of no other, 0 likes: Waves at dawn",
        "@ada, stitch, 0 likes: both",
        "@bo, extend, 0 likes: and on",
        "@bo, remix, 0 likes: Waves, but green",
        "@cy, made of no other, 0 likes: 雨夜城市里的一只猫",
    ]
    places = layout.lay_out(choosing.choose(ViewerSight(ada), stitch.pk)).at
    heights = [places[post.pk][1] for post in (family[0], family[1], family[2], stitch, family[4])]
    assert heights[0] < heights[1] == heights[2] < heights[3] < heights[4]
    (asked,) = [
        group for group in picture.iter(f"{SVG}g") if "asked" in (group.get("class") or "") and group.get("role")
    ]
    assert asked.find(f"{SVG}title").text == "@ada, stitch, 0 likes: both"
    assert {"stitch 1", "stitch 2", "remix", "extend", "this post"} <= {
        text.text for text in picture.iter(f"{SVG}text")
    }


def test_kinds_are_told_apart_by_their_lines_and_by_words(ada, bo, api):
    root = cast.post(ada)
    for kind in ("remix", "extend", "template"):
        cast.post(bo, sources=[root], kind=kind)
    picture = drawn(api(ada), root)
    kinds = {path.get("class") for path in picture.iter(f"{SVG}path")}
    assert kinds >= {"remix", "extend", "template"}
    style = picture.find(f"{SVG}style").text
    dashes = {
        kind: re.search(rf"\.{kind}{{[^}}]*?(stroke-dasharray:[^;}}]*)?}}", style)[1] for kind in kinds - {"trunk"}
    }
    assert len(set(dashes.values())) == len(dashes)
    assert all(kind in words(picture) for kind in ("remix", "extend", "template"))


def test_what_people_write_stays_words(ada, bo, api):
    root = cast.post(ada, caption='</svg><script>alert(1)</script>" onload="x" & \u202egnp.exe \x0b ]]>')
    cast.post(bo, sources=[root], caption="<image href='http://elsewhere.example/x.png'/>")
    answer = api(ada).get(f"/v1/posts/{root.pk}/lineage.svg")
    picture = ET.fromstring(answer.content)  # noqa: S314
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        *("svg", "title", "style", "rect", "g", "text", "path"),
    }
    assert b"<script" not in answer.content
    assert "\u202e" not in answer.content.decode()
    assert not [
        name for element in picture.iter() for name in element.attrib if name.startswith("on") or "href" in name
    ]
    assert "</svg><script>alert(1)</script>" in words(picture)
    assert b"url(" not in answer.content
    assert b"@import" not in answer.content


def test_a_picture_is_served_as_one_that_runs_nothing(family, ada, api):
    answer = api(ada).get(f"/v1/posts/{family[0].pk}/lineage.svg", HTTP_ACCEPT="image/svg+xml")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"prefers-color-scheme:dark" in answer.content


def test_a_tombstone_is_drawn_without_a_face_and_its_children_stand_under_it(family, ada, bo, api):
    root, middle, *_ = family
    posting.delete_post(bo, middle.pk)
    picture = drawn(api(ada), root)
    assert "A post that is gone" in titles(picture)
    assert "Waves, but green" not in words(picture)
    assert "gone, its place stays" in words(picture)
    assert "@ada, stitch, 0 likes: both" in titles(picture)


def test_who_is_behind_a_block_is_not_drawn_and_what_was_made_from_theirs_is(ada, bo, mallory, api):
    root = cast.post(bo)
    theirs = cast.post(mallory, sources=[root], caption="look at me")
    after = cast.post(bo, sources=[theirs], caption="after that")
    ties.block(ada, "mallory")
    for post in (root, after):
        picture = drawn(api(ada), post)
        assert len(titles(picture)) == 2
        assert "mallory" not in words(picture)
        assert "look at me" not in words(picture)
        assert "after that" in words(picture)
        assert "over posts not shown" in words(picture) or post is after
    assert api(ada).get(f"/v1/posts/{theirs.pk}/lineage.svg").status_code == 404


def test_moderators_see_who_made_what_was_removed_and_each_post_leads_to_its_page(family, mallory):
    root, middle, *_ = family
    hidden = cast.post(mallory, sources=[root], visibility="private", caption="for me alone")
    posting.remove_post(middle.pk)
    picture = ET.fromstring(pictures.desk_picture(root.pk, link_of=lambda pk: f"/admin/{pk}?a=1&b=2"))  # noqa: S314
    assert "@bo, remix, 0 likes, gone: Waves, but green" in titles(picture)
    assert "for me alone" in words(picture)
    links = {link.get("href") for link in picture.iter(f"{SVG}a")}
    assert links == {f"/admin/{post.pk}?a=1&b=2" for post in (root, middle, hidden, *family[3:])}


@pytest.mark.parametrize(
    "shape",
    [
        growing.star(5),
        growing.star(400),
        growing.chain(45),
        growing.chain(400),
        growing.attached(500, stitched=0.1),
        growing.hit(5_000, wide=3_000),
        growing.chain(1_500),
        growing.attached(3_000, stitched=0.3, seed=3),
    ],
    ids=["5", "400 wide", "45 deep", "400 deep", "500", "a hit", "1500 deep", "3000 stitched"],
)
def test_nothing_stands_on_anything_else_and_size_and_work_are_bounded(shape, ada, bo):
    ids = growing.grow([ada, bo], shape)
    Post.objects.filter(pk__in=ids[:600]).update(caption="&<>" * 700)
    for pk in (ids[0], ids[1], ids[-1]):
        with CaptureQueriesContext(connection) as queries:
            drawing = choosing.choose(ViewerSight(ada), pk)
        assert len(queries) <= 190
        places = layout.lay_out(drawing)
        scale = places.scale
        boxes = [(x, y, scale.width, scale.height) for x, y in places.at.values()]
        boxes += [(pile.x, pile.y, scale.width + 4 * pile.sheets - 4, scale.height) for pile in places.piles]
        assert len(boxes) <= 600
        assert set(places.at) == set(drawing.nodes)
        boxes.sort()
        for number, (x, y, width, height) in enumerate(boxes):
            for x2, y2, *_ in boxes[number + 1 :]:
                if x2 >= x + width:
                    break
                assert y2 >= y + height or y >= y2 + scale.height, (x, y, x2, y2)
        assert max(x + width for x, _, width, _ in boxes) <= places.width
        picture = pictures.picture(ada, pk)
        assert len(picture) <= 250_000
        ET.fromstring(picture)  # noqa: S314


@pytest.mark.parametrize(("length", "is_whole"), [(50, True), (60, False), (480, False), (501, False)])
def test_what_is_too_deep_to_be_drawn_whole_is_summarised(length, is_whole, ada, bo, api):
    ids = growing.grow([ada, bo], growing.chain(length))
    answer = api(bo).get(f"/v1/posts/{ids[0]}/lineage.svg")
    assert answer.status_code == 200
    assert choosing.choose(ViewerSight(bo), ids[0]).is_whole == is_whole


def test_what_holds_hundreds_that_are_not_to_be_known_of_is_not_read_to_its_end(ada, bo):
    ids = growing.grow([ada, bo], growing.star(1_500))
    Post.objects.filter(pk__in=ids[1:-10]).update(visibility="private")
    Post.objects.filter(pk=ids[0]).update(descendant_count=10)
    with CaptureQueriesContext(connection) as queries:
        drawing = choosing.choose(ViewerSight(cast.person("eve")), ids[0])
    assert not drawing.is_whole
    assert sum("WITH RECURSIVE walk" in query["sql"] for query in queries) == 2


def test_a_small_lineage_is_drawn_whole(ada, bo):
    ids = growing.grow([ada, bo], growing.attached(480, stitched=0.1))
    drawing = choosing.choose(ViewerSight(ada), ids[0])
    assert drawing.is_whole
    assert set(drawing.nodes) == set(ids)
    assert drawing.more == {}


def test_of_a_wide_post_the_most_liked_are_drawn_and_a_pile_says_how_many_more(ada, bo, api):
    ids = growing.grow([ada, bo], growing.star(2_000))
    Post.objects.filter(pk__in=ids).update(like_count=0)
    Edge.objects.filter(derivation__in=ids).update(like_count=0)
    liked = [ids[place] for place in (17, 900, 1_500)]
    for likes, pk in enumerate(liked, start=1):
        Post.objects.filter(pk=pk).update(like_count=likes)
        Edge.objects.filter(derivation=pk).update(like_count=likes)
    drawing = choosing.choose(ViewerSight(ada), ids[0])
    below = drawing.below[ids[0]]
    assert below[:3] == liked[::-1]
    assert below[3:] == ids[: -len(below) + 2 : -1]
    assert drawing.more == {ids[0]: 1_999 - len(below)}
    picture = drawn(api(ada), Post.objects.get(pk=ids[0]))
    assert f"{1_999 - len(below):,} more" in titles(picture)
    desk = choosing.choose(StaffSight(), ids[0])
    assert desk.more == drawing.more


def test_a_deep_lineage_shows_the_nearest_ancestors_the_root_and_how_many_lie_between(ada):
    ids = growing.grow([ada], growing.chain(1_200))
    drawing = choosing.choose(ViewerSight(ada), ids[700])
    assert [row[0] for row in drawing.rows if row] == [*ids[699:675:-1], ids[0]]
    assert sum(drawing.more_above.values()) == 700 - 25


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one too long", 11, "one too lo…"),
        ("雨夜城市里的一只猫", 9, "雨夜城市…"),
        ("a\n\n b", 5, "a b"),
        ("", 5, ""),
    ],
)
def test_words_are_cut_where_there_is_no_more_room(text, columns, expected):
    assert cut(text, columns) == expected


@pytest.mark.parametrize("decision", ["is_hidden", "is_detached"])
def test_what_the_author_hid_or_detached_is_not_drawn_below_and_names_its_source(decision, family, ada, bo, api):
    root, middle, _, stitch, leaf = family
    derivations.decide(ada, root.pk, middle.pk, **{decision.removeprefix("is_"): True})
    assert titles(drawn(api(bo), root)) == ["@ada, made of no other, 0 likes: Waves at dawn"]
    assert len(titles(drawn(api(bo), stitch))) == 5
    assert "@ada, made of no other, 0 likes: Waves at dawn" in titles(drawn(api(bo), leaf))
