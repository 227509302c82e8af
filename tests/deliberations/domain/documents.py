"""Documents of the act format: those of the four sources, and small ones to change."""

import json
from pathlib import Path
from random import Random
from typing import Any

DATA = Path(__file__).resolve().parents[3] / "plan_numerique" / "demo" / "data"
COUNTS = ("in_office", "present", "absent", "excused", "represented")
CHOICES = ("for", "against", "abstain", "not_voting")
VOTE = (
    *CHOICES,
    "voices",
    "chair_vote",
    *(f"{choice}_names" for choice in CHOICES),
    "names_cover_proxies",
    "stated_result",
)
PRODUCT = ("label", "unit", "quantity", "vat_rate", "total_ht", "total_ttc", "approximate")


def source(slug: str) -> dict[str, Any]:
    """The act of one source as a check document: a copy of keys."""
    data = json.loads((DATA / f"{slug}.json").read_text(encoding="utf-8"))
    (act,), authority = data["deliberations"]["acts"], data["authority"]
    largest = authority.get("largest_commune") or {}
    budget = act.get("stated_budget")
    return {
        "past": act["past"],
        "authority": {
            "kind": authority["kind"],
            "siren": authority["siren"],
            "department": authority["department"],
            "population": largest.get("population") if authority["kind"] == "epci" else authority["population"],
        },
        "session": {key: value for key, value in act["session"].items() if key != "time"},
        "members": {
            **{name: act["stated_members"][name] for name in COUNTS},
            **{f"{state}_names": _names(act, state) for state in ("present", "absent", "excused")},
            "proxies": act["proxies"],
        },
        "chair": act["chair"],
        "vote": {name: act["vote"][name] for name in VOTE},
        "identifiers": {name: act["identifiers"][name] for name in ("actes", "matter_code")},
        "dates": act["dates"],
        "budget": budget and {name: budget[name] for name in ("lines", "total_ht", "total_ttc", "vat_rate")},
        "grants": act.get("stated_grants"),
        "products": [{name: product[name] for name in PRODUCT} for product in act["products"]],
    }


def _names(act: dict[str, Any], state: str) -> list[str] | None:
    if not act["members_complete"]:
        return None
    return [member["name"] for member in act["members"] if member["status"] == state]


def act_document(**parts: Any) -> dict[str, Any]:
    return {"session": {"date": "2024-06-10"}, **parts}


NAMES = ["M. A", "a", "Mme B", "B ", "C", "Ç", "D", "Monsieur D", "E", "F"]
AMOUNTS = ["0", "1", "2.00", "8.1", "10", "1367633.00", "273526.64", "239335.82"]
RATES = ["0", "20", "17.5", "5.5", "100", "33.3333"]
DAYS = ["2024-06-01", "2024-06-04", "2024-06-10", "2024-06-12", "2020-02-29"]
IDENTIFIERS = ["086-218601946-20240610-A1-DE-1-1", "057-218601947-20240612-1-ZZ", "x", ""]


def random_document(rng: Random) -> dict[str, Any]:
    """Small enough for names and figures to clash often."""

    def some(**options: Any) -> dict[str, Any]:
        kept = {key: value for key, value in options.items() if rng.random() < 0.7}
        return {key: None if rng.random() < 0.1 else value for key, value in kept.items()}

    def names() -> list[str]:
        return rng.choices(NAMES, k=rng.randint(0, 4))

    def counts(*keys: str) -> dict[str, Any]:
        return some(**{key: rng.randint(0, 6) for key in keys})

    def amounts(*keys: str) -> dict[str, Any]:
        return some(**{key: rng.choice(AMOUNTS) for key in keys})

    proxies = [{"giver": rng.choice(NAMES), **some(holder=rng.choice(NAMES))} for _ in range(rng.randint(0, 3))]
    session = {"date": rng.choice(DAYS)} | some(
        convocation_sent_on=rng.choice(DAYS), second_convocation=rng.random() < 0.3, secret=rng.random() < 0.3
    )
    vote = counts(*CHOICES, "voices") | some(
        chair_vote=rng.choice(CHOICES),
        names_cover_proxies=rng.random() < 0.5,
        stated_result=rng.choice(["adopted", "rejected", "unanimous", "majority", "noted"]),
        **{f"{choice}_names": names() for choice in CHOICES},
    )
    lines = [amounts("ht", "ttc") | some(vat_rate=rng.choice(RATES)) for _ in range(rng.randint(0, 2))]
    grants = [amounts("base", "amount") | some(rate=rng.choice(RATES)) for _ in range(rng.randint(0, 3))]
    products = [
        amounts("unit", "total_ht", "total_ttc")
        | counts("quantity")
        | some(vat_rate=rng.choice(RATES), approximate=True)
        for _ in range(rng.randint(0, 2))
    ]
    return {"session": session} | some(
        past=rng.random() < 0.5,
        authority=some(
            siren=rng.choice(["218601946", "244200770"]),
            department=rng.choice(["086", "057"]),
            population=rng.choice([100, 9000]),
        ),
        members=counts(*COUNTS)
        | some(proxies=proxies, **{f"{kind}_names": names() for kind in ("present", "absent", "excused", "withdrawn")}),
        chair=rng.choice(NAMES),
        vote=vote,
        identifiers=some(actes=rng.choice(IDENTIFIERS), matter_code=rng.choice(["8.1", "7.10.1", "8", "x"])),
        dates=some(received_on=rng.choice(DAYS), posted_on=rng.choice(DAYS), published_on=rng.choice(DAYS)),
        budget=amounts("total_ht", "total_ttc") | some(lines=lines, vat_rate=rng.choice(RATES)),
        grants=grants,
        products=products,
    )
