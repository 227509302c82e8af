"""Who signs a document of the council, and as what. « Le Maire » is never printed over the name of somebody else."""

import re
from typing import Any

from deliberations.models import Act, Mandate, Sitting
from plan_numerique.accounts.enums import AuthorityKind

UNKNOWN = "non précisé"
_OTHERS = re.compile(r"adjoint|délégué|honoraire|groupe|commission|syndicat|vice")
_OFFICE = r"(?:(?:l[ea]|m\.|mme|monsieur le|madame la) )?{}(?:,.*| d(?:e|u|es|’|').*)?"
Presiding = tuple[Mandate | None, str]


def head_of(sitting: Sitting) -> str:
    return "Le Président" if sitting.assembly.authority.kind == AuthorityKind.EPCI else "Le Maire"


def is_head(sitting: Sitting, quality: str) -> bool:
    """« Maire », « le Maire de Metz », « présidente » of a community; not « adjoint au maire » nor « maire délégué »."""
    said = " ".join(quality.casefold().split())
    office = "présidente?" if sitting.assembly.authority.kind == AuthorityKind.EPCI else "maire"
    return re.fullmatch(_OFFICE.format(office), said) is not None and not _OTHERS.search(said.partition(",")[0])


def title_of(sitting: Sitting, quality: str) -> str:
    if not is_head(sitting, quality):
        return quality[:1].upper() + quality[1:]
    said = quality.casefold().partition(",")[0]
    if "présidente" in said:
        return "La Présidente"
    return "La Maire" if re.match(r"(?:madame )?la ", said) else head_of(sitting)


def head_place(sitting: Sitting, act: Act | None = None, presiding: Presiding | None = None) -> dict[str, str]:
    """Whoever signed the act as recorded; else who presides (CGCT L2121-23), and where nobody says as what, the head, named only
    where the table of the council says so. `presiding`: of the act, if not the chair of the sitting."""
    signatory = act.signatory if act else None
    name = (act and act.signatory_name) or (signatory.display_name if signatory else "")
    if act and name:
        quality = act.signatory_quality or (signatory.function if signatory else _quality_of(sitting, name))
        return _place(title_of(sitting, quality) if quality else "Signataire", name)
    chair, quality = presiding or (sitting.chair, sitting.chair_quality)
    if chair is None and sitting.chair and is_head(sitting, sitting.chair_quality or sitting.chair.function):
        chair, quality = sitting.chair, sitting.chair_quality  # the head signs, whoever then presided
    if chair is None or not (quality or is_head(sitting, chair.function)):
        return _place(head_of(sitting), "")
    return _place(title_of(sitting, quality or chair.function), chair.display_name)


def _quality_of(sitting: Sitting, name: str) -> str:
    chair = sitting.chair
    return sitting.chair_quality or chair.function if chair and chair.display_name == name else ""


def _place(title: str, name: str) -> dict[str, str]:
    return {"title": title, "name": name}


def secretaries(sitting: Sitting) -> list[str]:
    return list(sitting.secretaries.order_by("position").values_list("published_name", flat=True))


def secretary_place(sitting: Sitting) -> dict[str, str]:
    names = secretaries(sitting)
    title = "Secrétaires de séance" if len(names) > 1 else "Secrétaire de séance"
    return _place(title, " et ".join(names) or ("" if sitting.past else UNKNOWN))


def copied(sitting: Sitting, note: str = "", copy: str = "Pour extrait conforme au registre") -> dict[str, Any]:
    """Of an act that others signed long ago."""
    return {"note": note, "places": [_place(head_of(sitting), copy)]}


def signed(article: str, *places: dict[str, str]) -> dict[str, Any]:
    """The two who sign, and the article that asks them to."""
    head, secretary = places
    who = head["title"].lower() if head["title"].startswith(("Le ", "La ")) else "le président de séance"
    clerk = "les secrétaires" if secretary["title"].startswith("Secrétaires") else "le secrétaire"
    note = f"Signé par {who} et {clerk} de séance (CGCT, article {article})." if article else ""
    return {"note": note, "places": [head, secretary]}
