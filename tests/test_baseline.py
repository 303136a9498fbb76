"""`--baseline`: what is known stays silent, whatever moves; what is new does not."""
# ruff: noqa: E501 - tables of messages read best on one line each

import json
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import baseline, cli

FILES = {
    "Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nUSER app\n"
    "CMD uvicorn app.main:app --host 0.0.0.0\n",
    "compose.yaml": "services:\n  web:\n    build: .\n    restart: always\n  db:\n    image: postgres:17\n"
    "    environment:\n      POSTGRES_PASSWORD: hunter2hunter2\n",
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def dlf(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    assert root

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["check", "--output-format", "concise", "--today", "2026-11-22", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_create_compare_and_shrink(dlf: Run, root: Path) -> None:
    code, out, _ = dlf()
    assert code == 1
    number = out.count("]: ")
    assert number > 8

    code, out, err = dlf("--write-baseline")
    assert (code, out) == (0, f"All checks passed: 2 files ({number} in the baseline).\n")
    assert err == f"dlf-baseline.json: holds {number} findings ({number} new)\n"

    known = ("--baseline", "dlf-baseline.json")
    assert dlf(*known) == (0, f"All checks passed: 2 files ({number} in the baseline).\n", "")
    assert dlf(*known, "-q") == (0, "", "")
    assert dlf()[0] == 1  # no file is looked for that nobody named

    edit(
        root / "Dockerfile",
        "CMD uvicorn app.main:app --host 0.0.0.0",
        'CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]',
    )
    code, out, err = dlf(*known)
    gone = err.splitlines()
    assert code == 0
    assert gone[0].startswith("dlf-baseline.json: ")
    assert "--update-baseline takes" in gone[0]
    assert any(line.startswith("  Dockerfile: shell-form-cmd: ") for line in gone)
    before = (root / "dlf-baseline.json").read_text()
    code, _, err = dlf(*known, "--update-baseline")
    assert code == 0
    assert "gone and taken out" in err
    after = (root / "dlf-baseline.json").read_text()
    assert '"shell-form-cmd"' in before
    assert '"shell-form-cmd"' not in after
    rules = [{one["rule"] for one in json.loads(text)["findings"]} for text in (before, after)]
    assert rules[0] - rules[1] == {"shell-form-cmd"}
    assert rules[1] < rules[0]
    assert dlf(*known)[2] == ""

    edit(
        root / "Dockerfile",
        'CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]',
        "CMD uvicorn app.main:app --host 0.0.0.0",
    )
    code, out, _ = dlf(*known)
    assert code == 1
    assert [line for line in out.splitlines() if "[shell-form-cmd]" in line] == [
        line for line in out.splitlines() if "]: " in line
    ]
    assert dlf(*known, "--update-baseline")[0] == 1  # it never takes in what is new
    assert {one["rule"] for one in json.loads((root / "dlf-baseline.json").read_text())["findings"]} == rules[1]
    assert dlf(*known, "--write-baseline")[0] == 0
    assert (root / "dlf-baseline.json").read_text() == before


def test_lines_that_move_are_known(dlf: Run, root: Path) -> None:
    dlf("--write-baseline")
    known = ("--baseline", "dlf-baseline.json")
    edit(root / "Dockerfile", "WORKDIR /app\n", "\n# about\n\nWORKDIR   /app\nLABEL a=b\n")
    text = (root / "compose.yaml").read_text()
    head, web, db = (
        text.partition("services:\n")[1],
        text[len("services:\n") : text.index("  db:")],
        text[text.index("  db:") :],
    )
    (root / "compose.yaml").write_text("# moved\n" + head + db + "\n" + web)
    assert dlf(*known)[0] == 0
    edit(root / "Dockerfile", "FROM python:3.12\n", "FROM python:3.13\n")  # a bot's update: message and rule are left
    code, out, _ = dlf(*known)
    assert "missing-healthcheck" not in out
    assert code in (0, 1)


def test_a_renamed_file_is_known(dlf: Run, root: Path) -> None:
    dlf("--write-baseline")
    (root / "compose.yaml").rename(root / "docker-compose.yml")
    assert dlf("--baseline", "dlf-baseline.json") == (0, dlf("--baseline", "dlf-baseline.json")[1], "")


def test_one_more_of_the_same_is_new(dlf: Run, root: Path) -> None:
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY --from=gone /a /b\nCOPY --from=gone /a /b\n")
    only = ("--select", "unknown-stage")
    assert dlf(*only)[1].count("unknown-stage") == 2
    dlf(*only, "--write-baseline")
    (entry,) = json.loads((root / "dlf-baseline.json").read_text())["findings"]
    assert entry["count"] == 2
    (root / "Dockerfile").write_text("FROM python:3.12-slim\n" + "COPY --from=gone /a /b\n" * 3)
    code, out, _ = dlf(*only, "--baseline", "dlf-baseline.json")
    assert code == 1
    assert "Found 1 error in 2 files (2 in the baseline)." in out.splitlines()
    (root / "Dockerfile").write_text("FROM python:3.12-slim\n" + "COPY --from=gone /a /b\n")
    code, _, err = dlf(*only, "--baseline", "dlf-baseline.json")
    assert (code, err.splitlines()[0]) == (
        0, "dlf-baseline.json: 1 finding of it is gone; --update-baseline takes it out:",
    )  # fmt: skip


def test_a_run_judges_only_what_it_looked_at(dlf: Run, root: Path) -> None:
    dlf("--write-baseline")
    before = (root / "dlf-baseline.json").read_text()
    known = ("--baseline", "dlf-baseline.json")
    for arguments in (("--select", "network"), ("compose.yaml",), ("--profile", "guide")):
        assert dlf(*known, *arguments)[2] == "", arguments
        dlf(*known, "--update-baseline", *arguments)
        assert (root / "dlf-baseline.json").read_text() == before, arguments
    dlf(*known, "--write-baseline", "--select", "network")
    assert (root / "dlf-baseline.json").read_text() == before


def test_the_configuration_names_it_relative_to_itself(dlf: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "ci").mkdir()
    (root / "dlf.toml").write_text('baseline = "ci/known.json"\n')
    code, _, err = dlf()
    assert (code, err) == (2, "error: ci/known.json: no such file; `dlf check --write-baseline` makes a baseline\n")
    assert dlf("--write-baseline")[0] == 0
    assert {one["path"] for one in json.loads((root / "ci" / "known.json").read_text())["findings"]} == {
        "../Dockerfile", "../compose.yaml",
    }  # fmt: skip
    (root / "sub").mkdir()
    monkeypatch.chdir(root / "sub")
    assert dlf("..")[0] == 0
    assert dlf("../Dockerfile", "--output-format", "json")[0] == 0
    assert dlf("..", "--no-baseline")[0] == 1
    assert dlf("..", "--isolated")[0] == 1


def test_what_reports_say_of_it(dlf: Run) -> None:
    dlf("--write-baseline")
    known = ("--baseline", "dlf-baseline.json")
    report = json.loads(dlf(*known, "--output-format", "json")[1])
    assert report["findings"] == []
    number = report["summary"]["suppressed"]
    log = json.loads(dlf(*known, "--output-format", "sarif")[1])
    results = log["runs"][0]["results"]
    assert len(results) == number > 0
    for result in results:
        (suppression,) = result["suppressions"]
        assert suppression["kind"] == "external"
        assert suppression["status"] == "accepted"
        assert suppression["justification"] == "in the baseline dlf-baseline.json"
        assert "location" not in suppression


def test_the_file_is_sorted_and_holds_no_secret(dlf: Run, root: Path) -> None:
    dlf("--write-baseline")
    text = (root / "dlf-baseline.json").read_text()
    assert "hunter2" not in text
    document = json.loads(text)
    assert list(document) == ["version", "findings"]
    keys = [(one["path"], one["rule"], one["message"]) for one in document["findings"]]
    assert keys == sorted(keys)
    assert all(list(one) == ["path", "rule", "line_hash", "count", "message"] for one in document["findings"])
    first = text
    dlf("--write-baseline", "--baseline", "dlf-baseline.json")
    assert (root / "dlf-baseline.json").read_text() == first


GOOD = {"path": "Dockerfile", "rule": "shell-form-cmd", "line_hash": "0", "count": 1, "message": "x"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b.json:1:1: is not valid JSON: Expecting value"),
        ('{"version": 1,\n  "findings": [}', "b.json:2:16: is not valid JSON"),
        ('{\n<<<<<<< HEAD\n"version": 1}', "b.json:2:1: is not valid JSON: Expecting property name enclosed in double quotes (a merge was not resolved"),
        ("[]", 'b.json:1: is no baseline: it holds no list `"findings"`'),
        ('{"version": 2, "findings": []}', "b.json:1: `version` is 1 in a baseline that this dlf reads, not 2"),
        ('{"version": 1, "findings": [\n3]}', "b.json:2: `findings[0]` is an object, not 3"),
        ('{"version": 1, "findings": [\n{"path": "x"}]}', "b.json:2: `findings[0]` lacks `rule`"),
        (json.dumps({"version": 1, "findings": [GOOD, {**GOOD, "count": 0}]}, indent=1), "b.json:11: `findings[1]` has a `count` of 0"),
        (json.dumps({"version": 1, "findings": [{**GOOD, "rule": 1}]}), "b.json:1: `findings[0]` has a `rule` that is no text: 1"),
        (json.dumps({"version": 1, "findings": [{**GOOD, "more": 1}]}), 'b.json:1: `findings[0]` has a field "more"'),
        ("[" * 100_000, "b.json: is not valid JSON: nested too deeply"),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_with_its_place(dlf: Run, root: Path, text: str, message: str) -> None:
    (root / "b.json").write_text(text)
    code, out, err = dlf("--baseline", "b.json")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}"), err
    assert err.count("\n") == 1
    assert dlf("--baseline", "b.json", "--write-baseline")[0] == 2  # what cannot be read is not thrown away
    assert (root / "b.json").read_text() == text


def test_not_utf_8_and_not_there(dlf: Run, root: Path) -> None:
    (root / "b.json").write_bytes(b"\xff")
    assert dlf("--baseline", "b.json")[2] == "error: b.json: is not UTF-8 (byte 0)\n"
    (root / "folder").mkdir()
    assert dlf("--baseline", "folder")[2] == "error: folder: cannot be read: Is a directory\n"
    assert dlf("--baseline", "none.json")[0] == 2
    assert dlf("--update-baseline")[2].startswith("error: --update-baseline: no baseline is named")


def test_an_unknown_rule_is_remarked_and_kept(dlf: Run, root: Path) -> None:
    document = {"version": 1, "findings": [{**GOOD, "rule": "shell-from-cmd"}]}
    (root / "b.json").write_text(json.dumps(document))
    code, _, err = dlf("--baseline", "b.json", "--update-baseline")
    assert code == 1
    assert (
        err
        == "b.json: there is no rule `shell-from-cmd` (did you mean `shell-form-cmd`?), of which it holds findings\n"
    )
    assert json.loads((root / "b.json").read_text()) == document


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-baseline", "--write-baseline"),
        ("--no-baseline", "--baseline", "x"),
        ("--write-baseline", "--update-baseline"),
        ("-", "--write-baseline"),
    ],
)
def test_options_that_contradict_each_other(dlf: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = dlf(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")


def test_nothing_is_written_when_not_all_could_be_linted(dlf: Run, root: Path) -> None:
    code, _, err = dlf(".", "absent", "--write-baseline")
    assert code == 2
    assert "the baseline is left as it was, since not everything could be linted" in err
    assert not (root / "dlf-baseline.json").exists()


def test_it_keeps_the_rights_of_its_file(dlf: Run, root: Path) -> None:
    dlf("--write-baseline")
    (root / "dlf-baseline.json").chmod(0o640)
    edit(root / "Dockerfile", "USER app\n", "")
    dlf("--write-baseline")
    assert stat.S_IMODE((root / "dlf-baseline.json").stat().st_mode) == 0o640
    assert not list(root.glob(".*.tmp"))


def test_a_plain_run_does_not_import_it(root: Path) -> None:
    program = (
        "import sys\nfrom dockerlint_fastapi.cli import run\nrun(['check', 'Dockerfile', '-q'])\n"
        "sys.exit(any(name.startswith(('dockerlint_fastapi.baseline', 'dockerlint_fastapi.cli.baseline',"
        " 'dockerlint_fastapi.cli.add_ignores', 'dockerlint_fastapi.cli.init', 'dockerlint_fastapi.cli.completion',"
        " 'dockerlint_fastapi.cli.help', 'dockerlint_fastapi.cli.empty', 'dockerlint_fastapi.suppress.insert'))"
        " for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=False).returncode == 0


NAMES = st.sampled_from(["a", "b", "c"])
ENTRIES = st.lists(st.builds(baseline.Entry, NAMES, NAMES, NAMES, st.integers(1, 3), NAMES), max_size=8)


@given(ENTRIES)
def test_what_is_written_is_read_again(entries: list[baseline.Entry]) -> None:
    once = baseline.together(entries)
    text = baseline.written(once)
    assert baseline.read(text.encode(), "b") == once
    assert baseline.written(baseline.read(text.encode(), "b")) == text


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_lines_in_between_change_nothing(dlf: Run, root: Path, seed: int) -> None:
    for name, text in FILES.items():
        (root / name).write_text(text)
    (root / "dlf-baseline.json").unlink(missing_ok=True)
    dlf("--write-baseline")
    chance = random.Random(seed)  # noqa: S311 - no secret
    for name, text in FILES.items():
        rows = [("# a comment\n" * chance.randrange(3)) + row for row in text.splitlines(keepends=True)]
        (root / name).write_text("".join(rows))
    assert dlf("--baseline", "dlf-baseline.json")[::2] == (0, "")


def test_each_configuration_may_have_its_own(dlf: Run, root: Path) -> None:
    for name in ("a", "b"):
        (root / name).mkdir()
        (root / name / "Dockerfile").write_text("FROM python:3.12-slim\nCMD uvicorn app.main:app --host 0.0.0.0\n")
        (root / name / "dlf.toml").write_text('baseline = "known.json"\nselect = ["shell-form-cmd"]\n')
    assert dlf("a", "b")[0] == 2
    assert dlf("a", "b", "--write-baseline")[0] == 0
    for name in ("a", "b"):
        (entry,) = json.loads((root / name / "known.json").read_text())["findings"]
        assert entry["path"] == "Dockerfile"
    assert dlf("a", "b")[::2] == (0, "")
    (root / "b" / "known.json").write_text(baseline.written(()))
    code, out, _ = dlf("a", "b")
    assert (code, [line.split(":")[0] for line in out.splitlines() if "]: " in line]) == (1, ["b/Dockerfile"])


def test_findings_in_other_files_are_held_and_shrink_too(dlf: Run, root: Path) -> None:
    (root / "Dockerfile").write_text('FROM python:3.12-slim\nCOPY start.sh /start.sh\nCMD ["sh", "/start.sh"]\n')
    (root / "start.sh").write_text("#!/bin/sh\nuvicorn app.main:app --host 0.0.0.0\n")
    only = ("--select", "script-without-exec")
    assert "start.sh:2:1" in dlf(*only)[1]
    dlf(*only, "--write-baseline")
    assert dlf(*only, "--baseline", "dlf-baseline.json")[::2] == (0, "")
    edit(root / "start.sh", "uvicorn", "exec uvicorn")
    err = dlf(*only, "--baseline", "dlf-baseline.json")[2]
    assert err.splitlines()[1].startswith("  start.sh: script-without-exec: ")
    assert dlf("Dockerfile", *only, "--baseline", "dlf-baseline.json")[2] == ""


def test_copies_of_a_file_are_held_each_and_told_once(dlf: Run, root: Path) -> None:
    for folder in ("dist", "src"):
        (root / folder).mkdir()
        (root / folder / "Dockerfile").write_text("FROM python:3.12-slim\nCMD uvicorn app.main:app --host 0.0.0.0\n")
    only = ("--select", "shell-form-cmd")
    told = dlf("dist", "src", *only)[1]
    assert (told.count("]: "), told.count("src/Dockerfile:2:5: here too")) == (1, 1)
    assert dlf("dist", "src", *only, "--write-baseline")[2].startswith("dlf-baseline.json: holds 2 findings")
    assert dlf("src", *only, "--baseline", "dlf-baseline.json")[0] == 0
    (root / "src" / "Dockerfile").write_text("FROM python:3.12-slim\n\nCMD uvicorn app.main:app --host 0.0.0.0\n")
    assert dlf("dist", "src", *only, "--baseline", "dlf-baseline.json")[0] == 0


def test_copies_of_a_file_are_fixed_each(dlf: Run, root: Path) -> None:
    for folder in ("dist", "src"):
        (root / folder).mkdir()
        (root / folder / "Dockerfile").write_text("FROM python:3.12-slim as app\n")
    dlf("--select", "legacy-syntax,inconsistent-keyword-case,dockerfile-syntax", "--fix", "dist", "src")
    texts = {(root / folder / "Dockerfile").read_text() for folder in ("dist", "src")}
    assert len(texts) == 1
