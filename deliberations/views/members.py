"""How members are reached, which nobody else reads; mandates that end, and who follows."""

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from deliberations import permissions, queries
from deliberations.forms.members import SAME_RANK, MandateEndForm, MandateReplaceForm, MemberContactForm
from deliberations.models import MemberContact
from deliberations.queries.members import in_office, still_named
from deliberations.services import mandates as services
from deliberations.views.base import CouncilPage
from plan_numerique.web.views import Action, Child, ChildDeletePage, ChildEditPage, EditPage

PRIVATE_INTRO = "Coordonnées réservées à ceux qui convoquent l'assemblée : jamais publiées, jamais exportées, absentes des courriels."


class OfMember(Child):
    permission, authority_path = permissions.EDIT, "mandate__assembly__authority"
    parent, home = "mandate", "deliberations:mandate_detail"
    crumbs = (("Mandats", "/mandats/"),)


class MemberContactEdit(OfMember, ChildEditPage):
    queryset, title = staticmethod(queries.visible_contacts), "Coordonnées du membre"
    form_class, service = MemberContactForm, staticmethod(services.save_contact)
    list_url = "deliberations:mandate_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        member = self.object.mandate if self.object else self.parent_row
        return {**context, "title": f"Coordonnées de {member}"} if member else context


class MemberContactDelete(OfMember, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_contacts), staticmethod(services.delete_contact)


class MemberContactDetail(CouncilPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_contacts)
    authority_path, template_name = "mandate__assembly__authority", "deliberations/contact_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        assembly = self.object.mandate.assembly
        return [
            (str(assembly), reverse("deliberations:assembly_detail", args=[assembly.pk])),
            ("Coordonnées", reverse("deliberations:assembly_contacts", args=[assembly.pk])),
        ]

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Membre", row.mandate),
            ("Adresse électronique", row.email),
            ("Téléphone", row.phone),
            ("Convocation", "Sur papier" if row.on_paper else "Par courriel"),
            ("Compte", row.user),
        ]

    def actions(self) -> list[Action]:
        key = self.object.pk
        return [
            *self.history("deliberations:membercontact_history"),
            Action("Supprimer", reverse("deliberations:membercontact_delete", args=[key]), "trash-2", secondary=True),
            Action("Modifier", reverse("deliberations:membercontact_edit", args=[key]), "pencil", primary=True),
        ]


class AssemblyContacts(CouncilPage):
    """Every member in office today, with how they are reached; not a list that exports itself."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_assemblies)
    template_name = "deliberations/assembly_contacts.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [
            ("Assemblées", "/assemblees/"),
            (str(self.object), reverse("deliberations:assembly_detail", args=[self.object.pk])),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = in_office(self.object, timezone.localdate())
        held = {
            row.mandate_id: row
            for row in MemberContact.objects.filter(mandate__in=[m.pk for m in members]).select_related("user")
        }
        rows = [{"member": member, "contact": held.get(member.pk)} for member in members]
        reached = sum(1 for row in held.values() if row.email or row.on_paper)
        return super().get_context_data(
            **{
                "title": f"Coordonnées : {self.object}",
                "intro": PRIVATE_INTRO,
                "rows": rows,
                "lacking": len(members) - reached,
                **kwargs,
            }
        )


class MandateEnd(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_mandates)
    authority_path, template_name = "assembly__authority", "deliberations/mandate_end.html"
    form_class, service = MandateEndForm, staticmethod(services.end_mandate)
    detail_url, list_url = "deliberations:mandate_detail", "deliberations:mandate_list"
    verb = "Fin du mandat"

    def form_valid(self, form: BaseForm) -> HttpResponse:
        told = still_named(form.instance, form.cleaned_data["ends_on"])  # type: ignore[attr-defined]
        response = super().form_valid(form)
        if response.status_code == 302:
            for sentence in told:
                messages.warning(self.request, f"À revoir : {sentence}")
        return response

    def get_crumbs(self) -> list[tuple[str, str]]:
        if self.object is None:
            return []
        assembly = self.object.assembly
        return [
            ("Assemblées", "/assemblees/"),
            (str(assembly), reverse("deliberations:assembly_detail", args=[assembly.pk])),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ended = self.object.ends_on
        day = timezone.localdate()
        return {
            **context,
            "title": f"{self.verb} : {self.object}",
            "told": still_named(self.object, min(ended, day) if ended else day),
            "cancel_url": reverse("deliberations:mandate_detail", args=[self.kwargs["pk"]]),
        }


class MandateReplace(MandateEnd):
    form_class, verb = MandateReplaceForm, "Remplacement"

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        data = form.cleaned_data
        return services.replace_mandate(
            mandate=kwargs["instance"],
            ends_on=data["ends_on"],
            end_reason=data["end_reason"],
            successor=form.successor(),  # type: ignore[attr-defined]
            same_rank=data["place"] == SAME_RANK,
            by=kwargs["by"],
            reason=kwargs["reason"],
        )
