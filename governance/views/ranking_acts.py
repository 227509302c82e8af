"""What the lead does to one line: a place against its score, before the freeze; the words of the letter, after it."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from governance import queries, services
from governance.forms import AnswerForm, DepartureForm, SeenForm
from governance.queries import RankedRow, Ranking
from governance.views.ranking import LEAD, campaign_url, led_row
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import AskPage
from schools.domain.ranking import display_points
from schools.models import Departure


class RowAct(AskPage):
    permission, queryset = LEAD, staticmethod(queries.visible_rankings)
    template_name = "governance/ranking_act.html"
    found: Ranking
    line: RankedRow
    form: SeenForm

    def open(self) -> None:
        self.object, self.found, self.line = led_row(self)
        self.require(self.object)

    def form_valid(self, form: Any) -> HttpResponse:
        self.form = form
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("governance:ranking", args=[self.object.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [
            ("Campagnes de candidatures", reverse("schools:campaign_list")),
            (str(self.object), campaign_url(self.object)),
            ("Classement", self.get_success_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.line
        facts = [
            ("École", f"{row.name}, {row.commune}"),
            ("Place", str(row.position)),
            ("Place au score", str(row.by_score)),
            ("Score", f"{display_points(row.score)} sur {display_points(self.found.full_score)}"),
            ("Suite", row.outcome_label),
        ]
        return super().get_context_data(row=row, facts=facts, **kwargs)


class RankingMove(RowAct):
    """`?vers=3` fills the place in; the button « Remettre à son rang » posts `back`."""

    form_class, submit_label = DepartureForm, "Enregistrer l'écart"
    done = "L'écart est enregistré ; les autres écoles gardent l'ordre de leurs scores."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "total": self.found.total}

    def get_initial(self) -> dict[str, Any]:
        row = Departure.objects.filter(application=self.line.pk).first()
        known = {"position": row.position, "refused": row.refused, "reason": row.reason} if row else {}
        asked = asked_key(self.request.GET.get("vers"))
        known["seen"] = queries.departure_version(self.line.pk)
        return {**known, **({"position": asked} if asked else {}), **({"refused": True} if "refus" in self.request.GET else {})}  # fmt: skip

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "back" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.open()
        try:
            services.clear_departure(application=self.line.application, by=request.user)
        except DomainError as error:
            form = self.get_form_class()(total=self.found.total, initial=self.get_initial())
            return self.render_to_response(self.get_context_data(form=form, refusal=error.message), status=422)
        return HttpResponseRedirect(self.get_success_url())

    def perform(self, data: dict[str, Any]) -> Any:
        try:
            return services.set_departure(application=self.line.application, by=self.request.user, **data)
        except services.DepartureChangedError:
            self.form.show_latest(queries.departure_version(self.line.pk))
            raise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("refusal", "")
        title = f"Place de « {self.line.name} »"
        return super().get_context_data(title=title, departs=self.line.departs, **kwargs)


class RankingAnswer(RowAct):
    form_class, submit_label = AnswerForm, "Enregistrer"
    done = "La motivation est enregistrée : établir de nouveau les courriers pour qu'elle y soit."

    def get_initial(self) -> dict[str, Any]:
        answer = self.line.place.answer if self.line.place else ""
        return {"answer": answer, "seen": answer}

    def perform(self, data: dict[str, Any]) -> Any:
        if self.line.place is None:
            raise DomainError("La réponse à une école s'écrit une fois la liste arrêtée.", field="answer")
        text, seen = data["answer"], data["seen"]
        try:
            return services.answer_place(place=self.line.place, text=text, seen=seen, by=self.request.user)
        except services.AnswerChangedError as error:
            self.form.show_latest(error.answer)
            raise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = f"Réponse à « {self.line.name} »"
        return super().get_context_data(title=title, departs=False, refusal="", **kwargs)
