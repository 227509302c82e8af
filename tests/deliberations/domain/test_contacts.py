from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.contacts import Found, contact_key, contacts_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("écrire à mairie@ville.example ou 05 49 52 35 35.", ["mairie@ville.example", "05 49 52 35 35"]),
        ("+33 5 49 52 35 35, +33 (0)549523535, 0033549523535", ["+33 5 49 52 35 35", "+33 (0)549523535", "0033549523535"]),
        ("06.12.34.56.78 / 06-12-34-56-78", ["06.12.34.56.78", "06-12-34-56-78"]),
        ("un budget de 1 677 000 € et 273 526,64 €, SIRET 12345678200010, délibération 2018-0322 du 03/12/2018", []),
        ("086-218601946-20181203-lmc194691-DE et 05 49 52", []),
        ("Tél.06 12 34 56 78 ou 06 12  34 56 78", ["06 12 34 56 78", "06 12  34 56 78"]),
        ("06 12 34 56 78/06 98 76 54 32", ["06 12 34 56 78", "06 98 76 54 32"]),
        ("01/02/2024 10:20, du 05/03/26 06/04/26, 05.03.26 06.04.26", []),
        ("FR76 0612 3456 7890 1234 5678 901, SIRET 123 456 782 00010, +15 000 000 €", []),
        ("2024-01-02-03-04-05, 20240610-0612345678, 12,0612345678, 1 06 12 34 567 890 12", []),
    ],
)  # fmt: skip
def test_addresses_and_numbers_are_found(text: str, found: list[str]) -> None:
    assert [item.text for item in contacts_in([("l'article 1", text)])] == found


def test_the_place_is_told_once() -> None:
    texts = [("l'article 1", "a@b.fr a@b.fr"), ("l'article 2", "a@b.fr")]
    assert contacts_in(texts) == [Found("l'article 1", "a@b.fr"), Found("l'article 2", "a@b.fr")]


@given(st.integers(1, 9), st.integers(0, 99_999_999), st.sampled_from(["", " ", ".", "-", "\u00a0"]))
def test_one_number_is_known_in_every_writing(first: int, rest: int, separator: str) -> None:
    pairs = [f"{rest:08d}"[place : place + 2] for place in range(0, 8, 2)]
    national = separator.join([f"0{first}", *pairs])
    abroad = separator.join([f"+33{first}", *pairs])
    for written in (national, abroad):
        (found,) = contacts_in([("", f"téléphone : {written}, merci")])
        assert contact_key(found.text) == f"0{first}{''.join(pairs)}"
    assert contact_key("A@B.fr") == contact_key("a@b.FR")


@pytest.mark.parametrize(
    "text",
    [
        "+33 (0) 6 12 34 56 78", "+33.6.12.34.56.78", "+33-6-12-34-56-78", "06/12/34/56/78", "06 - 12 - 34 - 56 - 78",
        "06-12-34 56 78", "+33(0)612345678", "06 12  34 56 78", "+33 06 12 34 56 78", "06 1234 5678", "06 12345678",
        "06\u202f12\u202f34\u202f56\u202f78", "06–12–34–56–78",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_number_is_one_number(text: str) -> None:
    (found,) = contacts_in([("", f"joindre le {text}.")])
    assert (found.text, contact_key(found.text)) == (text, "0612345678")


@pytest.mark.parametrize("text", ["+262 692 12 34 56", "0692 12 34 56", "00262 692 12 34 56", "+262692123456"])
def test_numbers_from_overseas_are_found(text: str) -> None:
    (found,) = contacts_in([("", text)])
    assert contact_key(found.text) == "0692123456"


SPACES = st.sampled_from([" ", "\u00a0", "\u202f"])


@given(st.integers(0, 10**13), st.integers(0, 99), SPACES)
def test_amounts_are_not_numbers(units: int, cents: int, space: str) -> None:
    grouped = f"{units:,}".replace(",", space)
    for text in (f"{grouped} €", f"{grouped},{cents:02d} €", f"{units},{cents:02d}", f"+{grouped} € TTC"):
        assert contacts_in([("", f"un montant de {text}, voté")]) == []


@given(st.dates(), st.times(), st.integers(10**13, 10**14 - 1), st.integers(10**8, 10**9 - 1))
def test_dates_and_identifiers_are_not_numbers(day: date, hour: time, siret: int, siren: int) -> None:
    grouped = f"{siren:,}".replace(",", " ")
    texts = (
        f"{day:%d/%m/%Y} {hour:%H:%M}", f"{day:%d-%m-%Y} à {hour:%H h %M}", f"{day.isoformat()}T{hour.isoformat()}",
        f"du {day:%d/%m/%Y} au {day:%d/%m/%Y}", f"SIRET {siret}", f"SIREN {grouped}", f"SIRET {grouped} 00012",
        f"086-{siren}-{day:%Y%m%d}-2024_0012-DE", f"{day:%Y}-{day.day:03d}",
    )  # fmt: skip
    assert [item.text for item in contacts_in([("", text) for text in texts])] == []
