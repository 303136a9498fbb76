"""The arrows of docs/architecture.md: a module imports from its layer and those before it, a rule almost nothing."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "dockerlint_fastapi"
NAME = "dockerlint_fastapi"

# first to last; a module may import from its own row and the rows above it
LAYERS = [
    ("bytecode", "cached", "dates", "expressions", "late", "pattern", "places", "record", "spelling", "ties"),
    ("source",),
    ("tree",),
    ("held",),
    ("checkout",),
    ("data",),
    ("model",),
    ("parsers",),
    ("discover",),
    ("assemble",),
    ("aspects", "finding"),
    ("edits",),
    ("rule",),
    ("plugins",),
    ("report",),
    ("supersede",),
    ("once",),
    ("suppress",),
    ("baseline",),
    ("transport", "workers"),
    ("apart", "shares"),
    ("engine",),
    ("cache",),
    ("comparison", "projection", "selection"),
    ("fixer",),
    ("reporters",),
    ("show",),
    ("examples",),
    ("config",),
    ("api",),
    ("fleet",),
    ("cli",),
    ("__main__",),
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "rules" not in path.relative_to(PACKAGE).parts[:1])
RULES = sorted((ROOT / "rules").glob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported module with its line, also those within functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            assert node.module
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def part(module: str) -> str | None:
    """The part of the package that a module belongs to; None for what is not in the package or names a value."""
    if not module.startswith(NAME + "."):
        return None
    first = module.split(".")[1]
    return first if first in LEVEL else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":  # the public face names what rules may use, and the call for other programs
        assert {part(module) for _, module in imports(path)} <= {None, "finding", "source", "api"}
        return
    for line, module in imports(path):
        target = part(module)
        if target is not None:
            assert LEVEL[target] <= LEVEL[own], f"{path.name}:{line}: `{own}` may not import `{target}`"


def test_every_module_has_a_layer() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert parts - {"__init__"} == set(LEVEL)


def test_the_document_names_every_layer() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = [
        name for name in LEVEL if not name.startswith("__") and f"`{name}`" not in text and f"`{name}/`" not in text
    ]
    assert missing == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_imports_the_face_the_model_and_the_standard_library(path: Path) -> None:
    for line, module in imports(path):
        top = module.split(".")[0]
        allowed = (
            module in (NAME, f"{NAME}.model")
            or module.startswith((f"{NAME}.model.", f"{NAME}.edits", f"{NAME}.record"))
            or (
                module.startswith(f"{NAME}.")
                and module.count(".") == 1
                and module.split(".")[1] in ("Finding", "Edit", "Creation", "Note", "Span")
            )
            or top in sys.stdlib_module_names
        )
        assert allowed, f"{path.name}:{line}: a rule may not import `{module}`"


def test_only_the_command_line_prints_or_exits() -> None:
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] in ("cli", "__main__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "input", "exit"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                assert node.attr not in ("exit", "stdout", "stderr", "stdin"), f"{path}:{node.lineno}"


def test_no_drawer_of_everything() -> None:
    names = {part for path in [*MODULES, *RULES] for part in path.with_suffix("").parts[-3:]}
    assert names.isdisjoint({"utils", "helpers", "common", "base", "misc"})
