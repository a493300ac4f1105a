"""What can be said of a text by counting. Pure: no database, no clock."""

import hashlib
import math
import re
from collections import Counter
from typing import Any, NamedTuple

WORDS_PER_MINUTE = 230
TOP_TERMS = 10

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001 - typographic marks
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"'”’)\]]|$)|\n{2,}")  # noqa: RUF001 - typographic marks
_STOP_WORDS = frozenset(
    """a about after all also an and any are as at be because been but by can could did do does for
    from had has have he her his how i if in into is it its just more most my no not of on one only
    or other our out over she should so some such than that the their them then there these they
    this to up us was we were what when which while who will with would you your""".split()  # noqa: SIM905 - shorter than a list of ninety strings
)


class TextAnalysis(NamedTuple):
    word_count: int
    sentence_count: int
    reading_time_seconds: int
    top_terms: list[dict[str, Any]]
    body_sha256: str


def analyse(body: str) -> TextAnalysis:
    words = [match.group().lower() for match in _WORD.finditer(body)]
    sentences = [part for part in _SENTENCE_END.split(body) if _WORD.search(part)]
    terms = Counter(word for word in words if len(word) > 2 and word not in _STOP_WORDS)
    ranked = sorted(terms.items(), key=lambda item: (-item[1], item[0]))[:TOP_TERMS]
    return TextAnalysis(
        word_count=len(words),
        sentence_count=len(sentences),
        reading_time_seconds=math.ceil(len(words) * 60 / WORDS_PER_MINUTE),
        top_terms=[{"term": term, "count": count} for term, count in ranked],
        body_sha256=hashlib.sha256(body.encode()).hexdigest(),
    )
