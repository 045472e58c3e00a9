"""docs/performance.md shows the last runs that were kept, and all of them."""

from benchmarks.document import PAGE, TABLES, written
from benchmarks.results import FOLDER


def test_the_tables_of_the_page_are_those_of_the_runs_kept():
    text = PAGE.read_text()
    assert written(text) == text


def test_every_run_kept_has_its_table_in_the_page():
    text = PAGE.read_text()
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(TABLES)
    assert [name for name in TABLES if f"<!-- {name} -->\n" not in text] == []
