"""Rules of installed packages: found as importlib.metadata finds them, loaded like all others, never by surprise."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import cli, plugins
from dockerlint_fastapi.plugins import GROUP, EntryPoint, entry_points, load
from dockerlint_fastapi.rule import RuleError

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "fixtures" / "plugin-example"
OURS = f"[{GROUP}]\n"
PAGE = """---
severity: warning
category: users
help: h
since: 1.0.0
---

# T

W.
"""
FUNCTION = """from collections.abc import Iterator
from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import From

def check(node: From) -> Iterator[Finding]:
    yield Finding.at(node, "m")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in front of sys.path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site: Path, name: str, text: str, *, version: str = "1.0", metadata: str | None = None) -> Path:
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        metadata or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no\n"
    )
    (folder / "entry_points.txt").write_text(text)
    return folder


def package(site: Path, name: str, rule: str = "marked_word") -> Path:
    folder = site.joinpath(*name.split("."))
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit('a package of rules is never imported')\n")
    (folder / f"{rule}.py").write_text(FUNCTION)
    (folder / f"{rule}.md").write_text(PAGE)
    return folder


def names(one: "plugins.EntryPoint") -> tuple[str, str]:
    return one.name, one.value


# ---------------------------------------------------------------- finding them


def told() -> list[tuple[str, str]]:
    """What the standard library says."""
    return sorted((one.name, one.value) for one in importlib.metadata.entry_points(group=GROUP))


@pytest.mark.parametrize(
    "text",
    [
        f"{OURS}a = x\n",
        f"{OURS}a=x\nb  =  y.z\n\n[other]\nc = w\n",
        f"[console_scripts]\n{GROUP} = x:y\n",
        f"[other]\na = 1\n{OURS}# c = d\n  e = f  \n{OURS}g = h\n",
        f"[{GROUP}.more]\na = x\n",
        f"  [{GROUP}]  \r\na = x\r\n",
        f"{OURS}a = x:y\nb = z [extra]\n",
        GROUP,
        "",
    ],
)
def test_they_are_those_of_the_standard_library(site: Path, text: str) -> None:
    install(site, "acme", text)
    assert [names(one) for one in entry_points()] == told()


NAMES = st.sampled_from(["acme", "Acme", "ac-me", "ac_me", "ac.me", "AC__ME", "other", "other-1"])
KINDS = st.sampled_from([".dist-info", ".egg-info", "-1.0.dist-info", "-1.0-py3.11.egg-info", ".egg", "-2.dist-info"])


@given(st.lists(st.tuples(st.integers(0, 2), NAMES, KINDS, st.booleans()), max_size=6))
@settings(max_examples=100, deadline=None)
def test_of_one_name_the_first_on_the_path_counts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str, bool]]
) -> None:
    root = tmp_path_factory.mktemp("sites")
    path: list[str] = [str(root / str(number)) for number in range(3)]
    taken: set[tuple[int, str]] = set()
    for number, (where, name, kind, ours) in enumerate(rows):
        normalized = name.lower().replace("-", "").replace("_", "").replace(".", "")
        if (where, normalized) in taken:  # two of one name in one directory: which is first, the file system decides
            continue
        taken.add((where, normalized))
        folder = root / str(where) / f"{name}{kind}"
        if kind == ".egg":
            path.insert(where, str(folder))
            folder /= "EGG-INFO"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "entry_points.txt").write_text(f"{OURS}n{number} = x\n" if ours else "[console_scripts]\nx = y:z\n")
        (folder / "PKG-INFO").write_text(f"Name: {name}\nVersion: 1.0\n")
    importlib.metadata.metadata("pytest")  # from Python 3.13 on it imports what it reads with at the first of them
    before = sys.path[:]
    try:
        sys.path[:] = path
        assert [names(one) for one in entry_points()] == told()
    finally:
        sys.path[:] = before
        shutil.rmtree(root)


def test_they_are_those_of_the_standard_library_in_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for group in ("console_scripts", "pytest11"):
        monkeypatch.setattr(plugins, "GROUP", group)
        expected = sorted({(one.name, one.value) for one in importlib.metadata.entry_points(group=group)})
        assert sorted({names(one) for one in entry_points()}) == expected
        assert expected


def test_what_is_on_the_path_and_is_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    monkeypatch.setattr(sys, "path", ["", ".", str(tmp_path / "x.zip"), str(tmp_path / "missing"), *sys.path])
    install(tmp_path, "acme", f"{OURS}a = x\n")
    monkeypatch.chdir(tmp_path)
    assert entry_points() == ()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert entry_points() == ()  # the working directory, by whatever name
    monkeypatch.chdir("/")
    assert [names(one) for one in entry_points()] == [("a", "x")]


def test_the_name_of_a_distribution(tmp_path: Path) -> None:
    assert EntryPoint("a", "x", str(install(tmp_path, "acme-rules", ""))).distribution == "acme-rules 1.0"
    assert EntryPoint("a", "x", str(tmp_path / "acme_rules-2.0-py3.11.egg-info")).distribution == "acme_rules 2.0"
    assert EntryPoint("a", "x", str(tmp_path / "acme.egg-info")).distribution == "acme"


# ---------------------------------------------------------------- loading them


def test_they_come_through_the_same_door_and_their_package_is_not_imported(site: Path) -> None:
    folder = package(site, "acme.rules")
    install(site, "acme", f"{OURS}a = acme.rules\n")
    (rule,) = [one for one in load() if one.name == "marked-word"]
    assert (rule.title, rule.built_in) == ("T", False)
    assert plugins.origin(rule, plugins.plugins()) == "acme 1.0"
    assert "acme" not in sys.modules
    assert all(one.name != "marked-word" for one in load(installed=False))
    # `--rules` on the package that is installed as well: each rule once
    assert len(load([str(folder)])) == len(load())


def test_a_package_of_several_folders(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, rule in ((site, "marked_word"), (tmp_path / "more", "marked_line")):
        (package(where, "acme.rules", rule) / "__init__.py").unlink()
        (where / "acme" / "__init__.py").unlink(missing_ok=True)
    monkeypatch.syspath_prepend(str(tmp_path / "more"))
    install(site, "acme", f"{OURS}a = acme.rules\nb = acme.rules\n")
    assert {one.name for one in load()} >= {"marked-word", "marked-line"}


class _Finder:
    """What an editable install leaves behind."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> object:
        if name != "editable_acme":
            return None
        if self.folder is None:
            raise KeyError("no map")
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(self.folder)]
        return spec


def test_an_editable_install(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = package(tmp_path, "anywhere")
    install(site, "acme", f"{OURS}a = editable_acme\n")
    monkeypatch.setattr(sys, "meta_path", [_Finder(folder), *sys.meta_path])
    assert "marked-word" in {one.name for one in load()}
    monkeypatch.setattr(sys, "meta_path", [_Finder(None), *sys.meta_path])
    with pytest.raises(RuleError, match=r"plugin acme 1\.0.*`editable_acme` cannot be found: KeyError: 'no map'"):
        load()


def _missing(_: Path) -> str:
    return "acme_rules"


def _module(site: Path) -> str:
    (site / "acme_rules.py").write_text("x = 1\n")
    return "acme_rules"


def _attribute(site: Path) -> str:
    package(site, "acme_rules")
    return "acme_rules:marked_word"


def _empty(site: Path) -> str:
    (site / "acme_rules").mkdir()
    (site / "acme_rules" / "__init__.py").touch()
    return "acme_rules"


def _without_page(site: Path) -> str:
    (package(site, "acme_rules") / "marked_word.md").unlink()
    return "acme_rules"


def _syntax(site: Path) -> str:
    (package(site, "acme_rules") / "marked_word.py").write_text("def check(:\n")
    return "acme_rules"


def _raises(site: Path) -> str:
    (package(site, "acme_rules") / "marked_word.py").write_text("raise KeyError('at import')\n")
    return "acme_rules"


def _clash(site: Path) -> str:
    package(site, "acme_rules", "shell_form_cmd")
    return "acme_rules"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (_missing, "`acme_rules` is no package: an entry point names the package whose folder holds rules"),
        (_module, "`acme_rules` is no package"),
        (_attribute, "`acme_rules:marked_word` is no package"),
        (_empty, "holds no rule"),
        (_without_page, "has no page `marked_word.md` beside it"),
        (_syntax, "cannot be loaded: SyntaxError"),
        (_raises, "cannot be loaded: KeyError: 'at import'"),
        (_clash, "a rule named `shell-form-cmd` exists already"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_plugin_is_told_by_its_name(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, broken: Callable[[Path], str],
    message: str,
) -> None:  # fmt: skip
    project = site.parent
    install(site, "acme-rules", f"{OURS}acme = {broken(site)}\n")
    (project / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(project)
    for command in (["check"], ["rules"], ["rule", "shell-form-cmd"], ["show"]):
        assert cli.run(command) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: the plugin acme-rules 1.0 (entry point `acme")
        assert message in error
        assert error.endswith("; `--no-plugins` leaves installed rules out\n")
        assert "Traceback" not in error
        assert cli.run([*command, "--no-plugins"]) == 0
        capsys.readouterr()
    assert cli.run(["check", "--isolated"]) == 0


def test_two_plugins_with_a_rule_of_one_name(site: Path) -> None:
    for name in ("acme", "zorg"):
        package(site, f"{name}_rules")
        install(site, name, f"{OURS}{name} = {name}_rules\n")
    with pytest.raises(RuleError) as caught:
        load()
    assert str(caught.value).startswith("the plugin zorg 1.0 (entry point `zorg`): ")
    assert "a rule named `marked-word` exists already" in str(caught.value)
    assert "of the plugin acme 1.0 (entry point `acme`)" in str(caught.value)


def test_a_folder_with_a_rule_that_a_plugin_has(site: Path, tmp_path: Path) -> None:
    package(site, "acme_rules")
    install(site, "acme", f"{OURS}acme = acme_rules\n")
    own = package(tmp_path, "own")
    with pytest.raises(RuleError) as caught:
        load([str(own)])
    assert str(caught.value).startswith(f"{own}{os.sep}marked_word.py: a rule named `marked-word` exists already")
    assert "of the plugin acme 1.0" in str(caught.value)


def test_a_rule_of_a_plugin_that_raises_costs_no_other(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (package(site, "acme_rules") / "marked_word.py").write_text(
        FUNCTION.replace("    yield", "    raise KeyError(1)\n    yield")
    )
    install(site, "acme", f"{OURS}acme = acme_rules\n")
    (tmp_path / "Dockerfile").write_text("FROM python\nCMD uvicorn a:b\n")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["check"]) == 2
    shown = capsys.readouterr()
    assert "shell-form-cmd" in shown.out
    assert "the rule `marked-word` failed on Dockerfile:1:1" in shown.err
    assert "Traceback" not in shown.err


# ---------------------------------------------------------------- the real thing


def ran(*command: "str | Path", cwd: Path, **environment: str) -> tuple[int, str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(one) for one in command],
        cwd=cwd, env=kept | {"NO_COLOR": "1"} | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_the_example_passes_its_own_examples(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "acme", ignore=shutil.ignore_patterns("__pycache__"))
    code, out, err = ran(installed / "dlf", "test", "src/acme_dlf_rules", cwd=tmp_path / "acme")
    assert (code, err) == (0, "")
    assert out.endswith("6 examples, 0 failed\n")


def test_the_example_is_built_installed_run_and_removed(installed: Path, tmp_path: Path) -> None:
    source = tmp_path / "acme"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    options = ("--quiet", "--disable-pip-version-check")
    wheel = ("wheel", *options, "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source)
    code, out, err = ran(sys.executable, "-m", "pip", *wheel, cwd=tmp_path)
    assert code == 0, out + err
    (built,) = tmp_path.glob("*.whl")
    project = tmp_path / "project"
    project.mkdir()
    (project / "Dockerfile").write_text('FROM python:3.13.1-slim\nUSER 1000\nCMD ["python", "-V"]\n')
    dlf, pip = installed / "dlf", (installed / "python", "-m", "pip")
    before = ran(dlf, "rules", cwd=project)[1]
    # `--no-index`: what it needs is dlf, and that is there.
    code, out, err = ran(*pip, "install", *options, "--no-index", built, cwd=tmp_path)
    assert code == 0, out + err
    try:
        listed = ran(dlf, "rules", cwd=project)[1].splitlines()
        own = [line for line in listed if line.endswith("  (acme-dlf-rules 0.1.0)")]
        assert [line.split()[0] for line in own] == ["foreign-registry", "missing-owner-label"]
        assert [line.split()[0] for line in listed if line not in own] == [
            line.split()[0] for line in before.splitlines()
        ]
        rules = json.loads(ran(dlf, "rules", "--output-format", "json", cwd=project)[1])
        assert {one["from"] for one in rules} == {"built-in", "acme-dlf-rules 0.1.0"}
        assert "· from acme-dlf-rules 0.1.0\n" in ran(dlf, "rule", "foreign-registry", cwd=project)[1]
        select = ("--select", "foreign-registry,missing-owner-label", "--output-format", "concise")
        code, out, err = ran(dlf, "check", *select, cwd=project)
        assert (code, err) == (1, "")
        assert out == (
            "Dockerfile:1:1: warning[missing-owner-label]: the image has no label `example.acme.owner`: at night nobody"
            " knows whom to call\n"
            "Dockerfile:1:6: error[foreign-registry]: `python:3.13.1-slim` comes from docker.io: our clusters cannot"
            " pull it\n"
            "Found 1 error and 1 warning in 1 file.\n"
        )
        (project / "dlf.toml").write_text("[foreign-registry]\nregistry = 'docker.io'\n")
        assert "foreign-registry" not in ran(dlf, "check", *select, cwd=project)[1]
        (project / "dlf.toml").unlink()
        sarif = json.loads(ran(dlf, "check", "--output-format", "sarif", cwd=project)[1])
        assert "foreign-registry" in {one["id"] for one in sarif["runs"][0]["tool"]["driver"]["rules"]}
        for out_of_it in ("--no-plugins", "--isolated"):
            assert "foreign-registry" not in ran(dlf, "check", out_of_it, cwd=project)[1]
        assert ran(dlf, "rules", "--no-plugins", cwd=project)[1] == before
        # What the standard library says of this environment is what dlf found.
        program = f"import importlib.metadata as m; print(*[e.value for e in m.entry_points(group={GROUP!r})])"
        assert ran(installed / "python", "-c", program, cwd=project)[1] == "acme_dlf_rules\n"
    finally:
        ran(*pip, "uninstall", *options, "--yes", "acme-dlf-rules", cwd=tmp_path)
    assert ran(dlf, "rules", cwd=project)[1] == before


# ---------------------------------------------------------------- what a linted repository cannot do

MARK = "import os, pathlib; pathlib.Path(os.environ['MARK']).write_text(__file__)\n"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository in which every file that Python might run leaves a mark when it does."""
    folder = tmp_path / "hostile"
    package(folder, "evil_rules")
    for name in (
        "sitecustomize", "usercustomize", "conftest", "setup", "click", "pydantic", "tomllib", "yaml", "packaging",
        "ruamel/__init__", "ruamel/yaml/__init__", "dockerfile_parse/__init__", "noxfile", "evil_rules/__init__",
        "evil_rules/marked_word", "house/marked_word", "app/main", "app/__init__", "gunicorn.conf", "hypercorn_conf",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(MARK + FUNCTION)
    (folder / "house" / "marked_word.md").write_text(PAGE)
    install(folder, "evil", f"{OURS}evil = evil_rules\n")
    (folder / "evil.egg-info").mkdir()
    (folder / "evil.egg-info" / "entry_points.txt").write_text(f"{OURS}evil = evil_rules\n")
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "evil"\n[project.entry-points."{GROUP}"]\ne = "evil_rules"\n'
    )
    (folder / "Dockerfile").write_text('FROM python:3.13\nCOPY . .\nCMD ["gunicorn", "app.main:app"]\n')
    (folder / "compose.yaml").write_text("services:\n  api:\n    build: .\n    command: python -m app.main\n")
    return folder


CONFIGURATIONS = {
    "nothing": ("", {0, 1}),
    "dlf.toml": ("rules = ['house']\n", {2}),
    "pyproject.toml": ("[project]\nname = 'evil'\n[tool.dlf]\nrules = ['house']\nrule-dirs = ['house']\n", {2}),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("program", ["dlf", "module"])
def test_nothing_of_a_linted_repository_is_ever_run(
    installed: Path, hostile: Path, tmp_path: Path, name: str, program: str
) -> None:
    text, codes = CONFIGURATIONS[name]
    if text:
        (hostile / name).write_text(text)
    mark = tmp_path / "mark"
    start = [installed / "dlf"] if program == "dlf" else [installed / "python", "-m", "dockerlint_fastapi"]
    for command in (["check"], ["show"], ["check", "Dockerfile", "app/main.py"], ["rules"]):
        code, _, err = ran(*start, *command, cwd=hostile, MARK=str(mark))
        assert not mark.exists(), mark.read_text()
        assert "Traceback" not in err
        assert code in (codes if command != ["rules"] else {0}), err
    assert "marked-word" not in ran(*start, "rules", cwd=hostile, MARK=str(mark))[1]
