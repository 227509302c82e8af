"""Random budget documents that use every rule, small enough for the reference and tight enough for ties and caps."""

from random import Random
from typing import Any

LEVELS = ["TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
KINDS = ["maternelle", "elementaire", "primaire", "specialisee"]
CLASS_KINDS = ["ordinaire", "ulis", "upe2a", "autre"]
SECTIONS = ["investissement", "fonctionnement"]
HEADINGS = ["materiel", "réseau", "a.b", "ent.ht", "Z"]
RATES = ["20", "5.5", "0", "100", "16.404", "2.1", "33.3333", "10.0"]


def random_document(rng: Random) -> dict[str, Any]:
    first = rng.choice([1000, 2016, 2019, 9990])
    years = list(range(first, first + rng.randint(1, 6)))
    items = [_priced(rng, f"i{i}", "unit_price_ht") | _item_options(rng) for i in range(rng.randint(0, 5))]
    item_ids = [item["id"] for item in items]
    packs = [_pack(rng, f"p{i}", item_ids) for i in range(rng.randint(0, 3))] if items else []
    schools = [_school(rng, f"{rng.choice('AaÉz')}{i}") for i in range(rng.randint(0, 7))]
    rng.shuffle(schools)
    school_ids = [school["id"] for school in schools]
    funding = [_grant(rng, f"{rng.choice('gG.')}{i}") for i in range(rng.randint(0, 3))]
    document = {
        "exercises": years,
        "items": items,
        "packs": packs,
        "schools": schools,
        "rules": [_rule(rng, f"r{i}", item_ids, packs) for i in range(rng.randint(0, 6))] if items else [],
        "lump_sums": [_lump(rng, f"l{i}", years) for i in range(rng.randint(0, 2))],
        "recurring": [_recurring(rng, f"c{i}", years, school_ids) for i in range(rng.randint(0, 3))],
        "phases": [_phase(rng, years, school_ids) for _ in range(rng.randint(0, 5))],
        "funding": funding,
        "announced": [_announced(rng, years, funding) for _ in range(rng.randint(0, 4))],
    }
    options = {
        "title": "Plan",
        "price_revision_rate": rng.choice(RATES),
        "renewals": rng.random() < 0.7,
        "fill_gaps": rng.random() < 0.5,
        "payment_schedule": rng.choice([["100"], ["60", "40"], ["0", "100"], ["33.3333", "33.3333", "33.3334"]]),
        "fctva": {"rate": rng.choice(RATES)} | _maybe(rng, lag_years=rng.randint(0, 3)),
        "yearly_cap_ttc": _cap(rng, years),
    }
    return document | _maybe(rng, **options)


def _maybe(rng: Random, **options: Any) -> dict[str, Any]:
    """Each option given, null or absent."""
    kept = {key: value for key, value in options.items() if rng.random() < 0.75}
    return {key: None if rng.random() < 0.1 else value for key, value in kept.items()}


def _amount(rng: Random, most: int) -> str:
    cents = rng.randint(0, most)
    return rng.choice([f"{cents // 100}.{cents % 100:02d}", str(cents // 100), f"{cents // 100}.{cents % 10}"])


def _several(rng: Random, values: list[Any]) -> list[Any]:
    """Some of the values, now and then twice."""
    return rng.choices(values, k=rng.randint(0, 3)) if values else []


def _priced(rng: Random, identifier: str, price: str) -> dict[str, Any]:
    return {
        "id": identifier,
        price: rng.choice(["0", "0.01", "0.5", _amount(rng, 1000), _amount(rng, 100_000)]),
        "vat_rate": rng.choice(RATES),
        "heading": rng.choice(HEADINGS),
        "section": rng.choice(SECTIONS + SECTIONS[:1]),
    } | _maybe(rng, label="Libellé", account=rng.choice(["", "2183", "611"]))


def _item_options(rng: Random) -> dict[str, Any]:
    return _maybe(rng, life_years=rng.randint(1, 4), fctva=rng.random() < 0.6)


def _pack(rng: Random, identifier: str, items: list[str]) -> dict[str, Any]:
    lines = [{"item": rng.choice(items), "quantity": rng.choice([0, 1, 1, 2, 5])} for _ in range(rng.randint(0, 3))]
    return {"id": identifier, "lines": lines}


def _school(rng: Random, identifier: str) -> dict[str, Any]:
    classes = [_class(rng, f"{rng.choice('bBé')}{i}") for i in range(rng.randint(0, 5))]
    rng.shuffle(classes)
    return {"id": identifier, "kind": rng.choice(KINDS)} | _maybe(
        rng,
        sector=rng.choice(["public", "prive"]),
        floors=rng.randint(0, 3),
        classes=classes,
        priority_rank=rng.randint(1, 4),
    )


def _class(rng: Random, identifier: str) -> dict[str, Any]:
    return {"id": identifier} | _maybe(
        rng,
        levels=_several(rng, LEVELS),
        kind=rng.choice(CLASS_KINDS[:1] * 3 + CLASS_KINDS),
        pupils=rng.randint(0, 30),
        volunteer=rng.random() < 0.6,
    )


def _rule(rng: Random, identifier: str, items: list[str], packs: list[dict[str, Any]]) -> dict[str, Any]:
    filters = _maybe(
        rng,
        school_kinds=_several(rng, KINDS) if rng.random() < 0.3 else [],
        sectors=_several(rng, ["public", "prive"]) if rng.random() < 0.3 else [],
        levels=_several(rng, LEVELS) * 2 if rng.random() < 0.5 else [],
        class_kinds=_several(rng, CLASS_KINDS) if rng.random() < 0.3 else [],
    )
    given = {"pack": rng.choice(packs)["id"], "item": None} if packs and rng.random() < 0.5 else {"item": items[0]}
    return {
        "id": identifier,
        "per": rng.choice(["class", "volunteer_class", "volunteer_class", "pupil", "school", "floor", "plan"]),
        **given,
        **_maybe(rng, quantity=rng.randint(0, 3), group_size=rng.randint(1, 8), filters=filters),
        **(_maybe(rng, max_per_school=rng.randint(0, 6)) if rng.random() < 0.4 else {}),
        **_maybe(rng, max_members=rng.randint(0, 3)),
    }


def _lump(rng: Random, identifier: str, years: list[int]) -> dict[str, Any]:
    return _priced(rng, identifier, "amount_ht") | {"exercise": rng.choice(years)} | _maybe(rng, fctva=True)


def _recurring(rng: Random, identifier: str, years: list[int], schools: list[str]) -> dict[str, Any]:
    return (
        _priced(rng, identifier, "unit_price_ht")
        | {"per": rng.choice(["pupil", "class", "school", "plan"])}
        | _maybe(
            rng, exercises=_several(rng, years), schools=_several(rng, schools), payer=rng.choice(["ville", "", "État"])
        )
    )


def _phase(rng: Random, years: list[int], schools: list[str]) -> dict[str, Any]:
    return {"exercise": rng.choice(years)} | _maybe(
        rng, schools=_several(rng, schools), levels=_several(rng, LEVELS), all=rng.random() < 0.3
    )


def _cap(rng: Random, years: list[int]) -> Any:
    def cap() -> str:
        return rng.choice(["0", _amount(rng, 10_000), _amount(rng, 200_000), _amount(rng, 2_000_000)])

    if rng.random() < 0.4:
        return cap()
    return {str(year): rng.choice([cap(), cap(), None]) for year in years if rng.random() < 0.8}


def _grant(rng: Random, identifier: str) -> dict[str, Any]:
    bounds = sorted({rng.randint(0, 1000) for _ in range(rng.randint(0, 3))})
    tiers = [{"up_to": f"{bound}.50", "rate": rng.choice(RATES)} for bound in bounds]
    how = rng.choice(
        [
            {"rate": rng.choice(RATES)},
            {"tiers": [*tiers, rng.choice([{"rate": "50"}, {"up_to": None, "rate": "5"}])]},
            {"amount": _amount(rng, 300_000)},
        ]
    )
    return {"id": identifier, "funder": rng.choice(["", "État"]), **how} | _maybe(
        rng,
        base=rng.choice(["ht", "ttc"]),
        headings=_several(rng, HEADINGS) if rng.random() < 0.5 else [],
        sections=_several(rng, SECTIONS),
        base_cap={"per": rng.choice(["class", "school", "pupil"]), "amount": _amount(rng, 20_000)},
        minimum=_amount(rng, 20_000),
        cap=_amount(rng, 500_000),
    )


def _announced(rng: Random, years: list[int], funding: list[dict[str, Any]]) -> dict[str, Any]:
    column = rng.choice(["ht", "vat", "ttc"])
    keys = [
        f"totals.{column}",
        f"by_exercise.{rng.choice(years)}.{column}",
        f"by_section.{rng.choice(SECTIONS)}.{column}",
        f"by_heading.{rng.choice([*HEADINGS, 'absent'])}.{column}",
        "funding.total",
        "funding.own_share_ht",
        "net_cost",
        *(f"grants.{grant['id']}" for grant in funding),
    ]
    return {"key": rng.choice(keys), "amount": rng.choice(["0", "0.00", _amount(rng, 100_000)])}
