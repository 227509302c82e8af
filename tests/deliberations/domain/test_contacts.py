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
