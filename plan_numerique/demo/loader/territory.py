"""Authorities, communes, schools, classes and the counts of the sources."""

import re
from decimal import Decimal
from itertools import groupby
from typing import Any

from plan_numerique.accounts.models import Authority, District
from plan_numerique.administration.services import save_authority
from plan_numerique.audit import services as audit
from plan_numerique.demo.loader import files
from plan_numerique.shared.money import split_cents
from schools.models import Commune, Headcount, School, SchoolClass, SocialIndex, StatedCount

PRE_ELEMENTARY = ("PS", "MS", "GS")
IPS_COLUMNS = {"ips_2021_2022": 2021, "ips_2022_2023": 2022}


def load_authority(data: dict[str, Any]) -> Authority:
    row = data["authority"]
    return save_authority(
        instance=Authority(
            slug=row["slug"],
            name=row["name"],
            kind=row["kind"],
            siren=row["siren"] or "",
            insee=row["insee"] or "",
            department=row["department"],
            population=row["population"],
            quorum_population=(row.get("largest_commune") or {}).get("population"),
            accent=row["accent_colour"],
            notice=files.text(row["banner"], limit=400),
        ),
        by=None,
    )


def load_communes(authority: Authority, data: dict[str, Any]) -> dict[str, Commune]:
    rows = [
        Commune(authority=authority, insee=row["insee"], name=row["name"], population=row["population"])
        for row in data["communes"]
    ]
    return {
        row.insee: row
        for row in audit.create_many(instances=rows, by=None, authority=authority, label="Communes reprises")
    }


def _district(authority: Authority, name: str, known: dict[str, District]) -> District | None:
    if name and name not in known:
        known[name] = audit.save(
            instance=District(department=authority.department, name=name), by=None, authority=authority
        )
    return known.get(name)


def _name(published: str) -> str:
    """IPS files are in capitals: only the case is ours."""
    if published != published.upper():
        return published
    return re.sub(r"\w+", lambda word: word.group().capitalize(), published.lower())


def load_schools(authority: Authority, data: dict[str, Any], communes: dict[str, Commune]) -> dict[str, School]:
    rows = files.records(data["schools"]["file"])
    districts: dict[str, District] = {}
    schools = [
        School(
            authority=authority,
            commune=communes[row["commune_insee"]],
            uai=row["uai"],
            name=_name(row["name"]),
            kind=row["kind"],
            sector=row["sector"],
            address=row["address"],
            postcode=row["postcode"],
            latitude=_coordinate(row.get("latitude")),
            longitude=_coordinate(row.get("longitude")),
            education_priority="REP+" if row.get("rep_plus") == "1" else "REP" if row.get("rep") == "1" else "",
            district=_district(authority, row.get("ien_district", ""), districts),
            source=files.text(data["schools"]["source"], limit=250),
        )
        for row in rows
    ]
    created = audit.create_many(
        instances=schools, by=None, authority=authority, label="Écoles reprises des données ouvertes"
    )
    by_uai = {school.uai: school for school in created}
    indexes = [
        SocialIndex(
            school=by_uai[row["uai"]],
            school_year=year,
            value=Decimal(row[column]),
            source="DEPP, data.education.gouv.fr",
        )
        for row in rows
        for column, year in IPS_COLUMNS.items()
        if row[column]
    ]
    audit.create_many(instances=indexes, by=None, authority=authority, label="Indices de position sociale repris")
    return by_uai


def _coordinate(value: str | None) -> Decimal | None:
    return round(Decimal(value), 6) if value else None


def load_classes(authority: Authority, data: dict[str, Any], schools: dict[str, School]) -> None:
    """Rennes only: the register gives classes and pupils per school, the share between classes is computed (SOURCES.md)."""
    if not data["schools"].get("classes"):
        return
    year = files.school_year(data["schools"]["school_year"])
    rows = files.records(data["schools"]["classes"]["file"])
    classes = [
        SchoolClass(
            school=schools[row["uai"]],
            school_year=year,
            name=row["label"],
            kind=row["kind"],
            estimated=row["estimated"] == "1",
        )
        for row in rows
    ]
    created = audit.create_many(instances=classes, by=None, authority=authority, label="Classes de la rentrée reprises")
    register = {row["uai"]: row for row in files.records(data["schools"]["file"])}
    shares = [
        share
        for uai, group in groupby(rows, key=lambda row: row["uai"])
        for share in _by_level(list(group), register[uai])
    ]
    counts = [
        Headcount(school_class=school_class, level=level, pupils=pupils)
        for school_class, share in zip(created, shares, strict=True)
        for level, pupils in share
    ]
    audit.create_many(instances=counts, by=None, authority=authority, label="Effectifs de la rentrée repris")


def _by_level(rows: list[dict[str, str]], school: dict[str, str]) -> list[list[tuple[str, int]]]:
    """Pupils of each class by level, for one school's classes in order: the line of pupils from CP to CM2 is cut in classes.

    A pre-elementary class shares its pupils evenly between PS, MS and GS; a class without level keeps its total."""
    left = {level: int(school[level.lower()]) for level in ("CP", "CE1", "CE2", "CM1", "CM2")}
    shares = []
    for row in rows:
        pupils, levels = int(row["pupils"]), row["levels"].split()
        if not levels:
            shares.append([("", pupils)])
        elif levels[0] in PRE_ELEMENTARY:
            shares.append(list(zip(levels, split_cents(pupils, [1] * len(levels)), strict=True)))
        else:
            shares.append(_taken(left, pupils))
    return shares


def _taken(left: dict[str, int], pupils: int) -> list[tuple[str, int]]:
    taken = []
    for level, here in left.items():
        count = min(here, pupils)
        if count:
            taken.append((level, count))
            left[level] -= count
            pupils -= count
    return taken


def load_counts(authority: Authority, data: dict[str, Any]) -> None:
    rows = [
        StatedCount(
            authority=authority,
            code=f"{row['subject'].replace('_', '-')}-{rank}",
            label=row["label"],
            value=int(row["value"]),
            unit=row["unit"] or "",
            period=row["period"] or row["as_of"] or "",
            approximate=bool(row["approximate"]),
            computed=bool(row["computed"]),
            source=row["source"],
            quote=row.get("quote") or "",
        )
        for rank, row in enumerate(data["stated_counts"], start=1)
        if isinstance(row["value"], int)
    ]
    audit.create_many(instances=rows, by=None, authority=authority, label="Comptes relevés dans les sources")
