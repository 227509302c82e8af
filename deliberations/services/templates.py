"""Models of acts, and acts drafted from them."""

from collections.abc import Iterable, Mapping
from typing import Any

from deliberations.domain.actes import matter_label
from deliberations.enums import ActState, ClauseKind
from deliberations.models import Act, ActClause, ActTemplate, Sitting
from deliberations.queries.filing import unknown_matter
from deliberations.queries.versions import KEPT, snapshot
from deliberations.services.decided import require_new_act
from deliberations.services.rows import OF_ACT, OF_CLAUSE, save_row
from deliberations.services.texts import MOST_CLAUSES, checked_text
from deliberations.services.versions import keep_version
from governance.models import Plan, Scenario
from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

LONGEST_VERB = 60
COMMON = "Ce modèle vient avec l'application : le copier pour l'adapter."


def checked_clauses(clauses: Any) -> list[dict[str, Any]]:
    """As stored: {kind, level, verb, text, rich}; what is wrong is told with the rank of its passage."""
    if not isinstance(clauses, list) or len(clauses) > MOST_CLAUSES:
        raise DomainError(f"Les passages forment une liste de {MOST_CLAUSES} au plus.", field="clauses")
    found = []
    for rank, row in enumerate(clauses, 1):
        try:
            found.append(_checked_clause(row))
        except DomainError as error:
            raise DomainError(f"Passage {rank} : {error.message}", field="clauses") from None
    return found


def _checked_clause(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise DomainError("attendu {kind, verb, text}.")
    kind, verb, text = row.get("kind"), row.get("verb", ""), row.get("text")
    rich, level = row.get("rich", False), row.get("level", 1)
    if kind not in ClauseKind.values:
        raise DomainError(f"nature « {str(kind)[:40]} » inconnue ; {', '.join(ClauseKind.values)}.")
    if not isinstance(text, str) or not isinstance(verb, str) or not isinstance(rich, bool):
        raise DomainError("le texte et le verbe sont du texte, « rich » est vrai ou faux.")
    if "\x00" in text + verb:
        raise DomainError("un texte ne contient pas de caractère nul.")
    if len(verb) > LONGEST_VERB:
        raise DomainError(f"un verbe a au plus {LONGEST_VERB} caractères.")
    if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 5:
        raise DomainError("le niveau de liste va de 1 à 5.")
    return {
        "kind": kind,
        "level": level,
        "verb": verb.strip(),
        "text": checked_text(text, rich=rich),
        "rich": rich,
    }


def save_template(
    *, instance: ActTemplate, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> ActTemplate:
    _require_own(instance)
    instance.clauses = checked_clauses(instance.clauses)
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def _require_own(template: ActTemplate) -> None:
    if template.authority is None:
        raise DomainError(COMMON)
    if template._state.adding:
        return
    held = ActTemplate.objects.filter(pk=template.pk).values_list("authority", flat=True).first()
    if held is None:
        raise DomainError(COMMON)
    if held != template.authority_id:
        raise DomainError("Un modèle ne passe pas à une autre collectivité.", field="authority")


def delete_template(*, instance: ActTemplate, by: User | None, reason: str = "") -> None:
    _require_own(instance)
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def copy_template(*, template: ActTemplate, authority: Authority, by: User | None) -> ActTemplate:
    """One of the authority's own, to adapt; a name already taken is numbered."""
    copy = ActTemplate(
        authority=authority,
        name=_free_name(authority, template.name),
        kind=template.kind,
        nature=template.nature,
        matter_code=template.matter_code,
        title=template.title,
        clauses=template.clauses,
    )
    return save_template(instance=copy, by=by)


def template_of_act(*, act: Act, name: str, by: User | None) -> ActTemplate:
    """The text of the act as a model of its authority."""
    authority = act.sitting.assembly.authority
    clauses = snapshot(act)["clauses"]
    if not clauses:
        raise DomainError("Rien n'est encore écrit : un modèle reprend le texte de l'acte.")
    template = ActTemplate(
        authority=authority,
        name=_free_name(authority, name.strip() or act.title),
        kind=act.kind,
        nature=act.nature,
        matter_code=act.matter_code,
        title=act.title,
        clauses=clauses,
    )
    return save_template(instance=template, by=by)


def _free_name(authority: Authority, name: str) -> str:
    names = set(ActTemplate.objects.filter(authority=authority).values_list("name", flat=True))
    stem = name[:150]
    numbered = (f"{stem} ({number})" for number in range(2, len(names) + 3))
    return stem if stem not in names else next(each for each in numbered if each not in names)


def load_act_templates(*, rows: Iterable[Mapping[str, Any]], by: User | None) -> int:
    """Adds the models of the product that are missing, by name; how many were added. What stands is left as it is."""
    missing = [row for row in rows if not ActTemplate.objects.filter(authority=None, name=row["name"]).exists()]
    if missing:
        with audit.action("deliberations.templates_loaded", "Modèles d'actes chargés", by=by, authority=None):
            for row in missing:
                template = ActTemplate(**{**row, "clauses": checked_clauses(row["clauses"])})
                audit.save(instance=template, by=by, authority=None)
    return len(missing)


def _require_new(act: Act) -> None:
    """Sent twice, a form makes one draft."""
    list(Sitting.objects.select_for_update(of=("self",)).filter(pk=act.sitting_id).values_list("pk"))
    if Act.objects.filter(sitting=act.sitting, title=act.title, state=ActState.DRAFT).exists():
        raise DomainError("La séance a déjà un projet de cet intitulé.", field="title")


def _keep_known_matter(act: Act) -> None:
    """Left to choose where the classification of the authority lacks that of the model."""
    if act.matter_code and unknown_matter(act.sitting.assembly.authority, act.matter_code) is not None:
        act.matter_code = ""
    act.matter_label = (matter_label(act.matter_code) or "")[:120]


def draft_act(
    *,
    sitting: Sitting,
    template: ActTemplate | None = None,
    title: str = "",
    plan: Plan | None = None,
    scenario: Scenario | None = None,
    service: str = "",
    by: User | None,
) -> Act:
    """A draft for a sitting, with the text of a model; the first version is that text."""
    authority = sitting.assembly.authority
    if template is not None and template.authority_id not in (None, authority.pk):
        raise DomainError("Ce modèle est celui d'une autre collectivité.", field="template")
    heading = title.strip() or (template.title if template else "")
    if not heading:
        raise DomainError("Écrire l'intitulé, ou choisir un modèle qui en propose un.", field="title")
    act = Act(sitting=sitting, title=heading, plan=plan or (scenario.plan if scenario else None), scenario=scenario)
    act.service = service
    if template is not None:
        act.kind, act.nature, act.matter_code = template.kind, template.nature, template.matter_code
        _keep_known_matter(act)
    with audit.action("deliberations.act_drafted", "Projet rédigé", by=by, authority=authority, target=act):
        require_new_act(act)
        _require_new(act)
        save_row(OF_ACT, instance=act, by=by)
        for rank, row in enumerate(template.clauses if template else [], 1):
            fields = {name: row[name] for name in KEPT if name in row}
            save_row(OF_CLAUSE, instance=ActClause(act=act, position=rank, **fields), by=by)
        if template is not None:
            keep_version(act=act, reason=f"Modèle « {template.name} »", by=by)
    return act
