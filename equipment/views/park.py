from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.generic import FormView

from equipment import permissions, queries, services
from equipment.domain import lifecycle
from equipment.enums import DeviceState
from equipment.filtersets import DeviceFilter, ParkCountFilter
from equipment.forms import DeviceForm, MoveForm, ParkCountForm
from equipment.models import Movement, Reservation
from equipment.tables import STATE_TONES, DeviceTable, ParkCountTable
from equipment.views.base import TitledEdit, import_actions
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.templatetags.web import day, euros, integer, yes_no
from plan_numerique.web.views import Action, BulkAction, DeletePage, DetailPage, ListPage, Page, Tab

PARK_CRUMBS = (("Parc", "/parc/"),)


def _change(code: str, label: str, state: str) -> BulkAction:
    def run(*, objects: list[Any], by: Any) -> str:
        return services.move_devices(devices=objects, state=state, reason="Action groupée", by=by)

    return BulkAction(code, label, permissions.EDIT, run)


def _views(active: str) -> list[Tab]:
    names = (("Appareils", "equipment:device_list"), ("Comptes des sources", "equipment:parkcount_list"))
    return [Tab(label, reverse(name), active=name == active) for label, name in names]


class DeviceList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_devices)
    filterset_class, table_class = DeviceFilter, DeviceTable
    title, search_placeholder = "Parc", "N° d'inventaire, n° de série, article, école"
    create = ("equipment:device_create", permissions.EDIT, "Ajouter un appareil")
    empty_text = "Le parc réunit les appareils un par un, avec leur état et leur emplacement."
    bulk_actions = (
        _change("repair", "Mettre en réparation", lifecycle.REPAIR),
        _change("stock", "Remettre en stock", lifecycle.STOCK),
        _change("dispose", "Réformer", lifecycle.DISPOSED),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = import_actions(self.request.user, permissions.EDIT, "equipment.devices")
        return super().get_context_data(views=_views("equipment:device_list"), actions=actions, **kwargs)


class DeviceDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_devices)
    template_name = "equipment/device_detail.html"
    crumbs = PARK_CRUMBS

    def state(self) -> dict[str, str]:
        device = self.object
        return {"label": device.get_state_display(), "tone": STATE_TONES.get(device.state, "neutral")}

    def summary(self) -> list[tuple[str, Any]]:
        device = self.object
        return [
            ("Article", device.item_type),
            ("École", device.school or "Hors des écoles"),
            ("Salle", device.room),
            ("Emplacement", device.place),
            ("N° de série", device.serial),
            ("Acquis le", day(device.acquired_on)),
            ("Prix d'achat HT", euros(device.purchase_ht)),
            ("Fournisseur", device.supplier),
            ("Garantie jusqu'au", day(device.warranty_until)),
            *([("Réservé pour", _reserved(held))] if (held := queries.reservation_of(device.pk)) else []),
        ]

    def actions(self) -> list[Action]:
        device = self.object
        if not self.may(permissions.EDIT, device):
            return []
        edit = Action("Modifier", reverse("equipment:device_edit", args=[device.pk]), "pencil")
        history = Action("Historique", reverse("equipment:device_history", args=[device.pk]), "history")
        if not lifecycle.states_after(device.state):
            return [edit, history]
        move = Action(
            "Déplacer, changer d'état", reverse("equipment:device_move", args=[device.pk]), "move-right", primary=True
        )
        return [move, edit, history]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        events = [_event(movement) for movement in queries.movements_of(self.object)]
        return super().get_context_data(events=events, meta=[str(self.object.item_type)], **kwargs)


def _reserved(held: Reservation) -> str:
    url = reverse("equipment:diagnostic_packs", args=[held.proposal.diagnostic_id])
    return format_html('<a href="{}">{}</a>', url, held.proposal.diagnostic.school)


def _event(movement: Movement) -> dict[str, Any]:
    before, after = _where(movement.from_school, movement.from_place), _where(movement.to_school, movement.to_place)
    if not movement.from_state:
        title, way = f"Entrée au parc : {movement.get_to_state_display().lower()}", after
    else:
        changed = movement.from_state != movement.to_state
        states = f"{movement.get_from_state_display()} → {movement.get_to_state_display().lower()}"
        title, way = (
            (states if changed else "Changement de place"),
            (f"{before} → {after}" if before != after else after),
        )
    text = f"{way}. {movement.reason}" if way else movement.reason
    who = movement.by or "Application"
    return {
        "date": movement.at,
        "title": title,
        "text": text,
        "who": who,
        "tone": STATE_TONES.get(movement.to_state, ""),
    }


def _where(school: Any, place: str) -> str:
    return ", ".join(part for part in (str(school) if school else "Hors des écoles", place) if part)


class DeviceEdit(TitledEdit):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_devices)
    form_class, service = DeviceForm, staticmethod(services.save_device)
    new_title = "Nouvel appareil"
    crumbs = PARK_CRUMBS
    detail_url, list_url = "equipment:device_detail", "equipment:device_list"


class DeviceMove(Page, FormView):
    """Answers htmx too: when the school changes, the page is asked again and its list of rooms is swapped."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_devices)
    form_class, template_name = MoveForm, "equipment/device_move.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        self.device = self.row()
        self.require(self.device)
        return {**super().get_form_kwargs(), "user": self.request.user, "device": self.device}

    def get_initial(self) -> dict[str, Any]:
        device, chosen = self.device, self.request.GET
        present = {"state": device.state, "school": device.school_id, "room": device.room_id, "place": device.place}
        return {**present, **{name: chosen[name] for name in ("state", "school", "place", "reason") if name in chosen}}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            device = services.move_device(device=self.device, by=self.request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        messages.success(self.request, f"« {device} » : {DeviceState(device.state).label.lower()}.")
        return HttpResponseRedirect(reverse("equipment:device_detail", args=[device.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        url = reverse("equipment:device_detail", args=[self.device.pk])
        return {
            **context,
            "title": f"Déplacer « {self.device} »",
            "crumbs": [*PARK_CRUMBS, (str(self.device), url)],
            "cancel_url": url,
            "device": self.device,
        }


class ParkCountList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_park_counts)
    filterset_class, table_class = ParkCountFilter, ParkCountTable
    title, search_placeholder = "Comptes du parc", "Intitulé, source"
    create = ("equipment:parkcount_create", permissions.EDIT, "Ajouter un compte")
    intro = "Ce que les sources donnent en nombre, sans le détail des appareils."
    empty_text = "Quand une source ne donne qu'un nombre d'appareils, il se note ici et n'entre pas dans le parc."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(views=_views("equipment:parkcount_list"), **kwargs)


class ParkCountDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_park_counts)
    template_name = "equipment/parkcount_detail.html"
    crumbs = (*PARK_CRUMBS, ("Comptes des sources", "/comptes-du-parc/"))

    def summary(self) -> list[tuple[str, Any]]:
        count = self.object
        return [
            ("Quantité", integer(count.quantity)),
            ("Catégorie", count.get_category_display()),
            ("Article", count.item_type),
            ("Date ou période", count.as_of),
            ("Approché", yes_no(count.approximate)),
            ("Source", count.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        link = partial(reverse, args=[self.object.pk])
        return [
            Action("Modifier", link("equipment:parkcount_edit"), "pencil"),
            Action("Supprimer", link("equipment:parkcount_delete"), "trash-2", danger=True),
        ]


class ParkCountEdit(TitledEdit):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_park_counts)
    form_class, service = ParkCountForm, staticmethod(services.save_park_count)
    new_title = "Nouveau compte du parc"
    crumbs = PARK_CRUMBS
    detail_url, list_url = "equipment:parkcount_detail", "equipment:parkcount_list"


class ParkCountDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_park_counts)
    service, list_url = staticmethod(services.delete_park_count), "equipment:parkcount_list"
