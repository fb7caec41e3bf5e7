"""The parts of the jobs on a table, once on each database."""

import pytest
import sqlalchemy as sa

from tests.jobs.desk import Bench, make_bench


@pytest.fixture
def bench(database: sa.Engine) -> Bench:
    return make_bench(database)
