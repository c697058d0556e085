"""What an owner's limits stop, what they ask about, what they let pass; and the names that a text may hold."""

import contextlib
import time
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameos.limits import ELSEWHERE, MECHANISMS, Limits, judge, sentences_of
from cameos.names import names_in, normal_name
from cameos.purposes import PURPOSES
from sora_social.core.errors import Invalid

TODAY = date(2026, 11, 20)
BY_WORDS = [purpose.limit for purpose in PURPOSES]
EVERYTHING = Limits(**dict.fromkeys(BY_WORDS, True))


def judged(limits, *texts, restrictions="", country="", is_ad=False):
    return judge(limits, restrictions=restrictions, texts=texts, country=country, today=TODAY, is_ad=is_ad)


def only(limit):
    return Limits(**{limit: True})


def broken(judgement):
    return {breach.limit for breach in judgement.breaches}


BREACHES = [
    # the limit, the text, the words in it that break the limit
    ("no_romance", "@ada is kissing her in the rain", "kissing her"),
    ("no_romance", "He is in love with @bo.cat", "in love with"),
    ("no_romance", "their wedding night in a hotel", "wedding night"),
    ("no_romance", "@ada kisses @bo at the station", "kisses @bo"),
    ("no_romance", "they go on a first date", "first date"),
    ("no_romance", "@ada and @bo slowly kiss", "@ada and @bo slowly kiss"),
    ("no_romance", "@ada 亲吻 @bo", "亲吻 @bo"),
    ("no_romance", "她们在雨中接吻", "接吻"),
    ("no_romance", "他和 @ada 谈恋爱", "恋爱"),
    ("no_romance", "他向她求婚", "求婚"),
    ("no_romance", "他們在談戀愛", "戀愛"),
    ("no_politics", "@ada on election day", "election"),
    ("no_politics", "a sign saying vote for Bo", "vote for"),
    ("no_politics", "giving a president's speech on tv", "president's speech"),
    ("no_politics", "at a protest rally downtown", "protest rally"),
    ("no_politics", "cheering for the Green Party", "Green Party"),
    ("no_politics", "the president of the United States waves", "president of the United States"),
    ("no_politics", "a sign: Bo for mayor", "for mayor"),
    ("no_politics", "她在选举中演讲", "选举"),
    ("no_politics", "他谈政治", "政治"),
    ("no_politics", "選舉之夜", "選舉"),
    ("no_ads", "Buy now! @ada points at a shoe", "Buy now"),
    ("no_ads", "a huge discount on shoes", "discount"),
    ("no_ads", "with my promo code", "promo code"),
    ("no_ads", "sponsored by a cola", "sponsored"),
    ("no_ads", "a commercial for a car", "commercial for"),
    ("no_ads", "everything 50% off", "50% off"),
    ("no_ads", "给饮料拍一个广告", "广告"),
    ("no_ads", "双十一促销", "促销"),
    ("no_ads", "立即購買", "立即購買"),
    ("no_violence", "@ada punches a man", "punches"),
    ("no_violence", "shooting at the crowd", "shooting"),
    ("no_violence", "blood on the floor", "blood"),
    ("no_violence", "a gun fight in a saloon", "gun fight"),
    ("no_violence", "a gunfight in a saloon", "gunfight"),
    ("no_violence", "he kills the guard", "kills"),
    ("no_violence", "@ada fights @bo in the street", "fights @bo"),
    ("no_violence", "@ada 打了@bo一下", "打了@bo"),
    ("no_violence", "两个人在街上打架", "打架"),
    ("no_violence", "特别暴力", "暴力"),
    ("no_violence", "一场枪战", "枪战"),
    ("no_violence", "他在流血", "流血"),
    ("no_major_appearance_change", "@ada as an old man", "as an old man"),
    ("no_major_appearance_change", "@ada goes bald", "bald"),
    ("no_major_appearance_change", "an obese @ada", "obese"),
    ("no_major_appearance_change", "@ada as a baby", "as a baby"),
    ("no_major_appearance_change", "a zombie @ada", "zombie"),
    ("no_major_appearance_change", "@ada turned into a frog", "@ada turned into"),
    ("no_major_appearance_change", "a gender swap of everyone", "gender swap"),
    ("no_major_appearance_change", "with a different skin colour", "different skin colour"),
    ("no_major_appearance_change", "@ada with no hair", "no hair"),
    ("no_major_appearance_change", "她变成一只青蛙", "她变成"),
    ("no_major_appearance_change", "@ada 变成老人", "@ada 变成"),
    ("no_major_appearance_change", "让她变胖", "变胖"),
    ("no_embarrassing", "@ada is drunk at work", "drunk"),
    ("no_embarrassing", "naked in the street", "naked"),
    ("no_embarrassing", "crying on the toilet", "on the toilet"),
    ("no_embarrassing", "she is humiliated on stage", "humiliated"),
    ("no_embarrassing", "@ada slips and falls into mud", "slips and falls into mud"),
    ("no_embarrassing", "a loud fart", "fart"),
    ("no_embarrassing", "everyone laughs at @ada", "everyone laughs at @ada"),
    ("no_embarrassing", "他在台上出丑", "出丑"),
    ("no_embarrassing", "她喝醉了", "喝醉"),
    ("no_embarrassing", "被大家嘲笑", "嘲笑"),
]
MASKED = [
    # written so as to pass
    ("no_romance", "ＫＩＳＳＩＮＧ ＨＥＲ", "ＫＩＳＳＩＮＧ ＨＥＲ"),
    ("no_romance", "kis\u200bsing her", "kis\u200bsing her"),
    ("no_romance", "she is k1ss1ng her now", "k1ss1ng her"),
    ("no_romance", "k!$$ing him", "k!$$ing him"),
    ("no_romance", "kiiiiissssing her", "kiiiiissssing her"),
    ("no_romance", "he is k.i.s.s.i.n.g her", "k.i.s.s.i.n.g her"),
    ("no_romance", "k i s s i n g  h e r", "k i s s i n g  h e r"),
    ("no_romance", "kíssíng her", "kíssíng her"),
    ("no_romance", "kіssing her", "kіssing her"),  # Cyrillic і
    ("no_romance", "他们接 吻", "接 吻"),
    ("no_romance", "他们接*吻", "接*吻"),
    ("no_romance", "接\u200d吻", "接\u200d吻"),
    ("no_romance", "in-love-with her", "in-love-with"),
    ("no_politics", "3lection night", "3lection"),
    ("no_politics", "E-L-E-C-T-I-O-N", "E-L-E-C-T-I-O-N"),
    ("no_politics", "ele🦊ction night", "ele🦊ction"),
    ("no_ads", "d1sc0unt", "d1sc0unt"),
    ("no_ads", "spon-sored", "spon-sored"),
    ("no_ads", "promo_code", "promo_code"),
    ("no_violence", "bl00d everywhere", "bl00d"),
    ("no_violence", "blooooood everywhere", "blooooood"),
    ("no_violence", "he st@bs someone", "st@bs"),
    ("no_major_appearance_change", "b.a.l.d", "b.a.l.d"),
    ("no_embarrassing", "drunkkkk", "drunkkkk"),
    ("no_embarrassing", "n4ked", "n4ked"),
]
DOUBTS = [
    # words that may mean it, or that are denied
    ("no_romance", "she saves the date"),
    ("no_romance", "a balloon shaped like a heart"),
    ("no_romance", "kissing a frog for luck"),
    ("no_romance", "no kissing her, just a handshake"),
    ("no_romance", "她收到一束玫瑰"),
    ("no_politics", "@ada waves a flag"),
    ("no_politics", "the leader of the pack"),
    ("no_politics", "penguins march in a line"),
    ("no_politics", "the president smiles"),
    ("no_politics", "她举着国旗"),
    ("no_ads", "a logo on the wall"),
    ("no_ads", "a garage sale in summer"),
    ("no_ads", "霓虹广告牌下的街道"),
    ("no_violence", "a knight fights a dragon"),
    ("no_violence", "a sword in a stone"),
    ("no_violence", "a duel without blood"),
    ("no_violence", "机器人战斗"),
    ("no_violence", "没有暴力的世界"),
    ("no_major_appearance_change", "a leaf turns into a butterfly"),
    ("no_major_appearance_change", "in a pirate costume"),
    ("no_major_appearance_change", "叶子变成蝴蝶"),
    ("no_embarrassing", "slips and lands on the ice"),
    ("no_embarrassing", "an awkward silence"),
    ("no_embarrassing", "她在冰上滑倒"),
]
EVERYDAY = [
    "the president of the chess club hands out medals",
    "a fox under an umbrella in neon rain, film grain",
    "my cat kisses the camera lens",
    "two friends film shooting stars over the desert",
    "a bald eagle over a frozen lake",
    "a crew shooting a short film in a bakery",
    "in March the first flowers come up",
    "dating a fossil with a tiny brush, macro lens",
    "a blood orange cut in half, slow motion",
    "she is in love with the sea",
    "a grandmother teaches her robot to bake bread",
    "killer whales jump at sunset",
    "a pumpkin turns into a carriage",
    "hot air balloons shaped like hearts drift over a valley",
    "an astronaut plants a flag on the moon",
    "a kid on a red bicycle races a paper plane",
    "fruit punch and cupcakes at a birthday party",
    "the ball punches a hole through the paper sky",
    "a samurai meditates under cherry trees",
    "an old man feeds pigeons in the park",
    "a baby elephant learns to swim",
    "spic and span kitchen, product shot of a blue teapot",
    "vote for your favourite flavour, says the ice cream man",
    "a drumbeat, then everyone dances in the mud",
    "her mother kisses her child good night",
    "a skeleton crew on a ghost ship sings",
    "Scunthorpe, Essex and Sussex in the rain",
    "a street musician kills it on the saxophone",
    "@ada as an old friend of the family",
    "@ada laughs at @bo's joke",
    "drunken noodles in a wok, steam",
    "the class president of 3b gives out cake",
    "she turns and walks into the light",
    "a photographer shooting portraits in paris",
    "两只猫在打架子鼓",
    "她的头发变成了彩虹色",
    "人来人往的街道变成一片花海",
    "她给 @bo 打电话",
    "一只猫在雨中散步",
    "孩子们在公园里放风筝",
    "这两块拼图完全吻合",
    "热血的篮球比赛",
    "机器人在厨房里做饭,镜头慢慢推近",
    "她拿着一把水枪在花园里玩",
    "叶子变成蝴蝶飞走了",
    "@ada 和 @bo 在海边看日出",
    "@election_day_fan rides a skateboard through the city",
]


@pytest.mark.parametrize(("limit", "text", "words"), BREACHES + MASKED)
def test_what_breaks_a_limit_is_named_with_its_words(limit, text, words):
    breaches = judged(only(limit), text).breaches
    assert [text[breach.start : breach.end] for breach in breaches] == [words]
    assert (breaches[0].limit, breaches[0].text_index) == (limit, 0)
    assert breaches[0].message
    assert breaches[0].suggestion


@pytest.mark.parametrize(("limit", "text"), DOUBTS)
def test_what_may_break_a_limit_is_for_the_owner_to_decide(limit, text):
    judgement = judged(only(limit), text)
    assert judgement.breaches == ()
    assert [doubt.limit for doubt in judgement.doubts]
    assert {doubt.limit for doubt in judgement.doubts} == {limit}


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_prompts_break_nothing_even_with_every_limit_set(text):
    assert judged(EVERYTHING, text).breaches == ()


def test_most_everyday_prompts_ask_the_owner_nothing_though_chosen_close_to_the_words():
    asked = [text for text in EVERYDAY if judged(EVERYTHING, text).doubts]
    assert len(asked) < len(EVERYDAY) / 2, asked


def test_a_club_may_have_a_president_and_nobody_is_asked():
    assert judged(EVERYTHING, EVERYDAY[0]).doubts == ()


def test_each_limit_by_words_has_samples_in_both_languages():
    for limit in BY_WORDS:
        told = [text for name, text, _ in BREACHES if name == limit]
        assert any(text.isascii() for text in told)
        assert any(not text.isascii() for text in told)


def test_a_breach_in_a_shot_says_which_shot():
    judgement = judged(only("no_violence"), "a street", "a door", "a man bleeding")
    assert [(breach.text_index, breach.start, breach.end) for breach in judgement.breaches] == [(2, 6, 14)]


def test_every_place_is_told_not_only_the_first():
    text = "blood, then more blood"
    places = [(breach.start, breach.end) for breach in judged(only("no_violence"), text).breaches]
    assert places == [(0, 5), (17, 22)]


def test_a_handle_is_a_name_whatever_words_it_is_made_of():
    assert judged(EVERYTHING, "@election.day and @kissing_bandit bake bread").breaches == ()


def test_the_mark_of_an_ad_breaks_no_ads_without_a_word_of_selling():
    breaches = judged(only("no_ads"), "a fox", is_ad=True).breaches
    assert [(breach.limit, breach.text_index, breach.start, breach.end) for breach in breaches] == [
        ("no_ads", ELSEWHERE, 0, 0)
    ]
    assert judged(Limits(), "a fox", is_ad=True).breaches == ()


@pytest.mark.parametrize(
    ("allowed", "text", "span"),
    [
        ("en", "她在雨中说话", "她在雨中说话"),
        ("en", '@ada looks at the sea and says "你好,世界"', "你好,世界"),
        ("en", "Она говорит, что это море", "Она говорит, что это море"),
        ("zh", "She walks to the sea and the fox is with her", "She walks to the sea and the fox is with her"),
        ("en", "La niña corre por la playa y el perro la sigue", "La niña corre por la playa y el perro la sigue"),
        ("en", "Le renard est dans la rue avec une fille", "Le renard est dans la rue avec une fille"),
        ("en", "Der Fuchs und die Frau gehen auf die Straße", "Der Fuchs und die Frau gehen auf die Straße"),
        ("zh", "猫がゆっくり歩く", "猫がゆっくり歩く"),
        ("en", "고양이가 비를 맞는다", "고양이가 비를 맞는다"),
        ("en", "قطة تمشي تحت المطر", "قطة تمشي تحت المطر"),
        ("ja", "她们在海边跳舞", "她们在海边跳舞"),
    ],
)
def test_another_language_is_a_breach_where_it_stands(allowed, text, span):
    breaches = judged(Limits(languages=(allowed,)), text).breaches
    assert [text[breach.start : breach.end] for breach in breaches] == [span]


@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        ("en", "She walks to the sea and the fox is with her"),
        ("zh", "她在雨中说话"),
        ("ja", "猫がゆっくり歩く"),
        ("ja", "東京駅"),
        ("pt", "O menino e a menina não estão em casa com a mãe"),
        ("uk", "Кіт гуляє під дощем"),
        ("fa", "گربه زیر باران"),
        ("en", "a fox under an umbrella in neon rain, film grain"),
        ("en", "cinematic drone shot over mountains at dawn"),
        ("en", "neon fox"),
        ("zh", "OK"),
        ("en", "@ada"),
        ("en", ""),
        ("en", "🦊🦊🦊"),
    ],
)
def test_an_allowed_language_and_a_few_words_of_any_pass(allowed, text):
    judgement = judged(Limits(languages=(allowed,)), text)
    assert judgement.breaches == judgement.doubts == ()


@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        ("en", "neon fox umbrella rain grain"),
        ("en", "a dancer says 你好世界朋友们 to the crowd"),
        ("hu", "a kutya is be van zárva a kertben"),  # Hungarian shares a, is and be with English, and is not listed
        ("en", "ni hao pengyou zaijian"),
        ("en", "வணக்கம் நண்பரே எப்படி இருக்கிறீர்கள்"),
    ],
)
def test_a_language_that_cannot_be_told_is_a_doubt(allowed, text):
    judgement = judged(Limits(languages=(allowed,)), text)
    assert judgement.breaches == ()
    assert [doubt.limit for doubt in judgement.doubts] == ["languages"]
    assert judged(Limits(), text).doubts == ()


@pytest.mark.parametrize(
    ("country", "breaches", "doubts"),
    [("FR", 0, 0), ("fr", 0, 0), ("US", 1, 0), ("", 0, 1), ("XX", 0, 1), ("T1", 0, 1)],
)
def test_a_region_outside_is_a_breach_and_an_unknown_one_a_doubt(country, breaches, doubts):
    judgement = judged(Limits(regions=("FR", "BE")), "a fox", country=country)
    assert (len(judgement.breaches), len(judgement.doubts)) == (breaches, doubts)
    assert {each.limit for each in (*judgement.breaches, *judgement.doubts)} <= {"regions"}


@pytest.mark.parametrize(
    ("until", "breaches"), [(date(2026, 11, 19), 1), (date(2026, 11, 20), 0), (date(2026, 11, 21), 0), (None, 0)]
)
def test_the_last_day_still_counts(until, breaches):
    assert len(judged(Limits(until=until), "a fox").breaches) == breaches


RULES = "I never smoke or drink alcohol.\nNo spiders, please! 不要让我骑马。不要出现在赌场"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("@ada smoking on a terrace", [1]),
        ("a glass of alcohol", [1]),
        ("a spider on her shoulder", [2]),
        ("她在草原上骑马", [3]),
        ("在赌场门口,旁边有人骑马", [3, 4]),
        ("she reads a book", []),
        ("她在海边看书", []),
    ],
)
def test_each_of_the_owners_own_sentences_can_raise_a_doubt_by_its_number(text, numbers):
    judgement = judged(Limits(), "a quiet day", text, restrictions=RULES)
    assert judgement.breaches == ()
    assert [doubt.limit for doubt in judgement.doubts] == ["restrictions"] * len(numbers)
    for doubt, number in zip(judgement.doubts, numbers, strict=True):
        assert f"rule {number} " in doubt.reason
    assert len(sentences_of(RULES)) == 4


FULL = Limits(no_ads=True, no_romance=True, languages=("en", "zh"), regions=("FR",), until=date(2027, 1, 31))


def test_limits_are_stored_and_read_back():
    assert Limits.of(FULL.as_json()) == FULL
    assert FULL.as_json()["until"] == "2027-01-31"
    assert Limits.of({}) == Limits()
    assert Limits.of({"no_ads": True}) == Limits(no_ads=True)
    assert set(FULL.as_json()) == {limit.name for limit in fields(Limits)}


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        ({"no_adverts": True}, {"no_adverts"}),
        ({"no_ads": 1}, {"no_ads"}),
        ({"no_ads": None}, {"no_ads"}),
        ({"no_ads": "true", "until": "soon", "languages": "en"}, {"no_ads", "until", "languages"}),
        ({"languages": ["english"]}, {"languages"}),
        ({"languages": ["EN"]}, {"languages"}),
        ({"languages": ["en", "en"]}, {"languages"}),
        ({"languages": [["en"]]}, {"languages"}),
        ({"languages": None}, {"languages"}),
        ({"regions": ["UK"]}, {"regions"}),
        ({"regions": ["fr"]}, {"regions"}),
        ({"until": "2026-02-30"}, {"until"}),
        ({"until": "20260201"}, {"until"}),
        ({"until": 20260201}, {"until"}),
        ({"until": "2026-02-01T00:00:00Z"}, {"until"}),
        ({3: True}, {"3"}),
    ],
)
def test_nothing_wrong_in_stored_limits_is_passed_over(stored, wrong):
    with pytest.raises(Invalid) as refusal:
        Limits.of(stored)
    assert set(refusal.value.errors) == wrong


@pytest.mark.parametrize("stored", [None, [], "no_ads", 1])
def test_limits_are_an_object(stored):
    with pytest.raises(Invalid):
        Limits.of(stored)


def test_each_limit_says_in_one_sentence_what_a_machine_checks():
    assert set(MECHANISMS) == {limit.name for limit in fields(Limits)} | {"restrictions"}
    for sentence in MECHANISMS.values():
        assert sentence.endswith(".")
        assert ". " not in sentence


WORDS = st.sampled_from([text for _, text, _ in BREACHES + MASKED] + [text for _, text in DOUBTS] + EVERYDAY)
TEXTS = st.lists(st.one_of(st.text(max_size=80), WORDS), max_size=3)
LIMITS = st.builds(
    Limits,
    **{name: st.booleans() for name in BY_WORDS},
    languages=st.sampled_from([(), ("en",), ("zh", "fr")]),
    regions=st.sampled_from([(), ("FR",), ("US", "CN")]),
    until=st.sampled_from([None, date(2026, 1, 1), date(2027, 1, 1)]),
)


@settings(max_examples=150, deadline=None)
@given(limits=LIMITS, texts=TEXTS, restrictions=st.text(max_size=60), country=st.text(max_size=3), is_ad=st.booleans())
def test_any_text_is_judged_and_every_breach_has_a_place(limits, texts, restrictions, country, is_ad):
    judgement = judged(limits, *texts, restrictions=restrictions, country=country, is_ad=is_ad)
    for breach in judgement.breaches:
        if breach.text_index == ELSEWHERE:
            assert (breach.start, breach.end) == (0, 0)
        else:
            assert 0 <= breach.start < breach.end <= len(texts[breach.text_index])
    assert len(set(judgement.doubts)) == len(judgement.doubts)


@settings(max_examples=100, deadline=None)
@given(limits=LIMITS, texts=TEXTS, added=st.sampled_from(BY_WORDS), country=st.sampled_from(["", "FR", "DE"]))
def test_one_more_limit_never_removes_a_breach(limits, texts, added, country):
    before = judged(limits, *texts, country=country).breaches
    after = judged(replace(limits, **{added: True}), *texts, country=country).breaches
    assert set(before) <= set(after)
    full = replace(limits, regions=limits.regions or ("FR",), until=limits.until or date(2026, 1, 1))
    assert set(before) <= set(judged(full, *texts, country=country).breaches)


@settings(max_examples=50, deadline=None)
@given(texts=TEXTS, country=st.text(max_size=3), is_ad=st.booleans())
def test_without_limits_and_restrictions_there_is_nothing_to_judge(texts, country, is_ad):
    judgement = judged(Limits(), *texts, country=country, is_ad=is_ad)
    assert judgement.breaches == judgement.doubts == ()


@settings(max_examples=50, deadline=None)
@given(limits=LIMITS)
def test_any_limits_survive_being_stored(limits):
    assert Limits.of(limits.as_json()) == limits


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda kids: st.lists(kids) | st.dictionaries(st.sampled_from([*BY_WORDS, "languages", "until", "x"]), kids),
        max_leaves=5,
    )
)
def test_any_json_is_limits_or_refused(stored):
    with contextlib.suppress(Invalid):
        assert Limits.of(Limits.of(stored).as_json()) == Limits.of(stored)


@pytest.mark.parametrize(
    "filling",
    [
        "a ",
        "kissing her ",
        "k1ss ",
        "w o r d ",
        "杀人",
        "ne.xt ",
        "aaab ",
        "in love with the ",
        "falls into a ",
        "\ufdfa",
        '"',
        "「",
        "@a",
        "as4",
        "turn5into",
    ],
)
def test_a_long_prompt_made_to_tire_the_limits_does_not(filling):
    text = (filling * 2000)[:2000]
    judged(EVERYTHING, "w4rm up", "k.i.s.s")
    begun = time.process_time()
    judged(replace(EVERYTHING, languages=("en",)), *[text] * 5, restrictions=(text * 3)[:5000])
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("Robin Williams", "robin williams"),
        ("  ROBIN\u00a0 Williams’s ", "robin williams"),
        ("Ro\u200bbin Wíllìams", "robin williams"),
        ("Ｒｏｂｉｎ Williams", "robin williams"),
        ("Rоbin Williаms", "robin williams"),  # Cyrillic о and а
        ("Jean-Luc O'Brien", "jean luc obrien"),
        ("J.R.R. Tolkien", "j r r tolkien"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("迈克尔·杰克逊", "迈克尔杰克逊"),
        ("邓 丽君", "邓丽君"),
        ("がくと", "がくと"),
        ("김 광석", "김광석"),
        ("", ""),
    ],
)
def test_a_name_is_compared_in_one_form(name, normal):
    assert normal_name(name) == normal
    assert normal_name(normal) == normal


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Robin Williams", "a clip of Robin   Williams' dog"),
        ("Robin Williams", "ROBIN-WILLIAMS's laugh"),
        ("Martin Luther King Jr.", "Martin Luther King, Jr. speaks"),
        ("Martin Luther King Jr.", "speech by martin luther king jr"),
        ("迈克尔·杰克逊", "让迈克尔杰克逊跳舞"),
        ("邓丽君", "请邓丽君唱一首歌"),
        ("김광석", "김광석이 노래한다"),
        ("Prince", "the prince smiles"),
    ],
)
def test_a_closed_name_is_found_in_a_prompt(name, text):
    assert normal_name(name) in names_in(["a street", text])


def test_names_do_not_run_from_one_text_into_the_next():
    assert "robin williams" not in names_in(["Robin", "Williams"])
    assert names_in([]) == names_in(["", "🦊"]) == set()


@settings(max_examples=150, deadline=None)
@given(
    name=st.one_of(
        st.lists(st.text("abcdéñøŁ'’АБВ", min_size=1, max_size=8), min_size=1, max_size=5).map(" ".join),
        st.text("邓丽君周杰伦マイケル·", min_size=2, max_size=8),
    ),
    before=st.sampled_from(["", "a clip of ", "看,", "(", "李"]),
    after=st.sampled_from(["", " dancing", "'s dog", ",唱歌", ")"]),
)
def test_any_name_is_found_wherever_it_stands(name, before, after):
    normal = normal_name(name)
    if len(normal) > 1 and not (before == "李" and normal[0].isascii()):
        assert normal in names_in([before + name + after])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_names_that_are_normal(text):
    assert all(normal_name(name) == name for name in names_in([text]))


@pytest.mark.parametrize(
    ("filling", "most"), [("a ", 5_000), ("邓丽君周杰伦", 14_000), ("ab 邓丽 ", 6_000), ("\ufdfa", 60_000)]
)
def test_looking_for_names_in_a_full_prompt_is_bounded(filling, most):
    text = "".join(
        chr(0x4E00 + at % 5000) if filling == "邓丽君周杰伦" else filling[at % len(filling)] for at in range(2000)
    )
    begun = time.process_time()
    found = names_in([text])
    assert time.process_time() - begun < 3
    assert len(found) <= most


@pytest.mark.parametrize("text", ["1 " * 1000, "0" * 2000, "11a" * 666, "变成 " * 600, "i 1 " * 500])
def test_no_text_keeps_the_owners_waiting(text):
    judged(EVERYTHING, "1 x 1")  # the expressions are compiled
    begun = time.process_time()
    judged(EVERYTHING, text)
    assert time.process_time() - begun < 0.1
