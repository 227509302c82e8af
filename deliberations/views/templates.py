"""Models of acts: those that come with the product, and those of the authority."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.domain.figures import FIGURES
from deliberations.enums import ClauseKind
from deliberations.filtersets.drafting import ActTemplateFilter
from deliberations.forms import ActTemplateForm
from deliberations.forms.drafting import VERBS
from deliberations.models import Act, ActTemplate
from deliberations.queries.rich import shown_clause
from deliberations.tables.drafting import ActTemplateTable
from deliberations.views.steps import ActStep
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage

NAMES = {key: f"[{figure.label}]" for key, figure in FIGURES.items()}


class ActTemplateList(ListPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_act_templates)
    authority_path = ""
    filterset_class, table_class = ActTemplateFilter, ActTemplateTable
    title, search_placeholder = "Modèles d'actes", "Nom, intitulé"
    create = ("deliberations:acttemplate_create", permissions.EDIT, "Nouveau modèle")
    intro = "Un modèle sans collectivité vient avec l'application : le copier pour l'adapter."
    empty_text = "Aucun modèle : en créer un ici, ou depuis la rédaction d'un acte."

    def rows(self) -> Any:
        """Of the authority chosen in the header, and those common to all."""
        rows, authority = super().rows(), self.request.scope.authority
        return (rows.filter(authority=None) | rows.filter(authority=authority)) if authority else rows


class OwnTemplate:
    """The models that come with the product are read and copied, never changed here."""

    def require(self, row: ActTemplate, permission: Any = None) -> None:
        if row.authority is None:
            raise PermissionDenied
        super().require(row, permission)  # type: ignore[misc]


class ActTemplateDetail(DetailPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_act_templates)
    template_name = "deliberations/acttemplate_detail.html"
    crumbs = (("Modèles d'actes", "/modeles-d-actes/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row: ActTemplate = self.object
        return [
            ("Collectivité", row.authority or "Modèle commun"),
            ("Intitulé proposé", row.title),
            ("Décision", row.get_kind_display()),
            ("Nature ACTES", row.get_nature_display()),
            ("Matière", row.matter_code),
        ]

    def notice_of(self, row: Any) -> str:
        return str(row.authority.notice) if row.authority else ""

    def actions(self) -> list[Action]:
        row: ActTemplate = self.object
        found = []
        if permissions.EDIT.anywhere(self.request.user):
            found.append(
                Action("Copier", reverse("deliberations:acttemplate_copy", args=[row.pk]), "copy", method="post")
            )
            draft = f"{reverse('deliberations:act_draft')}?template={row.pk}"
            found.append(Action("Rédiger un acte", draft, "plus", primary=True))
        if row.authority is not None and self.may(permissions.EDIT, row):
            edit = reverse("deliberations:acttemplate_edit", args=[row.pk])
            delete = reverse("deliberations:acttemplate_delete", args=[row.pk])
            found[:0] = [Action("Supprimer", delete, "trash-2", danger=True), Action("Modifier", edit, "pencil")]
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = dict(ClauseKind.choices)
        passages = [
            {
                "kind": clause["kind"],
                "label": labels.get(clause["kind"], ""),
                "verb": clause.get("verb", ""),
                "shown": shown_clause(clause["text"], rich=clause.get("rich", False), figures=NAMES),
            }
            for clause in self.object.clauses
        ]
        return super().get_context_data(passages=passages, **kwargs)


class ActTemplateEdit(OwnTemplate, EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_act_templates)
    form_class, service, title = ActTemplateForm, staticmethod(services.save_template), "Modèle d'acte"
    template_name = "deliberations/acttemplate_edit.html"
    detail_url, list_url = "deliberations:acttemplate_detail", "deliberations:acttemplate_list"
    crumbs = (("Modèles d'actes", "/modeles-d-actes/"),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(verbs=VERBS, **kwargs)


class ActTemplateDelete(OwnTemplate, DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_act_templates)
    service, list_url = staticmethod(services.delete_template), "deliberations:acttemplate_list"


class ActTemplateCopy(ActStep):
    """For the authority of the model or of the header, else the only one where the user writes acts."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_act_templates)

    def require(self, row: ActTemplate, permission: Any = None) -> None:
        """The right is that of the authority that the copy is for."""
        held = queries.editable_authorities(self.request.user)
        asked = asked_key(self.request.POST.get("authority"))
        wanted = asked or getattr(row.authority or self.request.scope.authority, "pk", None)
        self.authorities = list(held.filter(pk=wanted) if wanted else held.order_by("name", "pk")[:2])
        if not self.authorities:
            raise PermissionDenied

    def perform(self, row: ActTemplate) -> str:
        if len(self.authorities) > 1:
            raise DomainError("Choisir d'abord, en haut de la page, la collectivité qui reçoit la copie.")
        authority = self.authorities[0]
        copy = services.copy_template(template=row, authority=authority, by=self.request.user)
        return f"« {copy.name} » est un modèle de {authority}."

    def back_url(self, row: ActTemplate) -> str:
        return reverse("deliberations:acttemplate_list")


class TemplateOfAct(ActStep):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)

    def perform(self, row: Act) -> str:
        name = self.request.POST.get("name", "")
        template = services.template_of_act(act=row, name=name, by=self.request.user)
        return f"« {template.name} » est ajouté aux modèles."

    def back_url(self, row: Act) -> str:
        return reverse("deliberations:act_compose", args=[row.pk])
