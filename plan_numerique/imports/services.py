"""One file, from its sending to its undoing. `job` is optional: progress and the end of the job go with it, tests do without."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.imports import mapping, undoing
from plan_numerique.imports.checking import Progress, Walk, no_progress
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.errors import BadRows, store_errors
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ColumnMapping, ImportSession
from plan_numerique.imports.writing import write_changes
from plan_numerique.jobs.runner import JobHandle
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.tabular.reading import OpenTable, open_table

APPLIED, UNDONE = "imports.applied", "imports.undone"
COUNTS = ("rows", "created", "updated", "unchanged", "left_out", "bad", "problem_count")
OPEN = (ImportState.SENT, ImportState.CHECKED)
STATES: dict[str, str] = {
    ImportState.SENT: "Vérifier d'abord le fichier.",
    ImportState.CHECKED: "Ce fichier n'est pas importé.",
    ImportState.APPLIED: "Ce fichier est déjà importé.",
    ImportState.UNDONE: "Cet import est déjà annulé : envoyer de nouveau le fichier.",
}
BUSY = "Ce fichier est en cours de vérification ou d'import : attendre la fin, ou annuler la tâche."
REFUSED = "La base de données refuse ces lignes : l'une renvoie à ce qui n'existe plus. Rien n'est écrit."


def open_session(
    *,
    authority: Authority,
    importer: Importer,
    filename: str,
    content: bytes,
    options: Mapping[str, Any],
    by: User | None,
    sheet: str = "",
) -> ImportSession:
    """The file as it was sent, its header read, its columns proposed. DomainError on `file` or on an option."""
    name = "".join(c for c in Path(filename).name if c.isprintable())[-150:] or "fichier"
    with open_table(content, name, sheet=sheet) as table:
        header, form = table.header, table.form
    told = checked_options(importer, authority=authority, options=options, by=by, complete=False)
    columns = mapping.remembered(authority, importer, header) or mapping.propose(importer, header)
    with audit.action("imports.sent", f"Fichier reçu : {importer.label}"[:120], by=by, authority=authority):
        document = documents.store(
            roles=importer.permission.roles,
            authority=authority,
            title=f"{importer.label} : {name}"[:200],
            kind="import",
            filename=name,
            media_type=form.media_type,
            content=content,
            by=by,
        )
        return ImportSession.objects.create(
            authority=authority,
            kind=importer.kind,
            document=document,
            sheet=sheet[:120],
            columns=columns,
            options=told,
            by=by,
        )


def checked_options(
    importer: Importer, *, authority: Authority, options: Mapping[str, Any], by: User | None, complete: bool = True
) -> dict[str, str]:
    """Each within its choices; the usual value where nothing is told. DomainError on the option's name. Not `complete`: some may still
    be to tell."""
    known = {option.name for option in importer.options}
    if unknown := sorted(set(options) - known):
        raise DomainError(f"« {unknown[0][:60]} » n'est pas un choix de « {importer.label} ».", field="options")
    told: dict[str, str] = {}
    for option in importer.options:
        if by is None:
            value = str(options.get(option.name) or "")
        else:
            value = str(options.get(option.name) or option.initial(by, authority) or "")
            choices = [str(choice) for choice, _ in option.choices(by, authority)]
            if value and value not in choices:
                raise DomainError(
                    f"« {option.label} » : « {value[:60]} » n'est pas un choix possible.", field=option.name
                )
        if complete and option.required and not value:
            raise DomainError(f"« {option.label} » : indiquer la valeur pour tout le fichier.", field=option.name)
        if value:
            told[option.name] = value
    return told


@contextmanager
def opened(session: ImportSession, sheet: str | None = None) -> Iterator[OpenTable]:
    """The table of the file as it was sent."""
    content = documents.read(session.document)
    used = session.sheet if sheet is None else sheet
    with open_table(content, session.document.filename, sheet=used) as table:
        yield table


def _held(session: ImportSession, *states: str) -> ImportSession:
    """Read again and held: two people, or two jobs, do not work on one file at once."""
    stored = ImportSession.objects.select_for_update(of=("self",)).select_related("job").get(pk=session.pk)
    if stored.state not in states:
        raise DomainError(STATES[stored.state])
    return stored


@transaction.atomic
def require_state(session: ImportSession, *states: str) -> None:
    """DomainError says in which state the file is instead."""
    _held(session, *states)


def require_columns(session: ImportSession, importer: Importer) -> None:
    """DomainError names the required fields that no column holds, and the options not told."""
    mapping.refuse_missing(importer, session.columns)
    checked_options(importer, authority=session.authority, options=session.options, by=None)


def require_idle(session: ImportSession) -> None:
    """In the caller's transaction."""
    job = ImportSession.objects.select_for_update(of=("self",)).select_related("job").get(pk=session.pk).job
    if job is not None and job.is_active:
        raise DomainError(BUSY)


def map_columns(
    *,
    session: ImportSession,
    importer: Importer,
    columns: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    sheet: str | None = None,
    by: User | None,
) -> ImportSession:
    """Remembered for the next file with the same header; a former check is forgotten."""
    with opened(session, sheet) as table:
        header = table.header
    told = mapping.checked_columns(importer, header, columns)
    given = session.options if options is None else options
    values = checked_options(importer, authority=session.authority, options=given, by=by)
    with audit.action("imports.mapped", "Colonnes d'un fichier", by=by, authority=session.authority, target=session):
        require_idle(session)
        _held(session, *OPEN)
        _remember(session, header, told, by)
        session.columns, session.options = told, values
        session.sheet = session.sheet if sheet is None else sheet[:120]
        session.state, session.job, session.problems, session.remarks = ImportState.SENT, None, [], []
        for name in COUNTS:
            setattr(session, name, 0)
        _replace_errors(session, None)
        session.save()
    return session


def _remember(session: ImportSession, header: Sequence[str], columns: dict[str, str], by: User | None) -> None:
    found = {"authority": session.authority, "kind": session.kind, "header_digest": mapping.header_digest(header)}
    known = ColumnMapping.objects.filter(**found).first() or ColumnMapping(**found)
    if known.columns != columns:
        known.columns = columns
        audit.save(instance=known, by=by, authority=session.authority)


def _replace_errors(session: ImportSession, document: StoredDocument | None) -> None:
    former, session.errors = session.errors, document
    if former is not None:
        ImportSession.objects.filter(pk=session.pk).update(errors=None)
        documents.discard(document=former, by=None)


@contextmanager
def _storing(job: JobHandle | None) -> Iterator[None]:
    """What the database finds at the very end only (a reference to nothing) is told too."""
    try:
        with job.storing() if job else transaction.atomic():
            yield
    except IntegrityError:
        raise DomainError(REFUSED) from None


def _progress(job: JobHandle | None) -> Progress:
    return job.progress if job else no_progress


@contextmanager
def _walk(session: ImportSession, importer: Importer, by: User | None) -> Iterator[tuple[Walk, OpenTable, BadRows]]:
    with ExitStack() as stack:
        table = stack.enter_context(opened(session))
        rows = stack.enter_context(BadRows())
        mapping.refuse_missing(importer, {n: c for n, c in session.columns.items() if c in table.header})
        run = importer.start(authority=session.authority, options=session.options, by=by)
        yield Walk(importer, run, table, session.columns), table, rows


def check_session(
    *, session: ImportSession, importer: Importer, by: User | None, job: JobHandle | None = None, url: str = ""
) -> ImportSession:
    """What the import would do; nothing of it is done."""
    progress = _progress(job)
    progress(0, 0, "Lecture du fichier")
    with _walk(session, importer, by) as (walk, table, bad):
        for lines in walk.lines(progress):
            for line in lines:
                bad.add(line, walk)
        with _storing(job):
            held = _held(session, *OPEN)
            _count(held, walk, table)
            _replace_errors(held, store_errors(session=held, importer=importer, rows=bad, table=table, by=by))
            held.state = ImportState.CHECKED
            held.save()
            if job:
                job.result(told(held), url=url, document=held.errors)
    return _again(session)


def _count(session: ImportSession, walk: Walk, table: OpenTable) -> None:
    for name in COUNTS:
        setattr(session, name, getattr(walk.tally, name))
    session.problems = walk.tally.problems
    unread = [name for name in mapping.own_columns(table.header) if name not in walk.headers.values()]
    remarks = [*walk.run.remarks(), *walk.importer.unread(unread), *walk.tally.reason_remarks()]
    session.remarks = [*table.warnings, *remarks]


def _again(session: ImportSession) -> ImportSession:
    """The caller's row, as it is stored now."""
    session.refresh_from_db()
    return session


def apply_session(
    *,
    session: ImportSession,
    importer: Importer,
    by: User | None,
    only_good: bool = False,
    job: JobHandle | None = None,
    url: str = "",
) -> ImportSession:
    """Every good line, or none, in one transaction and one event. Without `only_good`, a line in error refuses the whole."""
    _progress(job)(0, 0, "Lecture du fichier et écriture des lignes")
    with _walk(session, importer, by) as (walk, table, bad):
        if job:
            job.check_cancelled()
        with _storing(job), _event(session, importer, by) as event:
            held = _held(session, ImportState.CHECKED)
            for lines in walk.lines(_progress(job)):
                if not only_good:
                    _refuse_bad(walk)
                for line in lines:
                    bad.add(line, walk)
                write_changes(importer, [(line.number, each) for line in lines for each in line.changes], by=by)
            _count(held, walk, table)
            _replace_errors(held, store_errors(session=held, importer=importer, rows=bad, table=table, by=by))
            held.state, held.event = ImportState.APPLIED, event
            held.save()
            if job:
                job.result(told(held), url=url, document=held.errors)
    return _again(session)


@contextmanager
def _event(session: ImportSession, importer: Importer, by: User | None) -> Iterator[Any]:
    label = f"Import : {importer.label}"[:120]
    with audit.action(APPLIED, label, by=by, authority=session.authority, target=session) as event:
        yield event


def _refuse_bad(walk: Walk) -> None:
    if not walk.tally.bad:
        return
    first = walk.tally.problems[0]
    what = f"« {first['column']} » : " if first["column"] else ""
    raise DomainError(
        f"Le fichier a des lignes en erreur (ligne {first['line']}, {what}{first['message'].rstrip('.')}), rien n'est écrit :"
        " les corriger, ou n'importer que les bonnes lignes."
    )


def undo_session(
    *,
    session: ImportSession,
    importer: Importer,
    by: User | None,
    reason: str = "",
    job: JobHandle | None = None,
    url: str = "",
) -> ImportSession:
    """What it created goes, what it changed or deleted comes back as it was; DomainError says what was done on it since."""
    if job:
        job.progress(0, 0, "Recherche de ce qui repose sur cet import")
        job.check_cancelled()
    label = f"Annulation d'un import : {importer.label}"[:120]
    with _storing(job), audit.action(UNDONE, label, by=by, authority=session.authority, target=session, reason=reason):
        held = _held(session, ImportState.APPLIED)
        assert held.event
        found = undoing.what_was_done(importer, held.event)
        undoing.require_undoable(importer, held.event, found)
        count = undoing.take_back(importer, found, by=by)
        held.state = ImportState.UNDONE
        held.save(update_fields=["state"])
        if job:
            job.result(undoing.summary(count), url=url)
    return _again(session)


def told(session: ImportSession) -> str:
    """« Vérifié, rien n'est encore écrit : 40 à créer, 2 à modifier, 3 lignes en erreur. »"""
    done = session.state == ImportState.APPLIED
    parts = [
        f"{counted(session.created, 'créée' if done else 'ligne')}{'' if done else ' à créer'}",
        counted(session.updated, "modifiée") if done else f"{session.updated} à modifier",
        counted(session.unchanged, "inchangée"),
        f"{session.left_out} hors périmètre" if session.left_out else "",
        counted(session.bad, "ligne") + " en erreur",
    ]
    start = "Importé" if done else "Vérifié, rien n'est encore écrit"
    return f"{start} : {', '.join(part for part in parts if part)}."


def discard_session(*, session: ImportSession, by: User | None) -> None:
    """A file sent and not imported goes, with its documents; what was imported stays."""
    label = "Retrait d'un fichier"
    with audit.action("imports.discarded", label, by=by, authority=session.authority, target=session):
        require_idle(session)
        held = _held(session, *OPEN)
        kept = [document for document in (held.document, held.errors) if document is not None]
        held.delete()
        for document in kept:
            documents.discard(document=document, by=by)


@transaction.atomic
def send_as(*, session: ImportSession, importer: Importer, by: User | None) -> ImportSession:
    """The same file taken for another kind, which its header tells; the first sending is withdrawn."""
    require_idle(session)
    _held(session, *OPEN)
    again = open_session(
        authority=session.authority,
        importer=importer,
        filename=session.document.filename,
        content=documents.read(session.document),
        options={},
        sheet=session.sheet,
        by=by,
    )
    discard_session(session=session, by=by)
    return again
