"""Each finding of interchange 2: when it is told, what it expects, and when it is not."""

import json
from typing import Any

import pytest

from deliberations.domain import verify
from tests.deliberations.domain.documents import act_document, source


def result(document: dict[str, Any]) -> dict[str, Any]:
    act, problems = verify.read_document(json.dumps(document).encode())
    assert act is not None, [str(problem) for problem in problems]
    return verify.to_document(verify.check(act))  # type: ignore[return-value]


def findings(**parts: Any) -> list[tuple[Any, ...]]:
    """(code, expected, stated, difference, article) of each, sorted."""
    told = result(act_document(**parts))["findings"]
    keys = ("code", "expected", "stated", "difference", "article")
    assert all(finding["severity"] == "error" and finding["message"] for finding in told)
    return sorted((tuple(finding[key] for key in keys) for finding in told), key=str)


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("poitiers", [("PRODUCT_TOTAL", "info", "1800.00", "2000.00", "200.00")]),
        ("chatellerault", []),
        ("saint_etienne_metropole", [("ACTES_DATE", "warning", "20160630", "20160212", None)]),
        (
            "metz",
            [
                ("GRANT_AMOUNT", "warning", "239335.78", "239335.82", "0.04"),
                ("GRANT_AMOUNT", "warning", "239335.78", "239335.82", "0.04"),
                ("GRANT_AMOUNT", "warning", "273526.60", "273526.64", "0.04"),
                ("GRANT_BASES_DIFFER", "warning", None, "1367633.00", None),
                ("VAT_ROUNDED", "info", "1641159.60", "1641160.00", "0.40"),
            ],
        ),
    ],
)
def test_the_four_acts_of_the_sources(slug: str, expected: list[tuple[Any, ...]]) -> None:
    keys = ("code", "severity", "expected", "stated", "difference")
    told = [tuple(finding[key] for key in keys) for finding in result(source(slug))["findings"]]
    assert sorted(told, key=str) == sorted(expected, key=str)


def test_poitiers_is_the_example_of_the_format() -> None:
    document = result(source("poitiers"))
    assert document["quorum"] == {"needed": 27, "present": 46, "reached": True}
    assert document["voices"] == 51
    assert document["tally"] == {
        "for": 40,
        "against": 0,
        "abstain": 11,
        "cast": 40,
        "majority_needed": 21,
        "result": "adopted",
        "label": "à l'unanimité des suffrages exprimés",
    }
    assert document["executory_on"] == "2018-12-10"


def test_nothing_known_finds_nothing() -> None:
    document = result(act_document())
    assert document["findings"] == []
    assert document["quorum"] == {"needed": None, "present": None, "reached": None}
    assert set(document["tally"].values()) == {None}
    assert (document["voices"], document["executory_on"]) == (None, None)


MEMBERS: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    ({"in_office": 10, "present": 6, "represented": 2, "absent": 2, "excused": 9}, []),
    ({"in_office": 10, "present": 6, "represented": 2, "excused": 2}, []),
    ({"in_office": 10, "present": 6, "represented": 2, "absent": 1}, [("COUNT_MEMBERS", "10", "9", "-1", None)]),
    ({"in_office": 10, "present": 6, "represented": 2}, []),
    ({"in_office": 10, "present": 6, "absent": 9}, []),
    ({"present": 2, "present_names": ["A"]}, [("COUNT_LIST", "1", "2", "1", None)]),
    ({"represented": 0, "proxies": [{"giver": "A"}]}, [("COUNT_LIST", "1", "0", "-1", None)]),
    ({"absent": 1, "absent_names": [], "excused": 1, "excused_names": []}, [("COUNT_LIST", "0", "1", "1", None)] * 2),
    ({"present_names": ["M. Élu", "ELU "]}, [("DUPLICATE_NAME", None, "M. Élu", None, None)]),
    ({"present_names": ["A"], "excused_names": ["a"]}, [("DUPLICATE_NAME", None, "A", None, None)]),
    ({"absent_names": ["A"], "excused_names": ["A"]}, []),
    ({"withdrawn_names": ["B", "B"]}, [("DUPLICATE_NAME", None, "B", None, None)]),
    ({"proxies": [{"giver": "A"}, {"giver": "A"}]}, [("DUPLICATE_NAME", None, "A", None, None)]),
    ({"proxies": [{"giver": "A"}], "absent_names": ["A"]}, [("DUPLICATE_NAME", None, "A", None, None)]),
    ({"in_office": 11, "present": 5}, [("QUORUM_NOT_REACHED", "6", "5", "-1", "L2121-17")]),
    ({"in_office": 11, "present": 6}, []),
    ({"in_office": 11, "present": 6, "withdrawn_names": ["X"]}, [("QUORUM_NOT_REACHED", "6", "5", "-1", "L2121-17")]),
    ({"proxies": [{"giver": "M. A", "holder": "A"}] * 2, "present_names": ["A"]}, [
        ("DUPLICATE_NAME", None, "A", None, None), *[("PROXY_TO_SELF", None, "M. A", None, "L2121-20")] * 2,
    ]),
    ({"proxies": [{"giver": "A", "holder": "C"}, {"giver": "B", "holder": "Mme C"}]}, [
        ("PROXY_HOLDER_TWICE", "1", "2", "1", "L2121-20"),
    ]),
    ({"proxies": [{"giver": "A", "holder": "C"}], "excused_names": ["C"]}, [("PROXY_HOLDER_ABSENT", None, "C", None, "L2121-20")]),
    ({"proxies": [{"giver": "A", "holder": "B"}, {"giver": "B", "holder": "C"}]}, [
        ("PROXY_HOLDER_ABSENT", None, "B", None, "L2121-20"),
    ]),
    ({"proxies": [{"giver": "A", "holder": "C"}], "present_names": []}, [("PROXY_HOLDER_ABSENT", None, "C", None, "L2121-20")]),
    ({"proxies": [{"giver": "A", "holder": "C"}], "present_names": [], "present": 0}, [
        ("PROXY_HOLDER_ABSENT", None, "C", None, "L2121-20"),
    ]),
    ({"proxies": [{"giver": "A", "holder": "C"}], "present_names": ["B"], "present": 2}, [("COUNT_LIST", "1", "2", "1", None)]),
    ({"proxies": [{"giver": "A", "holder": "C"}], "present_names": ["a", "C"]}, [
        ("PROXY_GIVER_PRESENT", None, "A", None, "L2121-20"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("members", "expected"), MEMBERS)
def test_members(members: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert findings(members=members) == expected


def test_second_convocation_needs_no_quorum_nor_delay() -> None:
    session = {"date": "2024-06-10", "second_convocation": True, "convocation_sent_on": "2024-06-09"}
    parts = {"members": {"in_office": 11, "present": 1}, "authority": {"population": 10_000}}
    assert findings(session=session, **parts) == []
    assert result(act_document(session=session, **parts))["quorum"]["reached"] is False


SEATED = {
    "present": 4,
    "represented": 1,
    "present_names": ["A", "B", "C", "D"],
    "proxies": [{"giver": "E", "holder": "A"}],
}
VOTES: list[tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = [
    (SEATED, {"for": 3, "against": 1, "abstain": 1}, []),
    (SEATED, {"for": 3, "against": 1, "abstain": 2}, [("VOTES_VS_VOICES", "5", "6", "1", "L2121-20")]),
    (SEATED, {"for": 3, "against": 1, "abstain": 0, "not_voting": 1, "voices": 5}, []),
    (SEATED, {"voices": 6}, [("VOTES_VS_VOICES", "5", "6", "1", "L2121-20")]),
    ({}, {"for": 3, "against": 1, "abstain": 0, "voices": 3}, [("VOTES_VS_VOICES", "3", "4", "1", "L2121-20")]),
    (SEATED, {"against": 2, "against_names": ["B"]}, [("VOTE_NAMES", "1", "2", "1", "L2121-21")]),
    (SEATED, {"against": 2, "against_names": ["A"], "names_cover_proxies": True}, []),
    (SEATED, {"against": 2, "against_names": ["A"], "for_names": ["E"], "names_cover_proxies": True}, [
        ("VOTE_NAMES", "1", "2", "1", "L2121-21"),
    ]),
    ({}, {"against": 2, "against_names": ["A"], "names_cover_proxies": True}, []),
    (SEATED, {"against_names": ["Z"]}, [("VOTER_UNKNOWN", None, "Z", None, None)]),
    (SEATED, {"against_names": ["E"], "abstain_names": ["Mme a"]}, []),
    ({**SEATED, "proxies": None}, {"against_names": ["Z"]}, []),
    ({**SEATED, "represented": 2}, {"against_names": ["Z"]}, [("COUNT_LIST", "1", "2", "1", None)]),
    ({**SEATED, "present_names": None}, {"against_names": ["Z"]}, []),
    (SEATED, {"against_names": ["B"], "for_names": ["b"]}, [("DUPLICATE_NAME", None, "b", None, None)]),
    ({}, {"for": 0, "against": 0}, [("NO_VOTE_CAST", None, "0", None, "L2121-20")]),
    ({}, {"for": 0, "against": 0, "stated_result": "noted"}, []),
    ({}, {"for": 1, "against": 2, "stated_result": "majority"}, [
        ("RESULT_MISMATCH", "rejected", "majority", None, "L2121-20"),
    ]),
    ({}, {"for": 2, "against": 1, "stated_result": "rejected"}, [
        ("RESULT_MISMATCH", "adopted", "rejected", None, "L2121-20"),
    ]),
    ({}, {"for": 2, "against": 1, "stated_result": "unanimous"}, [
        ("RESULT_MISMATCH", "majority", "unanimous", None, "L2121-20"),
    ]),
    ({}, {"for": 2, "against": 0, "stated_result": "unanimous"}, []),
    ({}, {"for": 2, "against": 1, "stated_result": "noted"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("members", "vote", "expected"), VOTES)
def test_votes(members: dict[str, Any], vote: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert findings(members=members, vote=vote) == expected


def test_secret_ballot_names_nobody() -> None:
    session = {"date": "2024-06-10", "secret": True}
    vote = {"for_names": ["A"], "abstain_names": ["B"], "not_voting_names": ["C"]}
    assert findings(session=session, vote=vote) == [("SECRET_WITH_NAMES", "0", "2", "2", "L2121-21")]


TALLIES: list[tuple[dict[str, Any], dict[str, Any], str | None, str | None]] = [
    ({}, {"for": 5, "against": 0, "abstain": 0}, "adopted", "à l'unanimité"),
    ({}, {"for": 5, "against": 0}, "adopted", "à l'unanimité des suffrages exprimés"),
    ({}, {"for": 5, "against": 2, "abstain": 0}, "adopted", "à la majorité"),
    ({}, {"for": 2, "against": 5}, "rejected", "rejetée"),
    ({}, {"for": 0, "against": 0}, None, "aucun suffrage exprimé"),
    ({}, {"for": 4}, None, None),
    ({}, {"for": 4, "against": 4}, None, None),
    ({}, {"for": 4, "against": 4, "chair_vote": "for"}, "adopted", "à la majorité, voix prépondérante du président"),
    ({}, {"for": 4, "against": 4, "chair_vote": "abstain"}, "rejected", "rejetée"),
    ({"session": {"date": "2024-06-10", "secret": True}}, {"for": 4, "against": 4, "chair_vote": "for"}, "rejected", "rejetée"),
    ({"chair": "M. Le Maire"}, {"for": 1, "against": 1, "against_names": ["LE MAIRE"]}, "rejected", "rejetée"),
    ({"chair": "M. X"}, {"for": 1, "against": 1, "for_names": ["x"]}, "adopted", "à la majorité, voix prépondérante du président"),
    ({"chair": "M. X"}, {"for": 1, "against": 1, "for_names": ["y"]}, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "vote", "outcome", "label"), TALLIES)
def test_tally(parts: dict[str, Any], vote: dict[str, Any], outcome: str | None, label: str | None) -> None:
    tally = result(act_document(vote=vote, **parts))["tally"]
    assert (tally["result"], tally["label"]) == (outcome, label)


@pytest.mark.parametrize(
    ("population", "sent", "expected"),
    [
        (3499, "2024-06-06", []),
        (3499, "2024-06-07", [("CONVOCATION_DELAY", "3", "2", "-1", "L2121-11")]),
        (3500, "2024-06-04", []),
        (3500, "2024-06-05", [("CONVOCATION_DELAY", "5", "4", "-1", "L2121-12")]),
        (None, "2024-06-10", []),
    ],
)
def test_convocation(population: int | None, sent: str, expected: list[tuple[Any, ...]]) -> None:
    session = {"date": "2024-06-10", "convocation_sent_on": sent}
    assert findings(session=session, authority={"population": population}) == expected


POITIERS = {"siren": "218601946", "department": "086"}
ACTES: list[tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = [
    (POITIERS, {"actes": "086-218601946-20240610-A_1-DE"}, []),
    (POITIERS, {"actes": "086-218601946-20240610-A-1-DE"}, [("ACTES_FORMAT", None, "086-218601946-20240610-A-1-DE", None, None)]),
    (POITIERS, {"actes": "057-244200770-20240611-1-ZZ-1-1"}, [
        ("ACTES_DATE", "20240610", "20240611", None, None),
        ("ACTES_DEPARTMENT", "086", "057", None, None),
        ("ACTES_NATURE", None, "ZZ", None, None),
        ("ACTES_SIREN", "218601946", "244200770", None, None),
    ]),
    ({}, {"actes": "086-218601947-20240610-1-DE"}, [("ACTES_SIREN", None, "218601947", None, None)]),
    ({}, {"actes": "086-218601946-20240610-1-DE"}, []),
    ({}, {"matter_code": "7.10.2"}, []),
    ({}, {"matter_code": "8"}, [("MATTER_CODE", None, "8", None, None)]),
    ({}, {"matter_code": "8.10"}, [("MATTER_CODE", None, "8.10", None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("authority", "identifiers", "expected"), ACTES)
def test_identifiers(authority: dict[str, Any], identifiers: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert findings(authority=authority, identifiers=identifiers) == expected


def test_dates_before_the_session() -> None:
    dates = {"received_on": "2024-06-09", "posted_on": "2024-06-10", "published_on": "2024-06-01"}
    assert findings(dates=dates) == [
        ("DATE_ORDER", "2024-06-10", "2024-06-01", None, "L2131-1"),
        ("DATE_ORDER", "2024-06-10", "2024-06-09", None, "L2131-1"),
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"received_on": "2024-06-12", "posted_on": "2024-06-14", "published_on": "2024-06-13"}, "2024-06-13"),
        ({"received_on": "2024-06-20", "posted_on": "2024-06-14"}, "2024-06-20"),
        ({"received_on": "2024-06-20"}, None),
        ({"posted_on": "2024-06-14"}, None),
    ],
)
def test_executory(dates: dict[str, Any], expected: str | None) -> None:
    assert result(act_document(dates=dates))["executory_on"] == expected


MONEY: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    ({"budget": {"lines": [{"ht": "1.00"}, {"ht": "2"}], "total_ht": "3.50"}}, [("BUDGET_SUM", "3.00", "3.50", "0.50", None)]),
    ({"budget": {"lines": [{"ht": "1.00"}, {}], "total_ht": "3.50"}}, []),
    ({"budget": {"total_ht": "3.50"}}, []),
    ({"budget": {"lines": [{"ht": "3.5", "vat_rate": "20", "ttc": "4.20"}], "total_ht": "3.50"}}, []),
    ({"budget": {"lines": [{"ht": "1.00", "vat_rate": "20", "ttc": "1.21"}]}}, [("VAT_AMOUNT", "1.20", "1.21", "0.01", None)]),
    ({"budget": {"total_ht": "1.00", "vat_rate": "20", "total_ttc": "2"}}, [("VAT_AMOUNT", "1.20", "2.00", "0.80", None)]),
    ({"grants": [{"rate": "20", "base": "10", "amount": "2.01"}]}, [("GRANT_AMOUNT", "2.00", "2.01", "0.01", None)]),
    ({"grants": [{"rate": "20", "base": "10"}, {"amount": "1"}]}, []),
    ({"grants": [{"rate": "20", "base": "10", "amount": "2.01"}, {"rate": "0", "base": "10", "amount": "0"}]}, [
        ("GRANT_AMOUNT", "2.00", "2.01", "0.01", None),
    ]),
    ({"grants": [{"rate": "0", "base": "10", "amount": "1"}, {"rate": "1", "base": "10", "amount": "0.10"}]}, [
        ("GRANT_AMOUNT", "0.00", "1.00", "1.00", None), ("GRANT_BASES_DIFFER", None, "10.00", None, None),
    ]),
    ({"grants": [{"rate": "50", "base": "10", "amount": "5"}, {"rate": "31", "base": "10", "amount": "3.10"}]}, [
        ("OWN_SHARE_BELOW_MINIMUM", "8.00", "8.10", "0.10", "L1111-10"),
    ]),
    ({"grants": [{"amount": "8.10"}], "budget": {"total_ht": "10"}}, [
        ("OWN_SHARE_BELOW_MINIMUM", "8.00", "8.10", "0.10", "L1111-10"),
    ]),
    ({"grants": [{"amount": "8.00"}], "budget": {"total_ht": "10"}}, []),
    ({"grants": [{"amount": "8.00", "base": "1"}, {"amount": "8.00"}]}, []),
    ({"products": [{"unit": "2", "quantity": 3, "total_ht": "7", "total_ttc": "7"}]}, [("PRODUCT_TOTAL", "6.00", "7.00", "1.00", None)]),
    ({"products": [{"unit": "2", "quantity": 3, "vat_rate": "20", "total_ttc": "7.20"}]}, []),
    ({"products": [{"quantity": 3, "total_ht": "7"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), MONEY)
def test_money(parts: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert findings(**parts) == expected


def test_rounded_vat_and_approximate_products_are_informations() -> None:
    document = act_document(
        budget={"total_ht": "1.40", "vat_rate": "20", "total_ttc": "2"},
        products=[{"unit": "2", "quantity": 3, "total_ht": "7", "approximate": True}],
    )
    assert [(told["code"], told["severity"]) for told in result(document)["findings"]] == [
        ("VAT_ROUNDED", "info"),
        ("PRODUCT_TOTAL", "info"),
    ]
