import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import discover
from dockerlint_fastapi.discover import Found, find, kind, kind_of, matches, may_take_part, rebased, root_of, walk
from dockerlint_fastapi.tree import DiskTree, MemoryTree, OverlayTree, text_files


def write(root: Path, *files: str, text: str = "FROM scratch\n") -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile", "dockerfile", "DOCKERFILE", "DockerFile", "Dockerfile.dev", "Dockerfile.ui.prod",
        "Dockerfile-poetry",
        "Dockerfile_dev", "DockerfileDev", "Dockerfile2", "dev.Dockerfile", "x.dockerfile", "api.prod.dockerfile",
        "AuthDockerfile",
        "authDockerfile", "AuthDockerfile.dev", "auth_dockerfile", "auth-dockerfile", "Containerfile",
        "Containerfile.dev",
        "api.containerfile", "Dockerfile.j2", "Dockerfile.dev.tmpl", "Dockerfile.template", "Dockerfile.erb",
        "Dockerfile.jinja",
        "Dockerfile.3.12", "Dockerfile.python3.12-slim", "Dockerfile.example", "Dockerfile.py312",
        "{{cookiecutter.name}}/Dockerfile",
        "a/b/Dockerfile",
    ],
)  # fmt: skip
def test_dockerfile_names(name: str) -> None:
    assert kind_of(name) == "dockerfile"


@pytest.mark.parametrize(
    "name",
    [
        "compose.yml", "compose.yaml", "Compose.yaml", "docker-compose.yml", "docker-compose.YAML",
        "docker-compose.override.yml",
        "docker-compose-dev.yml", "docker-compose_dev.yml", "docker_compose.yml", "dockercompose.yml",
        "DockerCompose.yml",
        "compose.prod.yaml", "compose-dev.yaml", "compose_dev.yml", "compose2.yml", "docker-compose2.yml",
        "dev.compose.yml",
        "prod-compose.yaml", "local-docker-compose.yml", "api.docker-compose.prod.yml", "docker-compose.yml.j2",
        "compose.yaml.tmpl", "podman-compose.yml",
        "docker-stack.yml", "docker-stack.prod.yaml", "web.docker-swarm.yml",
    ],
)  # fmt: skip
def test_compose_names(name: str) -> None:
    assert kind_of(name) == "compose"


@pytest.mark.parametrize(
    "name",
    [
        "dockerfile.py", "Dockerfile.md", "Dockerfile.txt", "test_dockerfile.py", "Dockerfile.go", "dockerfile.ts",
        "Dockerfile.sh",
        "Dockerfile.yml", "Dockerfile.json", "Dockerfile~", "Dockerfile.bak", "Dockerfile.orig", "Dockerfile.swp",
        "Dockerfile.lock",
        "mydockerfile", "dockerfiles", "Dockerfiles", "dockerfilelint", ".dockerfilelintrc", "dockerfile.py.j2",
        "composer.yml",
        "docker-stacks.yml", "stack.yaml", "docker.yml", "docker-stack.md",
        "composer.json", "compose.py", "compose.yml.bak", "decompose.yml", "docker-compose.md", "docker-compose",
        "compose", "main.py",
        "", "a/", "docker-compose.yml/x", ".gitignore", "ignore",
    ],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert kind_of(name) is None


@pytest.mark.parametrize(
    "name", [".dockerignore", "Dockerfile.dockerignore", "Dockerfile.ui.dockerignore", ".containerignore"]
)
def test_ignore_file_names(name: str) -> None:
    assert kind_of(name) == "dockerignore"


def test_template_names() -> None:
    assert discover.is_template("a/Dockerfile.j2")
    assert discover.is_template("docker-compose.yml.TMPL")
    assert not discover.is_template("a.j2/Dockerfile.dev")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"FROM python:3.13\n", "dockerfile"),
        (b"\xef\xbb\xbf# syntax=docker/dockerfile:1\r\n\r\n  from python\r\n", "dockerfile"),
        (b"ARG BASE=python\nFROM $BASE\n", "dockerfile"),
        (b"FROM \\\n python\n", "dockerfile"),
        (b"import os\nFROM = 1\n", None),
        (b"FROM\n", None),
        (b"SELECT 1\n", None),
        (b"services:\n  api:\n    build: .\n", "compose"),
        (b"# x\nx-a: &a {}\nservices: {}\n", "compose"),
        (b'{"services": {"api": {}}}', "compose"),
        (b'"services":\n  a: {}\n', "compose"),
        (b"apiVersion: v1\nspec:\n  services: x\n", None),
        (b"", None),
        (b"\x00\xff\xfe", None),
    ],
)
def test_content_tells_the_kind_of_a_named_file(data: bytes, kind: str | None) -> None:
    assert discover.kind_by_content(data) == kind
    assert discover.kind(MemoryTree({"build/api": data}), "build/api") == kind


def test_the_content_is_not_asked_when_the_name_tells() -> None:
    assert discover.kind(text_files([("Dockerfile", "services:\n")]), "Dockerfile") == "dockerfile"
    assert discover.kind(text_files([]), "absent") is None


@pytest.mark.parametrize("name", ["stack.yml", "prod-stack.yaml", "swarm.prod.yml", "deploy/Stack.yml"])
def test_a_stack_file_is_known_by_its_services(name: str) -> None:
    assert find(text_files([(name, "services:\n  api:\n    image: api\n")])).compose_files == (name,)
    for other in (
        "resolver: lts-22.0\npackages: [.]\n",
        "functions:\n  services: x\n",
        "apiVersion: v1\nservices: []\n",
        "",
    ):
        assert find(text_files([(name, other)])).compose_files == ()


@pytest.mark.parametrize("name", ["local.yml", "production.yaml", "Stage.yml", "api/prod.yml"])
def test_a_file_named_after_a_setting_is_known_by_what_its_services_run(name: str) -> None:
    beside = [("api/Dockerfile", "FROM scratch\n")]
    text = "version: '3'\n\nservices:\n  # all\n  api:\n    env_file: .env\n    build: .\n"
    assert find(text_files([(name, text), *beside])).compose_files == (name,)
    assert find(text_files([(f"config/{name}", text)])).compose_files == ()  # beside no Dockerfile
    for other in (
        "services:\n  api:\n    url: http://api\nimage:\n  build: 1\n",  # settings of an application
        "database:\n  image: x\n",
        "jobs:\n  test: {}\nservices:\n  db:\n    image: postgres\n",
        "services: [a]\n",
        "",
    ):
        assert find(text_files([(name, other), *beside])).compose_files == ()


@pytest.mark.parametrize(
    "name", ["docker_compose/storages.yaml", "deploy/docker-compose/app.yml", "compose-files/a.yml"]
)
def test_a_file_in_a_folder_of_compose_files_is_known_by_what_its_services_run(name: str) -> None:
    text = "version: '3.9'\n\nservices:\n\n  db:\n    container_name: db\n    image: mongo:8\n"
    assert find(text_files([(name, text)])).compose_files == (name,)
    assert find(text_files([(f"{name.rpartition('/')[0]}/below/x.yml", text)])).compose_files == ()
    for other in ("services:\n  db: {}\n", "apiVersion: v1\n" + text, "scrape_configs: []\n", ""):
        assert find(text_files([(name, other)])).compose_files == ()


@pytest.mark.parametrize("name", ["haystack.yml", "stacks.yml", "stack.json"])
def test_other_names_are_no_stack(name: str) -> None:
    assert find(text_files([(name, "services:\n  api:\n    image: api\n")])).compose_files == ()


def test_find_sorts_by_kind_and_leaves_out_what_is_not_ours() -> None:
    tree = text_files(
        (path, "x: 1\n" if path.endswith("ml") else "FROM scratch\n")
        for path in (
            "b/Dockerfile", "a/Dockerfile.dev", "compose.yml", ".dockerignore", "main.py",
            ".github/workflows/docker-compose.yml",
            ".github/docker/Dockerfile", "sub/.github/workflows/compose.yml", "node_modules/x/Dockerfile",
            ".venv/lib/Dockerfile",
            "env/pyvenv.cfg", "env/Dockerfile", "__pycache__/Dockerfile", ".tox/Dockerfile", ".git/Dockerfile",
            "workflows/compose.yml",
            ".devcontainer/Dockerfile", "build/Dockerfile", "venv/Dockerfile",
        )
    )  # fmt: skip
    assert find(tree) == Found(
        (
            ".devcontainer/Dockerfile",
            ".github/docker/Dockerfile",
            "a/Dockerfile.dev",
            "b/Dockerfile",
            "build/Dockerfile",
            "venv/Dockerfile",
        ),
        ("compose.yml", "workflows/compose.yml"),
        (".dockerignore",),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roles/app/tasks/docker-compose.yml", "---\n# install\n- name: x\n  apt: {}\n"),
        ("k8s/docker-compose.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("process-compose.yaml", 'version: "0.5"\nprocesses:\n  web:\n    command: x\n   docs:\n'),
        ("ci/compose.yml", "on: push\njobs:\n  a: {}\n"),
        ("bin/lint-dockerfile", "#!/bin/sh\nhadolint\n"),
    ],
)
def test_other_formats_under_such_a_name_are_left_out_of_a_search_but_not_when_named(name: str, text: str) -> None:
    tree = text_files([(name, text)])
    assert find(tree) == Found()
    assert find(tree, named=(name,)).all == (name,)


@pytest.mark.parametrize(
    "text", ["", "services:\n", "not: [valid\n", "version: '3'\njobs: 1\n", "x-a: &a\n  - 1\njobs:\n", "just text"]
)
def test_a_compose_file_that_is_broken_or_empty_is_still_found(text: str) -> None:
    assert find(text_files([("compose.yml", text)])).compose_files == ("compose.yml",)


def test_named_files_are_found_whatever_their_name_or_an_ignore_says() -> None:
    tree = text_files([(".gitignore", "gen/\n"), ("gen/Dockerfile", ""), ("build/api", "FROM x\n"), ("main.py", "")])
    assert find(tree) == Found()
    assert find(tree, named=("gen/Dockerfile", "build/api", "main.py", "absent")).all == ("build/api", "gen/Dockerfile")


def test_under_searches_a_directory_even_when_it_is_ignored() -> None:
    files = (".gitignore", "gen/\n*.bak/\n"), ("gen/Dockerfile", ""), ("gen/x.bak/Dockerfile", ""), ("Dockerfile", "")
    assert find(text_files(files), under="gen").all == ("gen/Dockerfile",)
    assert find(text_files(files)).all == ("Dockerfile",)


def test_exclude_is_written_like_gitignore() -> None:
    tree = text_files(
        (path, "")
        for path in ("Dockerfile", "old/Dockerfile", "a/old/Dockerfile", "a/Dockerfile.dev", "a/keep/Dockerfile")
    )
    assert find(tree, ("old",)).all == ("Dockerfile", "a/Dockerfile.dev", "a/keep/Dockerfile")
    assert find(tree, ("/old", "*.dev")).all == ("Dockerfile", "a/keep/Dockerfile", "a/old/Dockerfile")
    assert find(tree, ("a/*", "!a/keep")).all == ("Dockerfile", "a/keep/Dockerfile", "old/Dockerfile")


def test_matches_takes_in_what_lies_below() -> None:
    assert matches(("docs/",), "docs/a/Dockerfile")
    assert matches(("Dockerfile.dev",), "a/b/Dockerfile.dev")
    assert not matches(("docs/",), "docs")
    assert not matches((), "docs")
    assert not matches(("/a",), "b/a")


def test_links_are_followed_to_files_but_never_to_directories(tmp_path: Path) -> None:
    write(tmp_path, "real/Dockerfile", "docker/prod")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real" / "up").symlink_to("..")
    (tmp_path / "other").symlink_to("real")
    (tmp_path / "Dockerfile").symlink_to("docker/prod")  # its target has no such name: the link is the file
    (tmp_path / "Dockerfile.same").symlink_to("real/Dockerfile")  # found under its own name
    (tmp_path / "Dockerfile.gone").symlink_to("nowhere")
    (tmp_path / "Dockerfile.self").symlink_to("Dockerfile.self")
    (tmp_path / "Dockerfile.out").symlink_to("/etc/hostname")
    assert find(DiskTree(str(tmp_path))).all == ("Dockerfile", "real/Dockerfile")


def test_directories_pipes_and_sockets_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").mkdir()
    write(tmp_path, "Dockerfile/Dockerfile")
    os.mkfifo(tmp_path / "Dockerfile.fifo")
    os.mkfifo(tmp_path / ".gitignore")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("compose.yml")
        assert find(DiskTree(str(tmp_path))).all == ("Dockerfile/Dockerfile",)


def test_an_unreadable_directory_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a/Dockerfile", "b/Dockerfile")
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert find(DiskTree(str(tmp_path))).all == ("b/Dockerfile",)


def test_a_search_touches_no_file_but_those_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "Dockerfile", ".gitignore", *(f"src/{number}.py" for number in range(50)), text="")
    opened: list[str] = []
    real = DiskTree.read

    def counting(self: DiskTree, path: str) -> bytes | None:
        opened.append(path)
        return real(self, path)

    monkeypatch.setattr(DiskTree, "read", counting)
    tree = DiskTree(str(tmp_path))
    assert find(tree).all == ("Dockerfile",)
    assert find(tree).all == ("Dockerfile",)  # the second search is remembered
    assert sorted(opened) == [".git/info/exclude", ".gitignore"]


def test_an_overlay_shows_a_file_that_is_not_on_disk() -> None:
    below = text_files([("a/Dockerfile", "FROM a\n"), ("main.py", "")])
    tree = OverlayTree(below, "b/c/Dockerfile", b"FROM b\n")
    assert tree.read("b/c/Dockerfile") == b"FROM b\n"
    assert tree.is_file("b/c/Dockerfile")
    assert tree.is_dir("b")
    assert tree.is_dir("b/c")
    assert not tree.is_dir("c")
    assert tree.names("b/c") == ["Dockerfile"]
    assert find(tree, named=("b/c/Dockerfile",)).all == ("a/Dockerfile", "b/c/Dockerfile")
    same = OverlayTree(below, "a/Dockerfile", b"FROM b\n")
    assert same.read("a/Dockerfile") == b"FROM b\n"
    assert find(same).all == ("a/Dockerfile",)


# Git is the judge of what its ignore files mean.


def git(root: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    run = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, check=True)
    return run.stdout.decode("utf-8", "surrogateescape")


def git_files(root: Path) -> list[str]:
    return sorted(name for name in git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0") if name)


def own_files(root: Path) -> list[str]:
    return sorted(walk(DiskTree(str(root))))


PATTERNS = [
    "*.log", "build", "build/", "/build", "a/b", "/a/*", "a/**", "**/b", "a/**/c", "**/b/**", "!a/b", "!build",
    "!*.log", "*",
    "!*/", "a*c", "*a*b*", "?", "[ab]", "[!a]", "[^b]", "[]a]", "[a-c]x", "[[:digit:]]", "[[:alpha:]1]",
    "[[:bogus:]]", "[", "a[", "\\a",
    "\\!x", "\\#x", "#a", "!", "/", "//", "a ", "a\\ ", "b\\", "a/", "/a/b/", "**", "***", "a**", "**a", "a**/c",
    "a/**b", "**/", "/**",
    "/*", "a\\/b", "[a/]b", "a/[b]", "x\\*", "a/?/c", "", " ", "\t", "ü", "[à-ü]", "a\r", "**/**", "**/a/**/c",
    "a/*/", "[a-]", "[--a]",
    "[\\]]", "*.", ".*", "a.*", "[[:]", "[a", "**/a/b/**/c", "a/**/**/c", "[z-a]", "a/x**/c", "a/b**", "ax**/",
    "a**/b**/c", "a***/x/c", "?**/c",
]  # fmt: skip
NAMES = ["a", "b", "c", "ab", "build", "x.log", "#x", "!x", "a ", "]", "1", "ü", ".a", "x*", "a.b", "axc", "ax"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_means_what_git_says(pattern: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, *(f"{one}" for one in NAMES if one not in ("a", "b", "build", "ax")))
    write(
        tmp_path,
        "a/b/c",
        "a/c",
        "a/x/c",
        "a/x/y/c",
        "b/b/x",
        "b/a/c",
        "build/out",
        "a/build/z",
        "ax/b",
        "a/b/a/c",
        "a/x/b/q",
    )
    (tmp_path / ".gitignore").write_text(pattern + "\n", newline="")
    assert own_files(tmp_path) == git_files(tmp_path)
    (tmp_path / ".gitignore").write_text(f"*\n!*/\n!{pattern}\n!.gitignore\n", newline="")
    assert own_files(tmp_path) == git_files(tmp_path)


names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
globs = st.one_of(
    st.sampled_from(PATTERNS),
    st.lists(
        st.sampled_from(["a", "b", "c", "x", "*", "**", "?", "/", "/**/", "[ab]", "[!c]", ".", "\\", "!", "-"]),
        max_size=6,
    ).map("".join),
    paths,
)
lines = st.tuples(st.sampled_from(["", "", "!", "/"]), globs, st.sampled_from(["", "", "/", " "])).map("".join)
ignore_files = st.lists(lines, max_size=5).map(lambda rows: "\n".join(rows) + "\n")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=st.lists(paths, min_size=1, max_size=12),
    ignores=st.dictionaries(st.sampled_from(["", "a/", "a/b/", "b/", "build/"]), ignore_files, max_size=3),
    exclude=ignore_files,
)
def test_generated_trees_are_read_as_git_reads_them(
    files: list[str], ignores: dict[str, str], exclude: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("tree")
    git(root, "init", "-q")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text(exclude)
    for name in files:
        path = root / name
        if any(parent.is_file() for parent in path.parents if parent != root) or path.is_dir():
            continue
        write(root, name)
    for folder, text in ignores.items():
        if (root / folder).is_dir():
            (root / folder / ".gitignore").write_text(text)
    assert own_files(root) == git_files(root)


def test_a_pattern_of_many_stars_ends() -> None:
    patterns = discover.Patterns("", "*a" * 60 + "b\n" + "**/a/" * 40 + "b\n" + "/".join(["*a*a*a"] * 30) + "\n")
    assert patterns.verdict("a" * 3000, directory=False) is None
    assert patterns.verdict("/".join(["a"] * 1500), directory=False) is None
    assert patterns.verdict("/".join(["aaaaaaa"] * 30 + ["c"]), directory=False) is None


@pytest.mark.parametrize(
    ("pattern", "home", "root", "expected"),
    [
        ("a/b", "/p", "/p", "a/b"),
        ("x", "/p/services/api", "/p", "/services/api/**/x"),
        ("/x", "/p/services/api", "/p", "/services/api/x"),
        ("!a/b", "/p/services", "/p", "!/services/a/b"),
        ("x", "/p", "/p/services/api", "x"),
        ("services/api/old", "/p", "/p/services/api", "/old"),
        ("services/*/old", "/p", "/p/services/api", "/old"),
        ("services/web/old", "/p", "/p/services/api", None),
        ("**/old", "/p", "/p/services/api", "/**/old"),
        ("services/", "/p", "/p/services/api", "services/"),
        ("services/api/", "/p", "/p/services/api", "/**"),
        ("x", "/p/a*b", "/p", "/a\\*b/**/x"),
    ],
)
def test_patterns_are_carried_from_the_configuration_to_the_root(
    pattern: str, home: str, root: str, expected: str | None
) -> None:
    assert rebased(pattern, home, root) == expected


def test_the_root_is_the_nearest_directory_with_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write(tmp_path, "home/work/repo/a/b/Dockerfile", "home/loose/a/Dockerfile", "home/.git/HEAD")
    repo = tmp_path / "home" / "work" / "repo"
    (repo / ".git").write_text("gitdir: elsewhere\n")
    assert root_of(str(repo / "a" / "b" / "Dockerfile")) == str(repo)
    assert root_of(str(repo / "a" / "b")) == str(repo)
    loose = tmp_path / "home" / "loose"
    assert root_of(str(loose)) == str(loose)  # the home directory's own repository is not theirs
    assert root_of(str(loose / "a" / "Dockerfile")) == str(loose / "a")
    assert root_of(str(tmp_path / "home")) == str(tmp_path / "home")


def test_python_that_begins_with_from_is_no_dockerfile() -> None:
    tree = text_files(
        [("app/main.py", "from fastapi import FastAPI\n"), ("x", "from python:3.12\n"), ("run.sh", "arg x\n")]
    )
    assert [kind(tree, path) for path in ("app/main.py", "x", "run.sh")] == [None, "dockerfile", None]
    assert find(tree, named=["app/main.py", "x"]).all == ("x",)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("start.sh", "", True),
        ("bin/start", "#!/bin/sh\n", True),
        ("bin/start", "true\n", False),
        ("requirements/base.txt", "", True),
        ("docs/base.txt", "", False),
        (".env.example", "", True),
        ("supervisord.conf", "", True),
        ("logo.svg", "", False),
        ("app/main.PY", "", True),
    ],
)
def test_what_a_container_may_be_made_of(path: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert may_take_part(text_files([(path, text)]), path) is expected


SERVICES = "services:\n  db:\n    image: postgres:16\n"


@pytest.mark.parametrize(
    ("recipe", "text", "path"),
    [
        ("Makefile", "up:\n\tdocker compose -f shop.yml -f db.yml up -d\n", "db.yml"),
        ("Makefile", "FILES := -f db.yml\nup:\n\tdocker-compose $(FILES) up\n", "db.yml"),
        ("deploy/Makefile", "up:\n\tdocker compose --file db.yaml up\n", "deploy/db.yaml"),
        ("scripts/up.sh", "docker compose -f db.yml up\n", "db.yml"),
        ("scripts/up.sh", "docker compose -f ../db.yml up\n", "db.yml"),
        (".github/workflows/ci.yml", "steps:\n  - run: docker compose -f infra/db.yml up -d\n", "infra/db.yml"),
        ("justfile", "up:\n  docker stack deploy -c db.yml shop\n", "db.yml"),
    ],
)
def test_a_compose_file_that_only_a_command_names(recipe: str, text: str, path: str) -> None:
    tree = text_files({recipe: text, path: SERVICES, "other.yml": SERVICES}.items())
    assert find(tree).compose_files == (path,)


@pytest.mark.parametrize(
    ("recipe", "text", "path"),
    [
        ("Makefile", "up:\n\tdocker compose -f $(FILE) up\n", "db.yml"),
        ("Makefile", "up:\n\tcd infra && docker compose -f db.yml up\n", "infra/db.yml"),
        ("Makefile", "up:\n\tkubectl apply -f db.yml\n", "db.yml"),
        ("notes.txt", "docker compose -f db.yml up\n", "db.yml"),
        ("Makefile", "up:\n\tdocker compose -f .db.yml up\n", ".db.yml"),
        ("Makefile", "up:\n\tdocker compose -f mkdocs.yml up\n", "mkdocs.yml"),
        ("Makefile", "up:\n\tdocker compose -f ../db.yml up\n", "db.yml"),
    ],
)
def test_a_file_that_no_command_certainly_names(recipe: str, text: str, path: str) -> None:
    assert find(text_files({recipe: text, path: SERVICES}.items())).compose_files == ()


def test_a_commanded_file_has_services_that_run_something_and_is_not_ignored() -> None:
    make = {"Makefile": "up:\n\tdocker compose -f db.yml up\n"}
    assert find(text_files({**make, "db.yml": "services:\n  url: postgres://\n"}.items())).compose_files == ()
    assert find(text_files({**make, "db.yml": f"apiVersion: v1\n{SERVICES}"}.items())).compose_files == ()
    assert find(text_files({**make, "db.yml": SERVICES, ".gitignore": "db.yml\n"}.items())).compose_files == ()
    assert find(text_files({**make, "db.yml": SERVICES}.items()), ("db.yml",)).compose_files == ()
    two = {"a/up.sh": "docker compose -f db.yml up\n", "db.yml": SERVICES, "a/db.yml": SERVICES}
    assert find(text_files(two.items())).compose_files == ()  # nobody can tell where the script is started
