"""Calls for projects, with their criteria: prepared, published, followed until the list is frozen."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import day, integer
from plan_numerique.web.views import (
    Action,
    Child,
    ChildDeletePage,
    ChildEditPage,
    DeletePage,
    DetailPage,
    EditPage,
    ListPage,
)
from schools import permissions, queries, services
from schools.domain import marks
from schools.enums import ApplicationState, CampaignState, Stage
from schools.filtersets import CampaignFilter, SilentFilter
from schools.forms import CampaignForm, CriterionForm
from schools.models import Campaign, Criterion, School
from schools.tables import CampaignTable, SilentTable
from schools.views.commands import Command

CRUMBS = (("Campagnes de candidatures", "/campagnes/"),)


class CampaignList(ListPage):
    permission, queryset = permissions.VIEW_CAMPAIGNS, staticmethod(queries.campaigns_listed)
    filterset_class, table_class = CampaignFilter, CampaignTable
    title, search_placeholder = "Campagnes de candidatures", "Titre, présentation"
    create = ("schools:campaign_create", permissions.LEAD_CAMPAIGNS, "Préparer une campagne")
    empty_text = "Un appel à candidatures : ses dates, son questionnaire, ses critères."


class CampaignDetail(DetailPage):
    permission, queryset = permissions.VIEW_CAMPAIGNS, staticmethod(queries.campaigns_listed)
    template_name, crumbs = "schools/campaign_detail.html", CRUMBS
    object: Campaign

    def state(self) -> dict[str, str]:
        label, tone = queries.PHASES[self.phase()]
        return {"label": label, "tone": tone}

    def phase(self) -> str:
        return queries.campaign_phase(self.object, timezone.localdate())

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        questionnaire: Any = row.questionnaire
        if self.may(permissions.VIEW_QUESTIONNAIRES, row):
            url = reverse("schools:questionnaire_detail", args=[row.questionnaire_id])
            questionnaire = format_html('<a href="{}">{}</a>', url, row.questionnaire)
        return [
            ("Rentrée visée", school_year_label(row.school_year)),
            ("Ouverture", day(row.opens_on)),
            ("Clôture", day(row.closes_on)),
            ("Avis attendus pour le", day(row.opinions_due_on) if row.opinions_due_on else ""),
            ("Écoles à retenir", integer(row.places) if row.places else "nombre non fixé"),
            ("Départage", row.get_tie_rule_display()),
            ("Questionnaire", questionnaire),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        row, leads = self.object, self.may(permissions.LEAD_CAMPAIGNS, self.object)

        def url(name: str) -> str:
            return reverse(f"schools:campaign_{name}", args=[row.pk])

        actions = []
        if leads and row.state == CampaignState.DRAFT:
            ask = "Publier ? Les écoles verront la campagne et y répondront à partir de son ouverture."
            actions.append(Action("Publier", url("publish"), "megaphone", "post", primary=True, confirm=ask))
        applying = queries.applying_schools(self.request.user).filter(authority=row.authority)
        if self.phase() == queries.OPEN and applying.exists():
            start = f"{reverse('schools:application_create')}?campaign={row.pk}"
            actions.append(Action("Candidater", start, "file-pen-line", primary=not leads))
        if queries.sees_ranking(self.request.user, row):
            actions.append(Action("Classement", f"/campagnes/{row.pk}/classement/", "list-ordered"))
        if leads and row.state != CampaignState.FROZEN:
            actions.append(Action("Modifier", url("edit"), "pencil"))
            actions.append(Action("Supprimer", url("delete"), "trash-2", danger=True, secondary=True))
        if leads and row.state == CampaignState.PUBLISHED:
            back = "Retirer la publication ? Les écoles ne verront plus la campagne."
            actions.append(Action("Dépublier", url("unpublish"), "eye-off", "post", secondary=True, confirm=back))
        if self.may(VIEW_HISTORY, row):
            actions.append(Action("Historique", url("history"), "history", secondary=True))
        return actions

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        criteria = list(row.criteria.order_by("position", "pk"))
        sees = self.may(permissions.VIEW_APPLICATIONS, row)
        leads = self.may(permissions.LEAD_CAMPAIGNS, row)
        return super().get_context_data(
            tiles=self._tiles(leads) if sees else [],
            criteria=[(each, _read(each)) for each in criteria],
            total=sum(each.weight for each in criteria),
            editing=leads and row.state != CampaignState.FROZEN,
            due=queries.opinions_due(user).filter(campaign=row).count() if permissions.OPINE.anywhere(user) else 0,
            **kwargs,
        )

    def _tiles(self, leads: bool) -> list[dict[str, Any]]:
        row, phase = self.object, self.phase()
        tiles = []
        if phase in {queries.OPEN, queries.COMING}:
            end, text = (
                (row.closes_on, "avant la clôture") if phase == queries.OPEN else (row.opens_on, "avant l'ouverture")
            )
            left = (end - timezone.localdate()).days
            figure = integer(left) if left else "dernier jour"
            tiles.append({"label": "Jours restants", "figure": figure, "trend": f"{text}, le {end:%d/%m/%Y}"})
        found = queries.state_counts(self.request.user, row)
        listed = f"{reverse('schools:application_list')}?campaign={row.pk}&state="
        for state, count in found.items():
            tiles.append({"label": ApplicationState(state).label, "figure": integer(count), "url": f"{listed}{state}"})
        if leads and row.state != CampaignState.DRAFT:
            url = reverse("schools:campaign_silent", args=[row.pk])
            silent = queries.silent_schools(row).count()
            tiles.append(
                {"label": "N'ont rien déposé", "figure": integer(silent), "url": url, "trend": "écoles ouvertes"}
            )
        return tiles


def _read(row: Criterion) -> str:
    """How a value makes points, in words."""
    low, high = marks.shown(row.floor_value), marks.shown(row.full_value)
    told = f"De {low} (aucun point) à {high} ({counted(row.weight, 'point')})."
    if row.default_value is not None:
        return f"{told} Inconnue, elle vaut {marks.shown(row.default_value)}."
    return told if row.kind in Stage.values else f"{told} Inconnue, elle ne donne aucun point."


class CampaignEdit(EditPage):
    permission, queryset = permissions.LEAD_CAMPAIGNS, staticmethod(queries.visible_campaigns)
    form_class, service = CampaignForm, staticmethod(services.save_campaign)
    title, crumbs = "Campagne de candidatures", CRUMBS
    detail_url, list_url = "schools:campaign_detail", "schools:campaign_list"


class CampaignDelete(DeletePage):
    permission, queryset = permissions.LEAD_CAMPAIGNS, staticmethod(queries.visible_campaigns)
    service, list_url = staticmethod(services.delete_campaign), "schools:campaign_list"
    crumbs = CRUMBS


class CampaignCommand(Command):
    permission, queryset = permissions.LEAD_CAMPAIGNS, staticmethod(queries.visible_campaigns)

    def url_after(self, row: Any, made: Any) -> str:
        return reverse("schools:campaign_detail", args=[row.pk])


class CampaignPublish(CampaignCommand):
    done = "La campagne est publiée."

    def perform(self, row: Campaign) -> Campaign:
        return services.publish_campaign(campaign=row, by=self.request.user)


class CampaignUnpublish(CampaignCommand):
    done = "La campagne est de nouveau en préparation."

    def perform(self, row: Campaign) -> Campaign:
        return services.unpublish_campaign(campaign=row, by=self.request.user)


class CampaignSilent(ListPage):
    """Open schools that have sent nothing in the campaign; its export is the list of those to call."""

    permission, queryset = permissions.LEAD_CAMPAIGNS, staticmethod(queries.visible_campaigns)
    filterset_class, table_class = SilentFilter, SilentTable
    search_placeholder = "Nom, UAI, commune"
    empty_text = "Toutes les écoles ouvertes ont déposé une candidature."
    campaign: Campaign

    def rows(self) -> QuerySet[School]:
        self.campaign = get_object_or_404(queries.visible_campaigns(self.request.user), pk=self.kwargs["pk"])
        self.require(self.campaign)
        self.title = f"Sans candidature : {self.campaign}"
        return queries.silent_schools(self.campaign)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [*CRUMBS, (str(self.campaign), reverse("schools:campaign_detail", args=[self.campaign.pk]))]


class OfCampaign(Child):
    permission, queryset = permissions.LEAD_CAMPAIGNS, staticmethod(queries.visible_criteria)
    authority_path = "campaign__authority"
    parent, home = "campaign", "schools:campaign_detail"
    crumbs = CRUMBS


class CriterionEdit(OfCampaign, ChildEditPage):
    form_class, service = CriterionForm, staticmethod(services.save_criterion)
    title, list_url = "Critère", "schools:campaign_list"


class CriterionDelete(OfCampaign, ChildDeletePage):
    service = staticmethod(services.delete_criterion)
