"""The generator reads `queries.sql` as aiosql does, and refuses what aiosql would only trip over later."""

import inspect
from pathlib import Path

import aiosql
import pytest

from devstack.codegen import queries, stubs
from devstack.codegen.layout import GENERATED
from devstack.codegen.tree import synchronise

FILE = """-- What this slice asks.

-- name: one_order(order_id, expected)^
-- One order in an expected status.
-- Takes the row's lock.
select * from booking."order"
where order_id = :order_id and status = :expected::booking.booking_status and note <> 'it''s :quoted'
for update;

-- name: all_orders()
-- All of them.
select 1;

-- name: count_orders(buyer_user_id)$
-- How many a buyer has.
select count(*) from booking.order where buyer_user_id = :buyer_user_id;

-- name: touch(order_id)!
-- Marks an order as changed.
update booking.order set updated_at = now() where order_id = :order_id;

-- name: put_all(order_id, note)*!
-- Stores several notes.
insert into booking.note values (:order_id, :note);
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "queries.sql"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_stub_has_every_statement_with_its_parameters_and_result(file: Path) -> None:
    text = stubs.render(queries.parse(file, "booking"))
    assert "async def one_order(self, tx: Tx, *, order_id: object, expected: object) -> Record | None:" in text
    assert "async def all_orders(self, tx: Tx) -> list[Record]:" in text
    assert "async def count_orders(self, tx: Tx, *, buyer_user_id: object) -> object:" in text
    assert "async def touch(self, tx: Tx, *, order_id: object) -> str:" in text
    assert "async def put_all(self, tx: Tx, rows: Sequence[Mapping[str, object]], /) -> None:" in text
    assert '"""One order in an expected status.\n        Takes the row\'s lock.\n        """' in text
    compile(text, "stub", "exec")


def test_a_file_without_statements_has_an_empty_stub(file: Path) -> None:
    file.write_text("-- Nothing yet.\n", encoding="utf-8")
    compile(stubs.render(queries.parse(file, "promo")), "stub", "exec")


def test_the_generator_and_aiosql_read_the_same_statements(file: Path) -> None:
    loaded = aiosql.from_path(file, "asyncpg")
    for query in queries.parse(file, "booking").queries:
        signature = inspect.signature(getattr(type(loaded), query.name, getattr(loaded, query.name)))
        assert {name for name in signature.parameters if name != "self"} == set(query.parameters)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("-- name: x^\n-- S.\nselect 1;", 1, "broken header"),
        ("--name: x()^\n-- S.\nselect 1;", 1, "broken header"),
        ("\n-- name: x()^\nselect 1;", 2, "no sentence"),
        ("-- name: x()\n-- S.\n", 1, "no statement"),
        ("-- name: x()<!\n-- S.\nselect 1;", 1, "unknown suffix '<!'"),
        ("-- name: x(1a)\n-- S.\nselect :a;", 1, "no parameter name"),
        ("-- name: x(a, a)\n-- S.\nselect :a;", 1, "declared twice"),
        ("-- name: x(a)\n-- S.\nselect :a, :b;", 1, "undeclared parameters: b"),
        ("-- name: x(a, b)\n-- S.\nselect :a, ':b';", 1, "does not use: b"),
        ("-- name: x()\n-- S.\nselect 1 -- it's here\n;", 3, "a comment behind code"),
        ("select 1;\n-- name: x()\n-- S.\nselect 1;", 1, "without a header"),
        ("-- name: x()\n-- S.\nselect 1;\n-- name: x()\n-- S.\nselect 2;", 4, "exists above"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(file: Path, text: str, line: int, problem: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(queries.BrokenQuery) as refusal:
        queries.parse(file, "booking")
    assert str(refusal.value).startswith(f"{file}:{line}: ")
    assert problem in str(refusal.value)


def test_two_files_of_one_slice_name_are_refused(tmp_path: Path) -> None:
    for folder in ("server/clicks", "streams/clicks"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "queries.sql").write_text(FILE, encoding="utf-8")
    with pytest.raises(queries.BrokenQuery, match="'clicks' has its queries in"):
        queries.query_files(tmp_path)


def test_a_file_is_written_when_it_changes_and_removed_with_its_source(tmp_path: Path) -> None:
    first = synchronise(tmp_path, {"a/b.py": b"1", "c.py": b"2"})
    assert [path.name for path in first.written] == ["b.py", "c.py"]
    stamp = (tmp_path / "c.py").stat().st_mtime_ns
    second = synchronise(tmp_path, {"c.py": b"2", "d.py": b"3"})
    assert [path.name for path in second.written] == ["d.py"]
    assert [path.name for path in second.removed] == ["b.py"]
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "c.py").stat().st_mtime_ns == stamp


def test_the_generated_stubs_are_those_of_the_present_queries() -> None:
    for name, content in stubs.generate(queries.query_files()).items():
        assert (GENERATED / name).read_bytes() == content, "run `make gen`"
