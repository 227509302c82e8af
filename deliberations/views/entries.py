from deliberations import permissions, queries
from deliberations.filtersets.entries import SittingEntryFilter
from deliberations.tables.entries import SittingEntryTable
from plan_numerique.web.views import ListPage


class SittingEntryList(ListPage):
    """The journal of what was entered in session, by whom and when."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_entries)
    authority_path = "sitting__assembly__authority"
    filterset_class, table_class = SittingEntryFilter, SittingEntryTable
    title = "Saisies en séance"
    empty_text = (
        "Chaque présence, chaque mouvement et chaque vote saisi à la page « Conduite » d'une séance s'inscrit ici."
    )
