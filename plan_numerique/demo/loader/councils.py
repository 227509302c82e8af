"""The deliberations of the sources, as they were published: figures, names and wording are never corrected."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from deliberations import services
from deliberations.models import Act, Assembly, Mandate, Sitting, TransmissionProfile
from deliberations.services.classifications import save_profile
from governance.models import Scenario
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader.files import cents, rate, text

CHOICES = ("for", "against", "abstain", "not_voting")


def load_council(authority: Authority, data: dict[str, Any], scenarios: list[Scenario]) -> None:
    council = data["deliberations"]
    if not council["acts"]:
        return
    assembly = services.save_assembly(
        instance=Assembly(authority=authority, name=council["assembly"]["name"], kind=council["assembly"]["kind"]),
        by=None,
    )
    if filing := council.get("filing"):
        save_profile(instance=TransmissionProfile(authority=authority, **filing), by=None)
    for row in council["acts"]:
        members = services.record_members(
            assembly=assembly, members=[_member(rank, m) for rank, m in enumerate(row["members"], start=1)], by=None
        )
        sitting = _sitting(assembly, row, members)
        _act(sitting, row, members, scenarios)


def _member(rank: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "display_name": row["name"],
        "civility": row["civility"] or "",
        "initials": row.get("initials") or "",
        "first_name": row["first_name"] or "",
        "last_name": row["last_name"] or "",
        "function": row["role"] or "",
        "rank": rank,
    }


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _sitting_fields(row: dict[str, Any], members: Mapping[str, Mandate]) -> dict[str, Any]:
    session, counts = row["session"], row["stated_members"]
    passage: dict[str, Any] = row["order_of_passage"] or {}
    return {
        "held_on": _day(session["date"]),
        "held_at": time.fromisoformat(session["time"]) if session.get("time") else None,
        "convened_on": _day(session.get("convocation_sent_on")),
        "second_convocation": bool(session.get("second_convocation")),
        "chair": members.get(row["chair"]),
        "chair_quality": row["chair_quality"] or "",
        "past": row["past"],
        "in_office": counts["in_office"],
        "present": counts["present"],
        "absent": counts["absent"],
        "excused": counts["excused"],
        "represented": counts["represented"],
        "stated_quorum": counts["quorum"],
        "counts_note": counts["note"] or "",
        "members_complete": row["members_complete"],
        "members_note": row.get("members_note") or "",
        "passage_note": passage.get("quote", ""),
        "source": row["source"],
    }


def _sitting(assembly: Assembly, row: dict[str, Any], members: Mapping[str, Mandate]) -> Sitting:
    passage: dict[str, Any] = row["order_of_passage"] or {}
    return services.record_sitting(
        assembly=assembly,
        fields=_sitting_fields(row, members),
        presences=[(members[m["name"]], m["status"], m.get("stated_as") or "") for m in row["members"] if m["status"]],
        proxies=[(members[p["giver"]], members[p["holder"]]) for p in row["proxies"] or []],
        secretaries=[(s["name"], members.get(s["member"])) for s in row["secretaries"]],
        passages=_passages(passage),
        changes=[
            {
                "mandate": members[change["member"]],
                "event": change["event"],
                "at": change["time"],
                "quote": change["quote"],
                "source": change["source"],
            }
            for change in row["attendance_changes"]
        ],
        by=None,
    )


def _passages(passage: dict[str, Any]) -> list[tuple[str, int, int]]:
    motions = passage.get("motions", [])
    ranges = [("motion" if first in motions else "range", first, last) for first, last in passage.get("ranges", [])]
    return [*ranges, *[("withdrawn", number, number) for number in passage.get("withdrawn", [])]]


def _act_fields(row: dict[str, Any], members: Mapping[str, Mandate], scenarios: list[Scenario]) -> dict[str, Any]:
    signatory: dict[str, Any] = row.get("signatory") or {}
    numbers = {number["kind"]: number["value"] for number in row["numbers"]}
    return {
        "number": numbers.get("order_number") or numbers.get("internal", ""),
        "kind": row["kind"],
        "title": row["title"],
        "title_note": row["title_note"] or "",
        "stated_object": row["object"] or "",
        "matter_code": row["identifiers"]["matter_code"] or "",
        "matter_label": row["identifiers"]["matter_label"] or "",
        "commissions": "\n".join(row["commissions"]),
        "service": row["lead_department"] or "",
        "signatory": members.get(signatory.get("name", "")),
        "signatory_name": signatory.get("published_as", ""),
        "signatory_quality": signatory.get("quality", ""),
        "plan": scenarios[0].plan if scenarios else None,
        "received_on": _day(row["dates"]["received_on"]),
        "posted_on": _day(row["dates"]["posted_on"]),
        "published_on": _day(row["dates"]["published_on"]),
        "transmission_channel": row.get("transmission_channel") or "",
        "dates_note": row["dates_note"] or "",
        "identifiers_note": row.get("identifiers_note") or "",
        "source": row["source"],
    }


def _act(sitting: Sitting, row: dict[str, Any], members: Mapping[str, Mandate], scenarios: list[Scenario]) -> Act:
    budget = row.get("stated_budget")
    return services.record_act(
        sitting=sitting,
        fields=_act_fields(row, members, scenarios),
        clauses=_clauses(row),
        identifiers=[{key: number[key] for key in ("kind", "value", "quote")} for number in row["numbers"]],
        reporters=[(reporter["name"], members.get(reporter["member"])) for reporter in row["reporters"]],
        amounts=[_amount(amount) for amount in row["stated_amounts"]],
        budget=budget
        and {
            "total_ht": cents(budget["total_ht"]),
            "total_ttc": cents(budget["total_ttc"]),
            "vat_rate": rate(budget["vat_rate"]),
            "vat_note": budget["vat_note"] or "",
        },
        budget_lines=[
            {
                "label": line["label"],
                "ht": cents(line["ht"]),
                "vat_rate": rate(line["vat_rate"]),
                "ttc": cents(line["ttc"]),
            }
            for line in (budget or {}).get("lines", [])
        ],
        grants=[
            {"funder": g["funder"], "rate": rate(g["rate"]), "base": cents(g["base"]), "amount": cents(g["amount"])}
            for g in row.get("stated_grants", [])
        ],
        products=[_product(product) for product in row["products"]],
        ballot=_ballot(row["vote"]),
        votes=_votes(row["vote"], members),
        by=None,
    )


def _clauses(row: dict[str, Any]) -> list[dict[str, Any]]:
    exposition = [{"kind": c["kind"], "level": c.get("level", 1), "text": c["text"]} for c in row["body"]]
    formal = [
        {"kind": kind, "text": line}
        for kind, key in (
            ("preamble", "preamble"),
            ("visa", "visas"),
            ("considerant", "considerants"),
            ("article", "articles"),
        )
        for line in row.get(key) or []
    ]
    return [*exposition, *formal]


def _amount(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": text(row["label"], limit=200),
        "stated": cents(row["amount"]),
        "tax_basis": row["tax_basis"],
        "quote": row["quote"],
        "source": row["source"],
    }


def _product(row: dict[str, Any]) -> dict[str, Any]:
    amounts = {key: cents(row[key]) for key in ("unit", "total_ht", "total_ttc")}
    rest = {key: row[key] for key in ("label", "quantity", "approximate", "quote", "source")}
    return {**rest, **amounts, "vat_rate": rate(row["vat_rate"])}


def _ballot(vote: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": vote["mode"],
        **{f"{choice}_count": vote[choice] for choice in CHOICES},
        "voices": vote["voices"],
        "chair_vote": vote["chair_vote"] or "",
        "stated_result": vote["stated_result"] or "",
        "stated_result_text": vote["stated_result_text"] or "",
        "named_choices": [choice for choice in CHOICES if vote[f"{choice}_names"] is not None],
        "names_cover_proxies": vote["names_cover_proxies"],
        "others_voted": vote["others_voted"] or "",
        "others_voted_note": vote.get("others_voted_note") or "",
        "note": vote.get("note") or "",
    }


def _votes(vote: dict[str, Any], members: Mapping[str, Mandate]) -> list[tuple[Mandate, str, bool]]:
    covering = vote.get("abstain_with_proxy", [])
    return [
        (members[name], choice, choice == "abstain" and name in covering)
        for choice in CHOICES
        for name in vote[f"{choice}_names"] or []
    ]
