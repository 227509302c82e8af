"""What was sent, by convocation and by member; the answers that the clerk enters."""

from typing import Any

from django.forms import BaseForm
from django.urls import reverse

from deliberations import permissions, queries
from deliberations.filtersets.convocations import ConvocationFilter, InvitationFilter
from deliberations.forms.convocations import ClerkAnswerForm
from deliberations.queries import answering
from deliberations.services import answers as services
from deliberations.tables.convocations import ANSWER_TONES, ConvocationTable, InvitationTable
from deliberations.views.base import CouncilPage
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import moment
from plan_numerique.web.views import Action, EditPage, ListPage

OF_CONVOCATION = "sitting__assembly__authority"
OF_INVITATION = f"convocation__{OF_CONVOCATION}"


class ConvocationList(ListPage):
    permission, queryset = permissions.VIEW_CONVENED, staticmethod(queries.visible_convocations)
    authority_path = OF_CONVOCATION
    filterset_class, table_class = ConvocationFilter, ConvocationTable
    title, search_placeholder = "Convocations", "Assemblée, lieu"
    intro = "Ce qui est parti, tel que parti : l'ordre du jour d'une convocation ne change plus."
    empty_text = "Une convocation s'envoie depuis l'onglet « Convocation » de sa séance."


class ConvocationDetail(CouncilPage):
    permission, queryset = permissions.VIEW_CONVENED, staticmethod(queries.visible_convocations)
    authority_path, template_name = OF_CONVOCATION, "deliberations/convocation_detail.html"
    crumbs = (("Convocations", "/convocations/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Séance", row.sitting),
            ("Rang", row.number),
            ("Envoyée le", moment(row.sent_at)),
            ("Délai laissé", _days(row.clear_days)),
            ("Délai exigé", _days(row.required_days)),
            ("Membres convoqués", row.invitation_count),
        ]

    def actions(self) -> list[Action]:
        page = reverse("deliberations:sitting_convocation", args=[self.object.sitting_id])
        return [*self.history("deliberations:convocation_history"), Action("Voir la séance", page, "landmark")]


def _days(number: int | None) -> str:
    return "" if number is None else counted(number, "jour franc")


class InvitationList(ListPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_invitations)
    authority_path = OF_INVITATION
    filterset_class, table_class = InvitationFilter, InvitationTable
    title, search_placeholder = "Convocations des membres", "Nom du membre"
    intro = "Une ligne par membre et par convocation. Les adresses ne sont ni montrées ici, ni exportées."
    empty_text = "Une convocation s'envoie depuis l'onglet « Convocation » de sa séance."

    def rows(self) -> Any:
        """Where the clerk convenes; the own rows of an elected member have their page."""
        return super().rows().filter(**{f"{OF_INVITATION}__in": queries.editable_authorities(self.request.user)})


class InvitationDetail(CouncilPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_invitations)
    authority_path, template_name = OF_INVITATION, "deliberations/invitation_detail.html"
    crumbs = (("Convocations des membres", "/convocations-des-membres/"),)

    def state(self) -> dict[str, str]:
        row = self.object
        if not row.answer:
            return {"label": "Sans réponse", "tone": "neutral"}
        return {"label": row.get_answer_display(), "tone": ANSWER_TONES[row.answer]}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Membre", row.mandate),
            ("Séance", row.convocation.sitting),
            ("Adresse", row.email or "Sur papier"),
            ("Remise au serveur" if row.email else "Remise", moment(row.sent_at)),
            ("Ouverte", moment(row.opened_at)),
            ("Répondu", moment(row.answered_at)),
            ("Réponse reçue par", row.answered_by),
            ("Pouvoir donné à", row.holder),
        ]

    def actions(self) -> list[Action]:
        page = reverse("deliberations:sitting_convocation", args=[self.object.convocation.sitting_id])
        return [
            *self.history("deliberations:invitation_history"),
            Action("Voir la séance", page, "landmark"),
            Action(
                "Saisir la réponse",
                reverse("deliberations:invitation_reply", args=[self.object.pk]),
                "pencil",
                primary=True,
            ),
        ]


class ClerkAnswer(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(answering.answerable_invitations)
    authority_path, form_class = OF_INVITATION, ClerkAnswerForm
    title = "Réponse reçue par téléphone ou sur papier"

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        data = form.cleaned_data
        return services.record_answer(
            invitation=kwargs["instance"],
            answer=data["answer"],
            holder=data["holder"],
            through=services.CLERK,
            received_on=data["received_on"],
            by=kwargs["by"],
        )

    def get_success_url(self) -> str:
        return f"{reverse('deliberations:sitting_convocation', args=[self.object.convocation.sitting_id])}#reponses"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [("Séances", "/seances/"), (str(self.object.convocation.sitting), self.get_success_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "title": f"Réponse de {self.object.mandate}"}
