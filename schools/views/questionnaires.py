"""Questionnaires: composed as a draft, put in use, then replaced by a new version."""

from typing import Any

from django.http import Http404
from django.urls import reverse

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
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
from schools.domain import answers as core
from schools.enums import QuestionKind, QuestionnaireState
from schools.filtersets import QuestionnaireFilter
from schools.forms import QuestionForm, QuestionnaireForm, sections_of
from schools.models import Question, Questionnaire
from schools.tables import QUESTIONNAIRE_TONES, QuestionnaireTable
from schools.views.commands import Command

CRUMBS = (("Questionnaires", "/questionnaires/"),)


class QuestionnaireList(ListPage):
    permission, queryset = permissions.VIEW_QUESTIONNAIRES, staticmethod(queries.questionnaires_listed)
    filterset_class, table_class = QuestionnaireFilter, QuestionnaireTable
    title, search_placeholder = "Questionnaires", "Titre, code"
    create = ("schools:questionnaire_create", permissions.EDIT_QUESTIONNAIRES, "Composer un questionnaire")
    empty_text = "Composer les questions posées aux écoles qui candidatent, ou pendant un diagnostic."


class QuestionnairePage(DetailPage):
    permission, queryset = permissions.VIEW_QUESTIONNAIRES, staticmethod(queries.questionnaires_listed)
    crumbs = CRUMBS
    object: Questionnaire

    def state(self) -> dict[str, str]:
        row = self.object
        return {"label": row.get_state_display(), "tone": QUESTIONNAIRE_TONES[row.state]}

    def composing(self) -> bool:
        return self.object.state == QuestionnaireState.DRAFT and self.may(permissions.EDIT_QUESTIONNAIRES, self.object)


class QuestionnaireDetail(QuestionnairePage):
    template_name = "schools/questionnaire_detail.html"

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Sert à", row.get_kind_display()),
            ("Version", row.version),
            ("Code", row.code),
            ("Questions", counted(row.question_count, "question")),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        row = self.object

        def url(name: str) -> str:
            return reverse(f"schools:questionnaire_{name}", args=[row.pk])

        actions = [Action("Aperçu", url("preview"), "eye")]
        if self.composing():
            ask = "Mettre en service ? Les questions ne changeront plus, la version précédente sera remplacée."
            actions.append(Action("Modifier", url("edit"), "pencil"))
            actions.append(Action("Mettre en service", url("use"), "circle-check", "post", primary=True, confirm=ask))
            actions.append(Action("Supprimer", url("delete"), "trash-2", danger=True, secondary=True))
        elif self.may(permissions.EDIT_QUESTIONNAIRES, row):
            actions.append(Action("Nouvelle version", url("version"), "copy-plus", "post"))
        if self.may(VIEW_HISTORY, row):
            actions.append(Action("Historique", url("history"), "history", secondary=True))
        return actions

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        questions = list(row.questions.order_by("position", "pk"))
        return super().get_context_data(
            title=row.title,
            questions=questions,
            rows=[(each, core.accepted(queries.as_question(each))) for each in questions],
            versions=queries.versions_of_questionnaire(row),
            composing=self.composing(),
            **kwargs,
        )


class QuestionnairePreview(QuestionnairePage):
    """As the school sees it; nothing is saved."""

    template_name = "schools/questionnaire_preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        sections = sections_of(queries.questions_of(row), {})
        crumbs = [*CRUMBS, (str(row), reverse("schools:questionnaire_detail", args=[row.pk]))]
        return super().get_context_data(title=f"Aperçu : {row.title}", sections=sections, crumbs=crumbs, **kwargs)


class QuestionnaireCompare(QuestionnairePage):
    """With another version of the same (`?avec=`), the one before by default."""

    template_name = "schools/questionnaire_compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        versions = [each for each in queries.versions_of_questionnaire(row) if each.pk != row.pk]
        asked = asked_key(self.request.GET.get("avec"))
        before = next((each for each in versions if each.version < row.version), versions[0] if versions else None)
        other = next((each for each in versions if each.pk == asked), before)
        if other is None:
            raise Http404
        earlier, later = sorted((row, other), key=lambda each: each.version)
        compared = queries.compared_versions(earlier, later)
        crumbs = [*CRUMBS, (str(row), reverse("schools:questionnaire_detail", args=[row.pk]))]
        return super().get_context_data(
            title=f"{row.title} : versions {earlier.version} et {later.version}",
            earlier=earlier,
            later=later,
            others=versions,
            other=other,
            changed=[_told(each) for each in compared if each.kind != "same"],
            same=sum(each.kind == "same" for each in compared),
            crumbs=crumbs,
            **kwargs,
        )


KINDS = {"added": ("Ajoutée", "success"), "removed": ("Supprimée", "danger"), "changed": ("Changée", "warning")}


def _told(row: core.Compared) -> dict[str, Any]:
    label, tone = KINDS[row.kind]
    question = row.after or row.before
    return {
        "text": question.text if question else "",
        "before": row.before.text if row.before and row.after and row.before.text != row.after.text else "",
        "label": label,
        "tone": tone,
        "changes": ", ".join(row.changes),
    }


class QuestionnaireEdit(EditPage):
    permission, queryset = permissions.EDIT_QUESTIONNAIRES, staticmethod(queries.visible_questionnaires)
    form_class, service = QuestionnaireForm, staticmethod(services.save_questionnaire)
    title, crumbs = "Questionnaire", CRUMBS
    detail_url, list_url = "schools:questionnaire_detail", "schools:questionnaire_list"


class QuestionnaireDelete(DeletePage):
    permission, queryset = permissions.EDIT_QUESTIONNAIRES, staticmethod(queries.visible_questionnaires)
    service, list_url = staticmethod(services.delete_questionnaire), "schools:questionnaire_list"
    crumbs = CRUMBS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        count = context["object"].questions.count()
        return {**context, "related": [{"label": "Questions", "count": count}] if count else []}


class QuestionnaireCommand(Command):
    permission, queryset = permissions.EDIT_QUESTIONNAIRES, staticmethod(queries.visible_questionnaires)

    def url_after(self, row: Any, made: Any) -> str:
        return reverse("schools:questionnaire_detail", args=[made.pk])


class QuestionnaireUse(QuestionnaireCommand):
    done = "Le questionnaire est en service : ses questions ne changent plus."

    def perform(self, row: Questionnaire) -> Questionnaire:
        return services.put_in_use(questionnaire=row, by=self.request.user)


class QuestionnaireVersion(QuestionnaireCommand):
    done = "La nouvelle version reprend les questions : les modifier, puis la mettre en service."

    def perform(self, row: Questionnaire) -> Questionnaire:
        return services.new_version(questionnaire=row, by=self.request.user)


class OfQuestionnaire(Child):
    permission, queryset = permissions.EDIT_QUESTIONNAIRES, staticmethod(queries.visible_questions)
    authority_path = "questionnaire__authority"
    parent, home = "questionnaire", "schools:questionnaire_detail"
    crumbs = CRUMBS


class QuestionEdit(OfQuestionnaire, ChildEditPage):
    form_class, service = QuestionForm, staticmethod(services.save_question)
    title, list_url = "Question", "schools:questionnaire_list"

    def get_initial(self) -> dict[str, Any]:
        """A new question begins in the section of the last one."""
        initial = super().get_initial()
        parent = asked_key(initial.get(self.parent))
        if parent is not None and "pk" not in self.kwargs:
            rows = queries.visible_questions(self.request.user).filter(questionnaire=parent)
            last = rows.order_by("position", "pk").last()
            if last is not None:
                initial.setdefault("section", last.section)
        initial.setdefault("kind", QuestionKind.TEXT) if "pk" not in self.kwargs else None
        return initial


class QuestionDelete(OfQuestionnaire, ChildDeletePage):
    service = staticmethod(services.delete_question)


class QuestionMove(Command):
    """`direction`: up, or down."""

    permission, queryset = permissions.EDIT_QUESTIONNAIRES, staticmethod(queries.visible_questions)
    authority_path = "questionnaire__authority"

    def perform(self, row: Question) -> Question:
        return services.move_question(question=row, up=self.request.POST.get("direction") == "up", by=self.request.user)

    def url_after(self, row: Any, made: Any) -> str:
        return f"{reverse('schools:questionnaire_detail', args=[row.questionnaire_id])}#question-{row.pk}"
