"""The forms of a vote: they hold what was typed whatever the button, and tell whoever comes second what was voted meanwhile."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from governance import permissions, queries, services
from governance.enums import Section
from governance.forms import CarryOverForm, VersionForm, VoteForm
from governance.models import Authorisation, AuthorisationVersion
from governance.models.scenario import LONGEST_PLAN
from governance.services import StaleVoteError, Vote
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.web.views.base import Page

PROPOSALS = {
    "even": "À parts égales",
    "school": "Par année scolaire",
    "programme": "Comme le programme",
}
NOUNS: dict[str, str] = {
    Section.INVESTMENT: "Autorisation de programme",
    Section.OPERATION: "Autorisation d'engagement",
}
NO_AMOUNT = "Donner d'abord le montant de l'autorisation : il se répartit ensuite."
NO_PROGRAMME = "Le plan n'a pas de programme adopté dont les crédits tombent dans ces exercices."


class VersionPage(Page, TemplateView):
    """A GET shows the form; a POST saves it, or only adds an exercise or proposes a split (`step`)."""

    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_authorisations)
    authority_path = "plan__authority"
    template_name = "governance/authorisation_vote.html"
    form_class: ClassVar[type[VersionForm]] = VersionForm
    verb: ClassVar[str] = "Enregistrer le vote"
    object: Authorisation
    said = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.read()
        return self.render_to_response(self.get_context_data(form=self.blank(self.first_values())))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.read()
        step = request.POST.get("step", "")
        if step in ("add", "remove") or step in PROPOSALS:
            return self.render_to_response(self.get_context_data(form=self.stepped(step)))
        form = self.bound()
        if form.is_valid():
            try:
                version = self.save(form)
            except StaleVoteError as stale:
                self.read()
                form = self.bound(based_on=stale.number)
                form.add_error(None, stale.message)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, f"La version {version.number} est enregistrée.")
                return HttpResponseRedirect(self.back_url())
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def read(self) -> None:
        self.object = self.row()
        self.require(self.object)
        self.known = services.running_state(self.object)
        self.based_on = self.known.number or 0

    def save(self, form: VersionForm) -> AuthorisationVersion:
        raise NotImplementedError

    def first_values(self) -> dict[str, Any]:
        return {}

    def years(self, last: int | None = None) -> range:
        """From the first exercise to the last one asked for: never fewer than those voted, never more than a plan may have."""
        row = self.object
        typed = self.request.POST.get("last", "")
        asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else row.last_exercise
        known = max([row.first_exercise, *(each.exercise for each in self.known.credits)])
        end = max(known, asked if last is None else last)
        return range(row.first_exercise, min(end, row.first_exercise + LONGEST_PLAN - 1) + 1)

    def form_options(self, years: range) -> dict[str, Any]:
        return {"years": years, "needs_reason": self.based_on_typed() > 0}

    def based_on_typed(self) -> int:
        typed = self.request.POST.get("based_on", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else self.based_on

    def blank(self, values: dict[str, Any], years: range | None = None) -> VersionForm:
        years = self.years() if years is None else years
        based_on = self.based_on_typed()
        return self.form_class(initial={**values, "based_on": based_on, "last": years[-1]}, **self.form_options(years))

    def bound(self, based_on: int | None = None) -> VersionForm:
        data = self.request.POST.copy()
        options = self.form_options(self.years())
        if based_on is not None:
            data["based_on"] = str(based_on)
            options["needs_reason"] = True
        return self.form_class(data, **options)

    def stepped(self, step: str) -> VersionForm:
        values: dict[str, Any] = {name: self.request.POST.get(name, "") for name in self.request.POST}
        years = self.years()
        if step in ("add", "remove"):
            years = self.years(years[-1] + (1 if step == "add" else -1))
        return self.blank(values, years)

    def back_url(self) -> str:
        return reverse("governance:authorisation_detail", args=[self.object.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [
            ("Autorisations et crédits", reverse("governance:authorisation_list")),
            (self.object.label, self.back_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form: VersionForm = kwargs["form"]
        grid = [
            {"year": str(year), "known": self.known.credit_of(year), "field": form.year_field(year)}
            for year in form.years
        ]
        return super().get_context_data(
            object=self.object,
            notice=self.notice_of(self.object),
            known=self.known,
            grid=grid,
            total=sum(_typed(entry["field"]) for entry in grid),
            said=self.said,
            opening=self.based_on_typed() == 0 and not self.known.number,
            verb=self.verb,
            cancel_url=self.back_url(),
            **kwargs,
        )


def _typed(field: Any) -> int:
    """Cents of a field as it stands; 0 for what is not an amount."""
    try:
        return field.field.to_python(field.value()) or 0
    except ValidationError:
        return 0


class AuthorisationVote(VersionPage):
    """Opens, then revises."""

    form_class = VoteForm

    def form_options(self, years: range) -> dict[str, Any]:
        return {**super().form_options(years), "noun": NOUNS[self.object.section]}

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"{'Réviser' if self.based_on else 'Ouvrir'} « {self.object.label} »"

    def first_values(self) -> dict[str, Any]:
        if not self.based_on:
            return {"amount": self.object.amount}
        return {"amount": self.known.amount, **{f"cp_{each.exercise}": each.credit for each in self.known.credits}}

    def stepped(self, step: str) -> VersionForm:
        form = super().stepped(step)
        if step not in PROPOSALS:
            return form
        amount = _typed(form["amount"])
        split = self._split(step, amount, range(form.years[0], form.years[-1] + 1)) if amount else None
        if split is None:
            self.said = NO_PROGRAMME if amount else NO_AMOUNT
            return form
        self.said = f"{PROPOSALS[step]} : une proposition, à corriger librement avant d'enregistrer."
        form.initial |= {form.name_of(year): cents for year, cents in split.items()}
        return form

    def _split(self, step: str, amount: int, years: range) -> dict[int, int] | None:
        if step == "programme":
            return queries.split_as_programme(amount, years, self.object)
        return queries.split_evenly(amount, years) if step == "even" else queries.split_by_school_year(amount, years)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        amount = _typed(context["form"]["amount"])
        return context | {"amount": amount, "left": amount - context["total"], "proposals": list(PROPOSALS.items())}

    def save(self, form: VersionForm) -> AuthorisationVersion:
        return services.vote(
            authorisation=self.object,
            decision=_decision(form),
            amount=form.cleaned_data["amount"],
            credits=form.by_year(),
            by=self.request.user,
        )


class AuthorisationCarryOver(VersionPage):
    form_class = CarryOverForm
    template_name = "governance/authorisation_carry.html"
    verb = "Enregistrer le report"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Reporter des crédits de « {self.object.label} »"

    def read(self) -> None:
        super().read()
        ended = timezone.localdate().year
        self.unspent = {
            each.exercise: each.unspent for each in self.known.credits if each.exercise < ended and each.unspent > 0
        }

    def form_options(self, years: range) -> dict[str, Any]:
        """Only exercises after the first one that may give."""
        first = min(self.unspent, default=years[-1])
        return {
            **super().form_options(years),
            "years": [year for year in years if year > first],
            "unspent": self.unspent,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(unspent=self.unspent, **kwargs)

    def save(self, form: VersionForm) -> AuthorisationVersion:
        return services.carry_over(
            authorisation=self.object,
            decision=_decision(form),
            from_exercise=form.cleaned_data["from_exercise"],
            amounts=form.by_year(),
            by=self.request.user,
        )


class AuthorisationClose(VersionPage):
    template_name = "governance/authorisation_close.html"
    verb = "Clore l'autorisation"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Clore « {self.object.label} »"

    def form_options(self, years: range) -> dict[str, Any]:
        return {**super().form_options(years), "years": ()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        left = self.known.remaining_to_pay
        return super().get_context_data(blocked=display_euros(left) if left > 0 else "", **kwargs)

    def save(self, form: VersionForm) -> AuthorisationVersion:
        return services.close_authorisation(authorisation=self.object, decision=_decision(form), by=self.request.user)


def _decision(form: VersionForm) -> Vote:
    values = form.cleaned_data
    return Vote(values["based_on"], values["voted_on"], values["act"], values["reason"], values["source"])
