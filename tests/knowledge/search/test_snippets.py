"""The passage that is shown of an article, and the words that are marked in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.knowledge.search import snippets, tokens

FILLER = "Nothing of interest stands here, and that goes on for a while. " * 10


def marked(text: str, asked: str) -> tuple[str, list[str]]:
    snippet = snippets.best(text, dict.fromkeys(tokens.terms(asked), 1.0))
    return snippet.text, [snippet.text[start:end] for start, end in snippet.marks]


def test_the_passage_with_the_most_words_is_shown() -> None:
    text = f"certificate. {FILLER} To renew a certificate, press Renew. {FILLER}"
    passage, words = marked(text, "renew certificates")
    assert "To renew a certificate, press Renew." in passage
    assert words == ["renew", "certificate", "Renew"]
    assert passage.startswith("… ")
    assert passage.endswith(" …")


def test_without_any_of_the_words_the_beginning_is_shown() -> None:
    passage, words = marked(f"First words. {FILLER}", "zebra")
    assert passage.startswith("First words.")
    assert words == []


def test_a_part_of_a_word_is_not_marked() -> None:
    assert marked("The bill of Billy on a billboard", "bill")[1] == ["bill"]


def test_forms_of_a_word_are_marked() -> None:
    assert marked("Policies, a policy. ЕЩЁ СЕРТИФИКАТЫ", "policy сертификата еще")[1] == [
        "Policies",
        "policy",
        "ЕЩЁ",
        "СЕРТИФИКАТЫ",
    ]


def test_pairs_of_characters_are_marked_as_one_word() -> None:
    assert marked("新しいSSL証明書を更新する", "証明書の更新")[1] == ["証明書", "更新"]


def test_words_that_are_everywhere_are_not_marked() -> None:
    snippet = snippets.best("the certificate of the host", {"the": 0.1, "certif": 5.0})
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["certificate"]


@settings(max_examples=50)
@given(st.text(max_size=400), st.text(max_size=40))
def test_marks_are_inside_the_passage_in_order_and_apart(text: str, asked: str) -> None:
    snippet = snippets.best(text, dict.fromkeys(tokens.terms(asked), 1.0))
    assert len(snippet.text) <= snippets.LENGTH + 4
    last = 0
    for start, end in snippet.marks:
        assert last <= start < end <= len(snippet.text)
        last = end
