"""Rebuild the school registers of the demo and Rennes' two simulations from the shared open data.

Run once, by hand, from the root of the repository: the product reads its output in `../data/`, never
this script nor its input. `../SOURCES.md` explains every rule below.

    python -m plan_numerique.demo.extract.open_data ../shared/data/real
"""

import csv
import json
import sys
from pathlib import Path

from schools.domain.rolls import ELEMENTARY as LEVELS
from schools.domain.rolls import Roll, estimated_classes

DATA = Path(__file__).resolve().parent.parent / "data"
TERRITORIES = ("poitiers", "chatellerault", "saint_etienne_metropole", "metz")
REGISTER_COLUMNS = [
    *("uai", "name", "kind", "sector", "commune_insee", "commune", "address", "postcode"),
    *("ips_2021_2022", "ips_2022_2023"),
]
# published column of the rolls and directory -> ours, in the order of the file
RENNES_COLUMNS = {
    "uai": "uai",
    "nom_annuaire": "name",
    "kind": "kind",
    "sector": "sector",
    "code_insee": "commune_insee",
    "commune_annuaire": "commune",
    "adresse": "address",
    "code_postal": "postcode",
    "latitude": "latitude",
    "longitude": "longitude",
    "precision_localisation": "location_precision",
    "circonscription": "ien_district",
    "date_ouverture": "opened_on",
    "rep": "rep",
    "rep_plus": "rep_plus",
    "classes": "classes",
    "eleves": "pupils",
    "eleves_pre_elementaire": "pupils_pre_elementary",
    "eleves_elementaire": "pupils_elementary",
    "eleves_ulis": "pupils_ulis",
    **{level.lower(): level.lower() for level in LEVELS},
    "ips_2021_2022": "ips_2021_2022",
    "ips_2022_2023": "ips_2022_2023",
    "priority_rank": "priority_rank",
}
CLASS_COLUMNS = ["uai", "label", "kind", "levels", "pupils", "estimated"]
EXERCISES = [2023, 2024, 2025, 2026]
HYPOTHESIS = "hypothèse de simulation, sans valeur de marché"
# (code, label, unit price HT, account): round figures chosen by us, see SOURCES.md
RENNES_ITEMS = (
    ("videoprojecteur-mobile", "Vidéoprojecteur mobile", "500.00", "21831"),
    ("chariot-mobile", "Chariot mobile", "100.00", "21841"),
    ("support-projection", "Support de projection", "100.00", "2188"),
    ("poste-requalifie", "Poste informatique standardisé requalifié du parc existant", "0.00", "21831"),
)

RENNES_RULES = {
    "items": [
        {
            "id": code,
            "label": f"{label} ({HYPOTHESIS})",
            "unit_price_ht": price,
            "vat_rate": "20",
            "heading": "matériel",
            "section": "investissement",
            "account": account,
            "fctva": True,
        }
        for code, label, price, account in RENNES_ITEMS
    ],
    "packs": [
        {
            "id": "pack-classe",
            "label": "Pack « classe » (règle de Saint-Étienne Métropole)",
            "lines": [{"item": code, "quantity": 1} for code, *_ in RENNES_ITEMS],
        }
    ],
    "rules": [
        {
            "id": "pack-classe-elementaire",
            "pack": "pack-classe",
            "per": "class",
            "quantity": 1,
            "filters": {
                "school_kinds": ["elementaire", "primaire"],
                "levels": list(LEVELS),
                "class_kinds": ["ordinaire"],
            },
        },
        {
            "id": "maternelle-videoprojecteur",
            "item": "videoprojecteur-mobile",
            "per": "school",
            "quantity": 1,
            "filters": {"school_kinds": ["maternelle"]},
        },
    ],
    "recurring": [
        {
            "id": "ent",
            "label": "ENT, au tarif annoncé à Poitiers en 2018 (hypothèse de simulation)",
            "per": "pupil",
            "unit_price_ht": "2.00",
            "vat_rate": "20",
            "heading": "ENT",
            "section": "fonctionnement",
            "account": "611",
            "payer": "ville (hypothèse)",
        }
    ],
    "fctva": {"rate": "16.404", "lag_years": 2},
}
RENNES_SCENARIOS = (
    (
        "rennes_plafond_annuel",
        "Rennes (simulation) : par école, plafond annuel",
        {"phases": [{"exercise": 2023, "all": True}], "yearly_cap_ttc": "140000.00"},
    ),
    (
        "rennes_par_niveaux",
        "Rennes (simulation) : par niveaux, sur quatre exercices",
        {
            "phases": [
                {"exercise": 2023, "levels": ["CM1", "CM2"]},
                {"exercise": 2024, "levels": ["CE1", "CE2"]},
                {"exercise": 2025, "levels": ["CP"]},
                {"exercise": 2026, "all": True},
            ]
        },
    ),
)


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def write(name, columns, rows):
    with (DATA / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def kind_from_name(name):
    """The kind only where the published name says it; empty elsewhere (the IPS files have no kind)."""
    plain = name.upper().replace("É", "E")
    if plain.startswith("ECOLE PRIMAIRE"):
        return "primaire"
    return "elementaire" if plain.startswith("ECOLE ELEMENTAIRE") else ""


def kind_from_flags(row):
    flags = (row["ecole_maternelle"], row["ecole_elementaire"])
    return {("1", "0"): "maternelle", ("1", "1"): "primaire", ("0", "1"): "elementaire"}[flags]


def sector(published):
    return "public" if published.lower() == "public" else "prive"


def registers(real):
    communes = {row["code_insee"]: row["nom"] for row in read(real / "communes_saint_etienne_metropole.csv")}
    communes |= {"86194": "Poitiers", "86066": "Châtellerault", "57463": "Metz"}
    private = {row["UAI"]: row for row in read(real / "grand_est_ecoles_privees_2026.csv")}
    for slug in TERRITORIES:
        rows = []
        for row in read(real / f"territoire_{slug}_ecoles_ips.csv"):
            place = private.get(row["uai"], {})
            rows.append(
                {
                    "uai": row["uai"],
                    "name": row["nom"],
                    "kind": kind_from_name(row["nom"]),
                    "sector": sector(row["secteur"]),
                    "commune_insee": row["code_insee"],
                    "commune": communes[row["code_insee"]],
                    "address": place.get("adresse", ""),
                    "postcode": place.get("code_postal", ""),
                    "ips_2021_2022": row["ips_2021"],
                    "ips_2022_2023": row["ips_2022"],
                }
            )
        write(f"{slug}_schools.csv", REGISTER_COLUMNS, sorted(rows, key=lambda row: row["uai"]))


def roll_of(row):
    pre, ulis = (int(row["eleves_" + part]) for part in ("pre_elementaire", "ulis"))
    return Roll(int(row["classes"]), pre, tuple(int(row[level.lower()]) for level in LEVELS), ulis)


def priorities(rows):
    """Rank of each public school: REP+, REP, others; then the lowest IPS of 2022-2023, none last; then UAI."""
    order = sorted(
        (row for row in rows if row["secteur"] == "PUBLIC"),
        key=lambda row: (
            0 if row["rep_plus"] == "1" else 1 if row["rep"] == "1" else 2,
            float(row["ips_2022_2023"] or "inf"),
            row["uai"],
        ),
    )
    return {row["uai"]: rank for rank, row in enumerate(order, start=1)}


def rennes_schools(real):
    rows = [row for row in read(real / "ille_et_vilaine_ecoles_2022_complet.csv") if row["commune"] == "RENNES"]
    for year in ("2021-2022", "2022-2023"):
        ips = {row["uai"]: row["ips"] for row in read(real / f"france_ecoles_ips_{year}.csv")}
        for row in rows:
            row[f"ips_{year.replace('-', '_')}"] = ips.get(row["uai"], "")
    ranks = priorities(rows)
    for row in rows:
        row |= {
            "kind": kind_from_flags(row),
            "sector": sector(row["secteur"]),
            "priority_rank": ranks.get(row["uai"], ""),
        }
    return sorted(rows, key=lambda row: row["uai"])


def rennes_classes(rows):
    return [
        dict(
            zip(
                CLASS_COLUMNS,
                (row["uai"], f"Classe {n}", each.kind, " ".join(each.levels), each.pupils, 1),
                strict=True,
            )
        )
        for row in rows
        for n, each in enumerate(estimated_classes(roll_of(row)), start=1)
    ]


def rennes_perimeter(rows, classes):
    by_school = {}
    for row in classes:
        entry = {"id": row["label"], "levels": row["levels"].split(), "kind": row["kind"], "pupils": row["pupils"]}
        by_school.setdefault(row["uai"], []).append(entry | {"volunteer": False})
    return [
        {
            "id": row["uai"],
            "kind": row["kind"],
            "sector": "public",
            "priority_rank": row["priority_rank"],
            "classes": by_school[row["uai"]],
        }
        for row in rows
        if row["sector"] == "public"
    ]


def dump(document):
    """Indented JSON, with one line for each class, level list and pack line."""
    text = []
    for key, value in document.items():
        if key == "schools":
            blocks = []
            for school in value:
                head = {name: part for name, part in school.items() if name != "classes"}
                lines = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in school["classes"])
                blocks.append(f'  {json.dumps(head, ensure_ascii=False)[:-1]}, "classes": [\n    {lines}\n  ]}}')
            text.append('"schools": [\n' + ",\n".join(blocks) + "\n]")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            text.append(f"{json.dumps(key)}: [\n  {lines}\n]")
        else:
            text.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(text) + "\n}\n"


def main(real):
    registers(real)
    rows = rennes_schools(real)
    classes = rennes_classes(rows)
    renamed = [{ours: row[theirs] for theirs, ours in RENNES_COLUMNS.items()} for row in rows]
    write("rennes_schools.csv", list(RENNES_COLUMNS.values()), renamed)
    write("rennes_classes.csv", CLASS_COLUMNS, classes)
    for name, title, choice in RENNES_SCENARIOS:
        document = {"title": title, "exercises": EXERCISES, **RENNES_RULES, **choice}
        document["schools"] = rennes_perimeter(rows, classes)
        (DATA / "scenarios" / f"{name}.json").write_text(dump(document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
