"""The one import engine (docs/adr/0013). An app says what its files are (`importer.Importer`, read with `cells`), the composition root
lists them (`plan_numerique.importing.importers.IMPORTERS`), and these do the rest; all are plain functions, a `JobHandle` is optional:

    from plan_numerique.imports import services
    session = services.open_session(authority=town, importer=SchoolImporter(), filename="ecoles.csv", content=b"…", options={}, by=user)
    session = services.map_columns(session=session, importer=…, columns={"uai": "UAI"}, options={}, by=user)   # proposed at opening
    session = services.check_session(session=session, importer=…, by=user, job=None)      # state CHECKED, counts, problems, errors
    session = services.apply_session(session=session, importer=…, only_good=False, by=user, job=None)         # state APPLIED, event
    session = services.undo_session(session=session, importer=…, by=user, reason="", job=None)                # state UNDONE

    services.discard_session(session=session, by=user)          # sent, not imported: withdrawn with its documents

As jobs: `importing.tasks.start_check | start_apply | start_undo`. Rows of one import in a list: `imported = filters.ImportedFilter()`.
`undoing.undo(event, models, by=user)` undoes any other action the same way.
`mapping.propose(importer, header)` · `mapping.header_digest(header)` · `queries.visible_sessions(user, importers)`.
"""
