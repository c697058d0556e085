"""What is known of a site at a moment: it is told one event after the other and cannot look ahead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from ranking.evaluation.site import CANDIDATE_DAYS, DAY, Doubles, Event, Kind, Rows, Site

HOUR: Final = 3_600.0
HASH_COLUMNS: Final = 2**16
SESSION_GAP: Final = 2 * HOUR
REMEMBERED: Final = 60  # works of a person that their taste is read from


class Person:
    """What one person did so far, oldest first."""

    def __init__(self, tags: int) -> None:
        self.active_at: list[float] = []
        self.answered: list[int] = []  # questions of others
        self.asked: list[int] = []
        self.commented: dict[int, float] = {}  # question → when last
        self.favourites: set[int] = set()
        self.answers_to: dict[int, int] = defaultdict(int)  # author → how many
        self.comments_to: dict[int, int] = defaultdict(int)
        self.accepted_by: dict[int, int] = defaultdict(int)
        self.tag_answers: Doubles = np.zeros(tags)
        self.log_ages: list[float] = []  # of the questions they answered
        self.was_first: list[bool] = []
        self.answers_received = 0
        self.accepts_given = 0


class History:
    """The past of one site up to the events it was told. Texts and tags of a question count from its asking."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.tags = _tag_table(site)
        self.words = _word_counts(site)
        tags = self.tags.shape[1]
        questions = len(site)
        self.counts: dict[Kind, Doubles] = {kind: np.zeros(questions) for kind in Kind}
        self.answer_ups: Doubles = np.zeros(questions)
        self.bumped_at: Doubles = site.asked_at.copy()
        self.answered_at: Doubles = np.full(questions, -np.inf)
        self.commented_at: Doubles = np.full(questions, -np.inf)
        self.length: Doubles = np.array([len(text) for text in site.texts], np.float64)
        self.title_length: Doubles = np.array([len(title) for title in site.titles], np.float64)
        self.formulas: Doubles = np.array([text.count("$") for text in site.texts], np.float64)
        self.tag_questions: Doubles = np.zeros(tags)
        self.tag_answers: Doubles = np.zeros(tags)
        self.word_documents: Doubles = np.zeros(HASH_COLUMNS)
        self.documents = 0
        self.active_at: list[float] = []
        self.people: dict[int, Person] = {}
        self._weighed: Any = None
        self._weighed_on = -np.inf
        self._nobody = self._stranger()

    def _stranger(self) -> Person:
        return Person(self.tags.shape[1])

    def _known(self, person: int) -> Person:
        if person not in self.people:
            self.people[person] = self._stranger()
        return self.people[person]

    def person(self, person: int) -> Person:
        """What is known of somebody; of a stranger, nothing."""
        return self.people.get(person, self._nobody)

    def candidates(self, viewer: int, now: float) -> Rows:
        """Rows of the questions of the last 30 days, oldest first, that others asked and the viewer did not answer."""
        first, last = np.searchsorted(self.site.asked_at, [now - CANDIDATE_DAYS * DAY, now])
        rows = np.arange(first, last)
        open_to_them = self.site.asker[rows] != viewer
        answered = [row for row in self.person(viewer).answered if first <= row < last]
        open_to_them[np.array(answered, np.int64) - first] = False
        competing: Rows = rows[open_to_them]
        return competing

    def likeness(self, rows: Rows, to: Sequence[int], now: float) -> Doubles:
        """Cosine of TF-IDF between questions, float64[len(rows), len(to)] (Salton & Buckley 1988).

        How rare a word is, is taken from the questions asked before it was first needed that day.
        """
        if now // DAY != self._weighed_on:
            rarity = np.log((1 + self.documents) / (1 + self.word_documents)) + 1
            self._weighed, self._weighed_on = _weighed(self.words, rarity), now // DAY
        cosines: Doubles = (self._weighed[rows] @ self._weighed[np.asarray(to, np.int64)].T).toarray()
        return cosines

    def tell(self, event: Event) -> None:
        """Take in what happened."""
        person = self._known(event.person)
        _TAKE_IN[event.kind](self, event, person)
        if event.kind in {Kind.ASK, Kind.ANSWER, Kind.COMMENT}:
            person.active_at.append(event.at)
            self.active_at.append(event.at)

    def _asked(self, event: Event, person: Person) -> None:
        person.asked.append(event.question)
        self.tag_questions[_of(self.tags, event.question)] += 1
        self.documents += 1
        self.word_documents[_of(self.words, event.question)] += 1

    def _answered(self, event: Event, person: Person) -> None:
        question = event.question
        self.counts[Kind.ANSWER][question] += 1
        self.bumped_at[question] = self.answered_at[question] = event.at
        if event.person == event.author:
            return
        tags = _of(self.tags, question)
        self.tag_answers[tags] += 1
        person.answered.append(question)
        person.answers_to[event.author] += 1
        person.tag_answers[tags] += 1
        person.log_ages.append(float(np.log((event.at - self.site.asked_at[question]) / HOUR + 0.1)))
        person.was_first.append(bool(self.counts[Kind.ANSWER][question] == 1))
        self._known(event.author).answers_received += 1

    def _commented(self, event: Event, person: Person) -> None:
        self.counts[Kind.COMMENT][event.question] += 1
        self.commented_at[event.question] = event.at
        person.commented.pop(event.question, None)
        person.commented[event.question] = event.at  # last in the order of the dict
        if event.author != event.person:
            person.comments_to[event.author] += 1

    def _voted(self, event: Event, person: Person) -> None:
        if event.on_question:
            self.counts[event.kind][event.question] += 1
        elif event.kind == Kind.UP:
            self.answer_ups[event.question] += 1
        if event.kind == Kind.FAVOURITE:
            person.favourites.add(event.question)

    def _accepted(self, event: Event, person: Person) -> None:
        """event.author is who answered; who accepts is who asked, whoever the log names."""
        asker = int(self.site.asker[event.question])
        self.counts[Kind.ACCEPT][event.question] = 1
        self._known(event.author).accepted_by[asker] += 1
        self._known(asker).accepts_given += 1


_TAKE_IN: Final[dict[Kind, Callable[[History, Event, Person], None]]] = {
    Kind.ASK: History._asked,
    Kind.ANSWER: History._answered,
    Kind.COMMENT: History._commented,
    Kind.UP: History._voted,
    Kind.DOWN: History._voted,
    Kind.FAVOURITE: History._voted,
    Kind.ACCEPT: History._accepted,
}


def _of(table: Any, row: int) -> Rows:
    """The columns that a row of a sparse table has."""
    columns: Rows = table.indices[table.indptr[row] : table.indptr[row + 1]]
    return columns


def _tag_table(site: Site) -> Any:
    """Which question has which tags, a sparse bool[q, tags]. Columns of tags that come later are not looked at."""
    from scipy.sparse import csr_array

    vocabulary: dict[str, int] = {}
    columns = [vocabulary.setdefault(tag, len(vocabulary)) for tags in site.tags for tag in dict.fromkeys(tags)]
    ends = np.cumsum([0, *(len(dict.fromkeys(tags)) for tags in site.tags)])
    return csr_array((np.ones(len(columns), bool), columns, ends), shape=(len(site), len(vocabulary)))


def _word_counts(site: Site) -> Any:
    """1 + ln(count) of words and pairs of words of each question, hashed: no question's row depends on another."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=HASH_COLUMNS, ngram_range=(1, 2), alternate_sign=False, norm=None, stop_words="english"
    )
    texts = [
        f"{title} {title} {' '.join(tags).replace('-', ' ')} {text}"
        for title, tags, text in zip(site.titles, site.tags, site.texts, strict=True)
    ]
    counts = hashing.transform(texts).tocsr()
    counts.data = 1 + np.log(counts.data)
    return counts


def _weighed(counts: Any, rarity: Doubles) -> Any:
    """Each row of counts by the rarity of its words, at length 1."""
    weighed = counts.copy()
    weighed.data *= rarity[weighed.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    length = np.sqrt(np.bincount(row, weighed.data**2, minlength=counts.shape[0]))
    weighed.data /= length[row]
    return weighed
