"""Words a team uses for one another."""

from deskside.knowledge.search import synonyms


def test_other_words_weigh_less_than_those_asked_for() -> None:
    same = synonyms.read([["ssl", "tls", "certificate"]])
    assert same.expand(["tls", "renew"]) == {"tls": 1.0, "renew": 1.0, "ssl": 0.5, "certif": 0.5}


def test_several_words_mean_the_same_only_together() -> None:
    same = synonyms.read([["domain name", "zone"]])
    assert set(same.expand(["name"])) == {"name"}
    assert set(same.expand(["name", "domain"])) == {"name", "domain", "zone"}


def test_a_file_has_a_group_in_each_line() -> None:
    same = synonyms.parse("# ours\nssl, tls\n\nпочта, e-mail  # both\n")
    assert set(same.expand(["почт"])) == {"почт", "e", "mail"}
    assert set(same.expand(["tls"])) == {"tls", "ssl"}


def test_words_without_letters_are_left_out() -> None:
    assert synonyms.read([["---", "", "ssl", "tls"]]).expand(["ssl"]) == {"ssl": 1.0, "tls": 0.5}
