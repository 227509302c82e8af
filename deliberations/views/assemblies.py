from typing import Any

from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.filtersets import AssemblyFilter, LegalSettingFilter, MandateFilter
from deliberations.forms import AssemblyForm, MandateForm
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
            Action(
                "Nouvelle séance",
                f"{reverse('deliberations:sitting_create')}?assembly={self.object.pk}",
                "plus",
                primary=True,
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assembly = self.object
        return super().get_context_data(
            mandates=assembly.mandates.order_by("rank", "pk"),
            sittings=queries.visible_sittings(self.request.user)
            .filter(assembly=assembly)
            .order_by("-held_on", "-held_at")[:RECENT],
            may_edit=self.may(permissions.EDIT, assembly),
            object_key=str(assembly.pk),
            **kwargs,
        )


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
    intro = "Les élus, nommés comme dans les actes publiés. Leurs coordonnées ne sont pas conservées."


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
            ("Ordre du tableau", mandate.rank),
            ("Mandat", " – ".join(dates) if mandate.starts_on or mandate.ends_on else "Dates inconnues"),
        ]

    def actions(self) -> list[Action]:
        history = self.history("deliberations:mandate_history")
        if not self.may(permissions.EDIT, self.object):
            return history
        return [*history, Action("Modifier", reverse("deliberations:mandate_edit", args=[self.object.pk]), "pencil")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        presences = self.object.presences.select_related("sitting__assembly").order_by("-sitting__held_on")[:RECENT]
        votes = self.object.votes.select_related("ballot__act__sitting").order_by("-ballot__act__sitting__held_on")[
            :RECENT
        ]
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
