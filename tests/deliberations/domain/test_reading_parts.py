"""What each part of the reading takes from a phrase, and above all what it leaves empty. All names and texts are invented."""

import json
from typing import Any

import pytest

from deliberations.domain.reading.document import to_input, to_output
from deliberations.domain.reading.names import clean_name, names_from
from deliberations.domain.reading.proposals import MOST_CANDIDATES
from deliberations.domain.reading.read import read_text


def read(text: str, key: str) -> Any:
    return read_text(text).values().get(key)


def candidates(text: str, key: str) -> list[Any]:
    """All that is shown, taken or not."""
    proposal = read_text(text)[key]
    return [candidate.value for candidate in proposal.candidates] if proposal else []


# --- counts and result ------------------------------------------------------------------------------------------------------------------

HEADS = "| Présents | Pouvoirs | Votants |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ("| 6 | 2 | 8 |", (6, 2, 8)),
        ("| 6 |  | 8 |", (6, None, 8)),
        ("| 6 | 2018 | 8 |", (6, None, 8)),
        ("| 6 | 8 |", (None, None, None)),
        ("Le conseil délibère.", (None, None, None)),
    ],
)
def test_a_grid_gives_each_figure_to_the_label_above_it_or_none(row: str, counts: tuple[int | None, ...]) -> None:
    keys = ("members.present", "members.represented", "vote.voices")
    assert tuple(read(f"{HEADS}{row}\n", key) for key in keys) == counts


@pytest.mark.parametrize(
    ("text", "present"),
    [("Présents 6 M. Jean FICTIF", 6), ("Présents 6, absents 2", 6), ("Présents 6", 6), ("Présents 6 tables", None)],
)
def test_a_bare_count_is_one_only_where_nothing_else_is_counted(text: str, present: int | None) -> None:
    assert read(text, "members.present") == present


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Le rapport est exposé.\nADOPTÉ\nLe maire", "adopted"),
        ("Le rapport est exposé.\nREJETÉ", "rejected"),
        ("Le rapport fut\nvu puis adopté\nen mars", None),
        ("Après discussion\nà l'unanimité\n", "unanimous"),
        ("Le projet est présenté, à l'unanimité des commissions", None),
        ("Adopté à l'unanimité\nLe conseil prend acte du rapport.", "unanimous"),
        ("Pour : 12\nLe conseil prend acte du rapport.", None),
        ("Le maire propose au conseil de prendre acte du rapport.", None),
    ],
)
def test_a_result_is_a_word_of_its_own_or_of_the_council(text: str, result: str | None) -> None:
    assert read(text, "vote.stated_result") == result


def test_the_phrase_of_a_result_alone_on_its_line_is_the_word() -> None:
    found = read_text("Le rapport est exposé.\n**ADOPTÉ** \nLe maire")["vote.stated_result"]
    assert found is not None
    assert [phrase.text for phrase in found.candidates[0].phrases] == ["ADOPTÉ"]


@pytest.mark.parametrize(
    "text", ["Pour : 12\nLe conseil prend acte du rapport.", "Le maire propose au conseil de prendre acte du rapport."]
)
def test_taking_note_is_the_nature_of_the_act_even_where_it_is_not_its_result(text: str) -> None:
    assert read(text, "act.kind") == "prendre_acte"


@pytest.mark.parametrize(
    "text",
    [
        "Aucun membre n'ayant demandé le scrutin secret, il est voté à main levée.",
        "Le scrutin secret n'a pas été demandé.",
        "Le conseil renonce, à l'unanimité, au\nscrutin secret.",
    ],
)
def test_a_secret_ballot_that_was_not_asked_is_not_read(text: str) -> None:
    assert "session.secret" not in read_text(f"Séance ordinaire. {text}\n\nVotants : 3")


def test_a_secret_ballot_is_read_to_be_checked() -> None:
    found = read_text("Il est procédé au vote au scrutin secret.")["session.secret"]
    assert found is not None
    assert [(one.value, one.confidence) for one in found.candidates] == [(True, "to_check")]


# --- days, hours, numbers, object -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("Séance du 2024-03-12", "session.date", "2024-03-12"),
        ("Séance du 31 février 2024", "session.date", None),
        ("Séance du 12 mars 1850", "session.date", None),
        ("L'an 2024, le douze mars à 18:30, le conseil", "session.date", "2024-03-12"),
        ("L'an 2024, le douze mars à 18:30, le conseil", "session.time", "18:30"),
        ("L'an deux mille vingt-quatre, le trente et un février, le conseil", "session.date", None),
        ("Séance du 12 mars 2024 à 45h", "session.time", None),
        ("Séance du 12 mars 2024 à 18h75", "session.time", None),
        ("Les élus ont été convoqués le 5 mars 2024", "session.convocation_sent_on", "2024-03-05"),
        ("Les élus ont été convoqués le 31 février 2024", "session.convocation_sent_on", None),
        ("Affichage : 13/03/2024", "dates.posted_on", "2024-03-13"),
        ("Le procès-verbal précédent (affichage : 13/03/2024) est lu", "dates.posted_on", None),
        ("Acte exécutoire compte tenu de sa publication le 13/03/2024", "dates.published_on", "2024-03-13"),
        ("Acte exécutoire compte tenu de sa publication le 31/02/2024", "dates.published_on", None),
        ("Identifiant de télétransmission : 2024-ESSAI-0031", "identifiers.actes", "2024-ESSAI-0031"),
        ("Identifiant de télétransmission : inconnu_ce_jour", "identifiers.actes", None),
        ("Identifiant de télétransmission : 2024", "identifiers.actes", None),
        ("99A-210100012-20240617-2024.031-DE", "identifiers.actes", "99A-210100012-20240617-2024.031-DE"),
        ("Délibération n° 2024-031\n", "act.internal", "2024-031"),
        ("Délibération n° XX\n", "act.internal", None),
        ("Objet : Achat de tablettes\npour les écoles maternelles", "act.title", "Achat de tablettes pour les écoles maternelles"),
        ("Objet : Achat de tablettes\nPour : 12", "act.title", "Achat de tablettes"),
        ("Objet :\n\nDélibération n° 2024-031\n", "act.title", None),
        ("Délibération n° 2024-031\n# Achat de tablettes\nLe conseil", "act.title", "Achat de tablettes"),
        ("Délibération n° 2024-031", "act.title", None),
    ],
)  # fmt: skip
def test_days_numbers_and_object(text: str, key: str, value: str | None) -> None:
    assert read(text, key) == value


# --- money ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Une aide de 45 k€", ["45000.00"]),
        ("Une aide de 1,255 million d'euros", ["1255000.00"]),
        ("Une aide de 12,345 €", []),
        ("Quelques euros", []),
        ("Une aide de 999 999 999 999 milliards d'euros", []),
    ],
)
def test_an_amount_is_a_number_of_cents_or_is_left_out(text: str, amounts: list[str]) -> None:
    assert [row["amount"] for row in candidates(text, "amounts")] == amounts


def test_a_total_that_does_not_say_its_basis_is_neither_ht_nor_ttc() -> None:
    values = read_text("Total HT : 1 000,00 €\nTotal : 1 100,00 €\nMontant total TTC : 1 200,00 €").values()
    assert (values["budget.total_ht"], values["budget.total_ttc"]) == ("1000.00", "1200.00")


def test_two_blocks_of_lines_are_two_candidates_and_one_line_is_none() -> None:
    text = "Tablettes : 10,00 € HT\nCâbles : 20,00 € HT\n\nAutre devis\nÉcrans : 30,00 € HT\nSupports : 40,00 € HT\n\nMémoire\nPose : 50,00 € HT\n"
    assert candidates(text, "budget.lines") == [
        [{"label": "Tablettes", "ht": "10.00"}, {"label": "Câbles", "ht": "20.00"}],
        [{"label": "Écrans", "ht": "30.00"}, {"label": "Supports", "ht": "40.00"}],
    ]


@pytest.mark.parametrize(
    ("text", "grants"),
    [
        ("L'État apporte 3 000,00 €, à hauteur de 20 %.", [{"funder": "État", "rate": "20", "amount": "3000.00"}]),
        ("L'État participe à hauteur de 20 %, soit une aide de\n3 000,00 €.", [{"funder": "État", "rate": "20", "amount": "3000.00"}]),
        ("L'État participe à hauteur de 20 %,\nla Région donne 3 000,00 €.", []),
        ("L'État participe à hauteur de 20 %.\n\nAchat : 3 000,00 €", []),
        ("L'État, en hausse de 150 %, soit 3 000,00 €", []),
    ],
)  # fmt: skip
def test_a_grant_takes_the_amount_of_its_own_rate_only(text: str, grants: list[dict[str, str]]) -> None:
    assert read_text(text).values().get("grants", []) == grants


# --- names ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        ("Mme Rose FICTIVE, vice-présidente, conseillère, sénatrice", "Mme Rose FICTIVE"),
        ("Mme Rose FICTIVE, vice-présidente, conseillère, sénatrice, députée, adjointe", None),
        ("M. Karl VAN DER TEST", "M. Karl VAN DER TEST"),
        ("van der", None),
    ],
)
def test_what_is_left_of_a_piece_is_a_name_or_nothing(piece: str, name: str | None) -> None:
    assert clean_name(piece) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # a cell left open by its separator goes on over a page break; closed, it does not
        ("Anna UNTEL\t;\npage 1/2\nBasile QUIDAM", ["Anna UNTEL", "Basile QUIDAM"]),
        ("Anna UNTEL\t\npage 1/2\nBasile QUIDAM", ["Anna UNTEL"]),
        # nobody is taken from the heading of a page
        ("M. Guy ESSAI,\nCOMMUNE DE NULLE-PART - M. Paul HORSLISTE\nMme Zoé FICTION", ["M. Guy ESSAI", "Mme Zoé FICTION"]),
        # the next line joins a name that is cut, not one that is whole
        ("M. Guy\nESSAI", ["M. Guy ESSAI"]),
        ("M. Guy ESSAI\nliste des pièces du dossier\nMme Zoé FICTION", ["M. Guy ESSAI"]),
        # « et » joins two persons, or two words of one surname
        ("M. Guy ESSAI et Mme Zoé FICTION", ["M. Guy ESSAI", "Mme Zoé FICTION"]),
        ("M. Karl TOUR et TAXIS, Mme Zoé FICTION", ["M. Karl TOUR et TAXIS", "Mme Zoé FICTION"]),
    ],
)  # fmt: skip
def test_names_of_a_list(text: str, names: list[str]) -> None:
    assert [named.name for named in names_from(text, 0, len(text)).names] == names


# --- people -----------------------------------------------------------------------------------------------------------------------------


def test_two_lists_that_share_a_name_and_differ_are_rivals_and_none_is_taken() -> None:
    text = "Présents : Anna UNTEL, Basile QUIDAM\n\nVotants : 2\n\nPrésents : Anna UNTEL, Carl MACHIN\n"
    assert candidates(text, "members.present_names") == [["Anna UNTEL", "Basile QUIDAM"], ["Anna UNTEL", "Carl MACHIN"]]
    assert read(text, "members.present_names") is None


def test_lists_without_a_name_in_common_are_parts_of_one_and_a_repeated_one_adds_nothing() -> None:
    text = "Présents : Anna UNTEL\n\nVotants : 2\n\nPrésents : Carl MACHIN\n\nVotants : 2\n\nPrésents : Anna UNTEL\n"
    assert candidates(text, "members.present_names") == [["Anna UNTEL", "Carl MACHIN"]]


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("Mme Rose FICTIVE et M. Luc FAUX donne pouvoir à M. Paul MODÈLE", [{"giver": "M. Luc FAUX", "holder": "M. Paul MODÈLE"}]),
        ("L'élu du canton donne pouvoir à M. Paul MODÈLE", None),
        ("Mme Rose FICTIVE donne pouvoir à l'assemblée", None),
    ],
)  # fmt: skip
def test_a_proxy_has_one_giver_and_one_holder(text: str, proxies: list[dict[str, str]] | None) -> None:
    assert read(text, "members.proxies") == proxies


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("Contre : 1 (M. Jean FICTIF", "vote.against_names", ["M. Jean FICTIF"]),
        ("Contre : 2 (M. Jean FICTIF [suppléant], Mme Rose FICTIVE) Mme Zoé AILLEURS", "vote.against_names", ["M. Jean FICTIF", "Mme Rose FICTIVE"]),
        ("Le tarif passe à 3 contre (M. Jean FICTIF l'a dit) 4 avant", "vote.against_names", None),
        ("Le conseil désigne Mme Rose FICTIVE secrétaire de séance.", "secretaries", ["Mme Rose FICTIVE"]),
        ("Le conseil désigne Mme Rose FICTIVE déléguée au comité.", "secretaries", None),
        ("Mme Rose FICTIVE est désignée secrétaire de séance.", "secretaries", ["Mme Rose FICTIVE"]),
        ("Le plus jeune est désigné secrétaire de séance.", "secretaries", None),
        ("Secrétaire de séance :\n\nVotants : 3", "secretaries", None),
        ("Séance sous la présidence de Mme Rose FICTIVE.", "chair", "Mme Rose FICTIVE"),
        ("Séance sous la présidence du doyen d'âge.", "chair", None),
    ],
)  # fmt: skip
def test_who_votes_writes_and_presides(text: str, key: str, value: Any) -> None:
    assert read(text, key) == value


# --- what is answered -------------------------------------------------------------------------------------------------------------------


def test_a_figure_said_in_too_many_ways_shows_the_first_ones_and_is_not_taken() -> None:
    text = "".join(f"Votants : {count}\n" for count in range(1, MOST_CANDIDATES + 3))
    assert candidates(text, "vote.voices") == list(range(1, MOST_CANDIDATES + 1))
    assert read(text, "vote.voices") is None


def test_the_answer_shows_every_candidate_with_its_phrase_and_what_the_document_lacks() -> None:
    answer = to_output(read_text("Présents : 3\nContre : 0\nVotants : 4\nVotants : 5"))
    shown = {row["key"]: row["candidates"] for row in answer["proposals"]}
    assert shown["members.present"] == [
        {"value": 3, "confidence": "sure", "taken": True, "note": "", "phrases": [{"start": 0, "end": 12, "text": "Présents : 3"}]}
    ]  # fmt: skip
    assert [(row["value"], row["confidence"], row["taken"]) for row in shown["vote.voices"]] == [
        (4, "to_check", False),
        (5, "to_check", False),
    ]
    assert answer["input"]["vote"] == {"against": 0, "against_names": []}
    assert any(problem.startswith("session.date") for problem in answer["problems"])
    assert json.loads(json.dumps(answer)) == answer


def test_names_followed_by_a_proxy_cover_it_in_the_document() -> None:
    text = "Séance du 4 mai 2015\nContre : 2 (M. Jean FICTIF (+1 pouvoir))"
    assert to_input(read_text(text).values())["vote"]["names_cover_proxies"] is True
