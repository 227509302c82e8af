"""An allocation rule as a French sentence, from its fields alone."""

from collections.abc import Sequence

from equipment.domain.rules import PER_CLASS, PER_FLOOR, PER_PLAN, PER_PUPIL, PER_SCHOOL, PER_VOLUNTEER_CLASS, Rule
from schools.domain.levels import LEVELS

_SCHOOLS = {"maternelle": "maternelles", "elementaire": "élémentaires", "primaire": "primaires"}
_SECTORS = {"public": "publiques", "prive": "privées"}
_CLASS_KINDS = {"ordinaire": "ordinaire", "ulis": "ULIS", "upe2a": "UPE2A", "autre": "d'un autre dispositif"}
_CLASS_KINDS_PLURAL = {**_CLASS_KINDS, "ordinaire": "ordinaires", "autre": "d'autres dispositifs"}


def rule_sentence(rule: Rule, target: str) -> str:
    """« Un pack « Classe » par classe ordinaire du CP au CM2, dans les écoles élémentaires et primaires. »"""
    noun = "pack" if rule.pack is not None else "article"
    amount = f"Un {noun}" if rule.quantity == 1 else f"{rule.quantity} {noun}s" if rule.quantity else f"Aucun {noun}"
    parts = [f"{amount} {_quoted(target, noun)} {_basis(rule)}", *_limits(rule)]
    return f"{', '.join(parts)}."


def _quoted(target: str, noun: str) -> str:
    """A label that begins with its noun, « Pack classe » or « Pack « classe » », does not say it twice."""
    if target.lower().startswith(f"{noun} "):
        target = target[len(noun) + 1 :].strip()
    return target if target.startswith("«") else f"« {target} »"


def _basis(rule: Rule) -> str:
    size = rule.group_size
    if rule.per == PER_PLAN:
        return "pour l'ensemble du plan"
    if rule.per in (PER_SCHOOL, PER_FLOOR):
        having = _classes(rule, plural=False)
        where = f"par {_school_word(rule)}" if rule.per == PER_SCHOOL else f"par étage, dans {_schools(rule)}"
        return f"{where} ayant au moins une classe{having}" if having else where
    if rule.per == PER_PUPIL:
        whom = "par élève" if size == 1 else f"pour {size} élèves"
        having = _classes(rule, plural=True)
        return f"{whom} des classes{having}" if having else whom
    volunteer = " volontaire" if rule.per == PER_VOLUNTEER_CLASS else ""
    if size == 1:
        return f"par classe{volunteer}{_classes(rule, plural=False)}"
    return f"pour {size} classes{volunteer + 's' if volunteer else ''}{_classes(rule, plural=True)}"


def _classes(rule: Rule, *, plural: bool) -> str:
    names = _CLASS_KINDS_PLURAL if plural else _CLASS_KINDS
    kinds = _joined([names[kind] for kind in rule.filters.class_kinds], "ou")
    return "".join(f" {part}" for part in (kinds, _levels(rule.filters.levels)) if part)


def _levels(levels: Sequence[str]) -> str:
    ranks = sorted({LEVELS.index(level) for level in levels})
    if len(ranks) > 2 and ranks[-1] - ranks[0] == len(ranks) - 1:
        first, last = LEVELS[ranks[0]], LEVELS[ranks[-1]]
        start = f"de la {first}" if first in ("TPS", "PS", "MS", "GS") else f"du {first}"
        return f"{start} {'à la' if last in ('MS', 'GS') else 'au'} {last}"
    return f"de {_joined([LEVELS[rank] for rank in ranks], 'ou')}" if ranks else ""


def _schools(rule: Rule) -> str:
    kinds = [_SCHOOLS[kind] for kind in rule.filters.school_kinds if kind in _SCHOOLS]
    sectors = _joined([_SECTORS[sector] for sector in rule.filters.sectors], "et")
    special = "specialisee" in rule.filters.school_kinds
    schools = " ".join(part for part in ("les écoles", _joined(kinds, "et"), sectors) if part)
    if not special:
        return schools
    return f"{schools} et les établissements spécialisés" if kinds else "les établissements spécialisés"


def _school_word(rule: Rule) -> str:
    kinds = rule.filters.school_kinds
    if kinds and set(kinds) <= {"specialisee"}:
        return "établissement spécialisé"
    singular = [{"specialisee": "spécialisée"}.get(kind, _SCHOOLS.get(kind, "").removesuffix("s")) for kind in kinds]
    sector = {"public": "publique", "prive": "privée"}
    sectors = _joined([sector[each] for each in rule.filters.sectors], "ou")
    return " ".join(part for part in ("école", _joined(singular, "ou"), sectors) if part)


def _limits(rule: Rule) -> list[str]:
    filters = rule.filters
    limits: list[str] = []
    if rule.per == PER_PLAN:
        return limits
    if rule.per in (PER_CLASS, PER_VOLUNTEER_CLASS, PER_PUPIL) and (filters.school_kinds or filters.sectors):
        limits.append(f"dans {_schools(rule)}")
    if rule.group_size > 1 and rule.per in (PER_CLASS, PER_VOLUNTEER_CLASS, PER_PUPIL):
        limits.append("arrondi à l'unité supérieure dans chaque école")
    if rule.max_members is not None and rule.per == PER_VOLUNTEER_CLASS:
        plural = "s" if rule.max_members > 1 else ""
        limits.append(f"pour {rule.max_members} classe{plural} volontaire{plural} au plus par école")
    if rule.max_per_school is not None:
        limits.append(f"{rule.max_per_school} au plus par école")
    return limits


def _joined(words: Sequence[str], link: str) -> str:
    """Words in order, each once: « a, b et c »."""
    unique = list(dict.fromkeys(words))
    return f" {link} ".join([", ".join(unique[:-1]), unique[-1]] if len(unique) > 1 else unique)
