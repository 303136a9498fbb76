"""All rules over anything, through the whole pipeline: samples, made projects, any bytes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import dockerfile_generator
import project_generator
import pytest
from house import RULES, everything, of_file
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.examples import examples
from dockerlint_fastapi.report import Diagnostic, Report
from dockerlint_fastapi.reporters import FORMATS, render
from dockerlint_fastapi.rule import BUILT_IN
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import Listing, MemoryTree

ROOT = Path(__file__).parents[1]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())
SEVERITIES = {"error", "warning", "info"}


PROFILES = ("default", "guide", "pedantic")


def on_disk(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("expected")
    }


SAMPLES: list[dict[str, bytes]] = [
    *(on_disk(folder) for folder in PROJECTS),
    *(
        {path: tree.read(path) or b"" for path in tree.files}
        for example in examples(BUILT_IN, RULES)
        if isinstance(tree := example.tree, MemoryTree)
    ),
]


ELSEWHERE = (".sh", ".py", ".txt", ".toml", ".lock", ".env", "Pipfile")


def made(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    yield from islice(project_generator.projects(seed, SAMPLES, dockerfile_generator.dockerfiles(seed)), count)


def places(report: Report) -> Iterator[Span]:
    diagnostics: Iterable[Diagnostic] = (*report.diagnostics, *report.suppressed)
    for one in diagnostics:
        yield one.finding.span
        yield from (note.span for note in one.finding.notes)
        yield from (edit.span for edit in (one.finding.fix.edits if one.finding.fix else ()))
        if one.suppression:
            yield one.suppression.span
    yield from (notice.span for notice in report.notices)


def check_pipeline(files: Mapping[str, bytes], profile: str) -> Report:
    """What is true of every run, whatever the files hold."""
    settings = everything(profile=profile)
    report = lint(MemoryTree(files), settings)
    for failure in report.failures:
        raise failure.error
    for span in places(report):
        assert 0 <= span.start <= span.end <= len(span.source.text)
        assert span.source.data == files[span.source.path]
    assert all(one.severity in SEVERITIES for one in (*report.diagnostics, *report.suppressed))
    assert all(one.suppression is None for one in report.diagnostics)
    for one in (*report.diagnostics, *report.suppressed):
        if one.rule.name != "unused-ignore" and one.path.endswith(ELSEWHERE):
            # What is wrong in a script is told together with what makes it run, so that naming that shows it.
            notes = [note.span.source.path for note in one.finding.notes]
            assert any(not path.endswith(ELSEWHERE) for path in notes), (one.rule.name, one.path)
    orders = [one.order for one in report.diagnostics]
    assert orders == sorted(set(orders))
    again = lint(MemoryTree(dict(reversed(files.items()))), settings)
    assert again.rules == report.rules
    for output_format in FORMATS:
        rendered = render(output_format, with_its_rules(report))
        rendered.encode("utf-8")
        assert rendered == render(output_format, with_its_rules(again))
    return report


def with_its_rules(report: Report) -> Report:
    """A report without the rules that say nothing in it: SARIF describes each, whatever the files hold, and that is
    most of what rendering takes.
    """
    names = {one.rule.name for one in (*report.diagnostics, *report.suppressed)}
    return report._replace(rules=tuple(rule for rule in report.rules if rule.name in names))


def check_agreement(files: Mapping[str, bytes], whole: Report, profile: str) -> None:
    """`dlf check .` and `dlf check FILE` say the same of the file."""
    for path in {*whole.files, *(one.path for one in whole.diagnostics)}:
        alone = lint(MemoryTree(files), everything(profile=profile), paths=[path])
        assert alone.files == tuple({path}.intersection(whole.files))
        assert of_file(alone, path) == of_file(whole, path)
        others = [one for one in alone.diagnostics if one.path != path]
        assert all(any(note.span.source.path == path for note in one.finding.notes) for one in others)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_sample_and_what_is_said_of_each_file_alone(profile: str) -> None:
    found = set()
    for number, files in enumerate(SAMPLES):
        whole = profile == "pedantic" or number < len(PROJECTS)  # it tells all that the others tell
        if not whole and number % 4:
            continue
        report = check_pipeline(files, profile)
        if whole:
            check_agreement(files, report, profile)
        found.update(one.rule.name for one in report.diagnostics)
    assert len(found) > 5


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_project_holds(seed: int) -> None:
    found = set()
    for number, files in enumerate(made(seed, 150)):
        profile = PROFILES[number % 3]
        report = check_pipeline(files, profile)
        check_agreement(files, report, profile)
        found.update(one.rule.name for one in report.diagnostics)
    assert len(found) > 8


_text = st.text(max_size=200) | st.lists(
    st.sampled_from((*project_generator.BODY, *project_generator.COMMANDS, "FROM a", "\n", "CMD ", "\\\n", "\r\n")),
    max_size=12,
).map("\n".join)
_yaml = _text | st.lists(
    st.sampled_from((*project_generator.YAML_SOUP, *project_generator.ENTRIES, "services:\n", "  web:\n", "\n    ")),
    max_size=16,
).map("".join)


def _bytes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=80) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(
    dockerfile=_bytes(_text),
    compose=_bytes(_yaml),
    ignore=st.none() | _bytes(st.text(max_size=40)),
    profile=st.sampled_from(PROFILES),
)
@settings(deadline=None, max_examples=150)
def test_any_bytes(dockerfile: bytes, compose: bytes, ignore: bytes | None, profile: str) -> None:
    files = {"Dockerfile": dockerfile, "compose.yaml": compose}
    if ignore is not None:
        files |= {".dockerignore": ignore, ".gitignore": ignore}
    check_agreement(files, check_pipeline(files, profile), profile)


class Counting(MemoryTree):
    """A tree that counts what is asked of it."""

    asked = 0

    def read(self, path: str) -> bytes | None:
        self.asked += 1
        return super().read(path)

    def is_file(self, path: str) -> bool:
        self.asked += 1
        return super().is_file(path)

    def is_dir(self, path: str) -> bool:
        self.asked += 1
        return super().is_dir(path)

    def listing(self, path: str) -> Listing:
        self.asked += 1
        return super().listing(path)


def test_files_are_asked_for_no_more_than_in_proportion() -> None:
    def asked(count: int) -> int:
        files = {
            f"svc{number}/Dockerfile": b"FROM python:3.12\nCOPY app /app\nCMD uvicorn a:b\n" for number in range(count)
        }
        services = "".join(f"  s{number}:\n    build: svc{number}\n" for number in range(count))
        tree = Counting({**files, "compose.yaml": f"services:\n{services}".encode()})
        lint(tree, everything())
        return tree.asked

    assert asked(80) < 3 * asked(40)


def test_the_output_does_not_depend_on_the_hash_seed() -> None:
    outputs = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [
                sys.executable, "-m", "dockerlint_fastapi", "check", "--isolated", "--exit-zero",
                "--output-format", "json", "fixtures/projects", "fixtures/forms",
            ],
            capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stderr == ""
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())["findings"]) > 100
