"""Two invented reports, shaped as the template wants them: a town of 120 schools, and three lump sums without a school."""

import hashlib
import json
from datetime import date
from typing import Any

from plan_numerique.documents.charts import PERCENT, Figures, Look, Series, grouped_bars, shares, stacked_bars
from plan_numerique.documents.colours import INK
from plan_numerique.shared.money import apply_rate, round_ratio, split_cents

HEADINGS = (
    ("Équipement des classes", "Investissement", 520_00),
    ("Réseau et câblage", "Investissement", 310_00),
    ("Équipement mobile partagé", "Investissement", 148_50),
    ("Espace numérique de travail", "Fonctionnement", 24_00),
    ("Maintenance et assistance", "Fonctionnement", 66_25),
    ("Formation et accompagnement", "Fonctionnement", 18_75),
)
NAMES = (
    "Jean-Jaurès",
    "Jules-Ferry",
    "Louise-Michel",
    "Pablo-Picasso",
    "Simone-Veil",
    "Marie-Curie",
    "Jacques-Prévert",
    "les Tilleuls",
    "du Centre",
    "Antoine-de-Saint-Exupéry et Germaine-Tillion",
)
KINDS = ("École maternelle", "École élémentaire", "École primaire", "Groupe scolaire")
PLACES = ("Bourg-Synthèse", "Val-d'Exemple", "Saint-Modèle-sur-Fiction", "Les Essarts")


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def _sums(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {**more, **{key: sum(row[key] for row in rows) for key in ("ht", "vat", "ttc")}}


def _schools(years: list[int], count: int) -> list[dict[str, Any]]:
    found = []
    for rank in range(count):
        classes = 2 + rank * 7 % 11
        name = f"{KINDS[rank % 4]} {NAMES[rank * 3 % 10]}" + (f" {rank // 10 + 1}" if rank >= 10 else "")
        found.append(
            {
                "name": name,
                "uai": f"099{rank:04d}X",
                "place": PLACES[rank % 4],
                "classes": classes,
                "pupils": classes * 23 + rank % 5,
                "exercise": years[rank * len(years) // count],
            }
        )
    return found


def _lines(years: list[int], schools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = []
    for school in schools:
        for label, section, price in HEADINGS:
            for year in years if section == "Fonctionnement" else [school["exercise"]]:
                ht = (
                    price * school["classes"] * (5 if section == "Investissement" else 1)
                    if year >= school["exercise"]
                    else 0
                )
                vat = apply_rate(ht, 200_000)
                lines.append(
                    {
                        "exercise": year,
                        "heading": label,
                        "section": section,
                        "ht": ht,
                        "vat": vat,
                        "ttc": ht + vat,
                        "uai": school["uai"],
                    }
                )
    return lines


def _grants(base: int, investment_by_year: list[int], funders: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [
        {
            "funder": name,
            "base_label": label,
            "base": base,
            "rule": f"{PERCENT.exact(rate)} de la base",
            "amount": apply_rate(base, rate),
            "by_exercise": split_cents(apply_rate(base, rate), investment_by_year),
        }
        for name, label, rate in funders
    ]


def _credits(years: list[int], ttc_by_year: list[int]) -> list[dict[str, Any]]:
    due = [0] * (len(years) + 1)
    for rank, amount in enumerate(ttc_by_year):
        first, second = split_cents(amount, [60, 40])
        due[rank] += first
        due[rank + 1] += second
    return [
        {"exercise": years[0] + rank, "ttc": amount, "cumulated": sum(due[: rank + 1]), "beyond": rank == len(years)}
        for rank, amount in enumerate(due)
    ]


def _charts(report: dict[str, Any], lines: list[dict[str, Any]], years: list[int]) -> dict[str, Any]:
    look = Look.of(report["authority"]["accent"], ink=INK)
    labels = [row["label"] for row in report["by_heading"]]
    series = tuple(
        Series(
            label, tuple(sum(x["ttc"] for x in lines if x["heading"] == label and x["exercise"] == y) for y in years)
        )
        for label in labels
    )
    parts = (
        *((g["funder"], g["amount"]) for g in report["grants"]),
        ("Part propre", report["funding"]["own_share_ht"]),
    )
    names = tuple(name for name, _ in parts)
    credits = report["payment_credits"]
    return {
        "headings": stacked_bars(
            Figures(
                "postes",
                "Dépense TTC par exercice et par poste",
                tuple(map(str, years)),
                series,
                category_name="Exercice",
                description="Le total de l’exercice est écrit au-dessus de sa barre.",
            ),
            look,
        )
        if len(years) > 1
        else None,
        "heading_shares": shares(
            Figures(
                "parts",
                "Part de chaque poste dans la dépense TTC",
                tuple(labels),
                (Series("Montant TTC", tuple(row["ttc"] for row in report["by_heading"])),),
                category_name="Poste",
                description="De la première à la dernière ligne du tableau.",
            ),
            look,
        ),
        "funding": shares(
            Figures(
                "financement",
                "Qui finance la dépense",
                names,
                (Series("Montant", tuple(v for _, v in parts)),),
                category_name="Financement",
                description="Parts de la base du plan de financement.",
            ),
            look,
        ),
        "credits": grouped_bars(
            Figures(
                "credits",
                "Crédits de paiement par exercice",
                tuple(str(c["exercise"]) for c in credits),
                (Series("Crédits de paiement", tuple(c["ttc"] for c in credits)),),
                category_name="Exercice",
                description="Dépense d’investissement, TTC.",
            ),
            look,
        )
        if len(credits) > 1
        else None,
    }


def _totalled(
    lines: list[dict[str, Any]], years: list[int], schools: list[dict[str, Any]], funders: list[tuple[str, str, int]]
) -> dict[str, Any]:
    def of(**wanted: Any) -> list[dict[str, Any]]:
        return [line for line in lines if all(line[k] == v for k, v in wanted.items())]

    def entered(year: int) -> dict[str, int]:
        found = [s for s in schools if s["exercise"] == year]
        return {
            "schools": len(found),
            "classes": sum(s["classes"] for s in found),
            "pupils": sum(s["pupils"] for s in found),
        }

    sections = list(dict.fromkeys(line["section"] for line in lines))
    totals = _sums(lines)
    investment = _sums(of(section="Investissement"))
    invested = [_sums(of(section="Investissement", exercise=y)) for y in years]
    grants = _grants(investment["ht"], [row["ht"] for row in invested], funders)
    granted = sum(g["amount"] for g in grants)
    fctva = [
        {"exercise": y + 2, "amount": apply_rate(row["ttc"], 164_040)}
        for y, row in zip(years, invested, strict=True)
        if row["ttc"]
    ]
    refund = sum(row["amount"] for row in fctva)
    own = investment["ht"] - granted
    return {
        "scope": {
            "first": years[0],
            "last": years[-1],
            "schools": len(schools),
            "classes": sum(s["classes"] for s in schools),
            "pupils": sum(s["pupils"] for s in schools),
        },
        "totals": totals,
        "funding": {
            "base_label": "d’investissement",
            "base_ht": investment["ht"],
            "total": granted,
            "own_share_ht": own,
            "own_share_rate": round_ratio(own * 10_000, investment["ht"]) * 100,
        },
        "grants": grants,
        "by_exercise": [{"exercise": y, **_sums(of(exercise=y)), **entered(y)} for y in years],
        "by_heading": [
            _sums(of(heading=h, section=s), label=h, section=s)
            for h, s in dict.fromkeys((x["heading"], x["section"]) for x in lines)
        ],
        "by_section": [_sums(of(section=s), label=s) for s in sections],
        "payment_credits": _credits(years, [row["ttc"] for row in invested]),
        "fctva": {"total": refund, "rate": 164_040, "lag_years": 2, "rows": fctva},
        "net_cost": totals["ttc"] - granted - refund,
    }


def _announced(label: str, announced: int, computed: int) -> dict[str, Any]:
    verdict = "same" if announced == computed else "rounded" if announced == (computed + 50) // 100 * 100 else "differs"
    return {
        "label": label,
        "announced": announced,
        "computed": computed,
        "difference": announced - computed,
        "verdict": verdict,
    }


def town_report(*, schools: int = 120, banner: str = "", logo: str = "", accent: str = "#1f5d7a") -> dict[str, Any]:
    """« Commune synthétique »: five exercises, six headings, three funders."""
    years = [2026, 2027, 2028, 2029, 2030]
    entering = _schools(years, schools)
    lines = _lines(years, entering)
    report = _totalled(
        lines,
        years,
        entering,
        [
            ("FEDER", "HT, investissement", 200_000),
            ("État (DSIL)", "HT, investissement", 175_000),
            ("Région Exemple", "HT, investissement", 175_000),
        ],
    )
    ttc = {s["uai"]: sum(x["ttc"] for x in lines if x["uai"] == s["uai"]) for s in entering}
    scope = report["scope"]
    report |= {
        "kind": "Rapport pour le conseil",
        "title": "Le plan numérique des écoles 2026-2030",
        "subtitle": "Dépense, financement et calendrier du plan, école par école",
        "banner": banner,
        "date": date(2026, 11, 22),
        "facts": [("Exercices", "2026 à 2030"), ("Scénario", "Déploiement par école")],
        "signatory": "Le Maire",
        "product": "Plan numérique 0.1.0",
        "authority": {"name": "Commune synthétique", "accent": accent, "logo": logo},
        "ratios": {
            f"ttc_per_{key}": report["totals"]["ttc"] // scope[many]
            for key, many in (("class", "classes"), ("school", "schools"), ("pupil", "pupils"))
        },
        "by_account": [
            {"account": account, "label": label, **{k: row[k] for k in ("ht", "vat", "ttc")}}
            for (account, label), row in zip(
                [
                    ("21831", "Matériel informatique scolaire"),
                    ("21351", "Installations générales, bâtiments publics"),
                    ("21838", "Autre matériel informatique"),
                    ("65818", "Redevances pour licences et logiciels"),
                    ("6156", "Maintenance"),
                    ("6184", "Versements à des organismes de formation"),
                ],
                report["by_heading"],
                strict=True,
            )
        ],
        "announced": [
            _announced("Coût du plan, TTC", (report["totals"]["ttc"] + 50) // 100 * 100, report["totals"]["ttc"]),
            _announced("Subvention du FEDER", report["grants"][0]["amount"], report["grants"][0]["amount"]),
            _announced("Part propre de la commune", 900_000_00, report["funding"]["own_share_ht"]),
        ],
        "schools_by_year": [
            {
                **{k: row[k] for k in ("exercise", "classes", "pupils")},
                "schools": (
                    these := [{**s, "ttc": ttc[s["uai"]]} for s in entering if s["exercise"] == row["exercise"]]
                ),
                "ttc": sum(s["ttc"] for s in these),
            }
            for row in report["by_exercise"]
        ],
        "schools_aside": [
            {
                "name": "École élémentaire du Hameau",
                "uai": "0999999X",
                "reason": "Ne tient sous le plafond d’aucun exercice.",
            }
        ],
        "rule_set": {"name": "Dotation des écoles", "version": "3"},
        "prices": [
            {
                "label": "Vidéoprojecteur interactif et tableau blanc",
                "unit_price_ht": 1_450_00,
                "vat_rate": 200_000,
                "origin": "marché 2025-14, lot 1",
                "is_hypothesis": False,
            },
            {
                "label": "Ordinateur de l’enseignant",
                "unit_price_ht": 612_50,
                "vat_rate": 200_000,
                "origin": "marché 2025-14, lot 2",
                "is_hypothesis": False,
            },
            {
                "label": "Chariot mobile de seize tablettes",
                "unit_price_ht": 7_980_00,
                "vat_rate": 200_000,
                "origin": "devis de septembre 2026",
                "is_hypothesis": True,
            },
            {
                "label": "Espace numérique de travail, par élève et par an",
                "unit_price_ht": 2_00,
                "vat_rate": 200_000,
                "origin": "",
                "is_hypothesis": True,
            },
        ],
        "method": {"revision_rate": 15_000, "payment_schedule": ["60 %", "40 %"], "cap": True, "renewals": False},
        "hypotheses": ["Le nombre de classes reste celui de la rentrée 2026 pendant tout le plan."],
        "findings": [
            {
                "severity": "error",
                "message": "L’école élémentaire du Hameau ne tient sous le plafond d’aucun exercice : elle est laissée de côté.",
                "expected": "1 200 000,00 €",
                "stated": "1 214 880,00 €",
            },
            {
                "severity": "warning",
                "message": "La part propre annoncée n’est pas la part propre calculée.",
                "expected": None,
                "stated": None,
            },
            {
                "severity": "info",
                "message": "Le coût annoncé est le coût calculé, arrondi à l’euro.",
                "expected": None,
                "stated": None,
            },
        ],
    }
    report["digests"] = {"inputs": _digest(entering), "result": _digest(report["totals"])}
    report["charts"] = _charts(report, lines, years)
    return report


def lump_sum_report() -> dict[str, Any]:
    """Three lump sums over one exercise, no school."""
    lines = [
        {
            "exercise": 2026,
            "heading": h,
            "section": "Investissement",
            "ht": ht,
            "vat": apply_rate(ht, 200_000),
            "ttc": ht + apply_rate(ht, 200_000),
        }
        for h, ht in (("Étude", 12_487_00), ("Travaux de câblage", 412_300_00), ("Matériel", 941_846_00))
    ]
    report = town_report(schools=5)
    report |= _totalled(
        lines, [2026], [], [("FEDER", "HT", 200_000), ("État", "HT", 175_000), ("Région Exemple", "HT", 175_000)]
    )
    report |= {
        "title": "École numérique",
        "subtitle": "",
        "facts": [("Exercice", "2026")],
        "ratios": {"ttc_per_class": None, "ttc_per_school": None, "ttc_per_pupil": None},
        "by_account": [],
        "announced": [_announced("Coût du plan, TTC", report["totals"]["ttc"], report["totals"]["ttc"])],
        "schools_by_year": [],
        "schools_aside": [],
        "rule_set": None,
        "prices": [],
        "hypotheses": [],
        "findings": [],
        "method": {"revision_rate": 0, "payment_schedule": ["100 %"], "cap": False, "renewals": False},
    }
    report["payment_credits"] = [
        {"exercise": 2026, "ttc": report["totals"]["ttc"], "cumulated": report["totals"]["ttc"], "beyond": False}
    ]
    report["charts"] = _charts(report, lines, [2026])
    return report
