"""Two people on one row: the version a form was shown from, the check made when it comes back, what to tell the second.

A version is the number of the latest record of the row's history ("0" without one), followed by those of the histories of its
parts where these are edited with it: "118", "118.42". A row without history has none ("") and is never refused. The histories are
reached through the models themselves: this module is below the audit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Field, ForeignKey, Max, Model, QuerySet
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localdate, localtime
from simple_history.utils import get_m2m_reverse_field_name

from plan_numerique.shared import money, periods
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.fields import CentsField, RateField
from plan_numerique.web.templatetags import web as display

FIELD = "row_version"
"""Name of the hidden input."""
MOST_TOLD = 6
MOST_SHOWN = 10
NOTHING = "—"


@dataclass(frozen=True)
class Change:
    """One field that somebody else changed: shown before, shown as stored, shown as typed (None: not asked by this form).
    `taken`: left untouched by the second person, so that the form now holds the stored value."""

    name: str
    label: str
    before: str
    stored: str
    typed: str | None = None
    taken: bool = False

    @property
    def disputed(self) -> bool:
        return not self.taken and self.typed not in (None, self.before, self.stored)


@dataclass(frozen=True)
class Conflict:
    row: str
    who: tuple[str, ...]
    at: datetime
    changes: tuple[Change, ...]
    version: str
    base: Any = None
    latest: Any = None

    @property
    def first(self) -> tuple[Change, ...]:
        """The changes shown at once; of many, those that both persons made."""
        return self._by_need[:MOST_SHOWN]

    @property
    def folded(self) -> tuple[Change, ...]:
        return self._by_need[MOST_SHOWN:]

    @property
    def _by_need(self) -> tuple[Change, ...]:
        many = len(self.changes) > MOST_SHOWN
        return tuple(sorted(self.changes, key=lambda change: not change.disputed)) if many else self.changes

    @property
    def heading(self) -> str:
        names = " et ".join(filter(None, (", ".join(self.who[:-1]), self.who[-1])))
        have = "ont" if len(self.who) > 1 else "a"
        return f"Entre-temps, {names} {have} modifié « {self.row} » {_moment(self.at)}"

    @property
    def sentence(self) -> str:
        told = [f"{change.label} {change.before} → {change.stored}" for change in self.changes[:MOST_TOLD]]
        if more := len(self.changes) - len(told):
            told.append(f"et {counted(more, 'autre')}")
        return f"{self.heading} : {' ; '.join(told)}." if told else f"{self.heading}."


class StaleRowError(DomainError):
    """The row has a later version than the one that was shown: nothing is written."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(f"{conflict.sentence} Rien n'est enregistré : votre saisie est conservée, à vérifier.")
        self.conflict = conflict


class DeletedRowError(DomainError):
    """The row is there no more: nothing is written. Its history tells who deleted it, and when."""

    def __init__(self, row: Model) -> None:
        record = deletion_of(type(row), row.pk)
        super().__init__(f"« {_name(row, record)} » a été supprimé entre-temps{_by(record)} : rien n'est enregistré.")


def deletion_of(model: type[Model], pk: Any) -> Any:
    """The last record of the history of a row that was deleted; None where there is none."""
    history = history_of(model, pk)
    last = None if history is None else history.select_related("history_user").order_by("history_id").last()
    return last if last is not None and last.history_type == "-" else None


def _by(record: Any) -> str:
    who = record.history_user if record is not None else None
    return f" par {who} {_moment(record.history_date)}" if who else ""


def _name(row: Model, record: Any) -> str:
    """As it was stored: the row in hand may hold what somebody just typed. What it names may be gone with it."""
    try:
        return str(row if record is None else record.instance)
    except ObjectDoesNotExist:
        return str(row._meta.verbose_name)


def _moment(at: datetime) -> str:
    moment = localtime(at)
    day = "" if moment.date() == localdate() else f"le {date_format(moment, 'j F Y')} "
    return f"{day}à {date_format(moment, 'G')} h {moment:%M}"


def history_of(model: type[Model], pk: Any) -> QuerySet[Any] | None:
    manager = getattr(model._meta, "simple_history_manager_attribute", "")
    try:
        key = model._meta.pk.to_python(pk)
    except ValidationError:
        return None
    return getattr(model, manager).filter(**{model._meta.pk.attname: key}) if manager else None


def version_at(model: type[Model], pk: Any, *parts: QuerySet[Any]) -> str:
    """Ask it before reading the row: a change in between is then refused, never missed. `parts`: histories of other rows edited
    with this one, as `Credit.history.filter(authorisation_id=pk)`."""
    history = history_of(model, pk)
    if history is None:
        return ""
    return ".".join(str(one.aggregate(last=Max("history_id"))["last"] or 0) for one in (history, *parts))


def versions_at(model: type[Model], **which: Any) -> dict[Any, str]:
    """Of many rows of one history, by key, in one query: for a page that changes each of them by a button."""
    history = getattr(model, model._meta.simple_history_manager_attribute).filter(**which).order_by()
    return {key: str(last) for key, last in history.values_list(model._meta.pk.attname).annotate(Max("history_id"))}


def version_of(row: Model, *parts: QuerySet[Any]) -> str:
    return version_at(type(row), row.pk, *parts)


def lock_version(row: Model, version: str | None, *parts: QuerySet[Any]) -> None:
    """Inside the transaction of the save: holds the row until its end; StaleRowError when it is no longer at `version`, DomainError when
    it is gone. No version given, nothing is checked."""
    model = type(row)
    history = history_of(model, row.pk)
    if not version or history is None:
        return
    if not list(model._base_manager.select_for_update().filter(pk=row.pk).values_list("pk", flat=True)):
        raise DeletedRowError(row)
    now = version_of(row, *parts)
    if version != now and now.strip("0."):
        raise StaleRowError(_conflict(row, (history, *parts), version, now))


def records_of(version: str, count: int) -> list[int]:
    """The number of the record that a version names in each of so many histories; 0 where it names none."""
    known = [int(part) if part.isascii() and part.isdigit() and len(part) < 19 else 0 for part in version.split(".")]
    return [*known, *([0] * (count - len(known)))][:count]


def _conflict(row: Model, histories: tuple[QuerySet[Any], ...], version: str, now: str) -> Conflict:
    known = records_of(version, len(histories))
    later = [
        list(one.filter(history_id__gt=last).select_related("history_user").order_by("history_id"))
        for one, last in zip(histories, known, strict=False)
    ]
    base = histories[0].filter(history_id=known[0]).first()
    latest = later[0][-1] if later[0] else histories[0].order_by("history_id").last()
    records = sorted((one for some in later for one in some), key=lambda one: one.history_date) or [latest]
    changes = _differences(base, latest) if base is not None else ()
    return Conflict(
        row=str(latest.instance if latest is not None else row),
        who=tuple(dict.fromkeys(str(record.history_user or "l'application") for record in records)),
        at=records[-1].history_date,
        changes=(*changes, *(change for some in later[1:] for record in some for change in _of_part(record))),
        version=now,
        base=base,
        latest=latest,
    )


def _differences(base: Any, latest: Any) -> Iterator[Change]:
    for field in type(latest).tracked_fields:
        old, new = getattr(base, field.attname), getattr(latest, field.attname)
        if old != new and not field.primary_key:
            yield Change(field.name, _label(field), shown(field, old), shown(field, new))
    many = {field.name: field for field in getattr(latest, "_history_m2m_fields", ())}
    for change in latest.diff_against(base, included_fields=list(many)).changes if many else ():
        field = many[change.field]
        key = get_m2m_reverse_field_name(field)
        old, new = ([row[key] for row in rows] for rows in (change.old, change.new))
        yield Change(field.name, _label(field), _rows_shown(field, old), _rows_shown(field, new))


def _of_part(record: Any) -> Iterator[Change]:
    name, previous = str(record.instance), record.prev_record
    if record.history_type == "~" and previous is not None:
        for change in _differences(previous, record):
            yield replace(change, name="", label=f"{name}, {change.label}")
    else:
        gone = record.history_type == "-"
        yield Change("", name, "présent" if gone else NOTHING, "supprimé" if gone else "ajouté")


def _label(field: "Field[Any, Any]") -> str:
    return capfirst(str(field.verbose_name))


def shown(field: "Field[Any, Any]", value: Any) -> str:
    """A stored value as people read it: amounts in euros, rates in percent, labels of choices, names of rows."""
    if value in (None, ""):
        return NOTHING
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, list | dict):
        plain = isinstance(value, list) and not any(isinstance(each, list | dict) for each in value)
        written = " ; ".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False)
        return written if value else NOTHING
    if isinstance(field, ForeignKey):
        related = field.related_model._base_manager.filter(pk=value).first()
        return str(related) if related else f"n° {value}"
    return str(dict(field.flatchoices).get(value) or _plain(field, value))


def _plain(field: "Field[Any, Any]", value: Any) -> str:
    if isinstance(field, CentsField) and isinstance(value, int):
        return money.display_euros(value)
    if isinstance(field, RateField) and isinstance(value, int):
        return display.rate(value)
    if field.name.endswith("school_year") and isinstance(value, int):
        return periods.school_year_label(value)
    if isinstance(value, datetime):
        return date_format(localtime(value), "d/m/Y H:i")
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _rows_of(field: Any, record: Any) -> list[Any]:
    return list(getattr(record, field.name).values_list(get_m2m_reverse_field_name(field), flat=True))


def _rows_shown(field: Any, keys: Any) -> str:
    rows = field.related_model._base_manager.filter(pk__in=list(keys)).order_by("pk")
    return ", ".join(str(row) for row in rows) or NOTHING


def beside_typed(conflict: Conflict, form: Any) -> Conflict:
    """The conflict with what a valid ModelForm holds. A field that this person left as it was takes the stored value in the form:
    the work of the other is not undone by someone who did not mean to. A field that both changed keeps what was typed."""
    if conflict.latest is None:
        return conflict
    if conflict.base is None:
        return replace(conflict, changes=(*_unlike_typed(conflict, form), *conflict.changes))
    fields = {field.name: field for field in type(conflict.latest).tracked_fields}
    changes = []
    form.data = form.data.copy()
    for change in conflict.changes:
        if change.name not in form.fields:
            changes.append(change)
        elif field := fields.get(change.name):
            typed = getattr(form.instance, field.attname)
            untouched = typed == getattr(conflict.base, field.attname)
            taken = untouched and take(form, change.name, getattr(conflict.latest, field.attname))
            changes.append(replace(change, typed=shown(field, typed), taken=taken))
        else:
            many = form.instance._meta.get_field(change.name)
            rows = [row.pk for row in form.cleaned_data.get(change.name) or []]
            untouched = set(rows) == set(_rows_of(many, conflict.base))
            taken = untouched and take(form, change.name, _rows_of(many, conflict.latest))
            changes.append(replace(change, typed=_rows_shown(many, rows), taken=taken))
    return replace(conflict, changes=tuple(changes))


def _unlike_typed(conflict: Conflict, form: Any) -> Iterator[Change]:
    """Without the version that was shown, only the stored and the typed values can be told apart."""
    for field in type(conflict.latest).tracked_fields:
        stored, typed = getattr(conflict.latest, field.attname), getattr(form.instance, field.attname)
        if field.name in form.fields and stored != typed:
            yield Change(field.name, _label(field), NOTHING, shown(field, stored), shown(field, typed))


def take(form: Any, name: str, value: Any) -> bool:
    """Put a stored value in the data of the form, which may be written to; False where its widget has no plain writing."""
    bound = form[name]
    widget = bound.field.widget
    if bound.field.disabled or isinstance(widget, forms.MultiWidget | forms.FileInput):
        return False
    if isinstance(widget, forms.CheckboxInput):
        form.data.pop(bound.html_name, None)
        if value:
            form.data[bound.html_name] = "on"
        return True
    written = widget.format_value(bound.field.prepare_value(value))
    if getattr(widget, "allow_multiple_selected", False):
        form.data.setlist(bound.html_name, written)
    else:
        form.data[bound.html_name] = (written[0] if written else "") if isinstance(written, list) else written or ""
    return True
