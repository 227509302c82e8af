"""Nomenclatures of matters, and what an envelope says of the authority."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import FormView

from deliberations import permissions, queries
from deliberations.filtersets.filing import (
    AttachmentTypeFilter,
    ClassificationFilter,
    MatterFilter,
    TransmissionProfileFilter,
)
from deliberations.forms.filing import ClassificationForm, TransmissionProfileForm
from deliberations.models import Classification, TransmissionProfile
from deliberations.queries import filing
from deliberations.services import classifications
from deliberations.tables.filing import (
    NATIONAL,
    AttachmentTypeTable,
    ClassificationTable,
    MatterTable,
    TransmissionProfileTable,
)
from deliberations.views.base import CouncilPage
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, EditPage, ListPage, Page


class ClassificationList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_classifications)
    filterset_class, table_class = ClassificationFilter, ClassificationTable
    title = "Classifications"
    create = ("deliberations:classification_load", permissions.EDIT, "Charger une classification")
    intro = "Les nomenclatures de matières convenues avec la préfecture. Les niveaux 1 et 2 sont nationaux, les suivants locaux."
    empty_text = (
        "Charger le message RetourClassification que l'opérateur de transmission donne, ou un tableau de codes."
    )

    def rows(self) -> QuerySet[Classification]:
        """The national one stays beside those of the authority chosen in the header."""
        rows: QuerySet[Classification] = type(self).queryset(self.request.user)
        authority = self.request.scope.authority  # type: ignore[attr-defined]
        return rows.filter(Q(authority=None) | Q(authority=authority)) if authority else rows


class ClassificationDetail(CouncilPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_classifications)
    template_name = "deliberations/classification_detail.html"
    crumbs = (("Classifications", "/classifications/"),)

    def notice_of(self, row: Any) -> str:
        return row.authority.notice if row.authority else ""

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Collectivité", row.authority or NATIONAL),
            ("Date", day(row.dated_on)),
            ("Matières", row.matter_count),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        return self.history("deliberations:classification_history") if self.object.authority else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        return super().get_context_data(
            matters=row.matters.order_by("path"), pieces=row.attachment_types.order_by("nature", "code"), **kwargs
        )


class MatterList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_matters)
    authority_path = ""
    filterset_class, table_class = MatterFilter, MatterTable
    title, search_placeholder = "Matières", "Code, libellé"
    crumbs = (("Classifications", "/classifications/"),)


class AttachmentTypeList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_attachment_types)
    authority_path = ""
    filterset_class, table_class = AttachmentTypeFilter, AttachmentTypeTable
    title, search_placeholder = "Types de pièces", "Code, libellé"
    crumbs = (("Classifications", "/classifications/"),)


class ClassificationLoad(Page, FormView):
    permission, title = permissions.EDIT, "Charger une classification"
    template_name, form_class = "components/edit.html", ClassificationForm
    crumbs = (("Classifications", "/classifications/"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        authority = self.request.scope.authority  # type: ignore[attr-defined]
        return {**super().get_form_kwargs(), "user": self.request.user, "authority": authority}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        if not self.permission.granted(self.request.user, data["authority"]):
            raise PermissionDenied
        try:
            read = classifications.read_nomenclature(form.content(), data["file"].name, data["dated_on"])
            row = classifications.load_classification(
                authority=data["authority"], nomenclature=read, source=data["source"], by=self.request.user
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        except ValidationError as error:
            form.add_error(None, error.messages)
        if form.errors:
            return self.form_invalid(form)
        cut = f" {read.shortened} libellés trop longs sont coupés." if read.shortened else ""
        messages.success(self.request, f"La classification est chargée : {len(read.matters)} matières.{cut}")
        return HttpResponseRedirect(reverse("deliberations:classification_detail", args=[row.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cancel = reverse("deliberations:classification_list")
        return {"submit_label": "Charger", "cancel_url": cancel, "notice": None, **super().get_context_data(**kwargs)}


class ProfileList(ListPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_profiles)
    filterset_class, table_class = TransmissionProfileFilter, TransmissionProfileTable
    title, search_placeholder = "Profils de transmission", "Collectivité, opérateur"
    create = ("deliberations:profile_create", permissions.EDIT, "Ajouter un profil")
    intro = "Ce que l'enveloppe d'une transmission dit de la collectivité, et son SIRET pour les données ouvertes."
    empty_text = "Le profil réunit ce que l'opérateur de transmission a donné à la collectivité : trigramme, arrondissement, nature."


class ProfileDetail(CouncilPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_profiles)
    template_name = "deliberations/profile_detail.html"
    crumbs = (("Profils de transmission", "/profils-de-transmission/"),)

    def actions(self) -> list[Action]:
        history = self.history("deliberations:profile_history")
        if not self.may(permissions.EDIT, self.object):
            return history
        edit = reverse("deliberations:profile_edit", args=[self.object.pk])
        return [*history, Action("Modifier", edit, "pencil", primary=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: TransmissionProfile = self.object
        return super().get_context_data(
            title=f"Profil de transmission : {row.authority}",
            missing=filing.missing_of(row.authority, row),
            classification=filing.classification_of(row.authority),
            fields=_fields(row),
            **kwargs,
        )


def _fields(row: TransmissionProfile) -> list[tuple[str, str]]:
    names = (
        "operator", "trigram", "district", "emitter", "return_emails", "contact_name", "contact_email", "contact_phone",
        "siret", "prefecture", "source",
    )  # fmt: skip
    labels = {name: str(row._meta.get_field(name).verbose_name) for name in names}  # type: ignore[union-attr]
    own = [(f"{label[:1].upper()}{label[1:]}", getattr(row, name)) for name, label in labels.items()]
    return [("SIREN", row.authority.siren), ("Département", row.authority.department), *own]


class ProfileEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_profiles)
    form_class, service, title = (
        TransmissionProfileForm,
        staticmethod(classifications.save_profile),
        "Profil de transmission",
    )
    detail_url, list_url = "deliberations:profile_detail", "deliberations:profile_list"
