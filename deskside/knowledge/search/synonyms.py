"""Words a team uses for one another: a question with one of them also finds articles with the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deskside.knowledge.search import tokens

# What an article gets for another word than the one that was asked for.
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of words of one meaning; each word as its terms, of which it may have several (`domain name`)."""

    groups: tuple[tuple[frozenset[str], ...], ...] = ()

    def expand(self, asked: Sequence[str]) -> Mapping[str, float]:
        """Each term to look for and the share of its weight: 1 for what was asked, SHARE for what means the same."""
        shares = dict.fromkeys(asked, 1.0)
        words = frozenset(asked)
        for group in self.groups:
            if any(word <= words for word in group):
                for term in sorted(frozenset().union(*group)):
                    shares.setdefault(term, SHARE)
        return shares


NONE = Synonyms()


def read(groups: Iterable[Iterable[str]]) -> Synonyms:
    """Synonyms of words as people write them: `[["ssl", "tls", "certificate"], ["domain name", "domain"]]`."""
    parsed = (tuple(dict.fromkeys(frozenset(tokens.terms(word)) for word in group)) for group in groups)
    return Synonyms(tuple(tuple(word for word in group if word) for group in parsed))


def parse(text: str) -> Synonyms:
    """Synonyms of a file: a group in each line, its words between commas; what follows a # is a comment."""
    lines = (line.partition("#")[0] for line in text.splitlines())
    return read([line.split(",") for line in lines if line.strip()])
