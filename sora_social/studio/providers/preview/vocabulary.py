# ruff: noqa: E501  (word lists; Chinese characters count double)
"""The words the renderer knows, English and Chinese, by what they decide.

Each table maps one idea of ours to the words that call for it. English words are matched whole, with their plural
or -ing form; Chinese words wherever they occur. A longer word wins over a shorter one inside it.
"""

from collections.abc import Mapping

from sora_social.studio.providers.preview.lexicon import Lexicon

SETTINGS = Lexicon(
    {
        "beach": "beach|beaches|sea|ocean|coast|seaside|shore|island|surf|tropical|harbor|harbour|海滩|沙滩|海边|大海|海岸|海洋|海浪|海面|海|岛",
        "city": "city|cities|downtown|skyline|skyscraper|skyscrapers|rooftop|tokyo|shanghai|new york|metropolis|urban|cyberpunk|城市|都市|高楼|上海|东京|天际线|霓虹",
        "street": "street|streets|road|alley|avenue|crosswalk|highway|market|shop|town|village|街道|街头|马路|小巷|公路|街|小镇|集市",
        "forest": "forest|woods|jungle|rainforest|woodland|bamboo|森林|树林|丛林|竹林|雨林",
        "mountains": "mountain|mountains|alps|peak|peaks|cliff|hill|hills|glacier|ski|skiing|himalaya|arctic|山峰|雪山|高山|群山|山顶|山|滑雪|冰川",
        "desert": "desert|dune|dunes|sahara|mars|canyon|cactus|沙漠|沙丘|戈壁|火星",
        "space": "space|galaxy|planet|orbit|cosmos|universe|nebula|asteroid|milky way|太空|宇宙|银河|星系|星球|外太空",
        "moon": "moon surface|on the moon|lunar|moonwalk|月球|月面",
        "underwater": "underwater|under the sea|under water|deep sea|reef|coral|aquarium|seabed|水下|海底|深海|珊瑚|水族馆",
        "kitchen": "kitchen|cooking|baking|chef|restaurant|cafe|café|bakery|厨房|做饭|烹饪|餐厅|咖啡馆|面包房",
        "room": "room|bedroom|living room|house interior|office|classroom|studio|library|sofa|couch|home|indoors|房间|卧室|客厅|办公室|教室|图书馆|家里|沙发",
        "field": "field|meadow|grass|grassland|farm|park|garden|countryside|prairie|picnic|lawn|田野|草地|草原|农场|公园|花园|乡村|野餐",
        "sky": "sky|clouds|above the clouds|heaven|skies|天空|云端|云海|空中|云上",
        "stage": "stage|concert|disco|club|party|theater|theatre|spotlight|festival|舞台|演唱会|派对|舞池|剧院|音乐节",
        "lake": "lake|river|pond|waterfall|fjord|canal|湖|湖边|河|小溪|池塘|瀑布",
    }
)

TIMES = Lexicon(
    {
        "sunset": "sunset|dusk|golden hour|evening|twilight|日落|夕阳|黄昏|傍晚|晚霞",
        "night": "night|midnight|moonlight|moonlit|starry|stars|nocturnal|夜晚|夜里|深夜|午夜|星空|月光|夜",
        "dawn": "dawn|sunrise|morning|daybreak|日出|清晨|早晨|黎明|早上",
        "noon": "noon|day|daylight|daytime|sunny|midday|afternoon|bright|正午|中午|白天|阳光|晴天|下午",
    }
)

WEATHERS = Lexicon(
    {
        "storm": "storm|thunder|lightning|hurricane|tempest|暴风雨|雷|闪电|风暴|雷雨",
        "rain": "rain|rainy|raining|drizzle|downpour|下雨|雨中|雨天|大雨|雨",
        "snow": "snow|snowy|snowing|blizzard|winter|christmas|下雪|雪花|大雪|冬天|雪|圣诞",
        "fog": "fog|foggy|mist|misty|haze|smoke|steam|雾|薄雾|烟",
        "petals": "petals|blossom|blossoms|sakura|cherry|spring|wedding|樱花|花瓣|春天|婚礼",
        "leaves": "autumn|fall leaves|leaves|windy|breeze|秋天|落叶|刮风|微风",
        "fireflies": "fireflies|firefly|magic|magical|fairy|sparkle|sparkles|glitter|glowing|dream|萤火虫|魔法|仙女|闪光|梦幻|梦",
        "fireworks": "firework|fireworks|new year|celebration|celebrate|烟花|新年|庆祝|烟火",
        "confetti": "confetti|birthday|party|彩带|生日|派对",
    }
)

SUBJECTS = Lexicon(
    {
        "": "hot dog|hot dogs|teddy bear|烟花|雪花|浪花|樱花|火花|花园|人群|海星|龙虾",
        "cat": "cat|cats|kitten|kittens|kitty|猫咪|小猫|猫",
        "dog": "dog|dogs|puppy|puppies|corgi|wolf|小狗|狗狗|狗|柯基|狼",
        "fox": "fox|foxes|狐狸",
        "horse": "horse|horses|pony|unicorn|zebra|deer|骏马|小马|马儿|独角兽|鹿|马",
        "rabbit": "rabbit|rabbits|bunny|bunnies|hare|兔子|小兔|兔",
        "bear": "bear|bears|熊",
        "panda": "panda|pandas|熊猫|大熊猫",
        "elephant": "elephant|elephants|mammoth|大象|象",
        "robot": "robot|robots|android|mecha|droid|机器人|机甲",
        "bird": "bird|birds|seagull|seagulls|gull|parrot|eagle|swan|owl|duck|pigeon|crane|小鸟|海鸥|老鹰|鹦鹉|天鹅|鸭子|鸟",
        "butterfly": "butterfly|butterflies|moth|bee|bees|蝴蝶|蜜蜂",
        "fish": "fish|fishes|goldfish|shark|sharks|小鱼|金鱼|鲨鱼|鱼",
        "whale": "whale|whales|dolphin|dolphins|orca|鲸鱼|鲸|海豚",
        "jellyfish": "jellyfish|octopus|squid|水母|章鱼",
        "turtle": "turtle|tortoise|turtles|snail|乌龟|海龟|蜗牛",
        "car": "car|cars|taxi|truck|bus|vehicle|汽车|出租车|卡车|公交车|跑车|轿车",
        "bicycle": "bicycle|bike|bikes|cyclist|cycling|motorbike|motorcycle|scooter|自行车|单车|摩托车",
        "train": "train|trains|locomotive|tram|subway|railway|火车|列车|地铁|高铁",
        "boat": "boat|boats|ship|ships|sailboat|yacht|sailing|canoe|帆船|小船|轮船|船",
        "balloon": "balloon|balloons|hot air balloon|airship|lantern|lanterns|热气球|气球|灯笼|孔明灯",
        "plane": "plane|planes|airplane|aeroplane|aircraft|jet|飞机",
        "person": "person|people|man|woman|girl|boy|child|children|kid|kids|dancer|dancers|runner|surfer|someone|crowd|king|queen|princess|grandmother|grandma|grandpa|teacher|skater|skateboarder|ballerina|人|男孩|女孩|女人|男人|孩子|小孩|舞者|老人|奶奶|爷爷|姑娘|少年|公主",
        "astronaut": "astronaut|astronauts|cosmonaut|spaceman|宇航员|航天员",
        "dragon": "dragon|dragons|dinosaur|dinosaurs|巨龙|飞龙|恐龙|龙",
        "flower": "flower|flowers|rose|roses|tulip|sunflower|sunflowers|lotus|花朵|玫瑰|向日葵|鲜花|荷花|花",
        "tree": "tree|trees|oak|pine|大树|松树|树",
        "house": "house|houses|cottage|cabin|castle|temple|lighthouse|房子|小屋|城堡|寺庙|灯塔",
        "rocket": "rocket|rockets|spaceship|spacecraft|missile|starship|火箭|飞船|宇宙飞船",
        "ufo": "ufo|alien|aliens|flying saucer|外星人|飞碟",
        "ball": "ball|balls|football|soccer|basketball|beach ball|marble|足球|篮球|皮球|球",
        "food": "food|noodles|ramen|soup|rice|dumpling|dumplings|pasta|hotpot|tea|coffee|食物|美食|面条|拉面|饺子|火锅|汤|茶|咖啡",
        "cake": "cake|cakes|cupcake|dessert|pie|pancake|ice cream|蛋糕|甜点|冰淇淋",
        "fruit": "apple|apples|fruit|orange fruit|strawberry|watermelon|lemon|peach|苹果|水果|草莓|西瓜|柠檬|桃子",
        "mushroom": "mushroom|mushrooms|toadstool|蘑菇",
        "snowman": "snowman|snowmen|雪人",
        "ghost": "ghost|ghosts|spirit|spooky|halloween|幽灵|鬼|万圣节",
        "star": "shooting star|comet|meteor|meteors|流星|彗星",
    }
)

MOTIONS = Lexicon(
    {
        "run": "run|runs|running|race|racing|races|chase|chasing|gallop|galloping|sprint|drive|driving|rides|riding|跑|奔跑|追|飞驰|赛跑|骑|行驶|开车",
        "walk": "walk|walks|walking|stroll|strolling|wander|wandering|march|exploring|sailing|走|散步|漫步|行走|航行",
        "fly": "fly|flies|flying|soar|soaring|glide|gliding|float|floating|drift|drifting|hover|hovering|launch|launching|飞|飞翔|飞行|漂浮|飘|翱翔|发射",
        "dance": "dance|dances|dancing|party|groove|waltz|ballet|sing|singing|playing guitar|跳舞|舞蹈|起舞|唱歌|舞",
        "spin": "spin|spins|spinning|rotate|rotating|twirl|twirling|roll|rolling|whirl|whirling|tumbling|旋转|转圈|打转|滚动|翻滚",
        "swim": "swim|swims|swimming|dive|diving|surfing|游泳|游|潜水|冲浪",
        "fall": "fall|falls|falling|drop|dropping|skydiving|raining down|坠落|落下|掉",
        "jump": "jump|jumps|jumping|leap|leaping|hop|hopping|bounce|bouncing|skateboarding|skating|跳跃|蹦|跳|弹",
        "rest": "sleep|sleeping|sit|sits|sitting|resting|lying|standing|stands|waiting|still|meditating|睡|坐|躺|站|静止|休息",
    }
)

PACES = Lexicon(
    {
        "fast": "fast|quick|quickly|rapid|speed|speeding|furious|hyper|swift|快速|飞快|急速|快",
        "slow": "slow|slowly|slow motion|gentle|gently|lazy|lazily|peaceful|缓慢|慢慢|慢动作|轻轻|慢",
    }
)

MOODS = Lexicon(
    {
        "happy": "happy|joy|joyful|cheerful|fun|funny|cute|upbeat|playful|celebration|silly|birthday|快乐|开心|欢快|可爱|搞笑|有趣|喜悦",
        "sad": "sad|lonely|melancholy|tears|cry|crying|goodbye|grief|nostalgic|alone|悲伤|忧郁|孤独|伤心|哭|离别|怀旧",
        "tense": "tense|scary|horror|danger|dangerous|chase|dark|spooky|epic|battle|war|dramatic|suspense|紧张|恐怖|危险|追逐|战斗|史诗|惊悚",
        "calm": "calm|peaceful|quiet|relax|relaxing|serene|gentle|cozy|dreamy|zen|soft|平静|宁静|安静|温馨|治愈|放松|舒缓",
    }
)

SOUNDS = Lexicon(
    {
        "waves": "wave|waves|surf|海浪|浪花|波浪",
        "wind": "wind|windy|breeze|howling|风声|大风|风",
        "rain": "rain|rainy|raining|drizzle|下雨|雨",
        "hum": "traffic|crowd|city|neon|城市|车流|人群",
        "engine": "engine|engines|motor|roar|revving|car|truck|rocket|plane|motorcycle|引擎|发动机|赛车|轰鸣",
        "birdsong": "birdsong|chirping|birds|bird|spring|鸟鸣|鸟叫|小鸟",
        "crickets": "crickets|cricket|summer night|蟋蟀|虫鸣",
        "bubbles": "bubble|bubbles|underwater|diving|气泡|泡泡|水下",
        "fire": "fire|campfire|fireplace|flames|bonfire|篝火|火焰|壁炉",
        "beat": "beat|techno|disco|hip hop|rap|electronic|dance music|drum|drums|节拍|电子|鼓|嘻哈|迪斯科",
    }
)

COLOURS = Lexicon(
    {
        "red": "red|crimson|scarlet|ruby|红色|红",
        "orange": "orange|amber|橙色|橘色|橙",
        "yellow": "yellow|golden|gold|黄色|金色|金|黄",
        "green": "green|emerald|mint|jade|绿色|翠绿|绿",
        "teal": "teal|turquoise|cyan|青色|青",
        "blue": "blue|azure|navy|sapphire|蓝色|蓝",
        "purple": "purple|violet|lavender|indigo|紫色|紫",
        "pink": "pink|magenta|rose gold|粉色|粉红|粉",
        "brown": "brown|chocolate|wooden|棕色|褐色|棕",
        "black": "black|dark|黑色|黑",
        "white": "white|ivory|pale|白色|白",
        "grey": "grey|gray|silver|灰色|银色|灰",
    }
)

COUNTS = Lexicon(
    {
        "1": "a|an|one|single|一|1",
        "2": "two|pair of|couple of|both|twin|两|二|俩|2",
        "3": "three|trio of|few|三|3|几",
        "4": "four|several|some|四|4",
        "5": "five|group of|family of|五|5",
        "6": "six|many|lots of|flock of|herd of|school of|pack of|crowd of|swarm of|六|6|许多|很多|群|无数",
        "7": "seven|eight|nine|ten|dozens of|hundreds of|dozen|七|八|九|十|百|7|8|9",
    }
)

# Where a subject is at home when the prompt names no place.
HOMES: Mapping[str, str] = {
    "cat": "room", "dog": "field", "fox": "forest", "horse": "field", "rabbit": "field", "bear": "forest",
    "panda": "forest", "elephant": "desert", "robot": "city", "bird": "sky", "butterfly": "field",
    "fish": "underwater", "whale": "underwater", "jellyfish": "underwater", "turtle": "underwater", "car": "street",
    "bicycle": "street", "train": "mountains", "boat": "beach", "balloon": "sky", "plane": "sky", "person": "street",
    "astronaut": "space", "dragon": "mountains", "flower": "field", "tree": "field", "house": "field",
    "rocket": "space", "ufo": "space", "ball": "beach", "food": "kitchen", "cake": "kitchen", "fruit": "kitchen",
    "mushroom": "forest", "snowman": "mountains", "ghost": "forest", "star": "mountains",
}  # fmt: skip
