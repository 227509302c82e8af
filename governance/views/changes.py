"""What a version of the programme changes, in sentences and in tables."""

from typing import Any

from governance.domain.programme import Changes
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import integer

UNCHANGED = "Ni les écoles ni les montants ne changent."


def changes_said(found: Changes) -> list[str]:
    """A few sentences; the page of the version tells it all."""
    if not found:
        return [UNCHANGED]
    amounts = [row for row in found.years if row.before.ttc != row.after.ttc]
    return [
        *schools_said(found),
        *(f"{row.year} : {display_euros(row.before.ttc)} → {display_euros(row.after.ttc)} TTC" for row in amounts),
    ]


def schools_said(found: Changes) -> list[str]:
    counted = (
        (found.moved, "change d'exercice", "changent d'exercice"),
        (found.added, "est ajoutée", "sont ajoutées"),
        (found.withdrawn, "est retirée", "sont retirées"),
        (found.resized, "compte d'autres effectifs", "comptent d'autres effectifs"),
    )
    return [
        f"{integer(len(rows))} école{'s' * (len(rows) > 1)} {many if len(rows) > 1 else one} : {_names(rows)}"
        for rows, one, many in counted
        if rows
    ]


def _names(rows: Any) -> str:
    shown = ", ".join(row.label for row in rows[:3])
    return f"{shown} et {integer(len(rows) - 3)} autre{'s' * (len(rows) > 4)}." if len(rows) > 3 else f"{shown}."


def changes_context(found: Changes) -> dict[str, Any]:
    """What governance/_changes.html shows."""
    kinds = (
        ("Change d'exercice", found.moved),
        ("Ajoutée", found.added),
        ("Retirée", found.withdrawn),
        ("Autres effectifs", found.resized),
    )
    return {
        "said": schools_said(found) if found else [UNCHANGED],
        "changed_schools": [
            (row.label, row.code, kind, _entered(row.before), _entered(row.after))
            for kind, rows in kinds
            for row in rows
        ],
        "changed_years": [
            {
                "year": str(row.year),
                "schools": (integer(row.before.schools), integer(row.after.schools)),
                "before": display_euros(row.before.ttc),
                "after": display_euros(row.after.ttc),
                "gap": signed(row.after.ttc - row.before.ttc),
            }
            for row in found.years
        ],
    }


def _entered(year: int | None) -> str:
    return str(year) if year else "n'entre pas"


def signed(cents: int) -> str:
    return f"{'+' if cents > 0 else ''}{display_euros(cents)}"
