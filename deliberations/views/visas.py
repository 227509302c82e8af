"""The circuit of visas: what waits for one's role, and the text with the means to sign it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.enums import ActState, VisaStage
from deliberations.filtersets.drafting import VisaStepFilter
from deliberations.forms import CircuitForm, SignForm
from deliberations.models import Act, VisaStep
from deliberations.queries.circuit import acts_to_sign, circuit_of, may_give, waiting_visas
from deliberations.queries.versions import digest_of, snapshot
from deliberations.tables.drafting import VisaStepTable
from deliberations.views.base import ActPage
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import ListPage, Tab


class VisaList(ListPage):
    permission, queryset = permissions.SIGN_OFF, staticmethod(waiting_visas)
    authority_path = "act__sitting__assembly__authority"
    filterset_class, table_class = VisaStepFilter, VisaStepTable
    title, search_placeholder = "À viser", "Intitulé de l'acte"
    intro = "Projets dont c'est votre tour de donner un visa, selon vos rôles et votre mandat."
    empty_text = "Aucun projet n'attend votre visa."


class ActVisas(ActPage):
    """GET shows, POST signs or opens the circuit; what is refused comes back with the form, at 422."""

    permission, queryset = permissions.SIGN_OFF, staticmethod(acts_to_sign)
    template_name = "deliberations/act_visas.html"
    sign_form: SignForm | None = None
    circuit_form: CircuitForm | None = None

    def tabs(self) -> list[Tab]:
        """None for an elected member who only signs: the other pages wait for the convocation."""
        return super().tabs() if queries.visible_acts(self.request.user).filter(pk=self.object.pk).exists() else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.object
        circuit = circuit_of(act, self.request.user)
        chosen = [step.row.stage for step in circuit.steps]
        draft = act.state == ActState.DRAFT
        seen = digest_of(snapshot(act))
        return super().get_context_data(
            circuit=circuit,
            draft=draft,
            blocks=queries.text_of(act),
            annexes=queries.readable_annexes(self.request.user)
            .filter(act=act)
            .defer("document__content")
            .order_by("position"),
            opinions=act.opinions.order_by("held_on", "pk"),
            may_open=draft and self.may(permissions.EDIT, act),
            circuit_form=self.circuit_form or CircuitForm(initial={"stages": chosen} if chosen else None),
            sign_form=self.sign_form or SignForm(initial={"seen": seen}),
            seen=seen,
            may_compare=self.may(permissions.VIEW_DRAFTS, act),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        try:
            sentence = self._sign() if "step" in request.POST else self._open()
        except DomainError as error:
            self._refuse(error)
            sentence = ""
        if not sentence:
            return self.render_to_response(self.get_context_data(object=self.object), status=422)
        messages.success(request, sentence)
        return HttpResponseRedirect(self._next())

    def _next(self) -> str:
        """Whoever signed no longer sees the act where it has left their hands."""
        seen = acts_to_sign(self.request.user).filter(pk=self.object.pk).exists()
        return reverse("deliberations:act_visas", args=[self.object.pk]) if seen else reverse("deliberations:visa_list")

    def _refuse(self, error: DomainError) -> None:
        form: Any = self.sign_form or self.circuit_form
        form.add_error(error.field if error.field in form.fields else None, error.message)

    def _open(self) -> str:
        act: Act = self.object
        if not self.may(permissions.EDIT, act):
            raise PermissionDenied
        self.circuit_form = CircuitForm(self.request.POST)
        if not self.circuit_form.is_valid():
            return ""
        services.open_circuit(act=act, stages=self.circuit_form.cleaned_data["stages"], by=self.request.user)
        return "Le circuit de visas est ouvert."

    def _sign(self) -> str:
        step = self._step()
        if not may_give(self.request.user, step.stage, self.object):
            raise PermissionDenied
        self.sign_form = SignForm(self.request.POST)
        if not self.sign_form.is_valid():
            return ""
        given = self.request.POST.get("decision") != "renvoyer"
        data = self.sign_form.cleaned_data
        services.sign_visa(step=step, given=given, seen=data["seen"], remark=data["remark"], by=self.request.user)
        return f"Visa « {step.get_stage_display()} » donné." if given else "Le projet est renvoyé avec votre remarque."

    def _step(self) -> VisaStep:
        stage = self.request.POST.get("step")
        row = self.object.visas.filter(stage=stage).first() if stage in VisaStage.values else None
        if row is None:
            raise PermissionDenied
        return row
