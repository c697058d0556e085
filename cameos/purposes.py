"""The words, in English and Chinese, that purpose limits are read from: what breaks one, and what may.

Strong words are certain enough to refuse a request, unsure ones are put to the owner of the face.
"""

from dataclasses import dataclass

from sora_social.core.wording import Vocabulary

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
