"""« Vérifier un acte »: a text pasted or figures typed, each proposal beside its phrase, the findings, and the act recorded as a past
one. Nothing is stored before that: the text travels in the form."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import TemplateView

from deliberations import permissions, queries
from deliberations.domain.act import Act
from deliberations.domain.reading.document import to_input
from deliberations.domain.reading.proposals import ROWS, TO_CHECK, Candidate, Proposal, Reading
from deliberations.domain.reading.read import read_text
from deliberations.domain.result import CheckResult
from deliberations.domain.verify import check, read_input
from deliberations.forms.past_acts import WhereForm
from deliberations.forms.reading import SECTIONS, ActTextForm, ReadActForm, name_of, written
from deliberations.models import Assembly, Sitting
from deliberations.queries import past_acts
from deliberations.queries.checking import rules_of
from deliberations.services.past_acts import lists_are_complete, record_past_act
from deliberations.views.strips import shown_findings, strip
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page

LONGEST_SHOWN = 160
SHORT = (forms.IntegerField, forms.DateField, forms.TimeField)
NO_ASSEMBLY = "Choisir l'assemblée dont c'est l'acte, ou en nommer une nouvelle."
NO_NAME = "Nommer la nouvelle assemblée, par exemple « Conseil municipal de Villeneuve »."


class ActReading(Page, TemplateView):
    permission = permissions.VIEW_DRAFTS
    template_name = "deliberations/act_reading.html"
    title = "Vérifier un acte"
    crumbs = (("Délibérations", "/deliberations/"),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=ActTextForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = request.POST.get("step", "")
        if step == "read":
            return self._read()
        if step == "blank":
            return self._review("", ReadActForm(), self._where(None, None))
        return self._confirmed(record=step == "record")

    def _read(self) -> HttpResponse:
        form = ActTextForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        source = form.source().replace("\r\n", "\n")
        reading = read_text(source)
        values = reading.values()
        initial = {
            name_of(key): written(key, value, values.get("vote.with_proxy"))
            for key, value in values.items()
            if key != "vote.with_proxy"
        }
        return self._review(
            source, ReadActForm(initial={**initial, "text": source}), self._where(None, values), reading
        )

    def _where(self, data: Any, values: dict[str, Any] | None) -> WhereForm:
        authority = self.request.scope.authority  # type: ignore[attr-defined]
        held = past_acts.assemblies_to_check(self.request.user).filter(authority=authority) if authority else ()
        initial = {
            "assembly": held[0] if len(held) == 1 else None,
            "complete": bool(values and lists_are_complete(values)),
        }
        return WhereForm(data, user=self.request.user, initial=initial)

    def _confirmed(self, *, record: bool) -> HttpResponse:
        """The form sent back: checked, and recorded where asked."""
        source = self.request.POST.get("text", "").replace("\r\n", "\n")
        reading = read_text(source) if len(source) <= ReadActForm.base_fields["text"].max_length else Reading(())  # type: ignore[attr-defined]
        form = ReadActForm(self._picked(reading))
        where = WhereForm(self.request.POST, user=self.request.user)
        if not (form.is_valid() and where.is_valid()):
            return self._review(source, form, where, reading, status=422)
        assembly, values = where.chosen(), form.values()
        if record and assembly is not None and not permissions.EDIT.granted(self.request.user, assembly.authority):
            raise PermissionDenied
        act, problems = _act(values, assembly)
        for problem in problems:
            form.add_error(None, problem)
        if act is None:
            return self._review(source, form, where, reading, status=422)
        if record and self._recorded(form, where, assembly, values):
            return HttpResponseRedirect(self.url)
        result = check(act, _rules(act, assembly))
        status = 422 if form.errors or where.errors else 200
        return self._review(source, form, where, reading, result=(act, result), status=status)

    def _picked(self, reading: Reading) -> Any:
        """A rival value chosen with its button fills a field left empty."""
        data = self.request.POST.copy()
        for proposal in reading.proposals:
            name, asked = name_of(proposal.key), data.get(f"pick-{name_of(proposal.key)}", "")
            if (
                proposal.chosen is None
                and proposal.key not in ROWS
                and not data.get(name)
                and asked.isdecimal()
                and len(asked) < 3
            ):
                options = proposal.candidates[int(asked) : int(asked) + 1]
                for option in options:
                    data[name] = written(proposal.key, option.value)
        return data

    def _recorded(self, form: ReadActForm, where: WhereForm, assembly: Assembly | None, values: dict[str, Any]) -> bool:
        if assembly is None or not assembly.name:
            where.add_error(*(("assembly_name", NO_NAME) if assembly else ("assembly", NO_ASSEMBLY)))
            return False
        data = where.cleaned_data
        try:
            act = record_past_act(
                assembly=assembly, values=values, source=data["source"], complete=data["complete"], by=self.request.user
            )
        except DomainError as error:
            field = name_of(error.field)
            form.add_error(field if field in form.fields else None, error.message)
            return False
        except ValidationError as error:
            form.add_error(None, list(error.messages))
            return False
        self.url = reverse("deliberations:act_detail", args=[act.pk])
        return True

    def _review(
        self,
        source: str,
        form: ReadActForm,
        where: WhereForm,
        reading: Reading | None = None,
        *,
        result: tuple[Act, CheckResult] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        shown = reading or Reading(())
        checked = (
            {}
            if result is None
            else {"tiles": strip(result[0].members, result[1], past=True), "findings": shown_findings(result[1])}
        )
        context = self.get_context_data(
            form=form,
            where=where,
            review=True,
            checked=result is not None,
            sections=_sections(form, shown),
            segments=_segments(source, shown),
            may_record=permissions.EDIT.anywhere(self.request.user),
            **{"tiles": [], "findings": [], **checked},
        )
        return self.render_to_response(context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_add = permissions.EDIT.anywhere(self.request.user)
        sitting_url = reverse("deliberations:sitting_create") if may_add else ""
        return super().get_context_data(**{"review": False, "sitting_url": sitting_url, **kwargs})


def _rules(act: Act, assembly: Assembly | None) -> Any:
    if assembly is None:
        return queries.legal_rules(act.session.date)
    return rules_of(Sitting(assembly=assembly, held_on=act.session.date))


def _act(values: dict[str, Any], assembly: Assembly | None) -> tuple[Act | None, list[str]]:
    act, problems = read_input(to_input(values))
    if act is None:
        return None, [str(problem) for problem in problems]
    return (replace(act, authority=past_acts.authority_input(assembly.authority)) if assembly else act), []


def _sections(form: ReadActForm, reading: Reading) -> list[dict[str, Any]]:
    """One where nothing was found is closed, unless nothing at all was: the figures are then typed."""
    sections = []
    for heading, keys in SECTIONS:
        rows = [_row(form, key, reading[key]) for key in keys]
        found = sum(bool(row["state"]) for row in rows)
        filled = any(row["field"].value() or row["field"].errors for row in rows)
        words = f"{found} valeur{'s' if found > 1 else ''} lue{'s' if found > 1 else ''}" if found else "rien de lu"
        sections.append(
            {
                "heading": heading,
                "fields": rows,
                "open": filled or bool(found) or not reading.proposals,
                "found": words if reading.proposals else "",
            }
        )
    return sections


def _row(form: ReadActForm, key: str, proposal: Proposal | None) -> dict[str, Any]:
    candidates = proposal.candidates if proposal else ()
    rival = bool(candidates) and key not in ROWS and proposal is not None and proposal.chosen is None
    to_check = any(candidate.confidence == TO_CHECK for candidate in candidates)
    state = ("rival" if rival else "to_check" if to_check else "sure") if candidates else ""
    return {
        "field": form[name_of(key)],
        "state": state,
        "notes": list(dict.fromkeys(candidate.note for candidate in candidates if candidate.note)),
        "options": _options(key, candidates),
        "name": name_of(key),
        "short": isinstance(form.fields[name_of(key)], SHORT),
    }


def _options(key: str, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Each value with its phrases; one that several rows share is shown once."""
    options, told = [], set()
    for candidate in candidates:
        phrases = [phrase for phrase in candidate.phrases[:3] if key not in ROWS or phrase not in told]
        told.update(phrases)
        options.append(
            {
                "shown": _shown(key, candidate.value),
                "phrases": [{"text": _short(phrase.text), "anchor": _anchor(phrase.start)} for phrase in phrases],
                "asked": candidate.asked,
            }
        )
    return options


def _shown(key: str, value: Any) -> str:
    """A value in few words, for a choice between two."""
    if isinstance(value, list):
        return f"{len(value)} lignes : {_short(written(key, value).replace(chr(10), ', '))}"
    if isinstance(value, dict):
        return _short(written(key, [value]))
    return str(written(key, value))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SHOWN else f"{flat[: LONGEST_SHOWN // 2]} … {flat[-LONGEST_SHOWN // 2 :]}"


def _anchor(start: int) -> str:
    return f"p{start}"


def _segments(source: str, reading: Reading) -> list[dict[str, Any]]:
    """The text cut where phrases start and end: what is in one is marked, where one starts can be reached."""
    phrases = [phrase for one in reading.proposals for candidate in one.candidates for phrase in candidate.phrases]
    cuts = sorted({0, len(source), *(place for phrase in phrases for place in (phrase.start, phrase.end))})
    starts = {phrase.start for phrase in phrases}
    depth: dict[int, int] = {}
    for phrase in phrases:
        depth[phrase.start] = depth.get(phrase.start, 0) + 1
        depth[phrase.end] = depth.get(phrase.end, 0) - 1
    segments, open_now = [], 0
    for start, end in pairwise(cuts):
        open_now += depth.get(start, 0)
        anchor = _anchor(start) if start in starts else ""
        segments.append({"text": source[start:end], "marked": open_now > 0, "anchor": anchor})
    return segments
