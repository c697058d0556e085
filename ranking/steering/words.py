# ruff: noqa: E501  (word lists)
"""What the words of an instruction do, English and Chinese: which way they turn, what joins, excepts and limits them."""

from enum import Enum, auto
from typing import Final

from ranking.topics.phrases import Phrases
from ranking.topics.vocabulary import split_words


class Part(Enum):
    """What a phrase does in an instruction."""

    NOT = auto()  # turns what follows: not, don't, never, stop, 不, 别
    SOFT = auto()  # turns it half: not really, not so, 不太
    WEAK = auto()  # a verb of showing or wanting that any other word outweighs: show me, want, 看
    LIKE = auto()
    MORE = auto()
    LESS = auto()
    NO = auto()  # hide, hate, 屏蔽
    ONLY = auto()
    LAST = auto()  # speaks of what stands before it: "… only", "… can go", 算了
    EXCEPT = auto()
    EVERYTHING = auto()
    NOTHING = auto()
    STRONGLY = auto()
    MILDLY = auto()
    AND = auto()
    ALSO = auto()
    BUT = auto()
    INSTEAD = auto()  # instead of, rather than
    SWAP = auto()  # replace … with …
    WITH = auto()
    CARRY = auto()  # keep … out, turn … down: the particle decides
    OUT = auto()
    DOWN = auto()
    UP = auto()
    FOREVER = auto()
    TOO = auto()  # right before what is meant: too political, 太血腥
    EXCESS = auto()  # too much, 太多: less, however it is turned
    KEPT = auto()  # 没有 … 不行: what cannot be missed
    DULL = auto()  # an opinion, where nothing else is said: boring
    BRIGHT = auto()  # and a good one: fascinating
    UNMOVED = auto()  # "I don't mind": nothing to do
    FILLER = auto()
    QUIET = auto()  # sounds like a topic and is none: lol, my kids


_ENGLISH: Final = {
    Part.NOT: "stop with, stop with the, stop with all the, quit with, no, not, don't, dont, do not, does not, doesn't, doesnt, didn't, didnt, won't, wont, will not, would not, wouldn't, wouldnt, should not, shouldn't, shouldnt, can't, cant, cannot, can not, must not, mustn't, isn't, aren't, ain't, aint, never, never again, never ever, stop, please stop, quit, cease, without, w/o, none of, no longer, not any, not a single, not one, zero, nor, neither, refuse, refuse to, nope, nah, nix, not the",
    Part.SOFT: "not really, not so, not that, not too, not very, not particularly, not especially, not quite, not super, not all that, not exactly, don't really, dont really, not overly, not as, hardly, hardly any, barely, barely any, rarely, seldom, not in the mood for, not much of, not much, not many, not a lot of, not so much, not so many, not as much, not as many, not too much, not too many, not that much, not that many, not a huge fan of, not a big fan of, not crazy about, not keen on, don't need so much, don't need that much, don't need as much, not so keen on",
    Part.WEAK: "teach me, teach me about, educate me on, educate me about, tell me about, spamming, spamming me with, spam me with, flooding me with, bombarding me with, bombard me with, throwing, throw me, shoving, show, show me, showing, showing me, give, give me, gimme, giving me, want, i want, want to see, want to watch, wanna see, wanna watch, wanna, wants, see, seeing, watch, watching, need, needs, need to see, recommend, recommending, recommend me, suggest, suggesting, send, send me, sending me, feed me, feeding me, push, pushing, serve, serving me, serve me, get, get me, let me see, let me watch, like to see, would like, i'd like, i would like, id like, would like to see, i'd like to see, like to watch, put, putting, put on, play, playing, display, bring, bring me, find me, have, having, looking for, look for, hit me with, come up, coming up, pop up, popping up, appear, appearing, pick, include, including, let's see, lets see, let's have, could use, i'll take, how about, what about, time for, ready for, start showing, start showing me, surprise me with, offer me, mix in, throw in, sprinkle in, hook me up with, going for, i am after, i'm after, after some, to see, to watch, learn about, learn more about, hear about, hear more about, read about, yes to, say yes to, say no to, ok to",
    Part.LIKE: "hoping for, i was hoping for, i'm hoping for, i'd kill for, i would kill for, live for, i live for, need my daily dose of, daily dose of, yes, yep, yeah, yup, yay, open to, i'm open to, i can handle, wish there were, i wish there were, i wish there was, wish there was, i wish i saw, rather have, i'd rather have, i'd rather see, i'd rather watch, rather see, rather watch, would rather see, would rather watch, would rather have, i'd sooner see, like, likes, liked, just love, just adore, just enjoy, love, loves, loving, lovin, i'd love, i would love, would love, adore, adoring, enjoy, enjoying, prefer, i'd prefer, into, i'm into, im into, really into, fan of, a fan of, big fan of, huge fan of, interested in, interest in, in the mood for, mood for, feel like, feeling, care about, care for, care to see, keen on, fond of, crave, craving, obsessed with, crazy about, appreciate, favor, favour, hooked on, excited about, excited for, a sucker for, dig, digging, here for, all about, passionate about, partial to, curious about, enjoyed, want to learn about, thrilled by, wish for, dying for, dying to see, thirsty for, hungry for, addicted to, miss, i miss, missing",
    Part.MORE: "no such thing as too many, no such thing as too much, never have too many, never have too much, can't have too many, can't have too much, can never have too many, can never have too much, never too many, never too much, don't want to miss, don't let me miss, can't miss, cannot miss, don't wanna miss, way too little, way too few, far too little, far too few, wouldn't say no to, would not say no to, can't say no to, never say no to, short on, low on, ramp it up on, ramp it up with, turn it up on, turn it up with, amp it up on, step it up with, more, more of, some more, any more of?, moar, mroe, moer, increase, boost, up the, bump up, ramp up, pump up, crank up, turn up, dial up, step up, add, add more, adding, extra, additional, lots of, a lot of, plenty of, tons of, loads of, heaps of, not enough, isn't enough, aren't enough, never enough, never get enough of, can't get enough, can't get enough of, cant get enough of, cannot get enough of, couldn't get enough of, too little, too few, prioritize, prioritise, favor more, bring back, bring on, bring it on, keep showing, keep showing me, keep giving me, keep sending me, keep them coming, keep recommending, keep the, focus on, focus more on, emphasize, emphasise, highlight, feature, double down on, double the, triple the, load up on, stock up on, fill my feed with, flood my feed with, flood me with, fill it with, wouldn't mind, would not mind, could do with, can't wait to see, cant wait to see, can't wait for, lean into, lean towards, amp up, keep coming, maximise, maximize, expand, a steady diet of, more and more, up my, raise, thumbs up for, thumbs up to, yes please to, welcome, higher share of, bigger share of, go heavy on, heavy on, subscribe me to",
    Part.LESS: "hold the, hold off on, only a little, only a little bit of, only a bit of, only a few, only some, just a few, not only a few, dial it down on, dial it down with, dial it back, tone it down on, tone it down with, turn it down on, turn it down with, ease it up on, slow it down on, take it easy on, take it easy with, had my fill of, i've had my fill of, meh, meh on, less is more when it comes to, less is more with, cool it with, cool it on, chill with, chill on, relax with the, slow it down with, less, less of, fewer, fewer of, reduce, reducing, decrease, lower, cut down, cut down on, cut back on, cut back, cutting down on, tone down, tone down the, dial down, dial back, dialing back, ease off, ease off on, ease up on, go easy on, easy on the, easy on, lay off, lay off the, go light on, light on, turn down, limit, minimise, minimize, dislike, disliking, tired of, getting tired of, bored of, bored with, bored by, over it, scale back, scale down, slow down on, slow down with, slow down the, downrank, demote, deprioritize, deprioritise, weary of, enough, had enough, that's enough, i've seen enough, seen enough, seen too much, seen too many, uninterested in, indifferent to, lost interest in, losing interest in, a lower share of, smaller share of, decrease the, shrink, trim, trim the, wind down, dial it back on, hold back on, hold back, half the, halve, halve the, drowning in, flooded with, overloaded with, swamped with, overwhelmed by, meh about, not for me, not my thing, not my cup of tea, no interest in, no interest, not interested in, not that interested in, not so interested in, not really interested in, not very interested in, don't care about, dont care about, don't care for, dont care for, don't care much for, could care less about, couldn't care less about, don't feel like, lower the, thumbs down for, thumbs down to, wane off, spare me some of, can live with less, go slow on",
    Part.EXCESS: "i keep getting, i keep seeing, keep seeing, keep getting, you keep showing me, you keep showing, you keep recommending, you keep pushing, you keep sending me, you keep giving me, why do i keep seeing, why do i keep getting, i've been getting, i've been seeing, ive been getting, ive been seeing, why am i seeing, why am i getting, why is there, why are there, why do you, why so much, why so many, what's with, what's with all the, whats with all the, why is my feed full of, my feed is full of, my feed is all, why is it all, why is everything, why is my feed, my feed is nothing but, it's all, it is all, nothing but more, too much, too many, way too much, way too many, far too much, far too many, much too much, so much, so many, this much, this many, that much, that many, way too, far too, too often",
    Part.NO: "done seeing, done watching, i'm done seeing, i'm done watching, for the last time no, take away, take away all, take away the, taking away, hard pass on, pass on, i'll pass on, i pass on, big no to, a big no to, no thanks to, no thank you to, a break from, have a break from, take a break from, taking a break from, need a break from, a rest from, a pause from, pause, take a pause from, a holiday from, a vacation from, nobody wants, nobody wants to see, no one wants, no one wants to see, who wants, who wants to see, who needs, i refuse to see, i refuse to watch, i quit, quitting, i'm quitting, i don't do, i can't do, i cannot do, no time for, no patience for, zero tolerance for, zero interest in, hide, hiding, mute, muting, block, blocking, remove, removing, exclude, excluding, avoid, avoiding, ban, banning, ban all, skip, skip the, skip all, filter, filter out, filtering out, get rid of, getting rid of, rid me of, be rid of, drop, drop the, drop all, ditch, ditch the, kill, kill the, lose, lose the, cut, cut out, cut the, cut all, leave out, eliminate, erase, delete, purge, scrap, scrap the, axe, axe the, trash, censor, blacklist, banish, boot, dump, hate, hates, hating, i hate, despise, detest, loathe, abhor, can't stand, cant stand, cannot stand, can not stand, couldn't stand, can't bear, cant bear, cannot bear, can't handle, cant handle, cannot handle, can't deal with, cant deal with, can't take, cant take, won't watch, sick of, sick and tired of, so sick of, fed up with, had enough of, i've had enough of, enough of, enough with, enough with the, done with, i'm done with, through with, over with, spare me, spare me the, save me from, protect me from, keep me away from, stay away from, steer clear of, keep away from, keep clear of, away with, down with, unfollow, unsubscribe, unsubscribe from, free of, free from, allergic to, scared of, afraid of, terrified of, phobia of, phobic about, freaked out by, triggered by, upset by, grossed out by, disgusted by, no more, no more of, no more of that, not want, no need for, don't need, dont need, do without, could do without, can do without, live without, no room for, opt out of, forget about, forget, leave me alone with, turn off, switch off, shut off, shut down, take off, take out, clear out, weed out, screen out, throw out, kick out, rule out, put an end to, end the, away from, banned, prohibit, forbid, repelled by, nothing about, nothing with, nothing to do with, nothing related to, anything but, everything but, all but, anything except, everything except, all except, anything other than, everything other than, anything besides, everything besides, anything apart from, everything apart from, everything aside from, everything minus, minus, exempt, apart from the",
    Part.ONLY: "limit me to, restrict me to, keep it to, keep me to, keep my feed to, only ever, only, just, nothing but, nothing except, nothing other than, nothing besides, nothing apart from, nothing aside from, no other than, none other than, none but, exclusively, solely, strictly, purely, entirely, limit to, limit it to, limit my feed to, restrict to, restrict it to, restrict my feed to, stick to, stick with, narrow it down to, narrow to, confine to, solely on, all i want is, all i want, all i want to see is, all i wanna see is, all i need is, the only thing i want is, the only thing i want to see is, the only thing i watch is, nowt but, make it all, make everything, turn my feed into",
    Part.EXCEPT: "except, except for, excepting, other than, apart from, aside from, besides, save for, with the exception of, barring, but not",
    Part.EVERYTHING: "everything, anything, all of it, all else, everything else, anything else, whatever, the rest, all the rest",
    Part.NOTHING: "nothing, nothing else, none, no one, not anything, not a thing",
    Part.STRONGLY: "much, way, a lot, lots, far, significantly, considerably, substantially, loads, tons, heaps, a ton, a whole lot, a great deal, definitely, absolutely, majorly, many, even, drastically, massively, heavily, hugely, sharply, dramatically, ton",
    Part.MILDLY: "a bit, a little, a little bit, slightly, a touch, somewhat, a tad, marginally, a smidge, a wee bit, bit, gently, tiny bit",
    Part.AND: "and, or, plus, along with, as well as, together with, and also, and/or, as well, nor, with some, and some, and no other",
    Part.ALSO: "too, also, neither, either, same for, same with, same goes for, likewise, ditto, so do",
    Part.TOO: "too",
    Part.BUT: "but, however, though, although, yet, whereas, while, otherwise, meanwhile, on the other hand, then, but please, because, cause, cuz, since, so that",
    Part.INSTEAD: "instead of, rather than, in place of, over, in lieu of, as opposed to, than",
    Part.SWAP: "replace, swap, swap out, trade, exchange, substitute, switch, change",
    Part.WITH: "with, for, into, by",
    Part.CARRY: "keep, keep all, keep the, take, get, leave, turn, dial, tone, cut, filter, switch, crank, shut, kick, throw, bring, bump, ease, screen, weed, scale, take the, get the, turn the, dial the, tone the, cut the, filter the, leave the, bring the, crank the, ramp, scale the",
    Part.OUT: "out, away, off, gone, out of my feed, out of my face, out of here, out of sight, off my feed, away from me, off my screen, off my page, far away, at bay, to a halt",
    Part.DOWN: "down, back, to a minimum, at a minimum, low, lower, in check, limited, a notch down, down a notch, to the minimum",
    Part.UP: "up, coming, up front, high, on, going, on top, a notch up, up a notch, front and center, front and centre, rolling",
    Part.FOREVER: "forever, for ever, for good, always, permanently, from now on, never, ever again, never again, never ever, ever, indefinitely, for all time, until further notice, until i say otherwise, till further notice, at all times, from here on, from here on out, going forward, for life, the rest of my life, any longer ever, as a rule, going forwards",
    Part.UNMOVED: "don't mind, dont mind, do not mind, neutral about, neutral on, indifferent, no opinion on, don't hate, dont hate, do not hate",
}

_ENGLISH_LAST: Final = {  # these speak of what stands before them
    Part.DULL: "boring, annoying, overrated, dull, tedious, lame, cringe, cringy, gross, awful, terrible, disgusting, horrible, stupid, pointless, irritating, exhausting, unbearable, unpleasant, obnoxious, tiresome, yucky, icky",
    Part.BRIGHT: "fascinating, awesome, amazing, interesting, wonderful, brilliant, beautiful, gorgeous, fantastic, incredible, delightful, superb, stunning",
    Part.NO: "off, free, free feed, free zone, no thanks, no thank you, no please, has to go, have to go, needs to go, need to go, must go, can go, got to go, gotta go, should go, should be gone, should disappear, should be hidden, should be banned, is banned, are banned, is out, are out, not welcome, is not welcome, are not welcome, not allowed, is not allowed, are not allowed, be gone, begone, get out, get lost, makes me sick, make me sick, freaks me out, freak me out, give me nightmares, gives me nightmares, triggers me, trigger me, scares me, scare me, terrifies me, terrify me, is a no, are a no, is a hard no, hard no, is off limits, off limits, forbidden, out please, go away, no way, big no, is not ok, are not ok, is not okay, not please, can't be in my feed, is a nope, is triggering, are triggering, is taboo, are taboo",
    Part.LESS: "a rest, a break, a pause, a miss, a bit much, is ruining, are ruining, ruins, ruin, is killing, are killing, clutters, clutter, is everywhere, are everywhere, is all over, are all over, is stressing me out, are stressing me out, is making me sad, are making me sad, is making me anxious, are making me anxious, gets on my nerves, get on my nerves, is exhausting, are exhausting, is not interesting, are not interesting, isn't interesting, aren't interesting, is repetitive, are repetitive, is boring, are boring, is annoying, are annoying, bores me, bore me, annoys me, annoy me, is too much, are too much, gets old, get old, is getting old, are getting old, got old, is overrated, are overrated, is cringe, are cringe, is awful, are awful, is terrible, are terrible, is gross, are gross, is lame, are lame, is depressing, are depressing, depresses me, depress me, makes me sad, make me sad, makes me anxious, make me anxious, stresses me out, stress me out, less please, too often, all the time already, already, not my cup of tea, isn't my thing, aren't my thing, is not my thing, are not my thing, isn't for me, aren't for me, is not for me, are not for me, not so often, less often, is tiring, are tiring, wears me out, can wait, sparingly, in moderation, in small doses, now and then only, once in a while only, not as often",
    Part.MORE: "would be lovely, would be great, would be nice, would be cool, would be awesome, would be fun, would be good, would be perfect, would be amazing, would be welcome, sounds good, sounds great, is lovely, are lovely, is nice, are nice, is interesting, are interesting, is exactly what i want, is exactly what i need, is what i need, is what i'm here for, hits the spot, hit the spot, is my favorite thing, is my happy place, all the time, is great, are great, is awesome, are awesome, is amazing, are amazing, is the best, are the best, are my favorite, is my favorite, are my favourite, is my favourite, my favorite, my favourite, is fun, are fun, is cool, are cool, makes me happy, make me happy, makes me smile, make me smile, makes my day, make my day, makes me laugh, make me laugh, cheers me up, cheer me up, calms me down, calm me down, relaxes me, relax me, is my jam, are my jam, is my thing, are my thing, more please, yes please, rules, rock, all day, all day long, ftw, is life, are life, more often, is welcome, are welcome, on repeat, helps me sleep, help me sleep, for the win, first please, is what i want, are what i want, is good, are good, is fine, are fine, inspires me, inspire me, interests me, interest me, fascinates me, fascinate me",
    Part.ONLY: "only, only please, and nothing else, nothing else, exclusively, and that's it, and that's all, and only that, alone, 24/7, all the way, and nothing more, that's it, that's all i want",
}

_FILLER: Final = (
    "i, i'm, im, i've, ive, i'd, i'll, am, me, my, mine, we, us, our, you, your, it, its, it's, is, are, was, be, been, being, a, an, the, this, that, these, those, of, in, on, at, to, "
    "about, from, by, as, if, so, please, pls, plz, kindly, thanks, thank you, thx, ty, hi, hello, hey, ok, okay, well, can, could, would, will, should, may, might, shall, do, does, did, "
    "video, videos, vid, vids, clip, clips, content, contents, stuff, thing, things, post, posts, reel, reels, feed, feeds, page, timeline, fyp, for you, for you page, algorithm, recommendations, "
    "recommendation, suggestions, suggestion, kind of, kinds of, type of, types of, sort of, sorts of, kind, kinds, type, types, sort, topic, topics, theme, themes, themed, related, related to, "
    "based, category, categories, genre, genres, material, scenes, scene, footage, shorts, short, movie, movies, film, films, show, shows, series, channel, channels, creators, creator, people, "
    "someone, something, some, any, every, there's, there is, there are, were, has been, have been, has, had, it'd, it'll, it would be nice to, it would be great to, what's new in, what's, who's, nice to, great to, amount of, the amount of, level of, number of, ugh, argh, wow, there's a lot of, there is a lot of, there are a lot of, theres a lot of, days, days of, feel free to, both, that's, thats, color, colour, when it comes to, whatever you do, no matter, all, all the, all my, all kinds of, all sorts of, all this, all that, all these, all those, such, such as, stuff like, things like, videos like, content like, something like, anything like, posts like, "
    "clips like, like this, like that, lately, recently, really, just a, very, truly, honestly, actually, simply, maybe, perhaps, now, right now please, again, here, there, them, they, their, "
    "he, she, his, her, him, one, ones, bunch of, a bunch of, couple of, a few, few, several, dose of, dash of, bit of, a bit of, a little of, a lot of those, think, thinking, guess, feel, feels, "
    "hope, mostly, mainly, especially, particularly, generally, in general, overall, possible, if possible, pretty, quite, rather, kinda, sorta, hmm, um, uh, oh, yo, dude, man, bro, friend, "
    "dear, app, sora, system, ranker, robot please, what, when, where, which, who, why, how, because of, due to, per, via, each, up to, along, around, across, between, through, within, "
    "vibes, vibe, mood, moods, energy please, side of, world of, world, things about, involving, containing, featuring, showing off, made of, full of, filled with, regarding, concerning, on my, in my, on my feed, in my feed, "
    "at all, whatsoever, altogether, completely, totally, entirely please, anymore, any more, any longer, no matter what, seriously, literally, basically, "
    "being shown, shown, recommended, see any, seeing any, any of, some of, of the, any kind of, any sort of, with any, having any, stuff please, go, going, let, let's, lets, make, makes, making, "
    "start, try, trying, trying to, going to, gonna, plan to, bring in, mode, style of, time, times, day, sure, fine, great, good, nice, "
    "other, another, much of, most, most of, part, parts, today's, usual, always on, set, set my feed to, set it to, change my feed to, change it to, switch my feed to, switch to, switch it to, adjust, update, tweak, change my, account, "
    "than ever, than usual, than before, than anything, more than anything, night, nights, it seems, seems, looking, look, looks, looks like, sounds, sounds like, came, come, comes, more or less, so far, by the way, btw, of course, i think, i guess, i believe, i mean, you know, for me, "
    "to me, with me, my kids, my eyes, my life, my day, my mind, my evening, in the evening, at night please, before bed, in the morning, after work, during work, at work, i get, i see, "
    "whole, entire, actual, real, proper, true, sweet little, certain, specific, particular, those kinds of, hashtag, hashtags, tag, tags, tagged, tagged with, with the tag, account of, by user, user, users, posts by, posts from, videos by, videos from, "
    "clips by, clips from, anything by, anything from, stuff by, stuff from, everything by, everything from, everything about, everything with, anything about, anything with, anything related to, anything involving, style, styles, styled, look, aesthetic, aesthetics, whatever you have, whatever you like, you like, you have, you've got, got, i'm tired please"
)

_QUIET: Final = (
    "for the love of god, for god's sake, i'm vegan, i am vegan, i'm vegetarian, i don't drink, i'm sober, lol, lmao, rofl, haha, hahaha, hehe, my son, my daughter, my kid, my kids, my baby, my child, my children, my family, my mom, my mum, my dad, my girlfriend, my boyfriend, my wife, my husband, my partner, my doctor, my therapist, my heart, "
    "happy with, be happy with, i'd be happy with, would be happy with, be happy to, i'd be happy to, happy to see, happy to, i'd be glad, oh my god, my god, thank god, good god, a game of, in the game, at school, at the gym, at home, in bed, to sleep, "
    "i'm on a diet, on a diet, with the kids, with kids around, kids around, kids are watching, for my mental health, for my health, "
    "哈哈, 哈哈哈, 哈哈哈哈, 笑死, 刺激一下, 孩子在看, 孩子会看, 我家孩子, 孩子也看, 有孩子, 家里有孩子, 给孩子看, 减肥中, 在减肥, 我在减肥, 我减肥, 心脏不好, 我胆小, 胆小, 和家人, 和孩子一起看, 我妈, 我爸, 我老婆, 我老公, 我女朋友, 我男朋友"
)

_CHINESE: Final = {
    Part.NOT: "不, 而不是, 并非, 一概不, 一律不, 一概别, 一律别, 一个都不, 一个都别, 一个也不, 一个也别, 一点都别, 别让, 别让它们, 别让我, 不要让, 不要让我, 不要让它们, 别, 别再, 不要, 不要再, 不想, 不想再, 不愿, 不愿意, 不用, 不必, 不需要, 无需, 没有, 没, 不许, 不准, 不能, 不可以, 不会, 禁止, 拒绝, 停止, 勿, 请勿, 莫, 甭, 少给我, 千万别, 绝不, 绝不要, 从不, 坚决不, 再也不, 再也不想, 再也别, 不再, 不再想, 不是, 并不, 一点都不, 一点也不, 完全不, 都不, 都不要, 都别, 也不, 也不要, 也别, 就别, 就不要, 就不, 就不用, 先别, 先不要, 不应该, 不希望, 不打算, 什么都不, 永远别, 永远不要, 永远不, 永远不想, 别老, 别总, 别一直, 不要老是, 不要总是, 不要一直, 别动不动就, 暂时不想, 暂时不要, 暂时别, 暂时不",
    Part.SOFT: "不太, 不大, 不怎么, 没那么, 不那么, 不是很, 不是特别, 不是太, 不算, 不咋, 不太想, 不怎么想, 不是很想, 不大想, 没怎么, 不要太, 不要太多, 不要那么多, 不要这么多, 别太多, 别太, 别那么多, 别这么多, 不用太多, 不用那么多, 不用这么多, 不需要太多, 不需要那么多, 不必太多, 没必要那么多, 不想看太多, 不想看那么多, 别推太多, 不要推太多, 不要推那么多, 别推那么多, 别推这么多, 别放太多, 别来太多, 别给我太多, 别给我那么多, 不要给我太多",
    Part.WEAK: "看, 想看, 要看, 看看, 想看看, 看到, 再看到, 看见, 想看到, 观看, 推, 推荐, 推送, 推给我, 推荐给我, 给我推, 给我推荐, 给我看, 给我, 给我来, 给我放, 出现, 再出现, 来, 来点, 来些, 来一点, 来一些, 来个, 来几个, 整点, 整些, 上点, 放, 放点, 放些, 刷, 刷到, 再刷到, 显示, 展示, 想, 想要, 要, 我要, 需要, 希望, 希望看到, 希望能看到, 给点, 给些, 搞点, 弄点, 有没有, 有, 看点, 看些, 看一点, 看一些, 想看点, 想看些, 想看一些, 想看一点, 想来点, 推点, 推些, 推一些, 推荐点, 推荐些, 推荐一些, 找点, 找些, 安排, 安排点, 求, 求推荐, 想了解, 让我看, 让我看到, 让我看看, 再给我推, 再给我看, 再推, 再推荐, 再给我推荐, 再看, 出现在, 见到",
    Part.LIKE: "喜欢, 最喜欢, 很喜欢, 好喜欢, 超喜欢, 特别喜欢, 非常喜欢, 喜欢看, 爱, 爱看, 最爱, 最爱看, 超爱, 超爱看, 热爱, 感兴趣, 有兴趣, 对什么感兴趣, 偏爱, 偏好, 钟爱, 迷上, 迷, 着迷, 沉迷, 痴迷, 欣赏, 在意, 关心, 关注, 想念, 喜爱, 好这口, 中意, 爱好",
    Part.MORE: "不想错过, 不要错过, 别错过, 不容错过, 不能错过, 别让我错过, 不能少, 不能少了, 少不了, 别少了, 不可少, 必不可少, 不能没有, 不可以没有, 不能缺, 多, 多点, 多些, 多一点, 多一些, 多来, 多来点, 多来些, 多来一点, 多来一些, 多看, 多看点, 多看些, 多看看, 多看一点, 多看一些, 多推, 多推点, 多推些, 多推荐, 多推荐点, 多推荐些, 多推荐一些, 多推送, 多推一点, 多推一些, 多给我, 多给我看, 多给我推, 多给我来点, 多给点, 多给我推荐, 多给我推点, 多给我看点, 多给我看看, 多放, 多放点, 多放些, 多出现, 多刷到, 多刷点, 多有点, 多上点, 多整点, 多搞点, 多安排, 多安排点, 多要, 多要点, 多要一些, 多要一点, 更多, 更多的, 再多, 再多点, 再多来点, 再多来些, 再多些, 再多一点, 再多一些, 再多推点, 再来点, 再来些, 再来一点, 再来一些, 再多看, 增加, 加点, 加些, 加多, 加大, 提高, 提升, 增多, 不够, 不够多, 不够看, 看不够, 没看够, 还没看够, 看不腻, 百看不厌, 太少, 太少了, 有点少, 不嫌多, 越多越好, 多多, 多多的, 多多推荐, 多多益善, 大量, 优先, 优先推荐, 优先推, 优先看, 优先展示, 优先显示, 着重, 重点推荐, 偏向, 侧重, 主要看, 主要推, 主推, 恢复, 继续推, 继续推荐, 继续看, 继续给我推, 继续, 保持, 多一些关于, 多点儿, 来多点, 推多点, 推多一点, 推多一些, 看多点, 多弄点, 多发点, 多发, 多点来, 加强, 拉满, 可以多, 能多, 能不能多, 可不可以多, 尽量多, 安排上, 走起, 必须有",
    Part.LESS: "不感冒, 不太感冒, 不怎么感冒, 别光, 别光推, 别光给我推, 别光给我看, 不要光, 不要光推, 不要光给我推, 不要光给我看, 别只, 别只推, 别只给我推, 别只给我看, 不要只, 不要只推, 不要只给我推, 不要只给我看, 别老推, 放一放, 先放一放, 停一停, 歇一歇, 少, 少点, 少些, 少一点, 少一些, 少来, 少来点, 少来些, 少来一点, 少来一些, 少看, 少看点, 少看些, 少看一点, 少看一些, 少推, 少推点, 少推些, 少推荐, 少推荐点, 少推荐些, 少推荐一些, 少推送, 少推一点, 少推一些, 少给我推, 少给我看, 少给我推荐, 少给点, 少给我来点, 少给我推点, 少给我看点, 少放, 少放点, 少放些, 少出现, 少刷到, 少刷点, 少整点, 少搞点, 少弄点, 少安排, 少安排点, 少要, 少要点, 更少, 更少的, 再少点, 再少些, 再少一点, 减少, 减少点, 减少些, 减少一些, 减少一点, 减, 减点, 减一点, 降低, 降一降, 压一压, 压低, 缩减, 控制一下, 控制, 克制, 收敛点, 收敛, 看腻, 看腻了, 腻, 腻了, 看烦, 看烦了, 看够, 看够了, 够了, 看累了, 看厌了, 审美疲劳, 没兴趣, 不感兴趣, 没有兴趣, 没啥兴趣, 没什么兴趣, 提不起兴趣, 不喜欢, 不喜欢看, 不爱, 不爱看, 无感, 没感觉, 一般般, 没意思, 尽量少, 可以少, 能少, 能不能少, 可不可以少, 少点儿, 来少点, 推少点, 推少一点, 推少一些, 看少点, 少发点, 少发, 不关心, 不在意, 不怎么看, 不太看, 不怎么感兴趣, 不太感兴趣, 不怎么喜欢, 不太喜欢, 不是很喜欢, 不大喜欢, 不是很感兴趣, 不大感兴趣, 兴趣不大, 兴趣一般, 往下降, 往后放, 靠后, 往后排, 放后面, 适可而止, 不怎么想看, 不太想看, 不大想看, 不是很想看, 没那么想看, 没那么喜欢, 尽量别, 尽量不要, 少碰",
    Part.EXCESS: "总刷到, 最近总刷到, 最近老刷到, 最近全是, 最近都是, 老给我推, 总给我推, 老是给我推, 总是给我推, 天天给我推, 一直在推, 老推, 总推, 怎么老是, 怎么总是, 怎么又是, 怎么全是, 怎么都是, 全是, 又是, 天天都是, 天天刷到, 老刷到, 总刷到, 老是刷到, 总是刷到, 老是看到, 总是看到, 一天到晚都是, 到处都是, 满屏都是, 为什么老是, 为什么总是, 为什么都是, 太多, 有点多, 有点太多, 那么多, 这么多, 太频繁",
    Part.TOO: "太, 太过, 过于, 过分",
    Part.KEPT: "没有, 没, 少了, 缺了, 离了, 离开",
    Part.NO: "只要不是, 只要别是, 只要没有, 屏蔽, 屏蔽掉, 屏蔽所有, 过滤, 过滤掉, 去掉, 去除, 除掉, 删掉, 删除, 删了, 隐藏, 隐藏掉, 拉黑, 排除, 移除, 踢掉, 清除, 清掉, 剔除, 封杀, 封掉, 关掉, 关闭, 取消, 取消推荐, 讨厌, 最讨厌, 很讨厌, 讨厌看, 烦, 烦死, 烦死了, 很烦, 最烦, 反感, 恶心, 厌恶, 痛恨, 恨, 受够, 受够了, 受不了, 忍不了, 看不下去, 看吐了, 害怕看, 怕, 最怕, 好怕, 很怕, 怕看, 恐惧, 避开, 避免, 远离, 杜绝, 抵制, 跳过, 略过, 看不得, 见不得, 接受不了, 无法接受, 对什么过敏, 过敏, 划走, 免了, 退订, 取关, 统统不要, 一律不要, 一个都不要, 全都不要, 通通不要, 全部不要, 全部屏蔽, 全部去掉, 都去掉, 都删掉, 都屏蔽, 都过滤掉, 戒掉, 戒, 砍掉, 撤掉, 撤走, 拿掉, 拿走, 扔掉, 丢掉, 滚开, 走开, 消失, 零容忍, 谢绝, 打住, 有阴影, 会做噩梦, 谁要看, 谁想看, 谁爱看, 没人想看, 没人要看, 没人爱看, 代替, 取代, 替代, 看得我反胃, 反胃",
    Part.ONLY: "只, 只要, 只看, 只想看, 只想要, 只想, 只推, 只推荐, 只给我看, 只给我推, 只给我推荐, 只给我, 只喜欢, 只爱看, 只爱, 只对, 只来, 只放, 只有, 只显示, 只展示, 只需要, 只留, 只留下, 只保留, 只刷, 仅, 仅看, 仅限, 仅推荐, 仅显示, 仅仅, 光看, 光要, 光推, 单看, 单单, 就看, 就只看, 就只要, 就只想看, 就要看, 专看, 专门看, 专推, 全看, 全推, 全要, 全部换成, 全换成, 全都换成, 统统换成, 都换成, 全给我看, 全给我推, 全部都要, 全都要, 除此之外都不要, 限定, 清一色, 唯独, 唯一想看, 唯一想看的是, 非要看",
    Part.EXCEPT: "除了, 除, 除去, 除开",
    Part.EVERYTHING: "都可以, 都行, 都好, 都成, 都能看, 都能接受, 都无所谓, 都没问题, 都没关系, 都喜欢, 都喜欢看, 都爱看, 都想看, 都看, 什么都看, 什么都可以, 什么都行, 什么都好, 啥都行, 啥都可以, 啥都看, 啥都能看, 什么都能看, 其他都行, 其他都可以, 其他随便, 其他随意, 随便, 随便推, 随意, 别的都行, 别的都可以, 别的随便, 别的都好, 别的都看, 其他的都行, 其他的都可以, 其他的随便, 其它都行, 其它都可以, 其它随便, 都来, 全都可以, 全都行, 任何, 一切, 所有, 照常, 正常推",
    Part.NOTHING: "其他人的都不看, 其他人都不看, 别人的都不看, 其他人的都不要, 其他人的不要, 其他人的不看, 什么都不看, 什么都不要, 什么都不想看, 什么都别推, 啥都不看, 啥都不要, 啥都不想看, 其他都不要, 其他都不看, 其他都不想看, 其他的都不要, 其他的都不看, 其他的都不想看, 别的都不要, 别的都不看, 别的都不想看, 别的都别推, 别的不要, 别的不看, 别的别推, 其他不要, 其他不看, 其他别推, 其他的不要, 其他的不看, 其他的别推, 其他都别推, 其他的都别推, 其它都不要, 其它都不看, 其他一律不要, 其他一律不看, 别的一律不要, 其余都不要, 其余不看, 其余的都不要, 都不想看别的, 不要别的, 不看别的, 不要其他的, 不看其他的, 不想看别的, 不想看其他的, 其他都屏蔽, 其他全部屏蔽, 别的都屏蔽, 其他的都屏蔽, 其他全屏蔽, 其他都没兴趣, 别的都没兴趣, 其他都不感兴趣, 别的都不感兴趣",
    Part.STRONGLY: "很多, 好多, 许多, 超多, 特别多, 非常多, 大大, 大幅, 大幅度, 使劲, 拼命, 狠狠, 疯狂, 尽可能, 多得多, 一大堆, 海量的, 大把",
    Part.MILDLY: "稍微, 稍, 略微, 略, 一点点, 一丢丢, 一丁点, 适当, 稍稍, 适量, 偶尔",
    Part.AND: "和, 跟, 与, 及, 以及, 或, 或者, 还有, 加上, 外加, 并且, 而且, 或是, 同",
    Part.ALSO: "也, 也是, 也一样, 同样, 还, 还想, 也想",
    Part.BUT: "但, 但是, 不过, 可是, 然而, 然后, 至于, 因为, 所以, 虽然",
    Part.INSTEAD: "胜过, 多过, 比起, 比起看, 相比, 相比于, 相较于, 与其, 与其看, 与其推",
    Part.SWAP: "把, 将, 用",
    Part.WITH: "换成, 改成, 替换成, 替换为, 换为, 变成, 换作",
    Part.FOREVER: "永远, 永久, 一直, 以后, 以后都, 今后, 从此, 从今以后, 从现在起, 从现在开始, 往后, 一辈子, 始终, 长期, 再也, 再也不, 再也不想, 再也别, 绝不, 绝不要, 永远别, 永远不要, 永远不, 永远不想",
    Part.UNMOVED: "不反感, 不排斥, 不抗拒, 无所谓, 不介意, 不讨厌, 随缘, 都还好",
}

_CHINESE_LAST: Final = {
    Part.NO: "除外, 例外, 关了, 关上, 活不下去, 活不了, 远一点, 远点, 远一些, 说不, 说拜拜, 说再见, 算了, 就算了, 免谈, 免了, 免, 不行, 不可以, 不可, 达咩, 退散, 退退退, 走开, 滚, 滚开, 滚粗, 禁止, 不要了, 都不要, 就不要了, 就不用了, 不用了, 就别推了, 别推了, 别来了, 别再来了, 就别来了, 就别出现了, 不看了, 就不看了, 去掉, 过滤掉, 屏蔽掉, 删掉, 太恶心了, 太可怕了, 太吓人了, 吓死我了, 吓死人, 看了害怕, 看了难受, 看了会做噩梦, 全部不要, 一律不要, 通通不要, 统统不要, 都别推, 都别给我, 都屏蔽, 都过滤, 请绕道, 拜拜, 再见, 拒绝, 谢绝",
    Part.LESS: "调低, 调低点, 调低一点, 调少, 调少点, 调少一点, 降下来, 降一点, 压下去, 一点兴趣都没有, 一点兴趣也没有, 毫无兴趣, 完全没兴趣, 半点兴趣都没有, 放一放, 先放一放, 停一停, 少一半, 太吵了, 太烦了, 太烦人了, 太多了, 有点多, 有点多了, 太频繁, 太频繁了, 太无聊, 太无聊了, 好无聊, 很无聊, 无聊, 没意思, 没劲, 看腻了, 腻了, 看够了, 够了, 看烦了, 看累了, 减半, 少一点就好, 少点就好, 没什么意思, 一般, 没啥意思, 不太行, 往后稍稍, 往后放, 缓缓, 缓一缓, 歇歇, 歇一歇, 先放放, 泛滥了, 泛滥, 刷屏了, 刷屏, 太泛滥了",
    Part.MORE: "调高, 调高点, 调高一点, 调多, 调多点, 调多一点, 提上来, 就好了, 该多好, 真好看, 好看, 太好看了, 很好看, 最棒, 真棒, 很棒, 超棒, 最好, 太可爱了, 好可爱, 很有意思, 很有趣, 太有趣了, 可以有, 来者不拒, 安排, 安排上, 走起, 拉满, 必须安排, 优先, 多多益善, 越多越好, 可以多来, 可以的, 多来, 太少了, 少了, 不够, 不够看, 没看够, 看不够, 让我开心, 让我放松, 才是我的最爱, 是我的最爱, 我的最爱, 上瘾",
    Part.ONLY: "就够了, 就好, 就行, 就可以, 就可以了, 就行了, 足矣, 而已",
}

_CHINESE_FILLER: Final = (
    "的, 地, 得, 了, 吧, 呢, 啊, 呀, 哦, 哈, 嘛, 么, 吗, 哟, 啦, 诶, 嗯, 请, 麻烦, 拜托, 谢谢, 你好, 我, 我的, 你, 你们, 帮我, 帮忙, 给, 为我, 对, 对于, 关于, 有关, 相关, 相关的, 方面, 方面的, 之类, 之类的, "
    "这类, 那类, 这种, 那种, 这些, 那些, 这样的, 那样的, 一类, 类, 类型, 类型的, 题材, 题材的, 主题, 主题的, 话题, 内容, 视频, 短视频, 小视频, 作品, 片段, 片子, 片, 短片, 影片, 电影, 节目, 东西, 素材, 镜头, 画面, 帖子, 直播, "
    "一点, 一些, 些, 点, 一下, 下, 里, 里面, 中, 上, 都, 就, 才, 又, 再, 更, 最, 很, 太, 真, 真的, 好, 非常, 特别, 超级, 十分, 比较, 有点, 有些, 最近, 近来, 这阵子, 这段时间, 老是, 总是, 一天到晚, 整天, 天天, 动不动, "
    "首页, 推荐页, 信息流, 主页, 页面, 算法, 系统, 平台, 软件, 应用, 能, 能不能, 可以, 可不可以, 会, 应该, 是, 那, 这, 那个, 这个, 它, 他, 她, 他们, 它们, 大家, 自己, 心情, 时候, 的时候, 时, 觉得, 感觉, 个, 条, 类的, "
    "所有, 所有的, 全部, 任何, 一切, 各种, 各种各样, 种种, 等等, 等, 什么, 什么的, 啥, 啥的, 现在, 目前, 暂时, 先, 别的, 其他, 其他的, 其它, 其余, 另外, 以外, 之外, 外, 以外的, 之外的, 掉, 起来, 下去, 过, 着, 到, 让, 叫, 使, "
    "被, 把, 从, 在, 往, 向, 由, 以, 于, 而, 且, 并, 拍, 拍的, 发的, 做的, 作者, 博主, 用户, 账号, 标签, 带, 带有, 含有, 包含, 涉及, 风格, 风格的, 风, 画风, 画风的, 系, 系列, 主, 打, 类视频, 相关视频, 相关内容, 信息, 消息, 推文, 算是, 多少, 至少, 特别是, 尤其, 尤其是, "
    "别人, 差不多, 一只, 两只, 几只, 那只, 这只, 每只, 三只, 哪怕, 即使, 重要, 主要, 要是, 如果, 的话, 好不好, 行不行, 行吗, 好吗, 可以吗, 一点儿, 某些, 那么, 这么, 见, 区, 顺便, 可否, 是否, 离, 已经, 快, 快点, 赶紧, 绝对, 虽然, 起, 不一样, 不一样的, 不同, 不同的, 比如, 例如, 譬如, 等我, 毛, 一律, 统统, 通通, 一概, 通通都, 统统都, 全, 全都, 一个, 一波, 一打, 一半, 半, 送, 荐, 元素, 力度, 比重, 晚上, 早上, 白天, 睡前, 睡觉前, 睡不着, 做, 建议, 占比, 数, 份, 则, 一, 发, 发布, 上面, 画, 只是, 宁愿, 宁可, 就是, 不好, 心情不好, 家, 家里, 通常, 平时, 平常, 分享, 更新, 呈现, 程度, 比例, 数量, 频率, 权重, 推荐, 相比, 更想, 还是, 其实, 毕竟, 反正, 总之, 居多, 为主, 给我的, 给我推的, 我刷到的, 刷到的, 看到的, 推的, 推荐的, 出现的"
)

# kinds of video: beside a topic they are none
GENRES: Final = frozenset(
    split_words(
        "tutorial, tutorials, lesson, lessons, documentary, documentaries, course, courses, guide, guides, how to, explainer, "
        "learn, learning, study, studying, 教程, 课程, 纪录片, 教学, 解说, 干货, 学习"
    )
)

STYLE_WORDS: Final = {
    "film": "film style, film look, film grain, filmic, cinematic, cinematic style, cinematic look, analog film, 35mm, movie look, vintage film, retro film, vintage look, super 8, 胶片, 胶片风, 胶片感, 电影感, 电影质感, 电影风格, 胶卷",
    "anime": "anime, anime style, manga style, manga, ghibli, ghibli style, cartoon, cartoon style, cartoons, toon, animated, animation, 2d animation, 动漫, 动漫风, 动画, 动画片, 二次元, 漫画, 漫画风, 日漫, 国漫, 卡通, 卡通风, 番剧, 吉卜力, 宫崎骏",
    "noir": "noir, film noir, noir style, black and white, black & white, monochrome, b&w, greyscale, grayscale, 黑白, 黑白片, 黑色电影, 黑白风, 黑白电影, 黑白风格",
    "pastel": "pastel, pastel style, pastel colors, pastel colours, pastels, soft colors, soft colours, 粉彩, 马卡龙, 马卡龙色, 柔和色调, 淡彩, 粉嫩色, 奶油色",
    "claymation": "claymation, clay animation, claymation style, clay style, stop motion, stop-motion, plasticine, aardman, 黏土, 粘土, 黏土动画, 粘土动画, 定格动画, 定格, 橡皮泥动画, 泥塑动画",
    "pixel": "pixel, pixel art, pixel style, pixelated, pixels, 8-bit, 8 bit, 8bit, 16-bit, 16 bit, retro pixel, voxel, 像素, 像素风, 像素画, 像素艺术, 像素风格, 8位",
    "neon": "neon, neon style, neon lights, neon light, neon look, synthwave, vaporwave, cyberpunk, cyberpunk style, 霓虹, 霓虹灯, 霓虹风, 赛博朋克, 蒸汽波",
}

SIGNS: Final = {
    **dict.fromkeys("👍❤♥💖✅😍🥰🙌", Part.MORE),
    **dict.fromkeys("👎🚫❌⛔🤮🙅", Part.NO),
}
CLAUSE_MARKS: Final = frozenset(',—–~()[]{}"|…')
JOINING_MARKS: Final = frozenset("、/&+")
SENTENCE_MARKS: Final = frozenset(".;!?。\n。")
QUIET_MARKS: Final = frozenset("'’`:*_·=<^$%€£-")
EVERY: Final = frozenset({"all", "any", "every", "everything", "anything"})

Act = tuple[Part, bool]  # what it does, and whether it can only speak of what stands before it


def acts() -> Phrases[tuple[Act, ...]]:
    """Every phrase that does something, with what it may do: one that can stand on either side has two meanings."""
    found: dict[str, tuple[Act, ...]] = {}

    def note(words: str, part: Part, *, is_last: bool = False) -> None:
        for phrase in split_words(words):
            known = found.get(phrase.rstrip("?"), ())
            if part == Part.FILLER and known:
                continue
            found[phrase.rstrip("?")] = (*known, (part, is_last))

    for table, is_last in ((_ENGLISH, False), (_CHINESE, False), (_ENGLISH_LAST, True), (_CHINESE_LAST, True)):
        for part, words in table.items():
            note(words, part, is_last=is_last)
    note(_QUIET, Part.QUIET)
    for words in (_FILLER, _CHINESE_FILLER):
        note(words, Part.FILLER)
    return Phrases(found.items())
