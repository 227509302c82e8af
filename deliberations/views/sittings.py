from typing import Any

from django.forms import BaseForm
from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.enums import SittingState
from deliberations.filtersets import SittingFilter
from deliberations.forms import AttendanceChangeForm, AttendanceForm, PassageRangeForm, SecretaryForm, SittingForm
from deliberations.models import Presence, Proxy, Sitting
from deliberations.tables import SittingTable
from deliberations.views.base import SittingPage
from deliberations.views.children import OfSittingDelete, OfSittingEdit
from deliberations.views.strips import shown_findings, strip
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, DeletePage, EditPage, ListPage


class SittingList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"
    filterset_class, table_class = SittingFilter, SittingTable
    title, search_placeholder = "Séances", "Assemblée, lieu"
    create = ("deliberations:sitting_create", permissions.EDIT, "Nouvelle séance")
    empty_text = "Une séance porte l'émargement, les pouvoirs et les délibérations dans leur ordre de passage."


class SittingDetail(SittingPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_sittings)
    template_name = "deliberations/sitting_detail.html"

    def summary(self) -> list[tuple[str, Any]]:
        sitting = self.object
        return [
            ("Assemblée", sitting.assembly),
            ("Date", day(sitting.held_on)),
            ("Heure", f"{sitting.held_at:%H h %M}" if sitting.held_at else ""),
            ("Lieu", sitting.place),
            ("Convocation envoyée le", day(sitting.convened_on)),
            ("Seconde convocation", "Oui" if sitting.second_convocation else "Non"),
            ("Présidence", " — ".join(filter(None, (str(sitting.chair or ""), sitting.chair_quality)))),
            ("Source", sitting.source),
        ]

    def actions(self) -> list[Action]:
        key = self.object.pk
        history = self.history("deliberations:sitting_history")
        if not self.may(permissions.EDIT, self.object):
            return history
        journal = f"{reverse('deliberations:sittingentry_list')}?sitting={key}"
        return [
            *history,
            *([Action("Saisies", journal, "list")] if self.object.sequence else []),
            Action("Modifier", reverse("deliberations:sitting_edit", args=[key]), "pencil"),
            Action("Émargement", reverse("deliberations:attendance", args=[key]), "clipboard-check"),
            Action("Nouvelle délibération", f"{reverse(_new_act(self.object))}?sitting={key}", "plus", primary=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sitting = self.object
        result = queries.check_sitting(sitting)
        acts = queries.visible_acts(self.request.user).filter(sitting=sitting).order_by("passage", "number", "pk")
        return super().get_context_data(
            tiles=strip(queries.members_of(sitting), result, past=sitting.past),
            findings=shown_findings(result),
            groups=queries.attendance_of(sitting),
            passage=queries.passage_of(sitting),
            acts=acts,
            secretaries=sitting.secretaries.order_by("position"),
            changes=sitting.attendance_changes.select_related("mandate", "act").order_by("at", "pk"),
            passage_rows=sitting.passage_ranges.order_by("position"),
            object_key=str(sitting.pk),
            may_edit=self.may(permissions.EDIT, sitting),
            new_act=_new_act(sitting),
            **kwargs,
        )


def _new_act(sitting: Sitting) -> str:
    """Drafted for a sitting to come; recorded as it was for one that was held."""
    held = sitting.past or sitting.state == SittingState.CLOSED
    return "deliberations:act_create" if held else "deliberations:act_draft"


class SittingEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"
    form_class, service, title = SittingForm, staticmethod(services.save_sitting), "Séance"
    detail_url, list_url = "deliberations:sitting_detail", "deliberations:sitting_list"


class SittingDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"
    service, list_url = staticmethod(services.delete_sitting), "deliberations:sitting_list"


class AttendanceEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"
    template_name = "deliberations/attendance.html"
    form_class, service, title = AttendanceForm, staticmethod(services.save_attendance), "Émargement et pouvoirs"
    detail_url, list_url = "deliberations:sitting_detail", "deliberations:sitting_list"

    def version_parts(self, pk: Any) -> tuple[Any, ...]:
        return Presence.history.filter(sitting_id=pk), Proxy.history.filter(sitting_id=pk)

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        return services.save_attendance(
            sitting=kwargs["instance"],
            states=form.states(),  # type: ignore[attr-defined]
            proxies=form.proxies(),  # type: ignore[attr-defined]
            complete=form.is_complete(),  # type: ignore[attr-defined]
            by=kwargs["by"],
            reason=kwargs["reason"],
        )

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [("Séances", "/seances/"), (str(self.object), self.get_success_url())] if self.object else []


class SecretaryEdit(OfSittingEdit):
    queryset, title = staticmethod(queries.visible_secretaries), "Secrétaire de séance"
    form_class, service = SecretaryForm, staticmethod(services.save_of_sitting)


class SecretaryDelete(OfSittingDelete):
    queryset, service = staticmethod(queries.visible_secretaries), staticmethod(services.delete_of_sitting)


class AttendanceChangeEdit(OfSittingEdit):
    queryset, title = staticmethod(queries.visible_attendance_changes), "Mouvement en séance"
    form_class, service = AttendanceChangeForm, staticmethod(services.save_of_sitting)


class AttendanceChangeDelete(OfSittingDelete):
    queryset, service = staticmethod(queries.visible_attendance_changes), staticmethod(services.delete_of_sitting)


class PassageRangeEdit(OfSittingEdit):
    queryset, title = staticmethod(queries.visible_passage_ranges), "Ordre de passage"
    form_class, service = PassageRangeForm, staticmethod(services.save_of_sitting)


class PassageRangeDelete(OfSittingDelete):
    queryset, service = staticmethod(queries.visible_passage_ranges), staticmethod(services.delete_of_sitting)
