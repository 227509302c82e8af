from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.middleware import SESSION_KEY
from plan_numerique.accounts.permissions import EDIT_AUTHORITY, MANAGE_MEMBERS, VIEW_AUTHORITY
from plan_numerique.accounts.queries import known_authorities, visible_members
from plan_numerique.administration import services
from plan_numerique.administration.forms import AuthorityForm, MembershipForm, image_type
from plan_numerique.administration.lists import AuthorityFilter, AuthorityTable, MemberFilter, MemberTable
from plan_numerique.administration.rights import all_permissions
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage, Page


@require_POST
def switch_authority(request: HttpRequest) -> HttpResponse:
    """Choose the authority that lists show; an empty choice is all that one may see."""
    request.session[SESSION_KEY] = request.POST.get("authority", "")
    back = request.POST.get("next", "")
    return HttpResponseRedirect(
        back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else reverse("home")
    )


def authority_logo(request: HttpRequest, pk: int) -> HttpResponse:
    """The logo of an authority one may see; only PNG and JPEG are ever accepted."""
    authority = next((row for row in request.scope.authorities if row.pk == pk), None)
    if authority is None or not authority.logo:
        raise Http404
    with authority.logo.open("rb") as content:
        return HttpResponse(
            content.read(),
            content_type=image_type(authority.logo.name),
            headers={"Cache-Control": "private, max-age=3600"},
        )


class AuthorityList(ListPage):
    permission, queryset, authority_path = VIEW_AUTHORITY, staticmethod(known_authorities), ""
    filterset_class, table_class = AuthorityFilter, AuthorityTable
    title, search_placeholder = "Collectivités", "Nom, SIREN, code INSEE"


class AuthorityDetail(DetailPage):
    permission, queryset, authority_path = VIEW_AUTHORITY, staticmethod(known_authorities), ""
    crumbs = (("Collectivités", "/administration/collectivites/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Nature", row.get_kind_display()),
            ("SIREN", row.siren or "Non renseigné"),
            ("Code INSEE", row.insee or "—"),
            ("Département", row.department),
            ("Population", integer(row.population)),
        ]

    def actions(self) -> list[Action]:
        url = reverse("administration:authority_edit", args=[self.object.pk])
        return [Action("Modifier", url, "pencil")] if self.may(EDIT_AUTHORITY, self.object) else []


class AuthorityEdit(EditPage):
    permission, queryset, authority_path = EDIT_AUTHORITY, staticmethod(known_authorities), ""
    form_class, service = AuthorityForm, staticmethod(services.save_authority)
    title = "Modifier la collectivité"
    detail_url, list_url = "administration:authority_detail", "administration:authority_list"


class MemberList(ListPage):
    permission, queryset = MANAGE_MEMBERS, staticmethod(visible_members)
    filterset_class, table_class = MemberFilter, MemberTable
    title, search_placeholder = "Utilisateurs", "Nom ou adresse"
    create = ("administration:member_create", MANAGE_MEMBERS, "Donner un rôle")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        url = f"{reverse('importing:import_create')}?kind=administration.members"
        return super().get_context_data(actions=[Action("Importer", url, "upload")], **kwargs)


class MemberDetail(DetailPage):
    permission, queryset = MANAGE_MEMBERS, staticmethod(visible_members)
    crumbs = (("Utilisateurs", "/administration/utilisateurs/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Personne", row.user),
            ("Adresse électronique", row.user.email),
            ("Rôle", row.get_role_display()),
            ("Collectivité", row.authority),
            ("Dernière connexion", row.user.last_login or "Jamais"),
        ]

    def actions(self) -> list[Action]:
        return [
            Action("Modifier", reverse("administration:member_edit", args=[self.object.pk]), "pencil"),
            Action(
                "Retirer ce rôle",
                reverse("administration:member_delete", args=[self.object.pk]),
                "trash-2",
                danger=True,
            ),
        ]


class MemberEdit(EditPage):
    permission, queryset = MANAGE_MEMBERS, staticmethod(visible_members)
    form_class = MembershipForm
    title = "Donner un rôle"
    detail_url, list_url = "administration:member_detail", "administration:member_list"

    def save(self, form: Any, **kwargs: Any) -> Any:
        return services.give_role(email=form.cleaned_data["email"], full_name=form.cleaned_data["full_name"], **kwargs)


class MemberDelete(DeletePage):
    permission, queryset = MANAGE_MEMBERS, staticmethod(visible_members)
    service = staticmethod(services.remove_role)
    list_url = "administration:member_list"


class RightsPage(Page, TemplateView):
    """Who may do what: the roles in code, shown as a table."""

    permission = VIEW_AUTHORITY
    template_name = "administration/rights.html"
    title = "Rôles et droits"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [(p.label, [role in p.roles for role in Role]) for p in all_permissions()]
        return super().get_context_data(roles=list(Role), rows=rows, **kwargs)
