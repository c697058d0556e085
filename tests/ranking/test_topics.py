"""The vocabulary, and the classifier that it trains."""

import numpy as np
import pytest

from feeds.evaluation import sentences
from ranking.evaluation import steering_cases
from ranking.topics.classifier import LOOKALIKE_CONFIDENCE, Classifier
from ranking.topics.phrases import Kind, plural, verb_forms, words_of
from ranking.topics.vocabulary import BUILT_IN, TOPICS_AT_MOST, Mood, Topic, Vocabulary, split_words


@pytest.fixture(scope="module")
def reader():
    return Classifier(BUILT_IN)


def found(reader, text, *, at_least=0.5):
    return {BUILT_IN.by_bit[bit].code for bit, confidence in reader.topics_of(text) if confidence >= at_least}


def test_about_sixty_topics_each_with_words_in_both_languages():
    assert 55 <= len(BUILT_IN.topics) <= 62  # an operator has room for some
    for topic in BUILT_IN.topics:
        assert len(topic.words_en) >= 8, topic.code
        assert len(topic.words_zh) >= 8, topic.code
        for name in (topic.code, topic.name_en, topic.name_zh):
            assert BUILT_IN.named(name).topics == (topic.code,), name
        assert topic.part_of in {"", *BUILT_IN.by_code}
    for mood in BUILT_IN.moods:
        assert BUILT_IN.topics_of_mood(mood.code) == mood.topics
        for name in (mood.code, mood.name_en, mood.name_zh):
            assert BUILT_IN.named(name) is not None
    assert {"politics", "horror", "violence", "romance"} <= {t.code for t in BUILT_IN.topics if t.sensitive}


def test_a_place_is_a_bit_for_good():
    """Posts are stored with these bits: new topics go to the end, and none is moved."""
    places = [BUILT_IN.by_code[code].bit for code in ("animals", "cats", "robots", "cooking", "politics", "disasters")]
    assert places == [0, 1, 9, 28, 42, 60]


def test_topics_are_read_from_captions_as_well_as_the_document_says():
    captions = sentences.captions()
    assert len(captions) >= 150
    figures = steering_cases.run({}, {}, captions)
    for reading in figures.reading:
        assert reading.precision >= 0.85, reading
        assert reading.recall >= 0.92, reading
    assert figures.leaks.passed
    assert figures.leaks.without > 2 * steering_cases.LEAK_AT_MOST


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("three cats #Robots", {"cats", "robots"}),
        ("熊猫在雨夜的城市里", {"wildlife", "rain", "city"}),  # a panda is no cat
        ("貓咪", {"cats"}),  # traditional characters
        ("snowboarders everywhere", {"sports"}),
        ("a catalogue of carpets", set()),
        ("category five, partly finished", set()),
        ("花时间做计划", set()),
        ("", set()),
        ("😀😀", set()),
    ],
)
def test_texts_are_about_what_they_say(text, topics, reader):
    assert found(reader, text) == topics


def test_looking_alike_alone_settles_nothing(reader):
    confidences = reader.confidences(["politely", "scarved", "horrendousness", "spookfest", "coookies"])
    assert 0 < confidences.max() <= LOOKALIKE_CONFIDENCE


def test_the_same_vocabulary_gives_the_same_classifier(reader):
    texts = [caption["text"] for caption in sentences.captions()]
    again = Classifier(BUILT_IN).confidences(texts)
    assert (reader.confidences(texts) == again).all()
    assert again.dtype == np.float32
    assert again.shape == (len(texts), TOPICS_AT_MOST)
    assert ((again >= 0) & (again <= 1)).all()


def test_a_small_vocabulary_is_one_too():
    tiny = Classifier(Vocabulary((Topic(5, "caves", "caves", "洞穴", ("stalactite",), ("钟乳石",)),)))
    assert tiny.topics_of("a stalactite")[0][0] == 5
    assert tiny.topics_of("钟乳石真美")[0][0] == 5
    assert Classifier(Vocabulary(())).topics_of("cats") == []


def test_bits_and_codes_are_taken_once():
    topic = Topic(1, "caves", "caves", "洞穴")
    with pytest.raises(ValueError, match="of its own"):
        Vocabulary((topic, Topic(1, "other", "other", "其他")))
    with pytest.raises(ValueError, match="of its own"):
        Vocabulary((topic, Topic(2, "caves", "other", "其他")))
    with pytest.raises(ValueError, match="bits are"):
        Vocabulary((Topic(64, "caves", "caves", "洞穴"),))


def test_a_version_changes_with_any_word_and_only_then():
    one = Vocabulary((Topic(0, "caves", "caves", "洞穴", ("grotto",)),))
    same = Vocabulary((Topic(0, "caves", "caves", "洞穴", ("grotto",)),))
    other = Vocabulary((Topic(0, "caves", "caves", "洞穴", ("cavern",)),))
    moody = Vocabulary(one.topics, (Mood("deep", "deep", "深", frozenset({"caves"})),))
    assert one.version == same.version
    assert len({one.version, other.version, moody.version}) == 3


def test_families_reach_down_however_deep_and_a_circle_ends():
    vocabulary = Vocabulary(
        (
            Topic(0, "animals", "animals", "动物"),
            Topic(1, "cats", "cats", "猫", part_of="animals"),
            Topic(2, "lions", "lions", "狮", part_of="cats"),
            Topic(3, "egg", "egg", "蛋", part_of="hen"),
            Topic(4, "hen", "hen", "鸡", part_of="egg"),
        )
    )
    assert vocabulary.family("animals") == {"animals", "cats", "lions"}
    assert vocabulary.family("egg") == vocabulary.family("hen") == {"egg", "hen"}
    assert vocabulary.family("nothing") == frozenset()


def test_words_are_written_between_commas_or_lines():
    assert split_words("cat, kitten\n 猫，猫咪、喵,,cat") == ("cat", "kitten", "猫", "猫咪", "喵")


VERBS = {
    "cook": ("cooks", "cooking", "cooked"),
    "bake": ("bakes", "baking", "baked"),
    "jog": ("jogs", "jogging", "jogged"),
}


@pytest.mark.parametrize(("word", "forms"), VERBS.items())
def test_verbs_in_their_forms(word, forms):
    assert verb_forms(word) == forms


@pytest.mark.parametrize(
    ("word", "more"),
    [("cat", "cats"), ("fox", "foxes"), ("city", "cities"), ("octopus", "octopuses"), ("news", "news")],
)
def test_plurals(word, more):
    assert plural(word) == more


def test_words_know_their_places_in_the_raw_text():
    text = "Ｎｏ more CATS’ 貓咪, #雨夜 @Ada."
    words = words_of(text)
    assert [word.text for word in words if word.kind != Kind.MARK] == [
        "no",
        "more",
        "cats",
        "猫",
        "咪",
        "#雨夜",
        "@ada",
    ]
    for word in words:
        assert text[word.start : word.end].strip()
    assert text[words[0].start : words[0].end] == "Ｎｏ"
