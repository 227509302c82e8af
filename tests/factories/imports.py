from collections.abc import Callable
from typing import Any

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports import services
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ImportSession


def sender(importer: Importer, authority: Authority, by: User) -> Callable[..., ImportSession]:
    """Sends a file, tells its columns as they are proposed, checks it, or imports its good rows too: the import as it is then. What holds
    for the whole file comes by name."""

    def go(
        content: Any, filename: str = "fichier.csv", *, check: bool = True, apply: bool = False, **told: str
    ) -> ImportSession:
        if isinstance(content, list | tuple):
            content = "\r\n".join(content).encode()
        session = services.open_session(
            authority=authority, importer=importer, filename=filename, content=content, options={}, by=by
        )
        options = {**session.options, **told}
        services.map_columns(session=session, importer=importer, columns=session.columns, options=options, by=by)
        if check:
            services.check_session(session=session, importer=importer, by=by)
        if apply:
            services.apply_session(session=session, importer=importer, only_good=True, by=by)
        return ImportSession.objects.select_related("authority", "document", "event").get(pk=session.pk)

    return go


def counts(session: ImportSession) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, in error."""
    return session.created, session.updated, session.unchanged, session.bad


def told(session: ImportSession) -> list[tuple[int, str]]:
    return [(problem["line"], problem["column"]) for problem in session.problems]
