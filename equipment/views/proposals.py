"""The packs of a diagnosed school, on one page: proposed, adjusted, set aside in the stock, and what they cost beside the works."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from equipment import permissions, queries, services
from equipment.domain.proposal import CHOSEN, TO_CHOOSE
from equipment.filtersets import ProposalFilter, ReservationListFilter, StockFilter
from equipment.forms import AddPackForm, ComputeForm, KeptForm, ReleaseForm, ReserveForm
from equipment.models import Device, ItemType, Proposal, ProposedPack, Reservation, RuleSet
from equipment.tables import ProposalTable, ReservationTable, StockTable
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import euros, integer, moment
from plan_numerique.web.views import Action, DetailPage, ListPage, Tab
from schools import permissions as school_permissions
from schools.domain import works as costs
from schools.enums import DiagnosticState, Payer
from schools.models import Diagnostic, SchoolClass
from schools.queries import as_work, content_lock, works_of
from schools.views.diagnostics import DiagnosticPage, volunteers_url

SHOWN_DEVICES = 12


def views_of(user: User, active: str) -> list[Tab]:
    names = (
        ("Packs proposés", "equipment:proposal_list", school_permissions.VIEW_DIAGNOSTICS),
        ("Réservations", "equipment:reservation_list", school_permissions.VIEW_DIAGNOSTICS),
        ("Stock disponible", "equipment:stock_list", permissions.VIEW),
        ("Matériel vieillissant", "equipment:ageing", permissions.VIEW),
    )
    return [Tab(label, reverse(name), active=name == active) for label, name, right in names if right.anywhere(user)]


class ProposalList(ListPage):
    permission, queryset = school_permissions.VIEW_DIAGNOSTICS, staticmethod(queries.listed_proposals)
    authority_path = "diagnostic__school__authority"
    filterset_class, table_class = ProposalFilter, ProposalTable
    title, search_placeholder = "Packs proposés", "École, UAI, campagne"
    empty_text = "Les packs d'une école se proposent depuis son diagnostic, par les règles de dotation."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(views=views_of(self.request.user, "equipment:proposal_list"), **kwargs)


class ProposalDetail(DetailPage):
    """Its page is that of the packs of its diagnostic."""

    permission, queryset = school_permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_proposals)
    authority_path = "diagnostic__school__authority"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        proposal = self.get_object()
        return HttpResponseRedirect(reverse("equipment:diagnostic_packs", args=[proposal.diagnostic_id]))


class ReservationList(ListPage):
    permission, queryset = school_permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_reservations)
    authority_path = "proposal__diagnostic__school__authority"
    filterset_class, table_class = ReservationListFilter, ReservationTable
    title, search_placeholder = "Réservations", "N° d'inventaire, école, motif"
    empty_text = "Un appareil en stock se réserve depuis les packs d'une école diagnostiquée."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(views=views_of(self.request.user, "equipment:reservation_list"), **kwargs)


class ReservationDetail(DetailPage):
    permission, queryset = school_permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_reservations)
    authority_path = "proposal__diagnostic__school__authority"
    crumbs = (("Réservations", "/reservations/"),)

    def state(self) -> dict[str, str]:
        released = self.object.released_at is not None
        return {"label": "Libérée", "tone": "neutral"} if released else {"label": "En cours", "tone": "info"}

    def summary(self) -> list[tuple[str, Any]]:
        row: Reservation = self.object
        return [
            ("Appareil", row.device),
            ("Au titre de", row.item_type),
            ("Réservé pour", row.proposal.diagnostic.school),
            ("Réservé le", moment(row.reserved_at)),
            ("Par", row.by),
            ("Libéré le", moment(row.released_at)),
            ("Motif", row.release_reason),
        ]

    def actions(self) -> list[Action]:
        packs = reverse("equipment:diagnostic_packs", args=[self.object.proposal.diagnostic_id])
        device = reverse("equipment:device_detail", args=[self.object.device_id])
        return [Action("Packs de l'école", packs, "package"), Action("L'appareil", device, "laptop")]


class StockList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.listed_stock)
    filterset_class, table_class = StockFilter, StockTable
    title, search_placeholder = "Stock disponible", "N° d'inventaire, n° de série, article"
    intro = "Les appareils en stock ou requalifiés, hors des écoles : ce qui peut être réservé pour une école."
    empty_text = (
        "Aucun appareil en stock ou requalifié hors des écoles. Un appareil y revient par un mouvement, depuis le parc."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(views=views_of(self.request.user, "equipment:stock_list"), **kwargs)


class DiagnosticPacks(DiagnosticPage):
    """Reads and does everything: `action` names what is asked, a refusal comes back (422) beside what was typed."""

    template_name = "equipment/diagnostic_packs.html"
    bound: tuple[str, int, forms.Form] | None = None
    refusal: str = ""
    at_stake: str = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        self.require(self.object, permissions.PROPOSE)
        handlers: dict[str, Callable[[], str | None]] = {
            "compute": self.do_compute,
            "adjust": self.do_adjust,
            "choose": self.do_choose,
            "add": self.do_add,
            "remove": self.do_remove,
            "reserve": self.do_reserve,
            "release": self.do_release,
        }
        handler = handlers.get(request.POST.get("action", ""))
        if handler is None:
            raise PermissionDenied
        before = self.reserved_now()
        try:
            done = handler()
        except services.AdjustmentsAtStakeError as error:
            done, self.at_stake = None, error.message
        except DomainError as error:
            done = None
            self.told(error)
        if done is None:
            return self.render_to_response(self.get_context_data(), status=422)
        given_back = before - self.reserved_now()
        if given_back > 0 and handler != self.do_release:
            done += f" {counted(given_back, 'appareil réservé')} {'sont rendus' if given_back > 1 else 'est rendu'} au stock."
        messages.success(request, done)
        return HttpResponseRedirect(request.path)

    def reserved_now(self) -> int:
        return Reservation.objects.filter(proposal__diagnostic=self.object, released_at=None).count()

    def told(self, error: DomainError) -> None:
        """Beside the field it names, where the form has it; else on top of the page."""
        form = self.bound[2] if self.bound else None
        if form is not None and error.field in form.fields and not form.fields[error.field].widget.is_hidden:
            form.add_error(error.field, error.message)
        else:
            self.refusal = error.message

    def filled(self, action: str, form: forms.Form, pk: int = 0) -> dict[str, Any] | None:
        """What was typed, None where it is not valid: the form is then shown again with its errors."""
        self.bound = (action, pk, form)
        return form.cleaned_data if form.is_valid() else None

    def do_compute(self) -> str | None:
        data = self.filled("compute", self.compute_form(self.request.POST))
        if data is None:
            return None
        services.compute_proposal(
            diagnostic=self.object,
            rule_set=data["rule_set"],
            school_year=data["school_year"],
            overwrite=data["overwrite"],
            by=self.request.user,
        )
        return "Les packs sont proposés selon les règles."

    def do_adjust(self) -> str | None:
        row = self.pack_row()
        data = self.filled("adjust", KeptForm(self.request.POST, auto_id=f"ajuster-{row.pk}-%s"), row.pk)
        if data is None:
            return None
        services.adjust(proposed_pack=row, by=self.request.user, **data)
        return f"« {row.pack} » : {row.kept} retenu{'s' if row.kept > 1 else ''}."

    def do_choose(self) -> str:
        row = services.choose(proposed_pack=self.pack_row(), by=self.request.user)
        return f"Choix de l'école : « {row.pack} »."

    def do_add(self) -> str | None:
        data = self.filled("add", self.add_form(self.request.POST))
        if data is None:
            return None
        row = services.add_pack(proposal=self.proposal_or_404(), by=self.request.user, **data)
        return f"« {row.pack} » est ajouté."

    def do_remove(self) -> str:
        row = self.pack_row()
        services.remove_pack(instance=row, by=self.request.user, reason="Retiré de la proposition")
        return f"« {row.pack} » est retiré."

    def do_reserve(self) -> str | None:
        proposal = self.proposal_or_404()
        form = ReserveForm(
            self.request.POST,
            item_types=queries.visible_item_types(self.request.user).filter(authority=self.authority),
            devices=queries.visible_devices(self.request.user).filter(authority=self.authority),
        )
        data = self.filled("reserve", form)
        if data is None:
            self.refusal = " ".join(message for errors in form.errors.values() for message in errors)
            return None
        if data["device"] is None:
            found = services.reserve_stock(proposal=proposal, item_type=data["item_type"], by=self.request.user)
            return f"{counted(len(found), 'appareil réservé')}."
        item_type = data["item_type"] or data["device"].item_type
        services.reserve(proposal=proposal, device=data["device"], item_type=item_type, by=self.request.user)
        return f"« {data['device']} » est réservé."

    def do_release(self) -> str | None:
        key = asked_key(self.request.POST.get("reservation"))
        rows = queries.visible_reservations(self.request.user).filter(proposal__diagnostic=self.object)
        row = get_object_or_404(rows, pk=key)
        data = self.filled("release", ReleaseForm(self.request.POST, auto_id=f"liberer-{row.pk}-%s"), row.pk)
        if data is None:
            return None
        services.release(reservation=row, reason=data["reason"], by=self.request.user)
        return f"« {row.device} » est libéré."

    @property
    def authority(self) -> Any:
        return self.object.school.authority

    @property
    def proposal(self) -> Proposal | None:
        rows = Proposal.objects.filter(diagnostic=self.object)
        return rows.select_related("diagnostic__school__authority", "rule_set__authority").first()

    def proposal_or_404(self) -> Proposal:
        return get_object_or_404(
            Proposal.objects.select_related("diagnostic__school__authority", "rule_set"), diagnostic=self.object
        )

    def pack_row(self) -> ProposedPack:
        rows = queries.visible_proposed_packs(self.request.user).filter(proposal__diagnostic=self.object)
        return get_object_or_404(rows, pk=asked_key(self.request.POST.get("pack_row")))

    def rule_sets(self) -> QuerySet[RuleSet]:
        return queries.visible_rule_sets(self.request.user).filter(authority=self.authority).order_by("-pk")

    def compute_form(self, data: Any = None) -> ComputeForm:
        classes = SchoolClass.objects.filter(school=self.object.school_id).order_by("-school_year")
        years = list(classes.values_list("school_year", flat=True).distinct())
        proposal = self.proposal
        initial = {
            "rule_set": proposal.rule_set_id if proposal else None,
            "school_year": proposal.school_year if proposal else self.object.campaign.school_year,
        }
        return ComputeForm(data, rule_sets=self.rule_sets(), years=years, initial=initial, auto_id="calcul-%s")

    def add_form(self, data: Any = None) -> AddPackForm:
        packs = queries.visible_packs(self.request.user).filter(authority=self.authority).order_by("label")
        return AddPackForm(data, packs=packs, auto_id="ajout-%s")

    def bound_form(self, action: str, pk: int = 0) -> forms.Form | None:
        return self.bound[2] if self.bound and self.bound[:2] == (action, pk) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        diagnostic: Diagnostic = self.object
        proposal = self.proposal
        sheet = queries.sheet_of(proposal) if proposal else None
        locked = content_lock(diagnostic)
        may = self.may(permissions.PROPOSE, diagnostic)
        works = costs.by_payer([as_work(row) for row in works_of(diagnostic)])
        return super().get_context_data(
            **{
                "proposal": proposal,
                "sheet": sheet,
                "locked": locked,
                "may_change": may and not locked,
                "volunteers_url": volunteers_url(diagnostic),
                "may_reserve": may and bool(sheet) and diagnostic.state != DiagnosticState.CANCELLED,
                "volunteers": list(diagnostic.volunteers.order_by("name")),
                "has_rules": self.rule_sets().exists(),
                "rules_url": reverse("equipment:ruleset_create")
                if permissions.EDIT_CATALOGUE.granted(self.request.user, self.authority)
                else "",
                "compute_form": self.bound_form("compute") or self.compute_form(),
                "add_form": self.bound_form("add") or self.add_form(),
                "adding": bool(self.bound_form("add")),
                "pack_rows": [self.shown(row) for row in sheet.packs] if sheet else [],
                "held": [self.held(row) for row in self.reservations(proposal)],
                "offers": self.offers(sheet) if sheet and may else [],
                "works": [(_payer(each), each) for each in works],
                "refusal": self.refusal,
                "at_stake": self.at_stake,
                "tiles": _tiles(sheet, works) if sheet else [],
                "grand": _grand(sheet, works) if sheet else None,
                **kwargs,
            }
        )

    def shown(self, row: Any) -> dict[str, Any]:
        stored = row.row
        form = self.bound_form("adjust", stored.pk) or KeptForm(
            initial={"kept": stored.kept, "reason": "" if stored.reason in (TO_CHOOSE, CHOSEN) else stored.reason},
            auto_id=f"ajuster-{stored.pk}-%s",
        )
        return {"value": row, "row": stored, "form": form, "open": bool(self.bound_form("adjust", stored.pk))}

    def held(self, row: Reservation) -> dict[str, Any]:
        form = self.bound_form("release", row.pk)
        return {"row": row, "form": form or ReleaseForm(auto_id=f"liberer-{row.pk}-%s"), "open": bool(form)}

    def reservations(self, proposal: Proposal | None) -> QuerySet[Reservation]:
        rows = (
            Reservation.objects.filter(proposal=proposal, released_at=None) if proposal else Reservation.objects.none()
        )
        return rows.select_related("device__item_type", "item_type", "by").order_by("item_type__label", "pk")

    def offers(self, sheet: queries.Sheet) -> list[tuple[ItemType, int, list[Device], int]]:
        """(article, how many are to buy, the first free devices that may serve, how many there are)."""
        found = []
        for line in sheet.lines:
            if line.item_type is not None and line.to_buy:
                devices = list(queries.servers_of(line.item_type)[: SHOWN_DEVICES + 1])
                if devices:
                    count = queries.servers_of(line.item_type).count() if len(devices) > SHOWN_DEVICES else len(devices)
                    found.append((line.item_type, line.to_buy, devices[:SHOWN_DEVICES], count))
        return found


def _payer(total: costs.PayerTotal) -> str:
    return total.payer_name or Payer(total.payer).label


def _works_amount(works: tuple[costs.PayerTotal, ...]) -> costs.Amount:
    return sum((each.amount for each in works), costs.Amount())


def _grand(sheet: queries.Sheet, works: tuple[costs.PayerTotal, ...]) -> costs.Amount:
    return costs.Amount(sheet.cost.ht, sheet.cost.vat) + _works_amount(works)


def _tiles(sheet: queries.Sheet, works: tuple[costs.PayerTotal, ...]) -> list[dict[str, Any]]:
    cost, whole = sheet.cost, _grand(sheet, works)
    notes = [
        *(["sur des prix en hypothèse"] if sheet.hypothesis else []),
        *([f"{counted(cost.unpriced, 'article')} sans prix"] if cost.unpriced else []),
    ]
    unpriced = sum(each.unpriced for each in works)
    return [
        {
            "label": "Doit avoir",
            "figure": integer(sum(line.figures.must for line in sheet.lines)),
            "trend": f"a déjà {integer(sum(min(line.figures.has, line.figures.must) for line in sheet.lines))}",
        },
        {
            "label": "À acheter",
            "figure": integer(sum(line.to_buy for line in sheet.lines)),
            "trend": f"{counted(sum(line.figures.reserved for line in sheet.lines), 'réservé')} en stock",
        },
        {
            "label": "Packs, TTC",
            "figure": euros(cost.ttc),
            "trend": ", ".join([f"{euros(cost.ht)} HT", *notes]),
            "tone": "warning" if notes else "",
        },
        {
            "label": "Avec les travaux, TTC",
            "figure": euros(whole.ttc),
            "trend": ", ".join(
                [f"{euros(whole.ht)} HT", *([f"{integer(unpriced)} travaux sans coût"] if unpriced else [])]
            ),
        },
    ]
