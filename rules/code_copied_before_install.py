from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image

HELP = {
    "uv": "copy or mount `pyproject.toml` and `uv.lock`, `uv sync --locked --no-install-project`, then copy the code",
    "poetry": "copy `pyproject.toml` and `poetry.lock`, `poetry install --only main --no-root`, then copy the code",
    "pdm": "copy `pyproject.toml` and `pdm.lock`, `pdm install --check --prod --no-self`, then copy the code",
}


def check(image: Image) -> Iterator[Finding]:
    if not image.python:
        return
    for stage in (*image.lineage, *image.builders):
        late = image.late_install(stage)
        if late is None:
            continue
        shipped = stage in image.lineage and not image.development and not late.rarely
        finding = Finding.at(
            late.code,
            "the code is copied before its dependencies are installed: every change of it installs them all again",
            severity=None if shipped else "info",
            pedantic=bool(image.development),
            in_guide="info" if image.development else None,
            help=HELP.get(late.step.manager),
        ).note(late.step.head, f"the dependencies need no more than {late.manifests}")
        yield finding.fixed_by(
            "copy the code last",
            edits.installs.code_last(image, stage, late),
            safe=False,
            names=("files", "steps", "order"),
        )
