"""The fixes of the rules about layers: the text that they leave, and that it is silent afterwards."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.tree import text_files

FROM = "FROM python:3.12-slim\n"


def fixed(stem: str, text: str) -> tuple[str, int]:
    """The Dockerfile with every fix applied, and how many findings are left then."""
    rule = Rule(BUILT_IN, stem)
    settings = Settings((rule,), frozenset((rule.name,)))

    def findings(source: str) -> list[Edit]:
        report = lint(text_files({"Dockerfile": source}.items()), settings)
        count.append(len(report.diagnostics))
        return [edit for one in report.diagnostics if one.finding.fix for edit in one.finding.fix.edits]

    count: list[int] = []
    for edit in sorted(findings(text), key=lambda one: -one.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    findings(text)
    return text, count[-1]


@pytest.mark.parametrize(
    ("stem", "before", "after"),
    [
        ("pip_cache_kept", "RUN pip install -r r.txt\n", "RUN pip install --no-cache-dir -r r.txt\n"),
        (
            "pip_cache_kept",
            'RUN python3 -m pip -q install "a[b]"\n',
            'RUN python3 -m pip -q install --no-cache-dir "a[b]"\n',
        ),
        ("pip_cache_kept", "RUN pip \\\n  install \\\n  x\n", "RUN pip \\\n  install \\\n  --no-cache-dir \\\n  x\n"),
        (
            "apt_installs_recommends",
            "RUN apt-get update && apt-get -y install curl\n",
            "RUN apt-get update && apt-get -y install --no-install-recommends curl\n",
        ),
        (
            "package_cache_left",
            "RUN apt-get update \\\n    && apt-get install -y curl  # x y\n",
            None,  # a comment at the end would swallow what is appended
        ),
        (
            "package_cache_left",
            "RUN apt-get update \\\n    # why\n    && apt-get install -y curl\nUSER a\n",
            "RUN apt-get update \\\n    # why\n    && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nUSER a\n",
        ),
        (
            "package_cache_left",  # a command a line
            "RUN apt-get update; \\\n  apt-get install -y curl; \\\n  a || b\n",
            "RUN apt-get update; \\\n  apt-get install -y curl; \\\n  a || b && \\\n  rm -rf /var/lib/apt/lists/*\n",
        ),
        (
            "package_cache_left",
            "RUN apt-get update && apt-get install -y curl > /dev/null 2>&1\n",
            "RUN apt-get update && apt-get install -y curl > /dev/null 2>&1 && rm -rf /var/lib/apt/lists/*\n",
        ),
        ("package_cache_left", "RUN (apt-get update && apt-get install -y curl)\n", None),
        (
            "package_cache_left",
            "RUN <<EOF\napt-get update\nEOF\n",
            "RUN <<EOF\napt-get update && rm -rf /var/lib/apt/lists/*\nEOF\n",
        ),
        ("package_cache_left", "RUN apk add libpq\n", "RUN apk add --no-cache libpq\n"),
        ("package_cache_left", "RUN apk update && apk add libpq\n", "RUN apk add --no-cache libpq\n"),
    ],
)
def test_a_fix_leaves_what_it_says(stem: str, before: str, after: str | None) -> None:
    text, left = fixed(stem, FROM + before)
    assert text == FROM + (before if after is None else after)
    assert left == (1 if after is None else 0)
