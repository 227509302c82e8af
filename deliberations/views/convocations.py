"""The tab « Convocation » of a sitting: what leaves, what is missing, when at the latest, who was told and what they answered."""

from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views import View

from deliberations import permissions, queries
from deliberations.enums import SittingState
from deliberations.forms.convocations import SecondSittingForm, SendForm
from deliberations.models import Act, Convocation, Sitting
from deliberations.queries import answering, convening
from deliberations.services import agenda as agenda_services
from deliberations.services import convocations as services
from deliberations.tables.convocations import ANSWER_TONES
from deliberations.tasks import convocation as tasks
from deliberations.views.base import SittingPage
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, AskPage
from plan_numerique.web.views.base import Page

PLACES = {
    convening.SITTING: ("sitting_edit", "Modifier la séance"),
    convening.CONTACTS: ("assembly_contacts", "Coordonnées"),
    convening.MEMBERS: ("assembly_detail", "Assemblée"),
    "assembly": ("assembly_edit", "Modifier l'assemblée"),
}


class SittingConvocation(SittingPage):
    permission, queryset = permissions.VIEW_CONVENED, staticmethod(queries.visible_sittings)
    template_name = "deliberations/convocation.html"
    form: SendForm | None = None

    def actions(self) -> list[Action]:
        sitting = self.object
        if not self.may(permissions.EDIT, sitting) or not may_convene_again(sitting):
            return []
        url = reverse("deliberations:second_sitting", args=[sitting.pk])
        return [Action("Seconde convocation", url, "repeat")]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        self.require(self.object, permissions.EDIT)
        self.form = self._form(request.POST)
        if self.form.is_valid() and self._sent(self.form):
            return HttpResponseRedirect(request.path)
        return self.render_to_response(self.get_context_data(), status=422)

    def _sent(self, form: SendForm) -> bool:
        try:
            job = tasks.start_convocation(sitting=self.object, by=self.request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            self.object.refresh_from_db()
            return False
        follow(self.request, job)
        return True

    def _form(self, data: Any = None) -> SendForm:
        sitting = self.object
        rules = convening.convening_rules(sitting.held_on)
        missing = convening.missing_before(sitting, convening.agenda_of(sitting), rules)
        initial = {
            "number": sitting.convocations.count() + 1,
            "urgent": sitting.urgent,
            "urgency_reason": sitting.urgency_reason,
        }
        warned = any(not item.settled for item in missing)
        return SendForm(data, initial=initial, warned=warned, second=sitting.second_convocation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sitting = self.object
        may_edit = self.may(permissions.EDIT, sitting)
        convocations = list(
            Convocation.objects.filter(sitting=sitting)
            .select_related("document")
            .defer("document__content")
            .order_by("number")
        )
        drafts = self.may(permissions.VIEW_DRAFTS, sitting)
        agenda = convening.agenda_of(sitting) if drafts or sitting.state != SittingState.DRAFT else []
        return super().get_context_data(
            agenda=agenda if drafts else [item for item in agenda if item.sent],
            convocations=convocations,
            may_edit=may_edit,
            may_order=may_edit and convening.may_be_convened(sitting),
            jobs=followed(self.request, tasks.active_jobs(sitting)) if may_edit else [],
            **(self._preparation(agenda) if may_edit else {"may_send": False}),
            **(self._answers(convocations) if may_edit and convocations else {"answers": None}),
            **kwargs,
        )

    def _preparation(self, agenda: Any) -> dict[str, Any]:
        sitting, today = self.object, timezone.localdate()
        if not convening.may_be_convened(sitting) or convening.opening_of(sitting) <= timezone.now():
            return {"may_send": False}
        rules = convening.convening_rules(sitting.held_on)
        missing = convening.missing_before(sitting, agenda, rules)
        return {
            "may_send": not tasks.active_jobs(sitting),
            "delay": convening.delay_for(sitting, today, rules=rules),
            "urgent_delay": convening.delay_for(sitting, today, urgent=True, rules=rules),
            "missing": [{"item": item, **missing_link(item, sitting)} for item in missing],
            "stopped": any(item.stops for item in missing),
            "folded": self.form is None
            and bool(agenda)
            and all(item.sent for item in agenda)
            and not any(item.settled for item in missing),
            "form": self.form or self._form(),
        }

    def _answers(self, convocations: list[Convocation]) -> dict[str, Any]:
        sitting, now = self.object, timezone.now()
        answers = answering.answers_to(sitting)
        last = convocations[-1]
        held = [row.last for row in answers.rows if row.last is not None and row.last.convocation_id == last.pk]
        return {
            "answers": answers,
            "tiles": expected_tiles(answers.expected),
            "rows": [{"row": row, "tone": ANSWER_TONES.get(row.answer, "neutral")} for row in answers.rows],
            "last": last,
            "to_remind": len(answering.to_remind(sitting, now)),
            "to_resend": sum(1 for row in held if row.email and row.sent_at is None),
            "to_print": sum(1 for row in held if not row.email),
            "to_hand": sum(1 for row in held if not row.email and row.sent_at is None),
            "may_answer": bool(held) and answering.is_open(held[0], now),
        }


def missing_link(item: convening.Missing, sitting: Sitting) -> dict[str, str]:
    if item.act is not None:
        return {"url": reverse("deliberations:act_detail", args=[item.act.pk]), "label": "Ouvrir l'acte"}
    if item.place == "acts":
        return {"url": f"{reverse('deliberations:act_draft')}?sitting={sitting.pk}", "label": "Nouvelle délibération"}
    name, label = PLACES[item.place]
    key = sitting.pk if item.place == convening.SITTING else sitting.assembly_id
    return {"url": reverse(f"deliberations:{name}", args=[key]), "label": label}


def expected_tiles(expected: Any) -> list[dict[str, Any]]:
    words, tone = ("attendu", "success") if expected.reached else ("pas encore assuré", "warning")
    return [
        {"label": "Seront présents", "figure": integer(len(expected.present))},
        {"label": "Donnent pouvoir", "figure": integer(len(expected.represented))},
        {"label": "Seront absents", "figure": integer(len(expected.absent))},
        {"label": "Sans réponse", "figure": integer(len(expected.silent))},
        {
            "label": "Quorum",
            "figure": integer(expected.needed),
            "unit": f"sur {integer(expected.in_office)}",
            "trend": words,
            "tone": tone,
        },
    ]


def may_convene_again(sitting: Sitting) -> bool:
    over = sitting.state == SittingState.CLOSED or sitting.held_on < timezone.localdate()
    return not sitting.past and over and sitting.convocations.exists() and not sitting.second_sittings.exists()


class Command(Page, View):
    """One POST on a sitting or its convocation, then back to the tab."""

    permission = permissions.EDIT
    http_method_names: ClassVar[list[str]] = ["post"]

    def sitting_of(self, row: Any) -> Sitting:
        raise NotImplementedError

    def run(self, row: Any) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            self.run(row)
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(
            reverse("deliberations:sitting_convocation", args=[self.sitting_of(row).pk]) + self.anchor()
        )

    def anchor(self) -> str:
        return ""


class OfSitting(Command):
    queryset, authority_path = staticmethod(queries.visible_sittings), "assembly__authority"

    def sitting_of(self, row: Any) -> Sitting:
        sitting: Sitting = row
        return sitting


class OfConvocation(Command):
    queryset, authority_path = staticmethod(queries.visible_convocations), "sitting__assembly__authority"

    def sitting_of(self, row: Any) -> Sitting:
        sitting: Sitting = row.sitting
        return sitting


class AgendaMove(OfSitting):
    def run(self, row: Any) -> None:
        key = asked_key(self.request.POST.get("act"))
        act = Act.objects.select_related("sitting__assembly__authority").filter(sitting=row, pk=key).first()
        if act is None:
            raise DomainError("Cette affaire n'est plus à l'ordre du jour.")
        agenda_services.move_item(act=act, up=self.request.POST.get("move") == "up", by=self.request.user)

    def anchor(self) -> str:
        return "#ordre-du-jour"


class Remind(OfSitting):
    def run(self, row: Any) -> None:
        follow(self.request, tasks.start_reminder(sitting=row, by=self.request.user))


class Retry(OfConvocation):
    def run(self, row: Any) -> None:
        follow(self.request, tasks.start_retry(convocation=row, by=self.request.user))


class Letters(OfConvocation):
    def run(self, row: Any) -> None:
        follow(self.request, tasks.start_letters(convocation=row, by=self.request.user))


class HandedOver(OfConvocation):
    def run(self, row: Any) -> None:
        on = asked_day(self.request.POST.get("handed_on", ""))
        number = services.hand_over(convocation=row, on=on, by=self.request.user)
        messages.success(self.request, f"Remises sur papier notées : {number}.")
        if late := convening.lateness(row.sitting, [on or timezone.localdate()] * number):
            messages.warning(self.request, late)


def asked_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError("Jour de remise illisible.", field="handed_on") from None


class SecondSitting(AskPage):
    """A second sitting for want of quorum, with what the first left."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path, template_name = "assembly__authority", "deliberations/second_sitting.html"
    form_class, title = SecondSittingForm, "Convoquer à nouveau, faute de quorum"
    submit_label = "Créer la seconde séance"
    done = "La seconde séance est créée avec les mêmes affaires : la convoquer."
    object: Sitting
    made: Sitting | None = None

    def get_initial(self) -> dict[str, Any]:
        return {"held_at": self.object.held_at, "place": self.object.place}

    def perform(self, data: dict[str, Any]) -> None:
        today = timezone.localdate()
        self.made = agenda_services.convene_again(first=self.object, today=today, by=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("deliberations:sitting_convocation", args=[(self.made or self.object).pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [("Séances", "/seances/"), (str(self.object), self.get_success_url())]
