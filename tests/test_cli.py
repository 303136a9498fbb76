import errno
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockerlint_fastapi import cli, engine, examples, rule
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.finding import Finding
from dockerlint_fastapi.report import Diagnostic, Report
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import Tree


def made_up(name: str, category: str, severity: str = "error") -> Any:
    return SimpleNamespace(
        name=name,
        code="DLF015" if name == "shell-form-cmd" else "",
        category=category,
        severity=severity,
        title=f"`{name}`",
        summary="A summary.",
        help="mend it",
        guide=("G1",),
        sources=("https://example.org",),
        since="0.1.0",
        url=f"https://example.org/{name}",
        built_in=True,
        preview=False,
        page_path="",
        markdown=f"# `{name}`\n\nWhy.\n\n```\n# x\n```\n",
    )


RULES = (
    made_up("dockerfile-syntax", "dockerfile"),
    made_up("loopback-bind", "network"),
    made_up("shell-form-cmd", "signals"),
    made_up("unpinned-base-image", "base-image", "warning"),
)
_FAULT = re.compile(r"FAULT (\S+) (\S+)")


class Engine:
    """A stand-in for the engine: a line `FAULT rule severity` is a finding, `CRASH` an exception."""

    def __init__(self) -> None:
        self.calls: list[tuple[Tree, engine.Settings, Sequence[str] | None]] = []

    def lint(
        self,
        tree: Tree,
        settings: engine.Settings,
        *,
        paths: Sequence[str] | None = None,
        shown: Callable[[str], str] = str,
        progress: Callable[[int, int], None] | None = None,  # noqa: ARG002
        spread: object = None,  # noqa: ARG002
        apart: object = None,  # noqa: ARG002
    ) -> Report:
        self.calls.append((tree, settings, paths))
        found = find(tree, settings.exclude, named=paths or ())
        diagnostics, files = [], []
        for path in (*found.dockerfiles, *found.compose_files):
            if paths is not None and path not in paths:
                continue
            source = Source(path, tree.read(path) or b"", shown(path))
            files.append(source.shown)
            if "CRASH" in source.text:
                raise ValueError("oh\nno")
            for match in _FAULT.finditer(source.text):
                one = next((one for one in settings.rules if one.name == match[1]), None)
                if one is not None and one.name in settings.select:
                    diagnostics.append(Diagnostic(one, match[2], Finding.at(source.span(*match.span()), "is a fault")))
        return Report(
            tuple(sorted(diagnostics, key=lambda one: one.order)), (), (), tuple(sorted(files)), settings.rules
        )

    @property
    def settings(self) -> engine.Settings:
        return self.calls[-1][1]

    @property
    def paths(self) -> list[Sequence[str] | None]:
        return [paths for _, _, paths in self.calls]


class Program:
    """`dlf` in a directory of its own."""

    def __init__(self, root: Path, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.engine = engine
        self.capsys = capsys

    def write(self, name: str, text: str = "FROM scratch\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = self.capsys.readouterr()
        return code, out, err

    def concise(self, *arguments: str) -> tuple[int, list[str]]:
        """The exit code, and `path: rule` of each finding."""
        code, out, _ = self("check", "--output-format", "json", *arguments)
        return code, [f"{one['path']}: {one['rule']}" for one in json.loads(out)["findings"]]


@pytest.fixture
def dlf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in ("NO_COLOR", "FORCE_COLOR", "DLF_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    fake = Engine()
    monkeypatch.setattr(engine, "lint", fake.lint)
    monkeypatch.setattr(rule, "load_rules", lambda _directories=(): RULES)
    return Program(root, fake, capsys)


ERROR = "FAULT shell-form-cmd error\n"
WARNING = "FAULT unpinned-base-image warning\n"
INFO = "FAULT loopback-bind info\n"


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        ("", (), 0),
        (ERROR, (), 1),
        (WARNING, (), 1),
        (INFO, (), 0),
        (INFO, ("--fail-on", "info"), 1),
        (WARNING, ("--fail-on", "error"), 0),
        (ERROR, ("--exit-zero",), 0),
        (ERROR, ("--ignore", "shell-form-cmd"), 0),
        (ERROR, ("--ignore", "signals"), 0),
        (ERROR, ("--select", "network,base-image"), 0),
        (ERROR, ("--select", "network", "--extend-select", "shell-form-cmd"), 1),
        (ERROR, ("absent",), 2),
        (ERROR, (".", "absent"), 2),
        (ERROR, ("absent", "--exit-zero"), 2),
    ],
)
def test_exit_codes(dlf: Program, text: str, arguments: tuple[str, ...], code: int) -> None:
    dlf.write("Dockerfile", text)
    assert dlf("check", *arguments)[0] == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("check", "--select", "shell-from-cmd"),
            "--select: there is no rule or category `shell-from-cmd` (did you mean `shell-form-cmd`?)",
        ),
        (
            ("check", "--ignore", "DL3025"),
            "--ignore: there is no rule or category `DL3025` (did you mean `shell-form-cmd`?)",
        ),
        (("check", "--extend-select", "x"), "--extend-select: there is no rule or category `x`"),
        (("check", "--today", "tomorrow"), "'tomorrow' is not a date such as 2026-11-22"),
        (("check", "--fail-on", "never"), "'never' is not one of 'error', 'warning', 'info'"),
        (("check", "--isolated", "--config", "x"), "--isolated and --config exclude each other"),
        (("check", "--config", "absent.toml"), "absent.toml: cannot be read: No such file or directory"),
        (
            ("check", "--stdin-filename", "x"),
            "--stdin-filename names what is read from standard input: it needs the path `-`",
        ),
        (("check", "-", "."), "`-` (standard input) cannot be linted together with other paths"),
        (
            ("check", "--statistics", "--output-format", "sarif"),
            "--statistics has no form in sarif; it has one in text, concise, json and markdown",
        ),
        (("check", "--nope"), "No such option"),
        (("chek",), "No such command 'chek'"),
        (
            ("rule", "shell-from-cmd"),
            "there is no rule `shell-from-cmd` (did you mean `shell-form-cmd`?); `dlf rules` lists them all",
        ),
        (("rule",), "Missing argument 'NAME'"),
        (("test", "absent"), "absent: is no directory"),
    ],
)
def test_wrong_usage_is_one_clear_message(dlf: Program, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = dlf(*arguments)
    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("error: ")


def test_what_exists_is_linted_although_other_paths_do_not(dlf: Program) -> None:
    dlf.write("a/Dockerfile", ERROR)
    dlf.write("logo.svg", "<svg/>\n")
    (dlf.root / "gone").symlink_to("nowhere")
    os.mkfifo(dlf.root / "pipe")
    code, out, err = dlf("check", "nosuch", "logo.svg", "gone", "pipe", "a/Dockerfile", "--output-format", "concise")
    assert code == 2
    assert out.startswith("a/Dockerfile:1:1: error[shell-form-cmd]")
    assert err.splitlines() == [
        "error: nosuch: no such file or directory",
        "error: logo.svg: is no file of a kind that dlf reads, by its name or by its content",
        "error: gone: is a link that leads nowhere",
        "error: pipe: is neither a file nor a directory",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app/main.py", "import os\n"),
        ("start.sh", "exec uvicorn\n"),
        ("bin/serve", "#!/bin/sh\n"),
        ("requirements/prod.txt", "fastapi\n"),
        ("requirements-dev.in", ""),
        ("pyproject.toml", ""),
        ("uv.lock", ""),
        (".env.production", "A=b\n"),
        ("gunicorn.conf", ""),
    ],
)
def test_a_file_that_a_container_may_be_made_of_is_linted_with_its_project(dlf: Program, name: str, text: str) -> None:
    dlf.write("Dockerfile", ERROR)
    dlf.write(name, text)
    code, out, err = dlf("check", name)
    assert (code, err) == (0, "")
    assert out == "No files to check.\n"  # the engine of these tests reads Dockerfiles only
    assert dlf.engine.paths == [[name]]
    assert dlf("check", "--exclude", name, "--force-exclude", name)[0] == 0
    assert dlf.engine.paths == [[name]]


def test_a_link_out_of_the_project_is_not_followed(dlf: Program, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("FROM a\n" + ERROR)
    (dlf.root / "Dockerfile").symlink_to(tmp_path / "secret")
    assert dlf("check", "Dockerfile")[::2] == (
        2,
        "error: Dockerfile: is a link that leads out of the project, so it is not followed\n",
    )


def test_an_empty_project_is_said_and_passes(dlf: Program) -> None:
    dlf.write("src/main.py", "")
    dlf.write(".dockerignore", "")
    code, out, err = dlf("check")
    assert (code, out, err.splitlines()[0]) == (0, "", "no Dockerfile or compose file under .")
    assert dlf("check", "src", "--quiet") == (0, "", "")
    code, out, _ = dlf("check", "--output-format", "json")
    assert (code, json.loads(out)["files"]) == (0, [])


def test_a_whole_project_is_one_call(dlf: Program) -> None:
    dlf.write("Dockerfile")
    dlf.write("compose.yml", "services: {}\n")
    assert dlf("check")[0] == 0
    assert dlf("check", ".", "Dockerfile", "./compose.yml")[0] == 0
    assert dlf.engine.paths == [None, None]


def test_files_and_directories_of_one_root_are_one_call(dlf: Program) -> None:
    for name in ("a/Dockerfile", "a/x/Dockerfile.dev", "b/Dockerfile", "c/api.build"):
        dlf.write(name, f"FROM scratch\n{ERROR}# {name}\n")
    assert dlf.concise("a", "c/api.build") == (
        1,
        ["a/Dockerfile: shell-form-cmd", "a/x/Dockerfile.dev: shell-form-cmd", "c/api.build: shell-form-cmd"],
    )
    assert dlf.engine.paths == [["a/Dockerfile", "a/x/Dockerfile.dev", "c/api.build"]]


def test_paths_are_shown_from_the_working_directory(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("a/Dockerfile", ERROR)
    dlf.write("b/Dockerfile", ERROR + "# no copy\n")
    monkeypatch.chdir(dlf.root / "a")
    assert dlf.concise(".") == (1, ["Dockerfile: shell-form-cmd"])
    assert dlf.concise("..")[1] == ["../b/Dockerfile: shell-form-cmd", "Dockerfile: shell-form-cmd"]
    assert dlf.concise(str(dlf.root / "b" / "Dockerfile"))[1] == ["../b/Dockerfile: shell-form-cmd"]


def test_each_root_is_its_own_project(dlf: Program, tmp_path: Path) -> None:
    dlf.write("Dockerfile", ERROR)
    dlf.write("../other/.git", "gitdir: x\n")
    dlf.write("../other/Dockerfile", WARNING)
    dlf.write("../loose/Dockerfile", INFO)
    code, found = dlf.concise(".", "../other/Dockerfile", str(tmp_path / "loose"))
    assert code == 1
    assert found == [
        "../loose/Dockerfile: loopback-bind",
        "../other/Dockerfile: unpinned-base-image",
        "Dockerfile: shell-form-cmd",
    ]
    assert dlf.engine.paths == [None, ["Dockerfile"], None]


def test_excludes(dlf: Program) -> None:
    dlf.write("Dockerfile", ERROR)
    dlf.write("old/Dockerfile", ERROR + "# no copy\n")
    dlf.write("sub/old/Dockerfile", ERROR + "# nor is this one\n")
    assert len(dlf.concise(".")[1]) == 3
    assert dlf.concise("--exclude", "old")[1] == ["Dockerfile: shell-form-cmd"]
    assert dlf.concise("--exclude", "/old/")[1] == ["Dockerfile: shell-form-cmd", "sub/old/Dockerfile: shell-form-cmd"]
    assert dlf.concise("old/Dockerfile", "--exclude", "old")[1] == ["old/Dockerfile: shell-form-cmd"]
    assert dlf.concise("old/Dockerfile", "--exclude", "old", "--force-exclude") == (0, [])


def test_the_nearest_configuration_is_for_each_file(dlf: Program) -> None:
    dlf.write("dlf.toml", "ignore = ['shell-form-cmd']\nexclude = ['gone']\n")
    dlf.write("Dockerfile", ERROR + WARNING)
    dlf.write("gone/Dockerfile", ERROR + "# gone\n")
    dlf.write("api/pyproject.toml", "[tool.dlf]\nselect = ['signals']\nexclude = ['skip/*']\n")
    dlf.write("api/src/Dockerfile", ERROR + WARNING + "# api\n")
    dlf.write("api/skip/Dockerfile", ERROR)
    dlf.write("web/pyproject.toml", "[project]\nname = 'dlf'\n")
    dlf.write("web/Dockerfile", ERROR + WARNING + "# web\n")
    everything = [
        "Dockerfile: unpinned-base-image",
        "api/src/Dockerfile: shell-form-cmd",
        "web/Dockerfile: unpinned-base-image",
    ]
    assert dlf.concise(".")[1] == everything
    assert dlf.engine.paths == [["Dockerfile", "web/Dockerfile"], ["api/src/Dockerfile"]]
    assert dlf.concise("Dockerfile", "api/src/Dockerfile", "web/Dockerfile")[1] == everything
    assert dlf.concise("api")[1] == everything[1:2]
    assert dlf.engine.settings.exclude == ("/api/skip/*",)
    assert len(dlf.concise("--isolated")[1]) == 8
    assert dlf.concise("--config", "api/pyproject.toml")[1] == [
        "Dockerfile: shell-form-cmd", "api/src/Dockerfile: shell-form-cmd", "gone/Dockerfile: shell-form-cmd",
        "web/Dockerfile: shell-form-cmd",
    ]  # fmt: skip
    assert dlf("check", "--config", "web/pyproject.toml")[2] == "error: web/pyproject.toml: has no table `[tool.dlf]`\n"


def test_a_configuration_above_the_root_counts(dlf: Program) -> None:
    dlf.write("../dlf.toml", "exclude = ['project/old', 'elsewhere/x']\nfail-on = 'error'\noutput-format = 'concise'\n")
    dlf.write("Dockerfile", WARNING)
    dlf.write("old/Dockerfile", ERROR)
    code, out, _ = dlf("check")
    assert code == 0
    assert out.startswith("Dockerfile:1:1: warning[unpinned-base-image]")
    assert dlf.engine.settings.exclude == ("/old",)


def test_a_wrong_configuration_stops_the_run(dlf: Program) -> None:
    dlf.write("Dockerfile", ERROR)
    dlf.write("dlf.toml", "\nrules = 'evil'\n")
    code, out, err = dlf("check")
    assert (code, out) == (2, "")
    assert err.startswith("error: dlf.toml:2: `rules` is not read from a configuration file")


def test_settings_reach_the_engine_and_the_command_line_wins(dlf: Program) -> None:
    dlf.write("Dockerfile")
    dlf.write(
        "dlf.toml",
        "profile = 'guide'\ndeployment = 'orchestrated'\n[severity]\nshell-form-cmd = 'info'\n"
        "[per-file-ignores]\n'*.dev' = ['signals']\n[unpinned-base-image]\ndigest = true\n",
    )
    dlf("check")
    settings = dlf.engine.settings
    assert (settings.profile, settings.deployment, settings.today) == ("guide", "orchestrated", None)
    assert settings.severities == {"shell-form-cmd": "info"}
    assert settings.per_file_ignores == (("*.dev", frozenset({"shell-form-cmd"})),)
    assert settings.options == {"unpinned-base-image": {"digest": True}}
    dlf("check", "--profile", "pedantic", "--deployment", "single-server", "--today", "2026-11-22")
    settings = dlf.engine.settings
    assert (settings.profile, settings.deployment, settings.today) == ("pedantic", "single-server", "2026-11-22")


def test_the_compose_files_that_are_used(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compose.yaml", "deploy/prod.yaml", "deploy/base.yaml"):
        dlf.write(name, "services:\n  web:\n    image: i\n")
    dlf("check")
    assert dlf.engine.settings.stack == ()
    dlf("check", "--compose-file", "deploy/base.yaml", "--compose-file", "./deploy/prod.yaml")
    assert dlf.engine.settings.stack == ("deploy/base.yaml", "deploy/prod.yaml")
    dlf.write("deploy/dlf.toml", "compose-files = ['prod.yaml', '../compose.yaml']\n")
    assert dlf("check", "deploy")[::2] == (0, "")
    assert dlf.engine.settings.stack == ("deploy/prod.yaml", "compose.yaml")
    monkeypatch.chdir(dlf.root / "deploy")
    dlf("check", ".", "--compose-file", "base.yaml")  # instead of those of the configuration
    assert dlf.engine.settings.stack == ("deploy/base.yaml",)


def test_compose_files_of_another_project_or_of_none(dlf: Program, tmp_path: Path) -> None:
    dlf.write("Dockerfile")
    other = tmp_path / "other" / "compose.yaml"
    other.parent.mkdir()
    other.write_text("services: {}\n")
    code, _, err = dlf("check", "--compose-file", str(other))
    assert (code, err) == (2, f"error: --compose-file: {other}: lies outside of the project\n")
    dlf("check", ".", str(other.parent), "--compose-file", str(other))
    assert [settings.stack for _, settings, _ in dlf.engine.calls] == [(), ("compose.yaml",)]
    code, _, err = dlf("check", "--compose-file", "gone.yaml")
    assert (code, err) == (2, "error: --compose-file: gone.yaml: no such file\n")
    dlf.write("dlf.toml", "compose-files = ['gone.yaml']\n")
    code, _, err = dlf("check")
    assert (code, err) == (2, "error: dlf.toml: `compose-files`: gone.yaml: no such file\n")


def test_show_takes_the_compose_files_that_are_used(dlf: Program) -> None:
    dlf.write("compose.yaml", "services:\n  web:\n    image: nginx:1.29\n")
    dlf.write("compose.override.yaml", "services:\n  web:\n    ports: ['80:80']\n")
    dlf.write("extra.yaml", "services:\n  web:\n    user: app\n")
    stack = ("--compose-file", "compose.yaml", "--compose-file", "extra.yaml")
    code, out, _ = dlf("show", "--output-format", "json", *stack)
    shown = json.loads(out)["deployments"]
    assert code == 0
    assert [one["files"] for one in shown] == [["compose.yaml", "extra.yaml"]]


# ---------------------------------------------------------------- standard input


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input_alone(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("Dockerfile", WARNING)
    stdin(monkeypatch, "FROM a\n" + ERROR)
    assert dlf.concise("-") == (1, ["-: shell-form-cmd"])
    stdin(monkeypatch, "services: {}\n# " + ERROR)
    assert dlf.concise("-") == (1, ["-: shell-form-cmd"])
    assert dlf.engine.paths == [["Dockerfile"], ["compose.yaml"]]


def test_standard_input_in_its_place(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("api/Dockerfile", WARNING)
    dlf.write("Dockerfile", INFO)
    dlf.write("api/dlf.toml", "ignore = ['unpinned-base-image']\n")
    stdin(monkeypatch, ERROR + WARNING)
    assert dlf.concise("-", "--stdin-filename", "api/Dockerfile") == (1, ["api/Dockerfile: shell-form-cmd"])
    tree = dlf.engine.calls[-1][0]
    assert (tree.read("Dockerfile"), tree.read("api/Dockerfile")) == (INFO.encode(), (ERROR + WARNING).encode())
    stdin(monkeypatch, ERROR)
    assert dlf.concise("-", "--stdin-filename", "new/Dockerfile.x")[1] == ["new/Dockerfile.x: shell-form-cmd"]
    stdin(monkeypatch, "import os\n")
    assert dlf("check", "-", "--stdin-filename", "main.rs")[0] == 2


# ---------------------------------------------------------------- output


def test_quiet_and_statistics(dlf: Program) -> None:
    dlf.write("Dockerfile", ERROR + INFO)
    dlf.write("a/Dockerfile", ERROR)
    out = dlf("check", "-q", "--output-format", "concise")[1]
    assert [line.split("]")[0] for line in out.splitlines()] == [
        "Dockerfile:1:1: error[shell-form-cmd",
        "Dockerfile:2:1: info[loopback-bind",
        "a/Dockerfile:1:1: error[shell-form-cmd",
    ]
    assert dlf("check", "--statistics")[:2] == (
        1,
        (
            "2  error    shell-form-cmd  `shell-form-cmd`\n1  info     loopback-bind   `loopback-bind`\n\n"
            "Found 2 errors and 1 info in 2 files.\n"
        ),
    )
    assert dlf("check", "--statistics", "-q", "--select", "loopback-bind")[1].count("\n") == 1
    assert json.loads(dlf("check", "--statistics", "--output-format", "json")[1])[0] == {
        "rule": "shell-form-cmd",
        "severity": "error",
        "category": "signals",
        "count": 2,
        "fixable": 0,
    }
    assert dlf("check", "-q", "--select", "base-image") == (0, "", "")
    assert dlf("check", "--statistics", "--select", "base-image")[1] == "All checks passed: 2 files.\n"


@pytest.mark.parametrize(
    ("environment", "terminal", "colored"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour(
    dlf: Program, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, terminal: bool, colored: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    dlf.write("Dockerfile", ERROR)
    output = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(output, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stdout", output)
    cli.run(["check"])
    assert (b"\x1b[" in output.buffer.getvalue()) is colored


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
@pytest.mark.parametrize("output_format", ["text", "concise", "json", "sarif"])
def test_any_encoding_takes_the_output(
    dlf: Program, monkeypatch: pytest.MonkeyPatch, encoding: str, output_format: str
) -> None:
    (dlf.root / "Dockerfile").write_bytes("# — é 漢 ".encode() + b"\xff " + ERROR.encode())
    output = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", output)
    assert cli.run(["check", "--output-format", output_format]) == 1
    data = output.buffer.getvalue()
    if output_format in ("json", "sarif"):
        json.loads(data.decode("utf-8"))
    else:
        assert "shell-form-cmd" in data.decode(encoding)


def test_names_that_no_encoding_holds(dlf: Program) -> None:
    name = b"Dockerfile.\xff\x1b[31m"
    with open(os.fsencode(dlf.root) + b"/" + name, "w") as file:
        file.write(ERROR)
    assert dlf("check")[0] == 1
    code, _, err = dlf("check", os.fsdecode(b"ab\xff\x1b[31m"))
    assert code == 2
    assert "\x1b" not in err


def test_output_file(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("Dockerfile", ERROR)
    monkeypatch.setenv("FORCE_COLOR", "1")
    report = dlf.root / "report.txt"
    code, out, err = dlf("check", "--output-file", "report.txt")
    assert (code, err) == (1, "")
    assert "\x1b" in out
    assert "\x1b" not in report.read_text()
    assert "shell-form-cmd" in report.read_text()
    report.chmod(0o640)
    (dlf.root / "link").symlink_to("report.txt")
    assert dlf("check", "--output-file", "link", "--output-format", "json")[0] == 1
    assert (dlf.root / "link").is_symlink()
    assert json.loads(report.read_text())["version"] == 1
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert sorted(os.listdir(dlf.root)) == [".git", "Dockerfile", "link", "report.txt"]
    assert dlf("check", "--output-file", "/dev/null")[0] == 1
    assert dlf("check", "--output-file", "no/such/report")[::2] == (
        2,
        "error: no/such/report: cannot be written: No such file or directory\n",
    )
    assert dlf("check", "--output-file", ".git")[0] == 2


def test_a_failed_write_leaves_the_old_report(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("Dockerfile", ERROR)
    dlf.write("report", "old")

    def full(*_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert dlf("check", "--output-file", "report")[::2] == (
        2,
        "error: report: cannot be written: No space left on device\n",
    )
    assert sorted(os.listdir(dlf.root)) == [".git", "Dockerfile", "report"]
    assert (dlf.root / "report").read_text() == "old"


# ---------------------------------------------------------------- when things go wrong


def test_a_fault_of_dlf_is_one_line_and_hides_no_other_project(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    dlf.write("a/Dockerfile", "CRASH")
    dlf.write("../other/.git", "")
    dlf.write("../other/Dockerfile", ERROR)
    code, out, err = dlf("check", "a", "../other")
    assert code == 2
    assert "shell-form-cmd" in out
    assert re.fullmatch(
        r"error: dlf \S+ failed on a/Dockerfile: ValueError: oh no\. This is a fault of dlf.*report it.*DLF_DEBUG.*\n",
        err,
    )
    monkeypatch.setenv("DLF_DEBUG", "1")
    assert "Traceback" in dlf("check", "a")[2]


def test_a_fault_outside_the_engine(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rule, "load_rules", broken)
    code, out, err = dlf("check")
    assert (code, out) == (2, "")
    assert err.startswith("error: dlf ")
    assert err.count("\n") == 1


def test_the_rule_at_work_is_named(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Report:
        rule = RULES[1]
        node = SimpleNamespace(span=Source.of("x", "api/Dockerfile").span(0, 1))
        raise RecursionError(rule.name + node.span.text)

    dlf.write("Dockerfile")
    monkeypatch.setattr(engine, "lint", crash)
    assert "failed on api/Dockerfile (rule `loopback-bind`): RecursionError" in dlf("check")[2]


def test_interrupt(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> Iterator[None]:
        raise KeyboardInterrupt

    dlf.write("Dockerfile")
    monkeypatch.setattr(engine, "lint", interrupt)
    code, out, err = dlf("check")
    assert (code, out.strip(), err.strip()) == (130, "", "")


def test_wrong_rule_options_name_the_configuration(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Report:
        raise rule.OptionsError("the rule `shell-form-cmd` has no option `x`")

    dlf.write("Dockerfile")
    dlf.write("dlf.toml", "[shell-form-cmd]\nx = 1\n")
    monkeypatch.setattr(engine, "lint", refuse)
    assert dlf("check")[::2] == (2, "error: dlf.toml: the rule `shell-form-cmd` has no option `x`\n")


def program(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    # Buffered, as users run it: what a failed write leaves in the buffer must not fail again at the end.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "dockerlint_fastapi", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_closed_pipe_is_silent() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with program("check", "--help", stdout=writer) as process:
        os.close(writer)
        assert process.communicate()[1] == b""
    reader, writer = os.pipe()
    os.close(reader)
    with program("rules", stdout=writer) as process:
        os.close(writer)
        assert process.communicate()[1] == b""
        assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "wb") as full, program("rules", stdout=full) as process:
        assert process.communicate()[1] == b"error: output: No space left on device\n"
        assert process.returncode == 2


# ---------------------------------------------------------------- the other commands


def test_version_and_help(dlf: Program) -> None:
    assert dlf("--version") == (0, "dlf 0.1.0\n", "")
    code, out, _ = dlf("-h")
    assert (code, [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()]) == (
        0,
        list(cli.COMMANDS),
    )
    code, out, err = dlf()
    assert (code, out) == (2, "")
    assert "Usage: dlf" in err
    for command in cli.COMMANDS:
        code, out, _ = dlf(command, "--help")
        assert code == 0
        assert f"Usage: dlf {command}" in out


def test_rules_are_listed(dlf: Program) -> None:
    assert dlf("rules")[1].splitlines()[1:3] == [
        "loopback-bind                error    network     `loopback-bind`",
        "shell-form-cmd       DLF015  error    signals     `shell-form-cmd`",
    ]
    listed = json.loads(dlf("rules", "--output-format", "json")[1])
    assert [one["name"] for one in listed] == [one.name for one in RULES]
    assert set(listed[0]) == {
        "name",
        "code",
        "title",
        "summary",
        "severity",
        "category",
        "help",
        "guide",
        "sources",
        "since",
        "preview",
        "url",
        "from",
    }


def test_a_rule_is_explained(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    out = dlf("rule", "shell-form-cmd")[1]
    assert out.startswith(
        "shell-form-cmd\nDLF015 · error · category signals · since 0.1.0 · guide G1\n\n# `shell-form-cmd`\n\nWhy.\n"
    )
    assert out.endswith("\n\nSources\n\n- https://example.org\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = dlf("rule", "shell-form-cmd")[1]
    assert "\x1b[1m# `shell-form-cmd`\x1b[0m" in out
    assert "\n# x\n" in out  # a comment in an example is no heading


def test_test_runs_examples(dlf: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def fake(directory: str, *, bless: bool = False) -> examples.Outcome:
        asked.append((directory, bless))
        return examples.Outcome("3 examples\n", 3, 0 if bless else 1)

    monkeypatch.setattr(examples, "run", fake)
    assert dlf("test", ".") == (1, "3 examples\n", "")
    assert dlf("test", ".", "--bless") == (0, "3 examples\n", "")
    assert asked == [(".", False), (".", True)]


def test_text_of_files_is_told_in_sarif_when_each_path_allows_it(dlf: Program) -> None:
    for name, told in (("a", "true"), ("b", "false")):
        dlf.write(f"{name}/Dockerfile", ERROR)
        dlf.write(f"{name}/dlf.toml", f"sarif-sources = {told}\n")
        (dlf.root / name / ".git").mkdir()
    for paths, told in ((("a",), True), (("b",), False), (("a", "b"), False)):
        out = dlf("check", "--output-format", "sarif", *paths)[1]
        assert ("snippet" in out, '"contents"' in out) == (told, told)
