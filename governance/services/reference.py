"""Accounts of the M57 chart and schemes of aid: dated data, the same for every authority; a scheme applied to a scenario."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.text import slugify

from governance.models import Account, Funder, FundingLine, FundingPreset, Heading, Scenario
from governance.services.checks import require_same_parent
from governance.services.scenarios import require_open
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

UNVERIFIED = "à vérifier"
COPIED = ("base", "sections", "rate", "tiers", "base_cap_per", "base_cap_amount", "minimum", "cap")
WAYS = ("rate", "amount", "tiers")
LONGEST_CODE, LONGEST_SOURCE = 40, 250


def load_reference(
    *, accounts: Iterable[Mapping[str, Any]], presets: Iterable[Mapping[str, Any]], by: User | None
) -> int:
    """Adds the accounts (by code and first year) and the schemes (by code) that are missing; how many. What stands is left as it is."""
    missing: list[Account | FundingPreset] = [
        Account(**row)
        for row in accounts
        if not Account.objects.filter(code=row["code"], valid_from=row.get("valid_from", 2024)).exists()
    ]
    missing += [
        FundingPreset(**_dated(row)) for row in presets if not FundingPreset.objects.filter(code=row["code"]).exists()
    ]
    if missing:
        with audit.action("governance.reference_loaded", "Comptes et dispositifs chargés", by=by, authority=None):
            for row in missing:
                audit.save(instance=row, by=by, authority=None)
    return len(missing)


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: date.fromisoformat(row[name]) for name in ("valid_from", "valid_to") if row.get(name)}
    return {**row, **days}


def save_preset(
    *, instance: FundingPreset, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> FundingPreset:
    """Of no authority: every town reads it. Figures said to be verified name where."""
    _require_source(instance)
    return audit.save(instance=instance, by=by, authority=None, reason=reason)


def save_account(
    *, instance: Account, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Account:
    _require_source(instance)
    return audit.save(instance=instance, by=by, authority=None, reason=reason)


def _require_source(row: Account | FundingPreset) -> None:
    if row.verified and not row.source.strip():
        raise DomainError("Une règle vérifiée cite sa source.", field="source")


def save_heading(
    *, instance: Heading, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Heading:
    require_same_parent(instance, "authority")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def preset_values(preset: FundingPreset) -> dict[str, Any]:
    """The fields of a funding line as the scheme fills them, each to be edited; `source` says where they come from or « à vérifier »."""
    return {**{name: getattr(preset, name) for name in COPIED}, "amount": None, "source": preset_source(preset)}


def sourced(row: Account | FundingPreset) -> str:
    """Where the figures come from; « à vérifier » before a source that does not settle them."""
    if row.verified:
        return row.source
    return f"{UNVERIFIED} ({row.source})" if row.source else UNVERIFIED


def preset_source(preset: FundingPreset) -> str:
    return f"{preset.label} : {sourced(preset)}"[:LONGEST_SOURCE]


def funding_line_from_preset(
    *,
    scenario: Scenario,
    preset: FundingPreset,
    by: User | None,
    funder: Funder | None = None,
    values: Mapping[str, Any] | None = None,
    reason: str = "",
) -> FundingLine:
    """Adds the scheme to the scenario. `values` (rate, amount, tiers, base, cap…) replaces what the scheme says; giving one of rate,
    amount and tiers leaves out the two others. Without `funder`, the authority's funder of the scheme's name, made if there is none."""
    require_open(scenario)
    given = {**preset_values(preset), **_one_way(dict(values or {}))}
    if all(given.get(name) is None for name in WAYS):
        raise DomainError(
            f"Aucun taux n'est connu pour « {preset} » : donner un taux, des tranches ou un montant.", field="rate"
        )
    authority = scenario.plan.authority
    with audit.action(
        "governance.preset_applied",
        "Dispositif d'aide ajouté",
        by=by,
        authority=authority,
        target=scenario,
        reason=reason,
    ):
        line = FundingLine(
            scenario=scenario,
            funder=funder or _funder(scenario, preset, by),
            position=given.pop("position", None) or next_position(scenario),
            code=given.pop("code", "") or free_code(scenario, preset.code),
            **given,
        )
        return audit.save(instance=line, by=by, authority=authority)


def _one_way(values: dict[str, Any]) -> dict[str, Any]:
    chosen = [name for name in WAYS if values.get(name) is not None]
    return {**dict.fromkeys(WAYS), **values} if chosen else values


def _funder(scenario: Scenario, preset: FundingPreset, by: User | None) -> Funder:
    authority = scenario.plan.authority
    known = Funder.objects.filter(authority=authority, name=preset.label).first()
    if known is not None:
        return known
    funder = Funder(authority=authority, name=preset.label, kind=preset.kind, source=sourced(preset)[:LONGEST_SOURCE])
    return audit.save(instance=funder, by=by, authority=authority)


def next_position(scenario: Scenario) -> int:
    return int(scenario.funding_lines.aggregate(last=Max("position"))["last"] or 0) + 1


def free_code(scenario: Scenario, stem: str) -> str:
    """`detr`, then `detr-2`."""
    known = set(scenario.funding_lines.values_list("code", flat=True))
    stem = slugify(stem)[: LONGEST_CODE - 4] or "aide"
    return next(code for n in range(1, len(known) + 2) if (code := stem if n == 1 else f"{stem}-{n}") not in known)
