"""The store room: facts go in whole transactions, are never changed, and are read as known then.

    store = Store.open(url, read_only=False)    StoreError(kind="unavailable" | "schema")
    store.lock_instance()                       StoreError(kind="locked") when another holds it
    with store.writing() as tx:                 one transaction, all or nothing
        tx.number                               the new scoreboard's number, taken first
        run_id = tx.append_run(run)             as often as there are runs; StoreError("conflict")
        tx.append_scoreboard(published_us, data_us, run_id, cells)      exactly once
    store.append_closed(runs) -> tuple[int, ...]        runs that no scoreboard follows
    store.close(); store.url_shown; store.bytes() -> int

    store.head() -> int                                 newest scoreboard's number, 0 before any
    store.newest_us() -> int | None                     newest known instant
    store.readings(known_us=None, at_us=None) -> dict[Series, Reading]
    store.held(known_us=None) -> frozenset[Series]
    store.taken(source) -> frozenset[str]
    store.last_due(source) -> int | None                of runs that were not manual
    store.runs(source=None, limit=20, since_us=None) -> tuple[StoredRun, ...]   newest first
    store.last_runs() -> dict[str, StoredRun]           newest attempt (not coalesced) by source
    store.last_ok() -> dict[str, StoredRun]
    store.count_runs() -> dict[tuple[str, Outcome], int]
    store.refusals(run_id) -> tuple[Refusal, ...]
    store.run_requests(run_id) -> tuple[Request, ...]
    store.cells(number=None) -> dict[tuple[str, str], str]      (set, subject) → body in force
    store.scoreboard_row(number=None) -> ScoreboardRow | None   number, published_us, data_us, run_id
    store.number_at(published_before_us) -> int | None
    store.history(set_id, subject, from_us=None, until_us=None) -> tuple[Sample, ...]
"""
