"""What a text can be found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.discovery import tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cats RUN", ["cat", "run"]),
        ("ＳＥＡ café Ångström straße Łódź", ["sea", "cafe", "angstrom", "strasse", "lodz"]),
        ("don't, Zoë's", ["dont", "zoe"]),
        ("berries buses glass bus gas", ["berry", "buse", "glass", "bus", "gas"]),
        ("#Sea_side @Ada.B.", ["#sea_side", "@ada.b", "sea", "side", "ada", "b"]),
        ("雨夜的猫", ["雨", "夜", "的", "猫", "雨夜", "夜的", "的猫"]),
        ("雨，夜", ["雨", "夜"]),
        ("2号线 line2", ["2", "号", "线", "号线", "line2"]),
        ("ネコ", ["ネ", "コ", "ネコ"]),
        ("ﾈｺ", ["ネ", "コ", "ネコ"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("🐱 on 🐱", ["🐱", "on"]),
        ("… — !", []),
        ("", []),
    ],
)
def test_a_text_is_cut_into_what_people_type(text, found):
    assert tokens.tokens_of(text) == found


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("猫", "'猫'"),
        ("雨夜城市", "'雨夜' & '夜城' & '城市'"),
        ("a cat in a hat", "'cat' & 'hat'"),
        ("to be", "'to' & 'be'"),
        ("#Sea cats @ada", "'#sea' & 'cat' & '@ada'"),
        ("don't | & ! :* ( \\ '", "'dont'"),
    ],
)
def test_a_question_asks_for_every_token(text, every):
    asked = tokens.question(text)
    assert asked is not None
    assert asked.every == every


def test_a_question_with_nothing_in_it_is_none():
    for text in ("", "  ", "!?", "#", "@", "，。"):
        assert tokens.question(text) is None
        assert tokens.name_question(text) is None


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("cat", None),
        ("雨夜", None),
        ("cat hat", "('hat') | ('cat')"),
        ("a cat #sea", "('#sea') | ('cat')"),
        ("雨夜城", "('夜城') | ('雨夜')"),
        ("雨夜城市", "('夜城' & '城市') | ('城市') | ('雨夜') | ('雨夜' & '夜城')"),
        (" ".join("bcdefghijklmn"), None),
    ],
)
def test_any_one_word_or_character_may_differ(text, most):
    asked = tokens.question(text)
    assert asked is not None
    assert asked.most == most


@pytest.mark.parametrize(
    ("typed", "begin"),
    [
        ("ad", "'ad':* | ('ad':*)"),
        ("@ada_l", "'ada_l':* | ('ada' & 'l':*)"),
        ("Ada Love", "'ada love':* | ('ada' & 'love':*)"),
        ("#猫和", "'猫和':* | ('猫和')"),
        ("ada.", "'ada.':* | ('ada')"),
    ],
)
def test_a_name_is_asked_for_by_its_beginning(typed, begin):
    asked = tokens.name_question(typed)
    assert asked is not None
    assert asked.begin == begin


@given(st.text(max_size=120))
def test_what_is_asked_in_the_words_of_a_text_is_in_the_text(text):
    """Every token of a question made of a whole text is a token of that text: it finds itself."""
    asked = tokens.question(text)
    found = {tokens._quoted(token) for token in tokens.tokens_of(text)}
    if asked is None:
        assert not found
    else:
        assert set(asked.every.split(" & ")) <= found


@given(st.text(st.characters(exclude_characters="\0"), max_size=120))
def test_no_token_is_empty_or_long(text):
    for token in [*tokens.tokens_of(text), *tokens.tokens_of_name(text)]:
        assert 0 < len(token) <= tokens.LONGEST
        assert token.strip() == token
