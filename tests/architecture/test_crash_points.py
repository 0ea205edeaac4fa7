"""Every named crash point is one at which a test kills.

A point is the literal of a `point("…")` in a module that takes it from `server.core.crash`. A test names the points it
kills at in one of three ways: `dies_at("…")`, `…(dies_at="…")`, or the column `point` of its parameters.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.architecture.source import files_below, place, tree


def test_every_point_is_killed_at_and_every_killing_has_its_point() -> None:
    assert set(killed_at()) == set(points())


def test_a_point_is_one_place() -> None:
    """With one name at two places a test passes one of them, and nobody notices the other."""
    assert {name for name, places in Counter(points()).items() if places > 1} == set()


def test_points_and_killings_are_literals() -> None:
    """What is put together while running cannot be found by reading."""
    computed = [
        place(path, call)
        for path in files_below("src", suffix=".py")
        for call in calls_of_point(tree(path))
        if not (len(call.args) == 1 and literals(call.args[0]))
    ]
    assert computed == []


def points() -> list[str]:
    """The name at every place."""
    return [
        name
        for path in files_below("src", suffix=".py")
        for call in calls_of_point(tree(path))
        for name in literals(call.args[0])
    ]


def killed_at() -> Iterator[str]:
    """Every point that a test names."""
    for path in files_below("tests/crash", "tests/payments", suffix=".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                yield from named_by(node)


def calls_of_point(module: ast.Module) -> list[ast.Call]:
    """The calls of `point`, by whatever name the module has it."""
    imported = {
        name.asname or name.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "server.core.crash"
        for name in node.names
        if name.name == "point"
    }
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in imported)
            or (isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "crash.point")
        )
    ]


def named_by(call: ast.Call) -> Iterator[str]:
    """The points that one call of a test names."""
    callee = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if callee == "dies_at":
        yield from literals(call.args[0])
    elif callee == "parametrize":
        yield from column("point", call)
    for keyword in call.keywords:
        if keyword.arg == "dies_at":
            yield from literals(keyword.value)


def column(name: str, parametrize: ast.Call) -> Iterator[str]:
    """The literals that a parameter of that name takes."""
    names, rows = parametrize.args[:2]
    if literals(names) == [name] and isinstance(rows, ast.List):
        yield from (text for row in rows.elts for text in literals(unmarked(row)))
    elif isinstance(names, ast.Tuple) and [name] in map(literals, names.elts) and isinstance(rows, ast.List):
        index = [literals(element) for element in names.elts].index([name])
        for row in rows.elts:
            cells = row.args if isinstance(row, ast.Call) else row.elts if isinstance(row, ast.Tuple) else []
            yield from literals(cells[index])


def unmarked(row: ast.expr) -> ast.expr:
    """The value of a row, out of its `pytest.param(…)`."""
    return row.args[0] if isinstance(row, ast.Call) else row


def literals(node: ast.expr) -> list[str]:
    """The text of a literal; nothing of anything else."""
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
