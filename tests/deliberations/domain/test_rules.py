"""Properties of the pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.act import Act, Ballot, Budget, BudgetLine, Grant, Members, Product, Proxy, Session
from deliberations.domain.actes import MATTERS, is_siren, matter_label, parse_identifier
from deliberations.domain.checks.money import bases_giving
from deliberations.domain.compared import compare
from deliberations.domain.legal import LegalRules
from deliberations.domain.names import name_key
from deliberations.domain.tally import executory_on, majority_of, quorum_of, tally_of
from deliberations.domain.verify import check
from plan_numerique.shared.money import apply_rate

counts = st.integers(0, 500)
days = st.dates(date(2000, 1, 1), date(2030, 12, 31))
DAY = date(2024, 6, 10)


@given(counts)
def test_majority_is_the_least_number_over_half(number: int) -> None:
    assert majority_of(number) * 2 > number
    assert (majority_of(number) - 1) * 2 <= number


@given(counts, counts, st.lists(st.text(min_size=1), max_size=5), st.integers(0, 50))
def test_represented_members_never_count_in_the_quorum(
    office: int, present: int, withdrawn: list[str], represented: int
) -> None:
    members = Members(in_office=office, present=present, represented=represented, withdrawn_names=tuple(withdrawn))
    quorum = quorum_of(members)
    assert quorum.reached == (present - len(withdrawn) > office / 2)


@given(
    counts,
    counts,
    st.none() | counts,
    st.booleans(),
    st.sampled_from([None, "for", "against", "abstain", "not_voting"]),
)
def test_result_is_the_absolute_majority_of_votes_cast(
    in_favour: int, against: int, abstain: int | None, secret: bool, chair: str | None
) -> None:
    counted = {"for": in_favour, "against": against, "abstain": abstain, "not_voting": None}
    tally = tally_of(Act(Session(DAY, secret=secret), vote=Ballot(counts=counted, chair_vote=chair)))
    if in_favour + against == 0:
        assert tally.result is None
        assert tally.majority_needed is None
    elif in_favour != against:
        assert tally.majority_needed is not None
        assert (tally.result == "adopted") == (in_favour >= tally.majority_needed)
    elif secret:
        assert tally.result == "rejected"
    else:
        assert tally.result == {None: None, "for": "adopted"}.get(chair, "rejected")
        assert tally.casting_vote == (chair == "for")


@given(st.none() | days, st.none() | days, st.none() | days)
def test_executory_needs_receipt_and_publication(
    received: date | None, posted: date | None, published: date | None
) -> None:
    day = executory_on(received, posted, published)
    public = [each for each in (posted, published) if each]
    assert (day is None) == (received is None or not public)
    if day is not None and received is not None:
        assert day >= received
        assert day in (received, min(public))


@given(st.text(st.characters(categories=["L", "Zs"]), min_size=1))
def test_names_are_compared_without_case_accent_civility_and_spaces(name: str) -> None:
    key = name_key(f"X {name}")
    assert name_key(f"  x   {name.upper().lower()} ") == name_key(f"x {name.upper().lower()}")
    assert name_key(f"Mme. X {name}") == name_key(f"MADAME x {name}") == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Mme Martine APERCÉ", "martine aperce"),
        ("M. LAVRARD", "lavrard"),
        ("M.LAVRARD", "m.lavrard"),
        ("M.", "m."),
        ("Mlle  Ève", "eve"),
        ("Monsieur Madame X", "madame x"),
        ("JP. ABELIN", "jp. abelin"),
        ("Mr\u00a0Straße", "strasse"),
    ],
)
def test_name_key(name: str, key: str) -> None:
    assert name_key(name) == key


@given(st.integers(0, 10**9), st.integers(0, 1_000_000))
def test_bases_giving_an_amount_are_exactly_those(base: int, rate: int) -> None:
    amount = apply_rate(base, rate)
    possible = bases_giving(rate, amount)
    assert base in possible
    if rate:
        assert apply_rate(possible[-1], rate) == amount
        assert apply_rate(possible[-1] + 1, rate) == amount + 1
        assert possible.start == 0 or apply_rate(possible.start - 1, rate) == amount - 1


@given(st.text(alphabet="0123456789", min_size=8, max_size=8))
def test_one_last_digit_makes_a_siren(digits: str) -> None:
    assert sum(is_siren(f"{digits}{last}") for last in range(10)) == 1


def test_actes_identifier_of_the_sources() -> None:
    found = parse_identifier("086-218601946-20181203-lmc194691-DE-1-1")
    assert found is not None
    assert (found.department, found.siren, found.day, found.number, found.nature, found.message) == (
        "086", "218601946", "20181203", "lmc194691", "DE", "-1-1",
    )  # fmt: skip
    assert parse_identifier("86-218601946-20181203-1-DE") is None
    assert is_siren(found.siren)


def test_matters_keep_further_levels_local() -> None:
    assert all(matter_label(code) == matter_label(f"{code}.12") == label for code, label in MATTERS.items())
    assert matter_label("8.1x") is None


def test_legal_rules_are_those_given() -> None:
    proxies = tuple(Proxy(giver, "A") for giver in ("B", "C"))
    act = Act(Session(DAY, DAY - timedelta(days=4)), members=Members(proxies=proxies))
    assert [finding.code for finding in check(act).findings] == ["PROXY_HOLDER_TWICE"]
    assert check(act, LegalRules(proxies_per_holder=2)).findings == ()


def test_amounts_are_set_beside_what_their_own_figures_give() -> None:
    act = Act(
        Session(DAY),
        budget=Budget((BudgetLine("a", 100, 200_000, 121), BudgetLine(None, 50)), 160, 192, 200_000),
        grants=(Grant("f", 200_000, 1000, 201), Grant(None, None, None, 5), Grant("z", 1, 1, None)),
        products=(Product("p", 200, 3, 200_000, 601, 720), Product(None, None, 3, None, 1)),
    )
    assert [(row.label, row.basis, row.stated, row.computed, row.difference) for row in compare(act)] == [
        ("a", "HT", 100, None, None),
        ("a", "TTC", 121, 120, -1),
        ("Ligne", "HT", 50, None, None),
        ("Total", "HT", 160, 150, -10),
        ("Total", "TTC", 192, 192, 0),
        ("f", "", 201, 200, -1),
        ("Subvention", "", 5, None, None),
        ("p", "HT", 601, 600, -1),
        ("p", "TTC", 720, 720, 0),
        ("Coût", "HT", 1, None, None),
    ]
    bare = Act(Session(DAY), budget=Budget((BudgetLine(ttc=1),), total_ht=2))
    assert [row.computed for row in compare(bare)] == [None, None]
    assert compare(Act(Session(DAY), budget=Budget(total_ttc=2)))[0].computed is None
