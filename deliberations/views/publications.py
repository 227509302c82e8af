"""Putting the documents of the council online, and taking them down."""

from typing import Any

from django.urls import reverse

from deliberations import permissions, queries
from deliberations.filtersets.filing import PublicationFilter
from deliberations.forms.filing import PostingForm, PublicationForm, WithdrawalForm
from deliberations.models import Act, CouncilDocument, Publication
from deliberations.queries.publication import same_document
from deliberations.services import publications
from deliberations.tables.filing import PublicationTable
from deliberations.views.base import CouncilPage
from deliberations.views.filing import OfActAsk
from deliberations.views.public import address_of
from plan_numerique.web.templatetags.web import moment
from plan_numerique.web.views import Action, AskPage, ListPage

OF_DOCUMENT = "sitting__assembly__authority"
R2131_1 = (
    "Le document est mis en ligne entier, figé, avec sa date et son auteur (CGCT, articles L2131-1 et R2131-1). Il ne change "
    "plus : une correction est une nouvelle version, mise en ligne à sa date."
)


WITHDRAWN = (
    "Un acte reste en ligne deux mois au moins (CGCT, article R2131-1). Retiré plus tôt, il n'a pas été publié : la date de "
    "publication que sa mise en ligne lui avait donnée est effacée, et son caractère exécutoire avec elle."
)


class PublicationList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_publications)
    authority_path = f"document__{OF_DOCUMENT}"
    filterset_class, table_class = PublicationFilter, PublicationTable
    title, search_placeholder = "Publications", "Titre, auteur, numéro"
    intro = "Les documents mis en ligne, et ceux qui ont été retirés : leur trace est gardée."
    empty_text = "Un extrait, une liste ou un procès-verbal se met en ligne depuis la délibération ou la séance."


class PublicationDetail(CouncilPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_publications)
    authority_path = f"document__{OF_DOCUMENT}"
    template_name = "deliberations/publication_detail.html"
    crumbs = (("Publications", "/publications/"),)

    def state(self) -> dict[str, str]:
        if self.object.withdrawn_at is not None:
            return {"label": "Retirée", "tone": "danger"}
        return {"label": "En ligne", "tone": "success"}

    def summary(self) -> list[tuple[str, Any]]:
        row: Publication = self.object
        return [
            ("Mise en ligne", moment(row.posted_at)),
            ("Auteur", f"{row.author_name}, {row.author_quality}"),
            ("Version", row.document.number),
            *([("Retirée", moment(row.withdrawn_at)), ("Motif", row.withdrawn_reason)] if row.withdrawn_at else []),
        ]

    def actions(self) -> list[Action]:
        row: Publication = self.object
        history = self.history("deliberations:publication_history")
        if row.withdrawn_at is not None or not self.may(permissions.EDIT, row):
            return history
        url = reverse("deliberations:publication_withdraw", args=[row.pk])
        return [*history, Action("Retirer", url, "eye-off", danger=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Publication = self.object
        authority = self.authority_of(row)
        live = row.withdrawn_at is None
        return super().get_context_data(
            title=row.document.document.title,
            versions=same_document(row).select_related("document").order_by("-document__number"),
            file_url=address_of(self.request, "public_file", authority.slug, row.pk) if live else "",
            **kwargs,
        )


class PublicationCreate(AskPage):
    """Of the document in the address."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_council_documents)
    authority_path = OF_DOCUMENT
    form_class, title, submit_label = PublicationForm, "Mettre en ligne", "Mettre en ligne"
    done = "Le document est en ligne."

    def get_initial(self) -> dict[str, Any]:
        act: Act | None = self.object.act
        chair = self.object.sitting.chair
        name = (act and act.signatory_name) or (chair.display_name if chair else "")
        quality = (act and act.signatory_quality) or self.object.sitting.chair_quality
        return {"author_name": name, "author_quality": quality}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "found": publications.contacts_of(self.object)}

    def perform(self, data: dict[str, Any]) -> Any:
        return publications.publish_document(document=self.object, by=self.request.user, **data)

    def get_success_url(self) -> str:
        row: CouncilDocument = self.object
        if row.act_id:
            return reverse("deliberations:act_filing", args=[row.act_id])
        return reverse("deliberations:sitting_detail", args=[row.sitting_id])

    def get_crumbs(self) -> list[tuple[str, str]]:
        row: CouncilDocument = self.object
        return [
            ("Publications", reverse("deliberations:publication_list")),
            (str(row.act or row.sitting), self.get_success_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=R2131_1, meta=[self.object.document.title], **kwargs)


class PublicationWithdraw(AskPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_publications)
    authority_path = f"document__{OF_DOCUMENT}"
    form_class, title, submit_label = WithdrawalForm, "Retirer de la publication", "Retirer"
    done = "Le document est retiré, ainsi que les versions qu'il corrigeait."
    crumbs = (("Publications", "/publications/"),)

    def perform(self, data: dict[str, Any]) -> Any:
        return publications.withdraw_publication(publication=self.object, by=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("deliberations:publication_detail", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = WITHDRAWN if self.object.document.act_id else ""
        return super().get_context_data(intro=intro, **kwargs)


class ActPosting(OfActAsk):
    form_class, title, submit_label = PostingForm, "Affichage", "Consigner l'affichage"
    done = "L'affichage est consigné."

    def get_initial(self) -> dict[str, Any]:
        return {"posted_on": self.act.posted_on} if self.act.posted_on else {}

    def perform(self, data: dict[str, Any]) -> Any:
        return publications.record_posting(act=self.act, posted_on=data["posted_on"], by=self.request.user)
