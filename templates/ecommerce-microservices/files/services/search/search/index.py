"""Finds products by words: rare ones say more (BM25), misspelt ones are met by trigrams."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

# The usual ones: how fast a word that is repeated stops to matter, and how much length does.
K1, B = 1.2, 0.75
# A name says what a thing is; its description says much.
NAME_WEIGHT = 3
SIMILAR = 0.35
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Document:
    product_id: int
    name: str
    description: str


def words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


class Index:
    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {one.product_id: one for one in documents}
        self._postings: dict[str, dict[int, int]] = defaultdict(dict)
        self._lengths: dict[int, int] = {}
        self._names = {one.product_id: set(words(one.name)) for one in self._documents.values()}
        for number, document in self._documents.items():
            counted = Counter(words(document.description))
            for word in words(document.name):
                counted[word] += NAME_WEIGHT
            self._lengths[number] = sum(counted.values())
            for word, times in counted.items():
                self._postings[word][number] = times
        self._mean = sum(self._lengths.values()) / max(1, len(self._lengths))
        self._grams: dict[str, set[str]] = defaultdict(set)
        for word in self._postings:
            for gram in trigrams(word):
                self._grams[gram].add(word)

    def find(self, query: str, limit: int) -> list[tuple[Document, float]]:
        scores: defaultdict[int, float] = defaultdict(float)
        named: defaultdict[int, float] = defaultdict(float)
        for asked in words(query)[:20]:
            for word, likeness in self._meant(asked).items():
                found = self._postings[word]
                rarity = log(1 + (len(self._documents) - len(found) + 0.5) / (len(found) + 0.5))
                for number, times in found.items():
                    length = 1 - B + B * self._lengths[number] / self._mean
                    scores[number] += likeness * rarity * times * (K1 + 1) / (times + K1 * length)
                    if word in self._names[number]:
                        named[number] += likeness / len(self._names[number])
        # What is asked for is rather the thing itself than what goes with it.
        for number in scores:
            scores[number] *= 1 + min(1.0, named[number])
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:limit]
        return [(self._documents[number], score) for number, score in best]

    def _meant(self, asked: str) -> dict[str, float]:
        """The word itself; or those that it begins, or that look like it."""
        if asked in self._postings:
            return {asked: 1.0}
        own = trigrams(asked)
        near = {word for gram in own for word in self._grams.get(gram, ())}
        likeness: dict[str, float] = {}
        for word in near:
            theirs = trigrams(word)
            shared = len(own & theirs) / len(own | theirs)
            if word.startswith(asked) and len(asked) >= 2:
                shared = max(shared, 0.8)
            if shared >= SIMILAR:
                likeness[word] = shared * 0.7
        return likeness
