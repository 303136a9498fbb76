"""What `dlf show` says of files in memory, and what holds for all that it prints."""

import json
import re
from pathlib import Path

import jsonschema

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.reporters.visible import visible
from dockerlint_fastapi.show import render, schema
from dockerlint_fastapi.show.describe import describe
from dockerlint_fastapi.show.description import Container, Description
from dockerlint_fastapi.tree import text_files

SHOWN = Path(__file__).parents[1] / "fixtures" / "shown"
ENDINGS = {"text": "txt", "json": "json", "mermaid": "mmd"}
SCHEMA = jsonschema.Draft202012Validator(schema.json_schema())
SLIM = "FROM python:3.12-slim\n"
SERVER = 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
TWO = {
    "compose.yaml": "services:\n  a:\n    build: ./a\n  b:\n    build: ./b\n  db:\n    image: postgres:16\n",
    "a/Dockerfile": SLIM + SERVER,
    "b/Dockerfile": SLIM + SERVER,
    "c/Dockerfile": SLIM + SERVER,
    "b/.dockerignore": ".git\n",
}
LABEL = r'"(?:[A-Za-z0-9 _./:,()+@=-]|#\d+;|<br>|[^\x00-\x7f])*"'
CHART = re.compile(
    rf"flowchart LR|  end|  subgraph d\d+\[{LABEL}\]"
    rf"|    d\d+[sxv]\d+(?:\[{LABEL}\]|\[\({LABEL}\)\]|\[/{LABEL}/\])"
    rf"|    d\d+p\d+\(\[{LABEL}\]\) -->\|{LABEL}\| d\d+s\d+"
    rf"|    d\d+s\d+ (?:-->(?:\|{LABEL}\|)?|-\.-\|{LABEL}\|) d\d+[svx]\d+"
)


def described(files: dict[str, str], *named: str) -> Description:
    """What is understood of files in memory, or of those that are named."""
    tree = text_files(files.items())
    project = assemble(tree, find(tree, named=named), paths=named or None)
    return describe(project, files=frozenset(named) if named else None)


def one(files: dict[str, str]) -> Container:
    """The first container of files in memory."""
    found = described(files)
    return [*(each for deployment in found.deployments for each in deployment.containers), *found.images][0]


def service(body: str, dockerfile: str = SLIM + SERVER) -> Container:
    """The service `web` with further keys, built from a Dockerfile."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return one({"compose.yaml": f"services:\n  web:\n    build: .\n{lines}", "Dockerfile": dockerfile})


def unknown(container: Container) -> dict[str, str]:
    return {each.what: each.reason for each in container.unknown}


def check_chart(chart: str) -> None:
    """Every line is one of those that the renderer writes, so no name has ended its label."""
    assert chart.endswith("\n")
    for line in chart[:-1].split("\n"):
        assert CHART.fullmatch(line), line
        assert "style" not in line
        assert "classDef" not in line


def check_all(found: Description) -> None:
    """What holds for the renderings of any description."""
    text = render("text", found)
    assert all(visible(line) == line for line in text.split("\n"))
    text.encode("utf-8")
    painted = render("text", found, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == text
    document = render("json", found)
    assert document.isascii()
    SCHEMA.validate(json.loads(document))
    check_chart(render("mermaid", found))
