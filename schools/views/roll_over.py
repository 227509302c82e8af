"""« Préparer la rentrée »."""

from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import integer, moment
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
from schools.enums import RollOverMove, RollOverState
from schools.filtersets import RollOverFilter
from schools.forms import ApplyForm, RollOverForm, RollOverLineForm, ShownSchoolsForm
from schools.models import RollOver, RollOverLine
from schools.tables import ROLL_OVER_TONES, RollOverTable
from schools.views.commands import Command
from schools.views.importing import import_actions
from schools.views.roll_over_rows import SchoolRow, school_rows

CRUMBS = (("Rentrées", "/rentrees/"),)
PER_PAGE = 40


class RollOverList(ListPage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.roll_overs_listed)
    filterset_class, table_class = RollOverFilter, RollOverTable
    title, search_placeholder = "Rentrées", "Observation"
    create = ("schools:rollover_create", permissions.ROLL_OVER, "Préparer la rentrée")
    empty_text = (
        "Les classes de l'année en cours sont reprises pour la rentrée suivante, avec les ouvertures, les fermetures"
        " et les fusions ; l'année passée n'est pas touchée."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = [
            Action("Comparer deux années", reverse("schools:year_comparison"), "git-compare-arrows"),
            Action("Années figées", reverse("schools:frozenyear_list"), "snowflake"),
        ]
        return super().get_context_data(actions=actions, **kwargs)


class RollOverDetail(DetailPage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.roll_overs_listed)
    template_name, crumbs = "schools/rollover_detail.html", CRUMBS
    object: RollOver

    @staticmethod
    def history_parts(row: RollOver) -> tuple[Any, ...]:
        return (RollOverLine.history.filter(roll_over_id=row.pk),)

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": ROLL_OVER_TONES[self.object.state]}

    def actions(self) -> list[Action]:
        row = self.object

        def url(name: str) -> str:
            return reverse(f"schools:rollover_{name}", args=[row.pk])

        compare = f"{reverse('schools:year_comparison')}?avant={row.from_year}&apres={row.to_year}"
        found = []
        if self.may(VIEW_HISTORY, row):
            found.append(Action("Historique", url("history"), "history", secondary=True))
        if row.state == RollOverState.APPLIED:
            ask = f"Annuler la rentrée {row.to_year} ? Ses classes seront retirées, si rien n'a été saisi dessus."
            return [
                Action("Comparer les deux années", compare, "git-compare-arrows"),
                Action("Annuler la rentrée", url("undo"), "undo-2", "post", danger=True, confirm=ask, secondary=True),
                *found,
            ]
        line = f"{reverse('schools:rolloverline_create')}?roll_over={row.pk}"
        return [
            Action("Ajouter un mouvement", line, "plus"),
            Action("Faire la rentrée", "#faire", "check", primary=True),
            Action("Modifier", url("edit"), "pencil", secondary=True),
            Action("Supprimer", url("delete"), "trash-2", danger=True, secondary=True),
            *found,
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        drawn = queries.draw(row)
        unconfirmed = queries.carried_classes(row) if row.state == RollOverState.APPLIED else frozenset()
        rows = school_rows(drawn, row, unconfirmed)
        done = row.state == RollOverState.APPLIED
        return super().get_context_data(
            title=str(row),
            meta=[str(row.authority)],
            done=done,
            steps=_steps(done, len(unconfirmed)),
            note=row.note,
            applied=moment(row.applied_at) if row.applied_at else "",
            tiles=_tiles(drawn, rows, row),
            refusals=[(drawn.lines[each.movement], each.message) for each in drawn.rentree.refusals],
            unplaced=[(drawn.schools[each.school], each.level, each.pupils) for each in drawn.rentree.unplaced],
            remaining=_remaining(drawn),
            creates=len(drawn.rentree.classes),
            known=[] if done else [each.school for each in rows if each.settled],
            known_classes=sum(len(each) for each in drawn.known.values()),
            unconfirmed=len(unconfirmed),
            frozen=queries.frozen_year(row.authority, row.from_year),
            may_import=bool(import_actions(self.request.user, "schools.rolls")),
            from_label=school_year_label(row.from_year),
            to_label=school_year_label(row.to_year),
            **self._shown(rows),
            **kwargs,
        )

    def _shown(self, rows: list[SchoolRow]) -> dict[str, Any]:
        """`?ecole=` is the page that has this school: where one comes back to from a movement."""
        communes = sorted({each.school.commune for each in rows}, key=lambda each: each.name)
        form = ShownSchoolsForm(self.request.GET, communes=communes)
        shown = [each for each in rows if form.shows(each.school, each.moves)]
        sought = asked_key(self.request.GET.get("ecole"))
        rank = next((rank for rank, each in enumerate(shown) if each.school.pk == sought), None)
        number = self.request.GET.get("page", "1") if rank is None else rank // PER_PAGE + 1
        page = Paginator(shown, PER_PAGE).get_page(number)
        return {"form": form, "page": page, "rows": page.object_list, "sought": sought}


def _steps(done: bool, unconfirmed: int) -> list[dict[str, str]]:
    left = f"{integer(unconfirmed)} à confirmer" if unconfirmed else ""
    return [
        {"label": "Classes et mouvements", "state": "done" if done else "current", "detail": ""},
        {"label": "Rentrée faite", "state": "done" if done else "todo", "detail": ""},
        {
            "label": "Effectifs confirmés",
            "state": "todo" if not done else "current" if unconfirmed else "done",
            "detail": left,
        },
    ]


def _tiles(drawn: queries.Drawn, rows: list[SchoolRow], row: RollOver) -> list[dict[str, Any]]:
    moves = [line.move for line in drawn.lines.values()]
    here = reverse("schools:rollover_detail", args=[row.pk])
    done = row.state == RollOverState.APPLIED
    listed = f"{reverse('schools:schoolclass_list')}?school_year={row.to_year}" if done else "#ecoles"

    def moved(label: str, move: RollOverMove, trend: str) -> dict[str, Any]:
        return {
            "label": label,
            "figure": integer(moves.count(move)),
            "url": f"{here}?move={move}#ecoles",
            "trend": trend,
        }

    before = integer(len(drawn.classes)), integer(sum(each.pupils_before for each in rows))
    label = school_year_label(row.from_year)
    return [
        {
            "label": "Classes",
            "figure": integer(sum(each.classes_after for each in rows)),
            "url": listed,
            "trend": f"{before[0]} en {label}",
        },
        {
            "label": "Élèves",
            "figure": integer(sum(each.pupils_after for each in rows)),
            "url": listed,
            "trend": f"{before[1]} en {label}",
        },
        moved("Ouvertures", RollOverMove.OPEN_CLASS, "de classes"),
        moved("Fermetures", RollOverMove.CLOSE_CLASS, "de classes"),
        moved("Fusions", RollOverMove.MERGE, _closing(len(drawn.rentree.closed_schools))),
    ]


def _closing(count: int) -> str:
    return f"{integer(count)} {'écoles ferment' if count > 1 else 'école ferme'} en tout"


def _remaining(drawn: queries.Drawn) -> list[tuple[Any, str]]:
    found = queries.remaining(drawn.rentree.closed_schools)
    return [
        (
            drawn.schools[key],
            ", ".join(f"{integer(count)} {name}" for name, count in rows) or "rien d'autre que ses classes",
        )
        for key, rows in found.items()
    ]


class RollOverEdit(EditPage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_roll_overs)
    form_class, service = RollOverForm, staticmethod(services.save_roll_over)
    title, crumbs = "Préparer la rentrée", CRUMBS
    detail_url, list_url = "schools:rollover_detail", "schools:rollover_list"


class RollOverDelete(DeletePage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_roll_overs)
    service, list_url = staticmethod(services.delete_roll_over), "schools:rollover_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lines = context["object"].lines.count()
        return {**context, "related": [{"label": "Mouvements", "count": lines}] if lines else []}


class OfRollOver(Child):
    """Back to where the school is on the page of the rentrée."""

    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_roll_over_lines)
    authority_path = "roll_over__authority"
    parent, home = "roll_over", "schools:rollover_detail"
    crumbs = CRUMBS

    def home_url(self, row: RollOverLine) -> str:
        url = super().home_url(row)
        return f"{url}?ecole={row.school_id}#ecole-{row.school_id}" if row.school_id else url


class RollOverLineEdit(OfRollOver, ChildEditPage):
    """Which movement, and which school, come first (`?move=`, `?school=`); then only what that movement says is asked."""

    form_class, service = RollOverLineForm, staticmethod(services.save_line)
    template_name = "schools/rolloverline_edit.html"
    title, list_url = "Mouvement de rentrée", "schools:rollover_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        if form.told_move:
            context["title"] = RollOverMove(form.told_move).label
        if self.object is None or not self.object.pk:
            context["submit_label"] = "Ajouter le mouvement"
        return context


class RollOverLineDelete(OfRollOver, ChildDeletePage):
    service = staticmethod(services.delete_line)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        text = "Ce mouvement sera retiré de la rentrée : l'école sera reprise sans lui."
        return {**context, "title": f"Retirer : {context['object']}", "text": text, "submit_label": "Retirer"}


class OnRollOver(Command):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_roll_overs)

    def url_after(self, row: RollOver, made: Any) -> str:
        return reverse("schools:rollover_detail", args=[row.pk])


class RollOverApply(OnRollOver):
    done = "La rentrée est faite : ses effectifs sont reconduits, à confirmer par saisie ou par import."

    def perform(self, row: RollOver) -> RollOver:
        asked = ApplyForm(self.request.POST)
        asked.full_clean()
        return services.apply_roll_over(roll_over=row, by=self.request.user, **asked.cleaned_data)


class RollOverUndo(OnRollOver):
    done = "La rentrée est annulée : les écoles sont revenues à leur état d'avant."

    def perform(self, row: RollOver) -> RollOver:
        return services.undo_roll_over(roll_over=row, by=self.request.user)
