"""What may be asked for: a gate of named rules before any clip is made.

The rules are words, and words are all they see: they stop what is plainly asked for, say which rule and where, and
leave the doubtful to people. They read English and Chinese, and see through letters that only look alike, invisible
marks and spelled-out l e t t e r s no further than to join what is written together.

A remix is judged with the words of what it is made from: parts that are harmless alone may not be so together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sora_social.core import wording
from sora_social.core.wording import folded as _folded


@dataclass(frozen=True)
class Rule:
    """`together` are groups of words: the rule is broken where every group is met, in any order.

    Within a group the alternatives are regular expressions: the first tuple in English, as whole words, the second in
    Chinese, anywhere.
    """

    name: str
    category: str
    together: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    message: str
    suggestion: str

    @cached_property
    def patterns(self) -> tuple["re.Pattern[str]", ...]:
        return tuple(wording.pattern(english, chinese) for english, chinese in self.together)


_CHILD = (
    (
        r"child(?:ren)?|kids?|minors?(?! (?:key|chord|scale|third|league|detail|character|role|injur))",
        r"toddlers?|infants?|bab(?:y|ies)|pre-?teens?|tweens?|teen(?:s|ager|agers|aged?)?|under-?age(?:d)?",
        r"schoolgirls?|schoolboys?|little (?:girl|boy)s?|young (?:girl|boy)s?|lolis?|shotas?",
        r"(?<![0-9])(?:[0-9]|1[0-7])[- ]?(?:years?[- ]old|yo)",
    ),
    ("儿童|小孩|孩子|未成年|幼女|幼童|女童|男童|婴儿|萝莉|正太|小学生|初中生|小女孩|小男孩",),
)
_SEXUAL = (
    (
        r"sex(?:y|ual(?:ly|ized|ised)?)?|nud(?:e|es|ity)|naked|topless|undress(?:ed|ing)?|erotic(?:a)?",
        r"porn(?:o|ographic|ography)?|lingerie|seductive(?:ly)?|provocative(?:ly)?|fetish|nsfw|hentai|orgasms?",
        r"strip(?:ping|tease)|genitals?",
    ),
    ("色情|裸体|裸露|全裸|性感|性行为|性爱|脱衣|情色|淫|黄片|挑逗",),
)
_EXPLICIT = (
    (
        r"porn(?:o|ographic|ography|hub)?|xxx|hentai|nsfw|blow ?jobs?|hand ?jobs?|cum ?shots?|gang ?bangs?",
        r"masturbat(?:e|es|ing|ion)|orgasms?|genitals?|penis(?:es)?|vaginas?|dildos?|sex (?:scene|tape|act)s?",
        r"(?:having|have|had) sex|sexual(?:ly)? (?:explicit|intercourse)|intercourse",
        r"(?:naked|nude|topless) (?:wom[ae]n|m[ae]n|girls?|boys?|people|person|body|bodies|model)",
        r"(?:wom[ae]n|m[ae]n|girls?|boys?|people|person|actress|actor) (?:\w+ ){0,3}(?:naked|nude|topless)",
    ),
    ("色情片|黄片|性爱|性交|做爱|口交|自慰|裸体(?:女|男|美)|全裸|强奸",),
)
_GORE = (
    (
        r"(?<!al )gore|gory|decapitat(?:e|ed|es|ing|ion)|behead(?:ed|ing|s)?|disembowel(?:ed|led|ing|ment)?",
        r"dismember(?:ed|ing|ment)?|eviscerat(?:e|ed|ing|ion)|entrails",
        r"severed (?:heads?|limbs?|arms?|legs?|hands?)|mutilat(?:e|ed|ing|ion)|torture porn",
        r"snuff (?:film|movie|video)s?|brutal(?:ly)? tortur(?:e|ed|ing)|blood ?bath|guts spill(?:ing)?",
    ),
    ("斩首|砍头|肢解|分尸|开膛|内脏|血腥虐杀|虐杀|酷刑|残肢",),
)
_SELF_HARM = (
    (
        r"(?:how|ways?|methods?|best|steps?|tutorial|guide|instructions?|teach(?:es|ing)?)\b.{0,40}"
        r"(?:(?:kill|cut|hang) (?:my|your|one)self|commit(?:ting)? suicide|suicide|self[- ]?harm|overdose)",
        r"(?:suicide|self[- ]?harm|overdose)\b.{0,30}(?:tutorial|guide|instructions?|method|step by step|how[- ]to)",
        r"pro[- ]?ana|thinspo",
        r"encourag(?:e|es|ing) (?:people|viewers|kids|teens) to (?:kill|hurt|cut|starve) themselves",
    ),
    (
        "自杀(?:方法|教程|指南|步骤)|自残(?:方法|教程|指南|步骤)|如何自杀|怎么自杀|怎样自杀|教.{0,6}自杀",
        "割腕教程",
    ),
)
_HATE = (
    (
        r"n[i1]gg(?:er|ers|a|az)|f[a@]gg?ots?|k[i1]kes?|sp[i1]cs?(?! and span)|ch[i1]nks?(?! in )",
        r"tr[a@]nn(?:y|ies)|wetbacks?|sand ?n[i1]gg(?:er|ers)|subhumans?|untermensch(?:en)?|white power",
        r"heil hitler|gas the jews|ethnic cleansing is (?:good|right|needed)",
        r"(?:kill|exterminate|eradicate) (?:all )?(?:the )?"
        r"(?:jews|muslims|christians|blacks|gays|whites|asians|immigrants)",
    ),
    ("黑鬼|支那|尼哥|杀光.{0,6}(?:人|族|教徒)|种族清洗|劣等民族|高丽棒子",),
)
_LIKENESS = (
    (
        r"deep ?fakes?(?: \w+){0,2} (?:of|with|showing)",
        r"face ?swap(?:s|ped|ping)?(?: \w+){0,2} (?:of|with|onto|to)|(?:fake|leaked) (?:nudes?|sex tapes?) of",
        r"nudes? of|undress (?:her|him|them|this|the)|nudify|remove (?:her|his|their) cloth(?:es|ing)",
        r"(?:looks?|looking) exactly like (?:the )?(?:real )?(?:president|celebrity|actress|actor|singer|politician)",
    ),
    ("深度伪造|换脸|脱她的衣|脱他的衣|去衣|一键脱衣|假裸照|裸照",),
)

RULES: tuple[Rule, ...] = (
    Rule(
        "minors_sexual",
        "sexual content with minors",
        (_CHILD, _SEXUAL),
        "Sexual content with children or teenagers is never made here.",
        "Ask for a scene without anything sexual.",
    ),
    Rule(
        "likeness_abuse",
        "somebody's likeness without their say",
        (_LIKENESS,),
        "A real person appears here only by a cameo that they allowed.",
        "Cast somebody who allows it, or describe an invented person.",
    ),
    Rule(
        "explicit_sexual",
        "explicit sexual content",
        (_EXPLICIT,),
        "Explicit sexual content is not made here.",
        "Try a romantic scene: two people dancing, a walk at sunset.",
    ),
    Rule(
        "graphic_gore",
        "graphic gore",
        (_GORE,),
        "Graphic injury and torture are not made here.",
        "Suggest danger without showing wounds: shadows, a scream, a door closing.",
    ),
    Rule(
        "self_harm",
        "instructions for self-harm",
        (_SELF_HARM,),
        "Instructions or encouragement to hurt oneself are not made here. If this is about you: talk to somebody you "
        "trust, or call your local emergency line.",
        "Show somebody finding help, or a quiet place that feels safe.",
    ),
    Rule(
        "hate",
        "hate",
        (_HATE,),
        "Slurs and calls for violence against a group of people are not made here.",
        "Say what you mean without the slur.",
    ),
)


@dataclass(frozen=True)
class Refusal:
    """Why something is not made. `span` is where in the prompt, in characters, end excluded; None when it is not in
    the prompt alone."""

    stage: str
    rule: str
    message: str
    suggestion: str
    span: tuple[int, int] | None = None
    limit: str | None = None  # which limit of somebody in the cast

    def as_json(self) -> dict[str, Any]:
        span = {"start": self.span[0], "end": self.span[1]} if self.span else None
        return {
            "stage": self.stage,
            "rule": self.rule,
            "limit": self.limit,
            "span": span,
            "message": self.message,
            "suggestion": self.suggestion,
            "refunded": True,
        }


def refusal_of(
    prompt: str, *, beside: Sequence[str] = (), lineage: Sequence[str] = (), hidden: Sequence[str] = ()
) -> Refusal | None:
    """The first rule that a request breaks, or None.

    `beside` are its other words (shots), `lineage` the prompts of what it is made from, `hidden` those of them that the
    asker may not read. A rule broken only together with others' words has no span; one that is broken only together
    with hidden words is not named either: the name would tell of them.
    """
    own, places = _folded(prompt)
    told = "\n".join([own, *(_folded(text)[0] for text in (*beside, *lineage))])
    for rule in RULES:
        hits = [pattern.search(told) for pattern in rule.patterns]
        if not all(hits):
            continue
        inside = [hit for hit in hits if hit is not None and hit.end() <= len(own)]
        span = None
        if len(inside) == len(hits):
            span = places[min(hit.start() for hit in inside)], places[max(hit.end() for hit in inside) - 1] + 1
        return Refusal("prompt", rule.name, rule.message, rule.suggestion, span)
    if hidden:
        everything = "\n".join([told, *(_folded(text)[0] for text in hidden)])
        if any(all(pattern.search(everything) for pattern in rule.patterns) for rule in RULES):
            return BEHIND
    return None


BEHIND = Refusal(
    "prompt",
    "lineage",
    "Together with what it is made from, this is not made here.",
    "Start from another post, or from your own words alone.",
)
