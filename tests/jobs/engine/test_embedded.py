"""What only the embedded engine promises: it finds its work by its indexes, and is alone."""

from pathlib import Path

import sqlalchemy as sa

from deskside.store.database import utc_now
from deskside.store.tables import job
from jobs.engine.embedded import _DUE
from tests.databases import migrated_sqlite, open_careless


def test_a_due_job_is_found_by_the_indexes_however_many_are_settled(tmp_path: Path) -> None:
    database = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    row = {"task": "t", "args": {}, "run_at": utc_now()}
    with database.begin() as connection:
        states = ("ready" if number % 20 == 0 else "dead" for number in range(4000))
        connection.execute(
            sa.insert(job), [{**row, "lane": f"l{number % 50}", "state": state} for number, state in enumerate(states)]
        )
        connection.execute(sa.text("ANALYZE"))
    query = _DUE.compile(database)
    assert query.positiontup is not None
    values = {**query.params, "now": 2**60, "limit": 10}
    with database.connect() as connection:
        bound = tuple(values[name] for name in query.positiontup)
        plan = " ".join(map(str, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", bound)))
    database.dispose()
    assert "SEARCH job USING INDEX ix_job_due" in plan
    assert "SEARCH older USING INDEX ix_job_lane" in plan
    assert "TEMP B-TREE" not in plan
