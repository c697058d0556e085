"""What a cameo may be used for: the purpose limits of its owner, and what a machine can see of a breach.

A breach is certain enough to refuse. A doubt is not: it goes to the owner of the face, who decides. Where words can
be read both ways (a heart, a flag, a fight) they are a doubt, and so is a strong word that is denied ("no kissing").
Everything here is arithmetic on words, a country and a date: no queries, no clock.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sora_social.core import wording
from sora_social.core.errors import FieldError, Invalid
from sora_social.core.wording import Hit, Text, Vocabulary

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja "
    "jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb "
    "nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_ISO_639_1.split())
_ISO_3166_1 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
REGIONS = frozenset(_ISO_3166_1.split())

SOMEBODY = "\ua66e"  # what a handle is read as: a letter that nobody writes, so that no gap between words takes it
_WHO = (
    rf"(?:{SOMEBODY}+|her(?! (?:bab|child|son|daughter|dog|cat|kitten|pet|mother|father|grand|hand|fingers|"
    rf"forehead|food|"
    r"cook|medal|trophy|arm|teddy|doll|puppy|horse|bike|ring))|him|them|me|you|us|each other|one another|"
    r"(?:some|any|every)(?:one|body)|people|(?:an?|the|his|her|my|their|two|another) (?:\w+ )?(?:boys?|girls?|m[ae]n|"
    r"wom[ae]n|guys?|lad(?:y|ies)|boyfriend|girlfriend|wife|husband|lover|bride|groom|stranger|partner|person|"
    r"neighbou?r|"
    r"colleague|boss|friend|enemy|enemies|opponent|soldiers?|cops?|police(?:m[ae]n)?|guards?|thie(?:f|ves)|villain))"
)


@dataclass(frozen=True)
class Purpose:
    """One limit that is read from words: `strong` ones break it, `unsure` ones may."""

    limit: str
    about: str
    strong: Vocabulary
    unsure: Vocabulary
    message: str
    suggestion: str


_ADS = Purpose(
    "no_ads",
    "advertising",
    Vocabulary(
        (
            r"(?:buy|order|shop|subscribe|get)(?: it| yours| one)? (?:now|today)|discount(?:s|ed)?|"
            r"(?<![0-9])[0-9]+ ?(?:%|percent) off",
            r"promo(?:tion|tional)? codes?|coupon codes?|voucher codes?|use (?:my |the )?code(?= \w)|"
            r"affiliate links?",
            r"sponsored|sponsorships?|product placements?|infomercials?|brand ambassadors?|endors(?:es|ed|ing|"
            r"ements?)",
            r"(?:in|stars? (?:of|in)) an? (?:ad|advert|commercial)(?! (?:lib|hoc|kitchen))|(?:tv|television|radio|"
            r"beer|car|perfume) (?:commercials?|ads?|spots?)|commercials? (?:for|about|"
            r"promoting)",
            r"ads? (?:for|campaigns?|spots?)|advert(?:s|ise|ises|ised|ising|isements?)?(?! billboard| board| column)",
            r"limited time offers?|special offers?|free (?:shipping(?! containers?)|trials?)|money back guarantee|"
            r"link in (?:the |"
            r"my )?bio",
            r"swipe up to (?:buy|shop|order)|testimonials? for|promot(?:es|ing|ed) (?:a|an|the|our|my|this|his|her) "
            r"(?:new )?(?:product|brand|app|company|shop|store|business|line|website)",
        ),
        (
            "广告(?!牌)|廣告(?!牌)|促销|促銷|打折|推销|推銷|折扣|优惠(?:券|码|价)|優惠(?:券|碼|價)|(?:立即|马上|馬上|"
            "立刻)(?:购买|購買|下单|下單|抢购|搶購)",
            "限时(?:优惠|抢购|特价)|限時(?:優惠|搶購|特價)|代言|带货|帶貨|推广码|赞助|贊助|包邮|满减|软文|买一送一|"
            "買一送一",
        ),
    ),
    Vocabulary(
        (
            r"ads?|brand(?:s|ed|ing)?(?! new)|logos?|products?|promo(?:s|te|tes|ting|tion|tional)?|sales?|for sale|"
            r"price tags?",
            r"commercials?|unboxing|advertising|marketing|sponsors?|vouchers?|coupons?|bargains?",
        ),
        ("广告牌|廣告牌|品牌|商标|商標|产品|產品|优惠|優惠|直播间|种草|特价|特價|推广|推廣|下单|下單|秒杀|商品",),
    ),
    "This person does not appear in advertising.",
    "Leave the selling out: show the thing without offer, code or sponsor.",
)
_CLUB = (
    r"(?! of (?:the |a |an |our |my |his |her |their )?(?:\w+ ){0,2}"
    r"(?:club|society|class|company|board|band|bank|team|guild|galaxy|chess|fans?|fan|university|college|cats?|"
    r"dogs?)(?![a-z]))"
)
_POLITICS = Purpose(
    "no_politics",
    "politics",
    Vocabulary(
        (
            r"(?:re )?elections?|elected (?:as )?(?:president|mayor|senator|governor|leader)",
            r"vot(?:e|es|ed|ing) (?:for|against)(?! (?:the |your |my |their |our )(?:\w+ ){0,2}(?:favou?rite|best|"
            r"cutest|funniest|"
            r"prettiest|winner|cake|song|dish|costume))",
            r"ballots?|voting booths?|polling stations?|presidential|president['’]?s? (?:speech|address|debate|"
            r"campaign)",
            rf"president(?= (?:donald|trump|joe|biden|barack|obama|xi|vladimir|putin|macron|zelensky+|lula|bush|"
            rf"clinton){'(?![a-z])'})",
            r"president of (?:the )?(?:united states|usa?|america|russia|china|france|ukraine|brazil|mexico|turkey|"
            r"iran|\w+ republic)",
            r"prime ministers?|politic(?:s|al|ally|ians?)|(?:protest|campaign|election) (?:rally|rallies|"
            r"march(?:es)?|signs?|"
            r"speech(?:es)?|posters?|trail|stage|ads?|crowds?)|protest(?:s|ing|ers)? against",
            r"(?:anti|pro) (?:government|war|abortion|life|choice|immigration|gun|democracy|russia|israel|palestine)"
            r"(?= (?:\w+ )?(?:protest|rally|march|sign|slogan|speech|activist|message|banner|demonstrat))",
            r"(?:democratic|republican|communist|socialist|labou?r|conservative|liberal|green|nazi|ruling|opposition|"
            r"far right|far left|nationalist|tory|workers) part(?:y|ies)(?! dress| outfit| hat| balloon| decor)",
            r"democrats?|republicans?|communis[mt]s?|fascis[mt]s?|nazis?|maga|make america great again",
            r"congress(?:m[ae]n|wom[ae]n)|senators?|members? of (?:parliament|congress)|oval office|propaganda",
            r"referendums?|impeach(?:ed|ment|ing)?|coup d.?etat|immigration (?:policy|ban)|gun control|"
            r"abortion (?:rights|ban)",
            r"for (?:president|mayor|governor|congress|senate|prime minister)(?! of| to)|running for (?:president|"
            r"office|mayor|senate|congress|governor)",
        ),
        (
            "选举|選舉|大选(?!手)|竞选|競選|投票给|投票給|拉票|政治(?!课|課)|政党|政黨|(?:总统|總統)(?:的)?(?:演讲|"
            "演講|"
            "竞选|競選|候选|候選|大选|大選)",
            "国家主席|國家主席|国务院|國務院|总理|總理|议会|議會|国会|國會|议员|議員|共产党|共產黨|国民党|國民黨|"
            "民主党|民主黨|共和党|共和黨|民进党|民進黨",
            "示威|抗议(?:集会|活动|政府|者)|抗議(?:集會|活動|政府|者)|政变|政變|公投|反政府|政客|政府官员",
        ),
    ),
    Vocabulary(
        (
            rf"president{_CLUB}|ministers?|mayors?|governors?|parliaments?(?! of owls)|congress|senate|"
            rf"governments?|flags?",
            r"leaders?|(?<!in )(?<!of )(?<!last )(?<!next )(?<!early )(?<!late )(?<!mid )march(?:es|ed|"
            r"ing)?(?! [0-9])",
            r"protest(?:s|ers?|ing)?|campaigns?|vot(?:e|es|ed|ing|ers?)|white house|capitol|kremlin|slogans?|"
            r"revolutions?",
            r"activists?|debates?|rall(?:y|ies)(?! car| racing| driver)|abortion|immigration|war on \w+",
        ),
        (
            "总统|總統|主席|领导|領導|国旗|國旗|旗帜|旗幟|游行|遊行|抗议|抗議|政府|投票|口号|口號|领袖|領袖|革命|"
            "市长|市長|部长|部長",
        ),
    ),
    "This person does not appear in politics.",
    "Leave parties, office holders and causes out of the scene.",
)
_BELOVED_THING = (
    r"(?! (?:the |an? |his |her |my |our |their |this |that |every )?(?:\w+ )?(?:sea|ocean|city|music|food|cooking|"
    r"baking|dancing|"
    r"surfing|skating|painting|reading|jazz|coffee|pizza|ramen|noodles|song|book|garden|mountains?|game|view|world|"
    r"life|"
    r"summer|winter|autumn|spring|rain|snow|sky|stars?|robot|job|craft|bike|car|guitar|piano|dog|cat|puppy|"
    r"kitten)(?![a-z]))"
)
_ROMANCE = Purpose(
    "no_romance",
    "romance",
    Vocabulary(
        (
            rf"kiss(?:es|ed|ing)? (?:passionately |gently )?{_WHO}|french kiss(?:es|ed|ing)?|shar(?:e|es|"
            rf"ing) a (?:\w+ )?kiss|"
            rf"passionate(?:ly)? kiss(?:es|ing)?",
            rf"{SOMEBODY}+ (?:and )?{SOMEBODY}+ (?:\w+ ){{0,3}}kiss(?:es|ing)?",
            r"kiss(?:es|ed|ing)? (?:passionately|on the (?:lips|mouth)|in the rain|under the mistletoe)|"
            r"kissing scenes?",
            r"(?:couples?|lovers|they|two \w+) (?:are |is |share a |sharing a )?(?:\w+ )?kiss(?:es|ed|ing)?|"
            r"first kiss",
            rf"(?:fall(?:s|ing)?|fell|madly|deeply) in love{_BELOVED_THING}|in love with{_BELOVED_THING}",
            r"(?:mak(?:e|es|ing)|made) (?:out with|love)|love (?:scenes?|affairs?|making|triangles?|story|stories|"
            r"interest)",
            r"wedding nights?|honeymoons?|marriage proposals?|romantic (?:dates?|dinners?|evenings?|nights?|"
            r"getaways?|"
            r"relationships?|partners?|kiss|embrace|tension|interest|proposal|scenes?|comedy|couples?|walks?|moment)",
            rf"propos(?:es|ed|ing) (?:marriage|to {_WHO})|marr(?:y|ies|ied|ying) {_WHO}|(?:get|gets|getting|"
            rf"got) married(?! to (?:the|his|her|my) (?:job|work))",
            rf"flirt(?:s|ed|ing)? with|seduc(?:e|es|ed|ing|tive|tively)|dating {_WHO}|(?:first|blind|dinner|"
            rf"hot) dates?(?! palm)",
            r"(?:on|for) a date(?= (?:with|night|in|at))|going on a date|date nights?|dating apps?|"
            r"one night stands?|soul ?mates?",
            r"as (?:an?|my|your|his|her|their|lovers?)(?: \w+)? (?:girlfriend|boyfriend|lover|wife|husband|"
            r"fiancee?|bride|groom)",
            rf"(?:boyfriend|girlfriend|lover|wife|husband) of {_WHO}|making eyes at|confess(?:es|ed|ing)? (?:his|"
            rf"her|their|my) love",
        ),
        (
            "接吻|热吻|熱吻|亲嘴|親嘴|(?:亲|親)?吻(?:着|着了|了|上|過|过)?(?:她|他|你|我|彼此|对方|對方|\\s?"
            "\ua66e+)(?!的?(?:手|额|額|脸颊|孩|宝|寶))|恋爱|戀愛|相爱|相愛",
            "(?:爱|愛)上(?:了)?(?:她|他|你|我|彼此|对方|對方|一个(?:男|女|姑娘)|\ua66e+)|求婚|嫁给|嫁給|洞房|"
            "新婚之夜|蜜月|"
            "约会|約會|约炮|调情|調情|示爱|示愛",
            "暧昧|曖昧|拍拖|初恋|初戀|热恋|熱戀|暗恋|暗戀|勾引|向(?:她|他|你|我|\ua66e+)表白|爱情(?:片|故事|戏)|"
            "愛情(?:片|故事|戲)|做我(?:的)?(?:男|女)朋友",
        ),
    ),
    Vocabulary(
        (
            r"kiss(?:es|ed|ing)?|dat(?:e|es|ed|ing)(?! palm| syrup| of|s of|line)|hearts?|heart shaped|lovers?|"
            r"in love|romances?",
            r"romantic(?:ally)?|valentines?(?: day)?|crush(?:es)? on|weddings?|bride|groom|couples?(?! of)|"
            r"cuddl(?:e|es|"
            r"ed|ing)|flirt\w*",
            r"boyfriends?|girlfriends?|embrac(?:e|es|ed|ing)|sensual(?:ly)?|intimate(?:ly)?|marriages?|married",
        ),
        (
            "亲吻|親吻|爱心|愛心|心动|心動|浪漫|婚礼|婚禮|结婚|結婚|情人|情侣|情侶|男朋友|女朋友|拥抱|擁抱|表白|"
            "玫瑰|爱情|愛情|夫妻",
        ),
    ),
    "This person does not appear in romance.",
    "Make it a scene of friends, family or colleagues.",
)
_VIOLENCE = Purpose(
    "no_violence",
    "violence",
    Vocabulary(
        (
            r"punch(?:es|ed|ing)(?! bags?| the air|(?: an?)? holes?| tickets?| cards?| in(?: the)? numbers?| above|"
            r" paper|"
            r" machine| dough)",
            rf"punch {_WHO}|fight(?:s|ing)? (?:with |against )?{_WHO}(?! (?:for|over) )|punch(?:es|ed|"
            rf"ing)? (?:\w+ )?in the (?:face|stomach|nose|gut)",
            r"(?<!film )(?<!photo )(?<!video )(?<!trap )(?<!movie )shooting(?! (?:stars?|hoops?|guards?|baskets?|"
            r"pool|script|"
            r"locations?|schedule|photo\w*|portraits?|video|pictures?|(?:an?|the|his|her|their|our|my|"
            r"some) (?:\w+ ){0,2}(?:film|movie|video|"
            r"documentary|scene|commercial|clip|vlog|photo|photos|picture|pictures|basket|ball|puck|hoops?|episode|"
            r"marbles?|interview|arrows?|music video|series|timelapse|portraits?)(?![a-z])))",
            rf"shoots? (?:at )?{_WHO}|shot (?:dead|in the (?:head|chest|back|leg)|to death|by a (?:gunman|sniper))|"
            rf"shoot ?outs?",
            r"gun ?fights?|gun ?fire|gun ?shots?|machine guns?|assault rifles?|opens? fire|(?:holds?|"
            r"holding) (?:\w+ )?at gunpoint",
            r"blood(?! (?:oranges?|moon|types?|pressure|tests?|donations?|donors?|drives?|sugar|vessels?|lines?|"
            r"red|cells?))"
            r"|blood(?:y(?! mary)|ied|stained|thirsty|shed)|bleed(?:s|ing)?",
            r"stab(?:s|bed|bing)|strangl(?:e|es|ed|ing)|behead\w*|slaughter(?:s|ed|ing)?|massacres?|assassin(?:s|"
            r"ate|ates|ated|ation)",
            rf"chok(?:e|es|ed|ing) {_WHO}|beat(?:s|ing)? {_WHO} (?:up|to death|senseless|with)|beat(?:s|en|"
            rf"ing)? up(?! the)",
            rf"murder(?:s|ed|ing|ers?|ous)?(?! of crows| mystery| mysteries)|kill(?:s|ed|ing)(?! it| time|"
            rf" whales?| the (?:lights?|engine|mood|vibe|music|process))|kill {_WHO}|"
            r"serial killers?",
            r"tortur(?:e|es|ed|ing)|execut(?:ed|es) by|firing squad|lynch(?:ed|ing)?|waterboard\w*|"
            r"domestic (?:violence|abuse)",
            rf"(?:slap|kick|hit)(?:s|ped|ping|ed|ting|ing)? {_WHO}(?= (?:in|on|with|hard|to|until|over|again|down))",
            r"(?:fist|street|bar|knife|sword|bare knuckle) ?(?:fights?|fighting|brawls?)|brawl(?:s|ing)?|"
            r"violen(?:ce|t|tly)|gory",
            r"(?:wield|threaten|brandish)(?:s|ing)? (?:\w+ ){0,3}(?:knife|gun|axe|machete|pistol)|terrorists?|"
            r"school shooters?",
        ),
        (
            "打架(?!子)|斗殴|鬥毆|殴打|毆打|群殴|群毆|枪战|槍戰|开枪(?!柜)|開槍|射杀|射殺|枪击|槍擊|枪杀|槍殺|杀人|"
            "殺人|杀死|"
            "殺死|杀害|殺害|谋杀|謀殺|屠杀|屠殺|流血|血腥|鲜血|鮮血",
            "砍(?:人|伤|傷|死)|捅(?:人|伤|傷|死|了)|暴力(?!熊)|虐待|(?:扇|打)(?:了)?(?:他|她|我|人|"
            "\ua66e+)?(?:一个|一個)?耳光|拳打脚踢|拳打腳踢",
            "揍(?:他|她|人|我|了|一|\ua66e+)|暴打|打(?:了)?\\s?\ua66e+(?!\\s?的?(?:电话|電話))|掐(?:住)?(?:他|她|"
            "\ua66e+)?(?:的)?脖子|勒死|刺杀|刺殺|恐怖袭击|"
            "恐怖襲擊",
        ),
    ),
    Vocabulary(
        (
            r"fights?|fighting|fought|fighters?|punch|(?<!star )wars?|battl(?:e|es|ed|ing)(?! rap)|weapons?|guns?|"
            r"pistols?|rifles?",
            r"swords?|attack(?:s|ed|ing|ers?)?|explo(?:sions?|des?|ded|ding)|(?<!bath )(?<!photo )bomb(?:s|ed|"
            r"ing)?|boxing|duels?",
            rf"wound(?:s|ed)|injur(?:y|ies|ed)|shoots?(?! (?:a|the) (?:film|video|scene))|shot by|(?:slap|kick|"
            rf"hit)s? {_WHO}|killers?",
            r"grenades?|missiles?|soldiers?|hunt(?:s|ing)? (?:down|the|a)|dead bod(?:y|ies)|corpses?|threaten(?:s|"
            r"ed|ing)?",
        ),
        (
            "打斗|打鬥|战斗|戰鬥|战争|戰爭|武器|枪|槍|宝剑|刀剑|剑客|攻击|攻擊|被打(?!扰|擾|动|動|开|開|包|败|敗|"
            "断|斷|印|扮|造|乱|亂|湿|濕|扫|掃|磨)|一拳|爆炸|决斗|決鬥|拳击|拳擊|受伤|受傷|"
            "炸弹|炸彈|打(?:他|她|人)(?!电|的电|電)",
        ),
    ),
    "This person does not appear in violence.",
    "Keep the tension without blows, weapons or wounds.",
)
_BEING = (
    r"(?:zombies?|skeletons?|mumm(?:y|ies)|corpses?|orcs?|goblins?|monsters?|werewol(?:f|ves)|vampires?|trolls?|"
    r"demons?|ghouls?|"
    r"cyborgs?|aliens?|frogs?|pigs?|cows?|dogs?|cats?|donkeys?|monkeys?|statues?|animals?|old (?:m[ae]n|wom[ae]n)|"
    r"bab(?:y|ies))"
)
_PERSON = rf"(?:{SOMEBODY}+|he|she|i|you|man|woman|boy|girl|guy|lady|person|face|body|skin|head|who|cameo)"
_APPEARANCE = Purpose(
    "no_major_appearance_change",
    "a changed appearance",
    Vocabulary(
        (
            rf"as (?:an? )?(?:very |much |really )?(?:old|elderly|ancient|90 year old|80 year old) (?:m[ae]n|"
            rf"wom[ae]n|person|lad(?:y|ies)|"
            rf"grandm\w+|grandpa\w*|grandfather|version)|as (?:an? )?(?:\w+ )?(?:bab(?:y|ies)|infants?|toddlers?)|"
            rf"as (?:an? )?(?:\w+ )?{_BEING}",
            r"(?:older|younger|elderly|baby|child|toddler|fat|obese|bald|skinny|ugly|male|female|zombie|old|"
            r"teenage) versions? of",
            r"zombie(?! (?:apocalypse|movies?|films?|games?|hordes?|attacks?|chase|invasion|costume|comes|walks|at|"
            r"in))|zombified",
            r"bald(?:ing|headed)?(?! (?:eagles?|cypress|tires?|tyres?|patch of))|obese|obesity|morbidly|fat suits?|"
            r"(?:extremely|hugely|enormously|super|very|grotesquely) (?:fat|skinny|thin|ugly|muscular)",
            rf"(?:make|makes|made|making) (?:him|her|them|me|{SOMEBODY}+) (?:look )?(?:\w+ )?(?:fat|fatter|skinny|"
            rf"thin|thinner|ugly|old|older|"
            r"young|younger|bald|taller|shorter|white|black|asian)",
            rf"{_PERSON} (?:\w+ ){{0,2}}(?:turn(?:s|ed|ing)?|transform(?:s|ed|ing)?|morph(?:s|ed|ing)?|chang(?:es|"
            rf"ed|ing)|mutat(?:es|ed|ing)) "
            rf"into(?! (?:an? |the |his |her )?(?:\w+ )?(?:street|alley|road|room|driveway|party|costume|dress|"
            rf"suit|clothes|outfit|corner))",
            rf"(?:is|gets?|got|being|are|been|was|be) (?:slowly |suddenly )?(?:turned|transformed|"
            rf"morphed) into (?:an? )?(?:\w+ )?{_BEING}",
            rf"turn(?:s|ed|ing)? (?:him|her|them|me|{SOMEBODY}+) into",
            r"gender ?(?:swap(?:s|ped|ping)?|bend(?:s|ed|ing)?|switch(?:es|ed|ing)?|chang(?:es|ed|ing|e))|"
            r"opposite (?:sex|gender)|race swap\w*",
            r"(?:different|another|changed?|darker|lighter|new) skin (?:colou?r|tone)s?|(?:change|changes|changing|"
            r"changed) (?:\w+ ){0,3}"
            r"skin (?:colou?r|tone)|blackface|(?:green|blue|purple|black|white|dark|darker|lighter|red|grey|"
            r"gray) skin(?:ned)?(?! (?:care|cream|lotion|mask|drums?))",
            r"de ?aged|de ?aging|age progress\w+|[0-9]{2} years (?:older|younger)|plastic surgery|(?:shaves?|"
            r"shaved|shaving) "
            r"(?:off )?(?:his|her|their|my) (?:head|hair|eyebrows)|shaved head|(?:no|without|loses?|"
            r"losing) (?:any |all |his |her |their )?hair(?! (?:clip|dryer|tie|band))|(?:kilos?|kg|pounds|"
            r"lbs) (?:heavier|fatter)|face tattoos?|disfigured|deformed|"
            r"toothless|"
            r"missing (?:teeth|an? (?:eye|leg|arm))",
        ),
        (
            "(?:他|她|我|你|男人|女人|男孩|女孩|脸|臉|\ua66e+\\s?)(?:的(?:脸|臉|身体|身體|皮肤|皮膚))?"
            "[^，。,.\\s的]{0,4}(?:变成|變成|变作|變作|变为|變為)(?!(?:了)?(?:全|第|英雄|明星|高手|专家|朋友|"
            "好友|冠军|大人))|变老|(?:皮肤|皮膚|她|他|\ua66e+)(?:变|變)(?:黑|白)|變老|变胖|變胖|变丑|變醜|变秃|變禿|"
            "变年轻|變年輕",
            "秃头|禿頭|秃顶|光头(?!强)|光頭|剃光|肥胖|返老还童|返老還童|性转|性轉|变性|變性|(?:改|变|变|換|"
            "换)(?:了|成|变)?(?:肤色|膚色)|肤色(?:改|变|换)|膚色(?:改|變|換)",
            "(?:扮|变|變|化|老)成(?:了)?(?:一个|一個)?(?:老人|老太|老头|老頭|婴儿|嬰兒|僵尸|殭屍|丧尸|喪屍)|整容|"
            "毁容|毀容|(?:变|變)(?:成|为)(?:了)?(?:僵尸|丧尸|婴儿|老人)",
        ),
    ),
    Vocabulary(
        (
            r"turn(?:s|ed|ing)? into|transform(?:s|ed|ing|ation|ations)?|morph(?:s|ed|ing)?|shape ?shift\w*|"
            r"becom(?:es|ing) an? \w+",
            r"zombies?|wigs?|fake beards?|moustaches?|mustaches?|make ?up|disguis(?:e|es|ed)|costumes?|(?:in a|"
            r"with a|wearing a) mask",
            r"tattoos?|muscular|dyed hair|dyes? (?:his|her|their) hair|prosthetics?|as an? (?:\w+ )?(?:child|kid|"
            r"teen(?:ager)?|woman|man|girl|boy|cartoon|robot|"
            r"caricature|superhero|doll|puppet|action figure)|(?:with|has|grows?) (?:horns|a tail|scales|tentacles|"
            r"fur|wings)|wrinkles|fat|aged (?:[6-9][0-9]|1[0-9][0-9])|in (?:his|her|their) (?:sixties|seventies|"
            r"eighties|nineties|[6-9]0s)",
        ),
        (
            "变成|變成|变身|變身|化妆|化妝|假发|假髮|胡子|鬍子|面具|伪装|偽裝|僵尸|殭屍|丧尸|喪屍|纹身|紋身|扮成|"
            "装扮成|长出|長出",
        ),
    ),
    "This person keeps their looks: age, body, skin, sex and kind of being stay as they are.",
    "Change the scene, the clothes or the light instead of the person.",
)
_EMBARRASSING = Purpose(
    "no_embarrassing",
    "an embarrassing situation",
    Vocabulary(
        (
            r"drunk(?:en(?! noodles)|enly|enness|ards?)?|naked(?! (?:eyes?|mole|flames?|branch\w*|trees?))|"
            r"nudes?(?! (?:lipsticks?|colou?rs?|tones?|shades?|heels|beige|walls?|palettes?))",
            r"nudity|topless|in (?:his|her|their|my) (?:underwear|underpants|boxers|panties)|hung ?over|black(?:s|"
            r"ed)? out drunk",
            r"pants (?:fall|falls|fell|falling|drop|slip)|pantsed|wardrobe malfunction|(?:wet(?:s|ting)?|soil(?:s|"
            r"ed)?) (?:him|her|my|them)sel(?:f|ves)",
            r"(?:pee(?:s|d|ing)?|piss(?:es|ed|ing)?|wets?|wetting|poop(?:s|ed|ing)?|shit(?:s|"
            r"ting)?)(?: in)? (?:(?:his|her|their|my) pants|himself|herself)",
            r"poop(?:s|ed|ing)|diarrh?o?ea|(?:on|in) the toilet|fart(?:s|ed|ing|y)?|burp(?:s|ed|ing)|belch(?:es|ed|"
            r"ing)",
            r"humiliat(?:e|es|ed|ing|ion)|embarrass(?:es|ed|ing|ingly|ment)?|ridiculed?|laughing ?stock|mock(?:s|"
            r"ed|ing) (?:by|him|her|them|at)",
            rf"(?:every(?:one|body)|crowds?|people|they|all|kids|class|audience|point(?:s|ed|"
            rf"ing)? and) (?:\w+ )?laugh(?:s|ing)? at (?:him|{SOMEBODY}+)(?!.s )|"
            rf"(?:being|is|are|was|be|gets?|getting) laughed at|(?:made|making|makes?) fun of (?:him|her|them|"
            rf"{SOMEBODY}+)",
            r"(?:slip(?:s|ped|ping)?|trip(?:s|ped|ping)?|fall(?:s|ing)?|fell)(?: and)?(?: \w+){0,3} (?:in|into|on|"
            r"over|onto) (?:the |an? |some )?"
            r"(?:\w+ )?(?:mud|manure|banana(?: peel)?|dung|poop|garbage|trash|sewer|vomit)(?![a-z])|face ?plants?|"
            r"pie in the face",
            r"vomit(?:s|ed|ing)?|puk(?:es|ed|ing)|throw(?:s|ing)? up (?:on|all over|in(?:to)? (?:a|the) (?:toilet|"
            r"bin|bucket|sink))",
            r"pick(?:s|ed|ing)? (?:his|her|their|my) nose|nose ?pick(?:s|ing)|snot(?:ty)?|in (?:a|his|her) diapers?",
        ),
        (
            "出丑(?!牛)|出醜|丢脸|丟臉|丢人|丟人|出洋相|喝醉|醉酒|醉倒|拉肚子|酒醉|烂醉|爛醉|醉醺醺|裸体|裸體|裸露|"
            "裸奔|全裸|"
            "放屁|拉屎|尿裤子|尿褲子|呕吐|嘔吐|羞辱|侮辱|嘲笑|抠鼻|摳鼻|挖鼻",
            "(?:摔|掉|跌|滑)(?:进|進|到|倒在|入)(?:了)?(?:泥|粪|糞|垃圾|臭)|走光|社死|当众出|當眾出|狗吃屎|洋相",
        ),
    ),
    Vocabulary(
        (
            r"toilets?|mud(?:dy)?|slip(?:s|ped|ping)? (?:and|on)|trips? (?:and|over)|fall(?:s|ing)? (?:over|down|"
            r"flat)|ashamed|awkward(?:ly)?",
            r"clumsy|clumsily|laugh(?:s|ed|ing)? at|begs?|begging|(?:cry|cries|crying|sobs?|"
            r"sobbing) (?:\w+ )?(?:loudly|in public|like a)|underwear|"
            r"underpants|diapers?|prank(?:s|ed)?",
            r"drool(?:s|ing)?|banana peels?|tipsy|sweat(?:s|ing|y)|bathroom|burps?|bad hair|make ?s? a fool|"
            r"fools? of|failing|fails? at|mocked",
        ),
        (
            "厕所|廁所|马桶|馬桶|摔倒|滑倒|大哭|痛哭|泥(?:坑|里|巴|地)|恶搞|惡搞|整蛊|整蠱|打嗝|内裤|內褲|尴尬|"
            "尷尬|微醺|洗手间",
        ),
    ),
    "This person does not appear in embarrassing situations.",
    "Let them come out of it well: laugh with them, not at them.",
)
PURPOSES: tuple[Purpose, ...] = (_ADS, _POLITICS, _ROMANCE, _VIOLENCE, _APPEARANCE, _EMBARRASSING)


_COMMON_WORDS = (
    "the and for are was were with from that this they them their his her hers she you your yours its not nor but "
    "too any all one two never always ever don dont doesn can cannot could would should will shall must may might "
    "want wants like please allow allowed ask asked make makes made making show shows shown showing appear appears "
    "put use used using do does done have has had get gets let be been being in into onto over under out off about "
    "who what when where which how why than then there here some more most very just only also even other others "
    "another anything something anyone someone nothing person people man woman men women video videos clip clips "
    "scene scenes camera cameo face likeness picture image look looks looking wear wears wearing say says saying "
    "kind kinds type way ways thing things while near close without against between during after before again "
    "because such own same myself himself herself mine our ours me him upon through across around behind up down no"
)
COMMON = frozenset(_COMMON_WORDS.split())
COMMON_CHINESE = re.compile(
    "不可以|不允许|不能|不要|不会|不想|不准|绝不|絕不|从不|從不|永远|永遠|禁止|拒绝|任何|所有|可以|出现|出現|视频|"
    "視頻|影片|画面|畫面|镜头|鏡頭|"
    "场景|場景|一个|一個|一只|自己|我的|他们|她们|我们|或者|以及|还有|这样|那样|什么|里面|正在|"
    "[不要我的在让讓和与與或别別请請把被是有了也都很他她它你这這那里裡上下中着著个個只等及]"
)


_WORDS_ONLY = (
    "The words of the prompt and its shots are searched, in English and Chinese, for {}: strong ones are refused, ones "
    "that can be meant otherwise are put to you, and neither other languages nor the finished picture are checked."
)
MECHANISMS: Mapping[str, str] = MappingProxyType(
    {
        "no_ads": _WORDS_ONLY.format("selling (offers, codes, sponsors), and the maker's own mark of an ad"),
        "no_politics": _WORDS_ONLY.format("elections, parties, office holders and protest"),
        "no_romance": _WORDS_ONLY.format("kissing, dating, love and marriage"),
        "no_violence": _WORDS_ONLY.format("fighting, weapons in use, wounds and killing"),
        "no_major_appearance_change": _WORDS_ONLY.format("another age, weight, skin, sex or kind of being"),
        "no_embarrassing": _WORDS_ONLY.format("drunkenness, nakedness, mishaps and mockery"),
        "languages": "The language of the text and of each quoted line is told by its script and its commonest words: "
        "another language is refused, one that cannot be told is put to you, and the sound of the clip is not checked.",
        "regions": "The country that a request comes from, as the network tells it or else as the maker declared it, "
        "must be one of yours: an unknown one is put to you, and neither a proxy in between nor where the clip is "
        "watched is checked.",
        "until": "From the day after this date every request is refused, and what others made before is hidden.",
        "restrictions": "Each sentence is compared with the text by the words they share (in Chinese, pairs of "
        "characters) and put to you where they meet: nothing is refused by machine, and other words for the same thing "
        "are not seen.",
    }
)  # what a machine checks and what it does not, one sentence each, for people


@dataclass(frozen=True)
class Limits:
    """The purpose limits of one cameo. `languages` are ISO 639-1 codes and `regions` ISO 3166-1 alpha-2 codes, empty
    for any; `until` is the last day on which it may be used."""

    no_ads: bool = False
    no_politics: bool = False
    no_romance: bool = False
    no_violence: bool = False
    no_major_appearance_change: bool = False
    no_embarrassing: bool = False
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    until: date | None = None

    @classmethod
    def of(cls, stored: object) -> "Limits":
        """The limits from their JSON form; what is not named is not limited.

        Raises Invalid, with every field that is unknown or wrong: nothing is passed over in silence.
        """
        if not isinstance(stored, Mapping):
            raise Invalid("The limits of a cameo are an object.")
        wrong: dict[str, list[FieldError]] = {}
        checked: dict[str, Any] = {}
        for name, value in stored.items():
            check = _CHECKS.get(name)
            if check is None:
                wrong[str(name)] = [{"code": "unknown", "message": "There is no such limit."}]
                continue
            try:
                checked[name] = check(value)
            except ValueError as why:
                wrong[name] = [{"code": "invalid", "message": str(why)}]
        if wrong:
            raise Invalid("Some limits are not right.", errors=wrong)
        return cls(**checked)

    def as_json(self) -> dict[str, Any]:
        """All limits by name, with lists for tuples and an ISO 8601 date: what `of` reads back."""
        told: dict[str, Any] = {limit.name: getattr(self, limit.name) for limit in fields(self)}
        return {
            **told,
            "languages": list(self.languages),
            "regions": list(self.regions),
            "until": self.until.isoformat() if self.until else None,
        }


def _yes_or_no(value: object) -> bool:
    if value is not True and value is not False:
        raise ValueError("This is true or false.")
    return bool(value)


def _codes(value: object, known: frozenset[str], kind: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) and code in known for code in value):
        raise ValueError(f"This is a list of {kind}.")
    if len(set(value)) < len(value):
        raise ValueError("A code stands here twice.")
    return tuple(value)


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("This is a date, YYYY-MM-DD, or null.")
    return date.fromisoformat(value)


_CHECKS = {
    **{purpose.limit: _yes_or_no for purpose in PURPOSES},
    "languages": lambda value: _codes(value, LANGUAGES, "ISO 639-1 codes in lower case"),
    "regions": lambda value: _codes(value, REGIONS, "ISO 3166-1 alpha-2 codes in upper case"),
    "until": _day,
}

ELSEWHERE = -1


@dataclass(frozen=True)
class Breach:
    """A limit that is certainly broken. `text_index` says in which text, `start` and `end` where in it, in characters,
    end excluded; for what is not in the words (country, date, the mark of an ad) they are `ELSEWHERE`, 0 and 0."""

    limit: str
    text_index: int
    start: int
    end: int
    message: str
    suggestion: str


@dataclass(frozen=True)
class Doubt:
    """A limit that may be broken: the owner of the face decides."""

    limit: str
    reason: str


@dataclass(frozen=True)
class Judgement:
    breaches: tuple[Breach, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Words:
    """A text that is judged, read once for all whose limits it meets."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.text = Text(_without_handles(raw))
        self._found: dict[str, tuple[list[Hit], list[Hit]]] = {}

    @cached_property
    def content(self) -> frozenset[str]:
        return content_words(self.text.plainly.plain)

    def of(self, purpose: Purpose) -> tuple[list[Hit], list[Hit]]:
        """The strong words of a purpose, and the unsure ones apart from them."""
        if purpose.limit not in self._found:
            strong = purpose.strong.found_in(self.text)
            self._found[purpose.limit] = strong, wording.apart_from(purpose.unsure.found_in(self.text), strong)
        return self._found[purpose.limit]


def judge(
    limits: Limits,
    *,
    restrictions: str,
    texts: Sequence[str | Words],
    country: str,
    today: date,
    is_ad: bool = False,
    beside: Sequence[str | Words] = (),
    handles: Sequence[str] = (),
    is_cut: bool = False,
) -> Judgement:
    """What a request breaks, and what its owner must be asked about.

    `texts` are the prompt and the texts of its shots; `country` is where the request comes from, empty when unknown;
    `restrictions` are the owner's own sentences of what they never do, each of which can only raise a doubt.
    `beside` are names and looks of the others in the cast, counted on after the texts, in whatever language; their
    `handles` are names, whose words raise no more than a doubt. `is_cut` when there are more words than are read.
    """
    told = [text if isinstance(text, Words) else Words(text) for text in texts]
    read = [*told, *(text if isinstance(text, Words) else Words(text) for text in beside)]
    names = [Words(handle) for handle in handles]
    found: list[Breach | Doubt] = []
    if limits.no_ads and is_ad:
        found.append(_beside_the_words("no_ads", "This person does not appear in ads.", "Take the ad mark off."))
    for purpose in PURPOSES:
        if getattr(limits, purpose.limit):
            for index, words in enumerate(read):
                of_words = _of_purpose(purpose, index, words)
                if index < len(told):
                    found += of_words
                else:  # their owner's own words, which are quoted to nobody
                    found += (
                        Doubt(purpose.limit, _OF_OTHERS) if isinstance(each, Doubt) else each for each in of_words
                    )
            found += [
                Doubt(purpose.limit, f"The handle @{name.raw} may mean {purpose.about}.")
                for name in names
                if any(name.of(purpose))
            ]
            if is_cut:
                found.append(Doubt(purpose.limit, _NOT_ALL_READ))
    if limits.languages:
        for index, words in enumerate(told):
            found += _of_languages(limits.languages, index, words.raw)
    found += _of_place_and_time(limits, country, today)
    found += _of_restrictions(restrictions, read, is_cut=is_cut)
    return Judgement(
        tuple(each for each in found if isinstance(each, Breach)),
        tuple(dict.fromkeys(each for each in found if isinstance(each, Doubt))),
    )


_OF_OTHERS = "The name or the looks of another in the cast may go against it."
_NOT_ALL_READ = "It is made from more words than are read."


def _beside_the_words(limit: str, message: str, suggestion: str) -> Breach:
    return Breach(limit, ELSEWHERE, 0, 0, message, suggestion)


_HANDLE = re.compile(
    r"(?<![A-Za-z0-9_@/.])@[A-Za-z0-9_.]{2,30}(?<!\.)"
)  # as `casting.MENTION`: what casts nobody is words


def _without_handles(text: str) -> str:
    """A handle is a name, whatever words it is made of: it is read as somebody, of the same length."""
    return _HANDLE.sub(lambda handle: SOMEBODY * len(handle.group()), text)


_DENIED = re.compile(
    r"(?:(?<![a-z])(?:no|not|without|never|avoid(?:ing)?|zero|don['’]?t)(?: (?:any|an?|the|being))? "
    r"|(?:没有|沒有|不要|不会|禁止|避免|无|無|没|沒|(?<![特分差个個])(?:别|別)|不)(?:任何|有)?)$"
)


def _of_purpose(purpose: Purpose, index: int, words: Words) -> Iterator[Breach | Doubt]:
    strong, unsure = words.of(purpose)
    for hit in strong:
        if _DENIED.search(hit.before):
            yield Doubt(purpose.limit, f"“{words.raw[hit.start : hit.end]}” is named, though denied.")
        else:
            yield Breach(purpose.limit, index, hit.start, hit.end, purpose.message, purpose.suggestion)
    for hit in unsure:
        yield Doubt(purpose.limit, f"“{words.raw[hit.start : hit.end]}” may mean {purpose.about}.")


_QUOTED = re.compile('["“”„«»]([^"“”„«»]+)["“”«»]|「([^」]+)」|『([^』]+)』')
_WORDS_WITHOUT_DOUBT = 3


def _of_languages(allowed: Sequence[str], index: int, raw: str) -> Iterator[Breach | Doubt]:
    """Quoted lines each for themselves, then the text around them."""
    around = raw
    parts: list[tuple[int, str, str]] = []
    for quote in _QUOTED.finditer(raw):
        start, end = quote.span(quote.lastindex or 0)
        parts.append((start, raw[start:end], "A quoted line"))
        around = around[:start] + " " * (end - start) + around[end:]
    for offset, part, what in (*parts, (0, _HANDLE.sub(lambda name: " " * len(name.group()), around), "The text")):
        words = wording.words_of(part)
        if not words:
            continue
        written = wording.is_written_in(part, allowed)
        if written is False:
            start, end = offset + words[0].start(), offset + words[-1].end()
            message = f"This person appears only in: {', '.join(allowed)}. {what} is in another language."
            yield Breach("languages", index, start, end, message, "Write it in a language that they allow.")
        elif written is None and wording.word_count(part) > _WORDS_WITHOUT_DOUBT:
            yield Doubt("languages", f"{what} is in a language that cannot be told by machine.")


def _of_place_and_time(limits: Limits, country: str, today: date) -> Iterator[Breach | Doubt]:
    if limits.regions:
        seen = country.strip().upper()
        if seen not in REGIONS:
            yield Doubt("regions", "The country of the request is not known.")
        elif seen not in limits.regions:
            message = f"This person appears only in: {', '.join(limits.regions)}."
            yield _beside_the_words("regions", message, "Cast somebody who allows your country.")
    if limits.until is not None and today > limits.until:
        message = f"This person could be cast until {limits.until.isoformat()}."
        yield _beside_the_words("until", message, "Ask them for a longer time, or cast somebody else.")


_SENTENCE = re.compile(r"[^\n\r.!?;。！？；…]+")


def sentences_of(restrictions: str) -> list[str]:
    """The owner's rules one by one, in order; the first is number 1 in a doubt."""
    return [part.strip() for part in _SENTENCE.findall(restrictions) if re.search(r"\w", part)]


def _of_restrictions(restrictions: str, read: Sequence[Words], *, is_cut: bool) -> Iterator[Doubt]:
    sentences = sentences_of(restrictions)
    told = frozenset().union(*(words.content for words in read)) if sentences else frozenset[str]()
    for number, sentence in enumerate(sentences, start=1):
        if content_words(wording.folded(sentence)[0]) & told:
            yield Doubt("restrictions", f"The text touches rule {number} of what this person never does.")
    if sentences and is_cut:
        yield Doubt("restrictions", _NOT_ALL_READ)


_TOKEN = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]{3,}")
_CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


def content_words(plain: str) -> frozenset[str]:
    """What a folded text is about: the stems of its words without common ones, and its pairs of Chinese characters."""
    words = {_stem(word) for word in _TOKEN.findall(plain) if word not in COMMON}
    pairs: set[str] = set()
    for run in _CHINESE_RUN.findall(COMMON_CHINESE.sub(" ", plain)):
        pairs.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(words | pairs)


_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ers", "er", "ed", "ies", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if word[-1] == word[-2] and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    return word[:-1] if word[-1] in "eiy" and len(word) > _SHORTEST_STEM else word


_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_UNSPACED = "々ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-䶿一-鿿가-힣"
_RUN_OR_WORD = re.compile(rf"(?P<run>[{_UNSPACED}]+)|[^\W_{_UNSPACED}]+")
_LONGEST_NAME = 5  # words
_CJK_NAME = range(2, 9)  # characters


def _name_parts(text: str) -> list[tuple[str, bool]]:
    """The words and unspaced runs of a text as names are compared, in order; True for a run."""
    composed = "".join(unicodedata.normalize("NFKC", char)[: wording.EXPANDED_AT_MOST] for char in text)
    visible = "".join(char for char in composed.translate(_APOSTROPHES) if unicodedata.category(char) != "Cf")
    apart = unicodedata.normalize("NFD", visible.casefold())
    bare = "".join(char for char in apart if not _is_accent(char))
    plain = unicodedata.normalize("NFKC", bare).translate(_PLAIN_LETTERS).translate(wording.LOOKALIKES)
    plain = re.sub(r"'s(?!\w)", "", plain).replace("'", "")
    return [(part.group(), part.group("run") is not None) for part in _RUN_OR_WORD.finditer(plain)]


def _is_accent(char: str) -> bool:
    return "̀" <= char <= "ͯ" or "᪰" <= char <= "᫿" or "᷀" <= char <= "᷿"


def normal_name(name: str) -> str:
    """A name as the registry keeps and compares it: plain lower-case letters, words one space apart, no possessive 's.

    Chinese, Japanese and Korean parts are written together, whatever dot or space stood between them. `names_in` finds
    names of up to 5 words, or of 2 to 8 such characters; other ones, and mixtures of both, need an alias.
    """
    return _joined(_name_parts(name))


def _joined(parts: Iterable[tuple[str, bool]]) -> str:
    told = ""
    ran = True
    for part, is_run in parts:
        told += part if not told or (is_run and ran) else f" {part}"
        ran = is_run
    return told


def names_in(texts: Iterable[str]) -> set[str]:
    """Whatever in these texts may be a name, normalised: 1 to 5 words on end, 2 to 8 unspaced characters on end.

    At most 5 for each word and 7 for each unspaced character: some 14,000 for 2,000 Chinese characters without a pause.
    """
    found: set[str] = set()
    for text in texts:
        words: list[str] = []
        run = ""
        for part, is_run in (*_name_parts(text), ("", False), ("", True)):
            if is_run:
                run += part
                found.update(_spans_of_words(words))
                words = []
            else:
                found.update(run[at : at + size] for size in _CJK_NAME for at in range(len(run) - size + 1))
                run = ""
                words.append(part)
    found.discard("")
    return found


def _spans_of_words(words: Sequence[str]) -> Iterator[str]:
    for size in range(1, _LONGEST_NAME + 1):
        for at in range(len(words) - size + 1):
            yield " ".join(words[at : at + size]).strip()
