# ruff: noqa: E501, SIM905  (word lists)
"""Common words that name no topic: what the classifier learns as nothing, and what is never taken for a typing error."""

from typing import Final

ENGLISH: Final = frozenset(
    """
    a about above across after again against ago all almost alone along already also always am among an and angle another answer any anybody anyone anything anyway apart are
    area around as ask asked at away back background bad be became because become been before began begin beginning behind being believe below beside best better between big
    bit black blue boring both bottom break bright bring broken brought build business but buy by call called came camera can cannot caption care careful carpet carry case
    catch category catalogue cause center central centre certain chance change changed chapter choice choose chosen circle clear clip close closer coast collab collection colour
    color come comes comment common complete consider continue control copy corner correct could country couple course cover create credit cross crowd cut daily dark date day days
    decide decided deep depend describe did didn't different difficult direct direction distance do does doesn't doing done don't door double doubt down draft dress? dry due during each
    early earth easily east easy edge edit effect eight either else empty end ending enough enter entire equal especially even evening event ever every everybody everyone everything
    everywhere exact exactly example except expect expected experience explain explained extra eye eyes face fact fail failed fair fall falls famous far fast faster favorite favourite
    feel feeling fell felt few fifth fill filled final finally find fine finish finished first five flat floor follow followed following for force forget forgot form forward found four
    frame free friend friends from front full future general get gets getting give given gives glad go goes going gold golden gone good got great green grew grey ground group grow
    growing grown guess guy had half hand hands happen happened happens happy hard has have having he head hear heard heart heavy height held hello help her here herself high higher
    him himself his hit hold holding home hope hot hour hours house how however huge hundred hurry i idea if important in inch include indeed inside inspired instead into is isn't issue
    it it's its itself job join joined just keep keeps kept key kind kinds knew know known knows label lady land large last late later lately layer lead leave leaves led left length less
    let letter level lie life lift light like liked likely likes limit line lines list listen little live lived lives living local long longer look looked looking looks loop lose lost lot lovely
    lots loud love loved low lower luck mad made main make maker makes making man many mark material matter may maybe me mean means meant member memories memory men met method middle might
    mile million mind mine minute minutes miss missed mistake mix moment moments monday month months mood more morning most mostly move moved movement moves moving much must my myself name
    named narrow near nearly necessary neck need needed needs neither never new next nice night nights nine no nobody none noon nor normal north not note nothing notice now number object
    obvious odd of off offer office often oh ok okay old older on once one ones only onto open opened opens opposite or orange order ordinary original other others ought our out outside over
    own owner page pair paper part particular parts party? pass passed past path pattern pause pay people perfect perfectly perhaps period person phase pick picked picture piece pieces pink
    place placed places plain plan plans plate play? please plenty point pointing points polite politely position possible power pov present press pretty price probably problem problems
    process produce produced product project promise prompt proof proper properly provide public pull pulled purple purpose push put puts queue quick quickly quiet quietly quite random range
    rate rather raw reach reached ready real reality really reason recent record red regret regrets regular remain remember remix remixed remixing repeat reply rest result return returns
    reveal right ring rise rising road rock roll room roommate rough round row rule rules run? running rush sad safe said same sample sat saturday save saw say saying says scarf scene scenes
    second secret section see seem seemed seems seen self send sense sent separate series serious serve set sets seven several shade shake shall shape share shared sharp she shift shirt short
    shorter should shot show showed shown shows shut side sight sign silent similar simple simply since single sit sits sitting situation six size skin? slight slow slower slowly small
    smaller smell smooth so soft softly solid solution some somebody somehow someone something sometimes somewhere soon sorry sort sound sounds source south speak special speed spend spent
    spin spinning split spoke spot spread square stage? stairs stand standing star? start started starting starts state station? stay stayed step steps still stitch stolen stood stop stopped
    stops store story straight strange strong stuck stuff style subject such sudden suddenly suit sunday supply suppose supposed sure surface surprise surprised sweet? switch system table take
    taken takes taking talk talking talks tall task taste? team tell telling ten term test? than thank thanks that that's the their them themselves then theory there these they thick thin thing
    things think thinking third this those though thought thoughts thousand three through throw thursday thus tie tight till time times tiny tip tired title to today toe together told tomorrow
    tone tonight too took top total touch toward towards town? track trade? trampoline tried tries trouble true trust truth try trying tuesday turn turned turning turns twelve twice two type
    unable under understand unexpected unit unless until up upon upside us use used useful using usual usually value various vast version versions very vibe vibes video videos view voice wait
    waiting wake walk walked walking walks wall walls want wanted wants warm? was wasn't watch watched watching way ways we wear? wednesday week weekend weeks weight? weird well went were west
    what whatever when where whether which while whisper white who whole whom whose why wide wife will win wind? window wish with within without woke woman women won wonder wondered won't word
    words wore work? worked working works world worry worse worst worth would wow write wrong wrote yard yawn year years yellow yes yesterday yet you young your yours yourself zoom
    """.replace("?", "").split()
)

# words of their own that are one letter away from a topic's word
NO_SLIPS: Final = frozenset(
    """
    advertisers affiliated airline airlines allay alloy archeologist archeologists archeology archer aries artefact artefacts artiste automation avert babes backed backer
    backers backing backroom badge badges banked banker bankers barbecued barked barking barnes barons basking batting battled bawled beads beaker beards beatles beats
    beech beings bends benny bicep bicker biking billet binds bleach blips bloodiest boars boast boasts bonds bonny booing booming booms boots boozed boozer boson bother
    bothers bottle bottles bouts bowing brakes braking branch branches brands breach breaches breed breeds bridget bridle broad broads brooks bullet bullets bunch bunches
    bunking burns butting caleb campus canes cannes canon canons canvass caped carries carte casts caveman cells ceramic chair chairs champ chats cheesed chests chiefs
    chilli chilly chipping chips chomp choral choreograph chris christina chump chumps cider cindy cites clamber clamped clamping clamps cleansing clothe cloths cloudy
    coals coarse coats codger coked colder collage comped compute concerto cooing copping corral cosmetic costs coupe coupled cramped cramping cramps creep creepiest
    creme crews cries crooked crooks crowds crowns crypt crypts cured damon darting dawns dears decks demos desks diagnoses dickie dicks diner diners diploma diplomas
    diseased disks docks doggie dogies doting drags dregs drown drowns druid druids ducking dulls dumping dunce duress eastern eater eaters economic elated elvis
    embroider exorcise exorcised exorcising fairly fanny faring farther faxes feats ferris filed financed fired fires firmer firms fixes flaming flight flights flirty
    flora flowery foggiest fools former forming forms forrest fouls framing freed frees fright froggy froze fruity funnest furies furry gaggle galley gasses gassy genetic
    ghastly glide glides glories goggle goggles gossipy grammy grasps grille gross grosses gymnastic halls headliner healthiest heath heirs hells heroin hickey hoarse
    hocking hoist hokey horsey hoses hotspot hulls hungover hunted hunting hunts influence influences injures inspect inspects jagged jangle jeweller jingle jingles
    jokers judas juiced karat kidnapped kitted knots knotted korean koreans latter launch launches leaned leaning leans lectured lecturer lessen lever levers lightening
    lighting limbs liver livers logos loins loves macaroni macaroons mangoes manicured maria marie marion massacred massaged masses masts match matches medals medial
    mediate mediation memos message messages messes metals meter meters mills misses mocha monte moral morals morose mortgaged mosquitoes mousse mouths mowed mowing muses
    musty nursed orchestral oscar padding paddle paddles pained paining pains pairs palates panes panting pappy paraded parish partly paste pasts pasty patent patents
    paying payoffs peddle peeks peers peppy perfumed phoned phoney photograph physic piazza pints pipes pirated plates playoff pliers plots pointed pointer pointers pokes
    policed politic polls poppies poppy portion portions possesses posture potter pounds preaches preyed preying preys primo prion protestors prying pulls pushes quits
    rabbi rabbis racket rackets ramon raped raping raves reaches readying retrieve retrieves ribbed rides rifled ripped ripper ripping rises riven robbins roost roots
    roster roust rousted rover rovers rubbed rubber rubbers rubbery rubbing rubies ruining runaway runaways sacks sacred sakes sally santos sawed sawing scarce scarred
    scarring scars scarves score scored scores scoring seeding serfs shares shimmer shimmering shipping shire shirk shops shouting shoves signed signing signs silliest
    singe singled singling sketchy skewed skiers skirts slags slashes sleepy slimmer slinging slings slink slots smoker smokers smokey smoothing snags snaked snipe snuck
    soaps socks soiled soiling soils solder solider sopping sores sorties sorts sowed spaced spewed spewing spice spices spook spots spurt spurts squad squads stacks
    stark steals stewed stewing sticks stinger stingers stinging stings stinks stock stories streak streaks stubbed stubs studios sturdy sturgeon sully summat summer
    summers surer sweats swing swinger swingers swinging taxis techies techs testing threes thrifty tidings tiers tingle toasting toddle toddy tones topical tornadoes
    tortured touristy tracks trades tramp traps travelled treading trick tricks tubby tucks vague vapid vegas venous venues victoria villager villagers violet violets
    vocation voices volley wales warship warships watches waving wealthy weaves wendy wether whaler whalers whats whets whiles whines whisk winces winos wisps witchy
    wives wooed wooing worshipped worshipping wrestler wrestlers youtube
    """.split()
)

CHINESE: Final = tuple(
    "的 了 在 和 是 有 我 你 他 她 它 我们 你们 他们 大家 今天 昨天 明天 现在 以后 以前 然后 后来 第一次 第二次 最后 终于 慢慢 突然 忽然 已经 正在 一直 总是 从来 "
    "太 很 好 真 真的 非常 特别 有点 比较 这个 那个 这些 那些 这样 那样 什么 怎么 为什么 哪里 多少 版本 再来 再来一遍 看看 一遍 一次 一个 一下 一起 两个 几个 全部 所有 "
    "日常 合集 瞬间 现场 画面 镜头 片段 作品 视频 内容 完整版 第一 第二 原来 居然 竟然 果然 其实 可能 应该 可以 不能 不会 没有 还是 还有 就是 但是 因为 所以 如果 "
    "红色 蓝色 紫色 绿色 黄色 白色 黑色 大 小 长 短 高 低 快 慢 新 旧 多 少 从 到 里 上 下 左 右 前 后 中 外 被 把 给 让 叫 对 向 跟 又 也 都 只 就 才 再 更 最 "
    "开始 结束 继续 停止 出现 消失 变成 成为 觉得 知道 喜欢 想要 希望 需要 发现 记得 忘记 等一下 等我 来了 走了 去了 回来 出来 起来 进去 过来 这里 那里 地方 时候 "
    "时间 小时 分钟 早上 晚上 半夜 白天 一天 一年 一千年 一半 一样 不同 同样 东西 事情 问题 办法 样子 感觉 心情 故事 世界 生活 人 人们 朋友 别人 自己 谁 加油 谢谢 你好 "
    "太好看了 好看 厉害 神仙 绝了 可惜 随便 随手 偷偷 正确 错误 方法 做法 姿势 倒计时 后续 前方 远处 门口 窗外 屋里 屋外".split()
)
