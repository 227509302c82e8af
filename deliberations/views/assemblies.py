from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from deliberations import permissions, queries, services
from deliberations.domain.numbering import FormatError, write_number
from deliberations.filtersets import AssemblyFilter, LegalSettingFilter, MandateFilter
from deliberations.forms import AssemblyForm, MandateForm
from deliberations.models import MemberContact
from deliberations.queries.members import composition, replacements
from deliberations.tables import AssemblyTable, LegalSettingTable, MandateTable
from deliberations.views.base import CouncilPage
from plan_numerique.web.views import Action, DeletePage, EditPage, ListPage

RECENT = 20


class LegalSettingList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_legal_settings)
    authority_path = ""
    filterset_class, table_class = LegalSettingFilter, LegalSettingTable
    title, search_placeholder = "Règles de droit des assemblées", "Article, source"
    intro = (
        "Délais et seuils datés que les contrôles appliquent, les mêmes pour toutes les collectivités. Une règle non vérifiée "
        "est à rapprocher du texte en vigueur sur Légifrance."
    )
    empty_text = "Les contrôles appliquent les valeurs du format d'échange tant que la table est vide."


class AssemblyList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_assemblies)
    filterset_class, table_class = AssemblyFilter, AssemblyTable
    title, search_placeholder = "Assemblées", "Nom"
    create = ("deliberations:assembly_create", permissions.EDIT, "Ajouter une assemblée")
    empty_text = "Créer le conseil municipal ou communautaire, puis ses mandats et ses séances."


class AssemblyDetail(CouncilPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_assemblies)
    template_name = "deliberations/assembly_detail.html"
    crumbs = (("Assemblées", "/assemblees/"),)

    def summary(self) -> list[tuple[str, Any]]:
        assembly = self.object
        return [
            ("Nature", assembly.get_kind_display()),
            ("Collectivité", assembly.authority),
            ("Droit applicable", assembly.get_regime_display()),
            ("Publication des actes", assembly.get_publication_display()),
            ("Numérotation", _numbering(assembly.number_format)),
            ("Mandats", assembly.mandate_count),
            ("Séances", assembly.sitting_count),
            ("Observation", assembly.note),
        ]

    def actions(self) -> list[Action]:
        history = self.history("deliberations:assembly_history")
        if not self.may(permissions.EDIT, self.object):
            return history
        return [
            *history,
            Action("Modifier", reverse("deliberations:assembly_edit", args=[self.object.pk]), "pencil"),
            Action("Reprendre un acte ancien", reverse("deliberations:act_reading"), "file-text", secondary=True),
            Action("Coordonnées", reverse("deliberations:assembly_contacts", args=[self.object.pk]), "contact"),
            Action(
                "Nouvelle séance",
                f"{reverse('deliberations:sitting_create')}?assembly={self.object.pk}",
                "plus",
                primary=True,
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assembly = self.object
        day = asked_day(self.request.GET.get("le", ""))
        return super().get_context_data(
            day=day,
            composition=composition(assembly, day),
            replacements=replacements(assembly),
            sittings=queries.visible_sittings(self.request.user)
            .filter(assembly=assembly)
            .order_by("-held_on", "-held_at")[:RECENT],
            may_edit=self.may(permissions.EDIT, assembly),
            object_key=str(assembly.pk),
            **kwargs,
        )


def _numbering(text: str) -> str:
    """The format, with the first number that it gives this year."""
    try:
        return f"{text}, par exemple {write_number(text, timezone.localdate(), 1, 1)}"
    except FormatError:
        return text


def asked_day(text: str) -> date:
    """Today for what is not a day."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return timezone.localdate()


class AssemblyEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_assemblies)
    form_class, service, title = AssemblyForm, staticmethod(services.save_assembly), "Assemblée"
    detail_url, list_url = "deliberations:assembly_detail", "deliberations:assembly_list"


class AssemblyDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_assemblies)
    service, list_url = staticmethod(services.delete_assembly), "deliberations:assembly_list"


class MandateList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_mandates)
    authority_path = "assembly__authority"
    filterset_class, table_class = MandateFilter, MandateTable
    title, search_placeholder = "Mandats", "Nom publié, fonction, groupe"
    create = ("deliberations:mandate_create", permissions.EDIT, "Ajouter un mandat")
    intro = "Les élus, nommés comme dans les actes publiés. Leurs coordonnées n'y figurent pas."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        url = f"{reverse('importing:import_create')}?kind=deliberations.mandates"
        actions = [Action("Importer", url, "upload")] if permissions.EDIT.anywhere(self.request.user) else []
        return super().get_context_data(actions=actions, **kwargs)


class MandateDetail(CouncilPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_mandates)
    authority_path = "assembly__authority"
    template_name = "deliberations/mandate_detail.html"
    crumbs = (("Mandats", "/mandats/"),)

    def summary(self) -> list[tuple[str, Any]]:
        mandate = self.object
        dates = [f"{day:%d/%m/%Y}" if day else "…" for day in (mandate.starts_on, mandate.ends_on)]
        return [
            ("Assemblée", mandate.assembly),
            ("Fonction", mandate.function),
            ("Groupe politique", mandate.group),
            ("Majorité ou opposition", mandate.get_side_display()),
            ("Commune représentée", mandate.commune),
            ("Ordre du tableau", mandate.rank),
            ("Mandat", " – ".join(dates) if mandate.starts_on or mandate.ends_on else "Dates inconnues"),
            ("Cause de la fin", mandate.get_end_reason_display()),
            ("Suppléant de", mandate.alternate_for),
            ("Remplace", mandate.replaces),
        ]

    def actions(self) -> list[Action]:
        history = self.history("deliberations:mandate_history")
        if not self.may(permissions.EDIT, self.object):
            return history
        key = self.object.pk
        edit = Action("Modifier", reverse("deliberations:mandate_edit", args=[key]), "pencil")
        contact = Action("Coordonnées", self._contact_url(), "contact")
        if self.object.ends_on is not None and self.object.ends_on < timezone.localdate():
            return [*history, contact, edit]
        end = Action(
            "Démission, fin de mandat", reverse("deliberations:mandate_end", args=[key]), "log-out", secondary=True
        )
        replace = Action("Remplacer", reverse("deliberations:mandate_replace", args=[key]), "repeat")
        return [*history, contact, replace, edit, end]

    def _contact_url(self) -> str:
        """The private page of how the member is reached, or the form that makes it."""
        held = MemberContact.objects.filter(mandate=self.object).values_list("pk", flat=True).first()
        if held is None:
            return f"{reverse('deliberations:membercontact_create')}?mandate={self.object.pk}"
        return reverse("deliberations:membercontact_detail", args=[held])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        presences = self.object.presences.select_related("sitting__assembly").order_by("-sitting__held_on")[:RECENT]
        seen = queries.visible_votes(self.request.user).filter(mandate=self.object)
        votes = seen.select_related("ballot__act__sitting").order_by("-ballot__act__sitting__held_on")[:RECENT]
        return super().get_context_data(presences=presences, votes=votes, **kwargs)


class MandateEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_mandates)
    authority_path = "assembly__authority"
    form_class, service, title = MandateForm, staticmethod(services.save_mandate), "Mandat"
    detail_url, list_url = "deliberations:mandate_detail", "deliberations:mandate_list"


class MandateDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_mandates)
    authority_path = "assembly__authority"
    service, list_url = staticmethod(services.delete_mandate), "deliberations:mandate_list"
