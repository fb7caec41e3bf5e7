"""How much a term says of an article: BM25 with k1 = 1.2 and b = 0.75.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.
"""

import math

K1 = 1.2
B = 0.75


def rarity(with_term: int, entries: int) -> float:
    """The inverse document frequency of a term that stands in `with_term` of all `entries`; never negative."""
    entries = max(entries, with_term)
    return math.log(1 + (entries - with_term + 0.5) / (with_term + 0.5))


def impact(count: int, length: int, average: float) -> float:
    """What a term that stands `count` times in a text of `length` terms gives, times its rarity; at most K1 + 1."""
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length / average)) if count else 0.0
