from typing import Any

from django.urls import reverse

from governance import permissions, queries, services
from governance.enums import CommitmentDomain
from governance.filtersets import ConventionFilter, PartnerFilter
from governance.forms import ConventionForm, PartnerForm
from governance.models import Convention
from governance.tables import CONVENTION_TONES, ConventionTable, PartnerTable
from governance.views.actions import history_action
from governance.views.sections import Editing, Row, Rows, columns
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage


class PartnerList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_partners)
    filterset_class, table_class = PartnerFilter, PartnerTable
    title, search_placeholder = "Partenaires", "Nom, rôle"
    create = ("governance:partner_create", permissions.EDIT, "Ajouter un partenaire")


class PartnerDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_partners)
    template_name = "governance/rows_detail.html"
    crumbs = (("Partenaires", "/partenaires/"),)

    def summary(self) -> list[tuple[str, Any]]:
        partner = self.object
        return [("Collectivité", partner.authority), ("Nature", partner.get_kind_display()), ("Source", partner.source)]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return history_action(self)
        edit = Action("Modifier", reverse("governance:partner_edit", args=[self.object.pk]), "pencil")
        return [edit, *history_action(self)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        conventions = queries.visible_conventions(self.request.user).filter(partners=self.object).order_by("title")
        rows = [
            Row(
                (row.title, row.get_state_display(), day(row.signed_on)),
                reverse("governance:convention_detail", args=[row.pk]),
            )
            for row in conventions
        ]
        section = Rows(
            "conventions",
            "Conventions",
            columns("Convention", "État", "Signée le"),
            rows,
            empty="Aucune convention avec ce partenaire.",
        )
        texts = [("Rôle dans le plan", self.object.role)] if self.object.role else []
        return super().get_context_data(sections=[section], texts=texts, **kwargs)


class PartnerEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_partners)
    form_class, service = PartnerForm, staticmethod(services.save_owned)
    title = "Partenaire"
    crumbs = (("Partenaires", "/partenaires/"),)
    detail_url, list_url = "governance:partner_detail", "governance:partner_list"


class PartnerDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_partners)
    service, list_url = staticmethod(services.delete_owned), "governance:partner_list"


class ConventionList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_conventions)
    filterset_class, table_class = ConventionFilter, ConventionTable
    title, search_placeholder = "Conventions", "Titre, objet, partenaire"
    create = ("governance:convention_create", permissions.EDIT, "Ajouter une convention")


class ConventionDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_conventions)
    template_name = "governance/convention_detail.html"
    crumbs = (("Conventions", "/conventions/"),)

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": CONVENTION_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        row: Convention = self.object
        return [
            ("Collectivité", row.authority),
            ("Année scolaire", school_year_label(row.school_year) if row.school_year else "—"),
            ("Début", day(row.starts_on)),
            ("Fin", day(row.ends_on)),
            ("Approuvée le", day(row.approved_on)),
            ("Signée le", day(row.signed_on)),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return history_action(self)
        edit = Action("Modifier", reverse("governance:convention_edit", args=[self.object.pk]), "pencil")
        return [edit, *history_action(self)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        convention: Convention = self.object
        editing = Editing(self.may(permissions.EDIT, convention), "convention", convention.pk)
        commitments = list(convention.commitments.order_by("position", "pk"))
        rows = [
            editing.row("conventioncommitment", row.pk, (row.party, row.get_domain_display(), row.text))
            for row in commitments
        ]
        section = Rows(
            "engagements",
            "Engagements",
            columns("Qui s'engage", "Domaine", "Engagement"),
            rows,
            editing.add("conventioncommitment"),
            "Ajouter un engagement",
            empty="Aucun engagement saisi.",
        )
        return super().get_context_data(
            convention=convention, sections=[section], matrix=who_does_what(commitments), **kwargs
        )


def who_does_what(commitments: list[Any]) -> dict[str, Any]:
    """Domains in rows, parties in columns, the commitments in the cells; nothing where there is less than two of either."""
    parties = list(dict.fromkeys(row.party for row in commitments))
    cells: dict[tuple[str, str], list[str]] = {}
    for row in commitments:
        cells.setdefault((row.domain, row.party), []).append(row.text)
    rows = [
        (domain.label, [cells.get((domain.value, party), []) for party in parties])
        for domain in CommitmentDomain
        if any((domain.value, party) in cells for party in parties)
    ]
    return {"parties": parties, "rows": rows} if len(parties) > 1 else {}


class ConventionEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_conventions)
    form_class, service = ConventionForm, staticmethod(services.save_convention)
    title = "Convention"
    crumbs = (("Conventions", "/conventions/"),)
    detail_url, list_url = "governance:convention_detail", "governance:convention_list"


class ConventionDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_conventions)
    service, list_url = staticmethod(services.delete_owned), "governance:convention_list"
