"""What a build is sent, and by which instruction and to which place it reaches the image."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.assemble.contexts import GitIgnores
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import Listing, MemoryTree, text_files

COMPOSE = "services:\n  web:\n    build:\n      context: {}\n      dockerfile: {}\n"


def of(files: dict[str, str]) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree))


def build(dockerfile: str, **files: str) -> ImageBuild:
    (image,) = of({"Dockerfile": dockerfile, **files}).images
    (one,) = image.builds
    return one


def passages(dockerfile: str) -> tuple[Passage, ...]:
    (image,) = of({"Dockerfile": dockerfile}).images
    return image.passages


@pytest.mark.parametrize(
    ("copy", "path", "arrival"),
    [
        ("COPY . .", "app/main.py", "/code/app/main.py"),
        ("COPY ./app /srv/app", "app/main.py", "/srv/app/main.py"),
        ("COPY app/ .", "app/main.py", "/code/main.py"),  # what is in a directory, not the directory
        ("COPY /app app", "app/a/b.py", "/code/app/a/b.py"),
        ("COPY app .", "application/main.py", None),
        ("COPY main.py .", "main.py", "/code/main.py"),
        ("COPY main.py /", "main.py", "/main.py"),
        ("COPY main.py /usr/local/bin", "main.py", "/usr/local/bin/main.py"),
        ("COPY main.py /code", "main.py", "/code/main.py"),  # the working directory is one
        ("COPY a.py b.py lib", "b.py", "/code/lib/b.py"),
        ("COPY start.sh /start.sh", "start.sh", "/start.sh"),
        ("COPY start.sh /start", "start.sh", None),  # a file or a directory: that depends
        ("COPY *.py ./", "main.py", "/code/main.py"),
        ("COPY *.py ./", "app/main.py", None),
        ("COPY a* ./", "app/main.py", "/code/main.py"),  # a directory that matches gives its contents
        ("COPY a*/b? ./lib/", "app/b1/x", "/code/lib/x"),
        ('COPY ["a b.py", "/x y/"]', "a b.py", "/x y/a b.py"),
        ("COPY --parents app/*/conf /etc/", "app/x/conf/a.ini", "/etc/app/x/conf/a.ini"),
        ("COPY --exclude=*.md . .", "README.md", None),
        ("COPY --exclude=*.md . .", "main.py", "/code/main.py"),
        ("COPY --exclude=tests app lib", "app/tests/x.py", None),
        ("COPY ../app /app", "app/main.py", "/app/main.py"),  # BuildKit drops the dots
        ("COPY $DIR /app", "app/main.py", None),
        ("COPY app $DIR", "app/main.py", None),
        ("COPY --from=x app /app", "app/main.py", None),
        ("ADD app.tar.gz /", "app.tar.gz", None),  # unpacked
        ("ADD app /app", "app/main.py", "/app/main.py"),
        ("ADD https://example.org/x /app", "x", None),
        ("RUN --mount=type=bind,source=uv.lock,target=uv.lock true", "uv.lock", "/code/uv.lock"),
        ("RUN --mount=type=bind,target=/src true", "a/b", "/src/a/b"),
        ("RUN --mount=type=cache,target=/src true", "a/b", None),
    ],
)
def test_where_a_file_arrives(copy: str, path: str, arrival: str | None) -> None:
    found = [one.arrival(path) for one in passages(f"FROM python:3.12-slim\nWORKDIR /code\n{copy}\n")]
    assert next((one for one in found if one), None) == arrival


def test_the_working_directory_of_an_unknown_image_is_unknown() -> None:
    (one,) = passages("FROM ghcr.io/someone/base:1\nCOPY app app\n")
    assert one.takes("app/main.py")
    assert one.arrival("app/main.py") is None


def test_the_working_directory_is_inherited_and_joined() -> None:
    (one,) = passages("FROM python:3.12-slim AS base\nWORKDIR /srv\nFROM base\nWORKDIR app\nCOPY x.py .\n")
    assert one.arrival("x.py") == "/srv/app/x.py"


def test_where_a_place_is_filled_from() -> None:
    whole, folder, file = passages(
        "FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nCOPY conf /etc/app\nCOPY a/start.sh /bin/\n"
    )
    assert whole.origin("/code/alembic.ini") == "alembic.ini"
    assert whole.origin("/alembic.ini") is None
    assert folder.origin("/etc/app/app.ini") == "conf/app.ini"
    assert file.origin("/bin/start.sh") == "a/start.sh"


def test_stages_that_are_not_built_bring_nothing() -> None:
    found = passages(
        "FROM python:3.12-slim AS docs\nCOPY docs .\nFROM python:3.12-slim AS builder\nCOPY src .\n"
        "FROM python:3.12-slim\nCOPY --from=builder /x /x\nCOPY app .\n"
    )
    assert [one.text for one in found] == ["src", "app"]


def test_what_is_sent() -> None:
    one = build(
        "FROM python:3.12-slim\nCOPY . .\n",
        **{
            ".dockerignore": "**/*.md\n!README.md\nvenv\n.git/**\n",
            "README.md": "",
            "docs/a.md": "",
            "app/main.py": "",
            "venv/pyvenv.cfg": "",
            ".git/HEAD": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
            "web/node_modules/a/b.js": "",
        },
    )
    assert [entry.path for entry in one.entries] == [
        ".dockerignore", "Dockerfile", "README.md", "app/main.py", "env", "web/node_modules",
    ]  # fmt: skip
    assert [entry.path for entry in one.entries if entry.closed] == ["env", "web/node_modules"]
    assert one.sends("app")
    assert not one.sends("venv")
    assert not one.sends("docs/a.md")


def test_only_what_instructions_name_is_asked_for() -> None:
    one = build(
        "FROM python:3.12-slim\nCOPY app /app\nCOPY app/api conf/*.ini /x/\n",
        **{"app/main.py": "", "app/api/x.py": "", "conf/a.ini": "", "conf/b.txt": "", "data/x": ""},
    )
    assert [entry.path for entry in one.entries] == ["app/api/x.py", "app/main.py", "conf/a.ini"]
    assert one.sent.files == 3


@pytest.mark.parametrize(("pattern", "asked"), [(".env*", [".env.dev"]), ("*/a.ini", ["conf/a.ini"]), ("x*", [])])
def test_of_a_pattern_only_what_matches_is_asked_for(pattern: str, asked: list[str]) -> None:
    files = {".env.dev": "", "conf/a.ini": "", "conf/b.txt": "", "README.md": ""}
    one = build(f"FROM python:3.12-slim\nCOPY {pattern} /x/\n", **files)
    assert [entry.path for entry in one.entries] == asked


def test_left_out_directories_are_not_looked_into() -> None:
    class Watched(MemoryTree):
        """Remembers which directories were listed."""

        listed: set[str] = set()  # noqa: RUF012

        def listing(self, path: str) -> Listing:
            self.listed.add(path)
            return super().listing(path)

    def listed(ignore: str) -> set[str]:
        files = {
            "Dockerfile": b"FROM python:3.12-slim\nCOPY . .\n",
            "data/a/b/c": b"",
            ".dockerignore": ignore.encode(),
        }
        tree = Watched(files)
        found = find(tree)
        (image,) = assemble(tree, found).images
        Watched.listed = set()
        assert image.builds[0].entries
        return Watched.listed

    assert "data" not in listed("data\n")
    assert "data" in listed("data\n!**/keep\n")
    assert "data/a" not in listed("!x\ndata/*\n")


def test_which_folder_is_certain() -> None:
    def certain(files: dict[str, str]) -> list[tuple[str, bool]]:
        return [(one.context, one.certain) for image in of(files).images for one in image.builds]

    assert certain({"Dockerfile": "FROM x\nCOPY gone ."}) == [("", True)]
    assert certain({"a/Dockerfile": "FROM x\nCOPY . ."}) == [("a", False), ("", False)]
    assert certain({"a/Dockerfile": "FROM x\nCOPY . .", "a/.dockerignore": ".git"}) == [("a", True), ("", False)]
    assert certain({"a/Dockerfile": "FROM x\nCOPY . .", ".dockerignore": ".git"}) == [("a", False), ("", False)]
    assert certain({"a/Dockerfile": "FROM x\nCOPY b /b", "b/x": ""}) == [("", True)]
    assert certain({"a/Dockerfile": "FROM x\nCOPY gone ."}) == [("a", False)]
    named = {"a/Dockerfile": "FROM x\nCOPY gone .", "compose.yaml": COMPOSE.format(".", "a/Dockerfile")}
    assert certain(named) == [("", True)]


def test_the_ignore_file_that_counts() -> None:
    files = {
        "a/Dockerfile": "FROM x\nCOPY . .",
        "a/.dockerignore": "dead\n",
        ".dockerignore": "general\n",
        "compose.yaml": COMPOSE.format(".", "a/Dockerfile"),
    }
    (image,) = of(files).images
    assert image.builds[0].excludes("general")
    assert not image.builds[0].excludes("dead")
    (image,) = of({**files, "a/Dockerfile.dockerignore": "own\n"}).images
    assert image.builds[0].excludes("own")
    assert not image.builds[0].excludes("general")


def test_what_a_pattern_names() -> None:
    one = build(
        "FROM python:3.12-slim\nCOPY conf/*.ini /x/\nCOPY [a]pp/m?in.py /x/\nCOPY gone* /x/\nCOPY . /y\n",
        **{"conf/a.ini": "", "conf/b.ini": "", "conf/d.txt": "", "app/main.py": ""},
    )
    assert [one.matches(passage) for passage in one.image.passages] == [
        ("conf/a.ini", "conf/b.ini"), ("app/main.py",), (), ("",),
    ]  # fmt: skip


def test_what_git_ignores() -> None:
    tree = text_files(
        {
            ".gitignore": "dist/\n*.log\n!keep.log\n",
            "web/.gitignore": "/out\n!dist\n",
            ".git/info/exclude": "private\n",
        }.items()
    )
    ignored = GitIgnores(tree, lambda _path: None)
    assert [
        path
        for path in ("dist", "dist/a", "a.log", "keep.log", "web/out", "web/a/out", "web/dist", "private/x", "app")
        if ignored(path)
    ] == ["dist", "dist/a", "a.log", "web/out", "private/x"]


@pytest.mark.parametrize(
    ("path", "text", "sure"),
    [
        (".env", "SECRET_KEY=Zx81-qq", True),
        (".env", "export API_TOKEN='abcdef123'", True),
        (".env", "DATABASE_URL=postgresql://u:p4ss@db/x", True),
        (".env", "DEBUG=1", False),
        (".env.prod", "DB_PASSWORD=hunter2", True),
        (".env.prod", "DEBUG=1", None),
        ("conf/prod.env", "DB_PASSWORD=hunter2", True),
        (".env.example", "DB_PASSWORD=hunter2", None),
        ("sample.env", "DB_PASSWORD=hunter2", None),
        ("tests/.env", "DB_PASSWORD=hunter2", None),
        ("server.key", "-----BEGIN RSA PRIVATE KEY-----", True),
        ("server.pem", "-----BEGIN CERTIFICATE-----", None),
        ("id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----", True),
        ("id_ed25519.pub", "ssh-ed25519 AAAA", None),
        (".netrc", "", False),
        ("store.p12", "", False),
        (".aws/credentials", "", False),
        ("google-credentials.json", '{"private_key": "-----BEGIN PRIVATE KEY"}', True),
        ("credentials.json", "{}", None),
        ("secrets/token", "x", False),
        ("secrets/tool.py", "x", None),
        ("db.sqlite3", "", False),
        ("app/environment.py", "SECRET_KEY = 'x'", None),
        ("package.json", "{}", None),
    ],
)
def test_secret_files(path: str, text: str, sure: bool | None) -> None:  # noqa: FBT001
    one = build("FROM python:3.12-slim\nCOPY . .\n", **{path: text})
    assert [(found.path, found.sure) for found in one.secret_files] == ([] if sure is None else [(path, sure)])


def test_bulk() -> None:
    one = build(
        "FROM python:3.12-slim\nCOPY . .\n",
        **{
            ".git/HEAD": "", "README.md": "", "tests/a/b.py": "", "tests/c.py": "", "app/README.md": "",
            "app/__pycache__/x.pyc": "", "web/node_modules/a.js": "", "pyproject.toml": "[project]",
        },
    )  # fmt: skip
    assert [(thing.text, thing.heavy) for thing in one.bulk] == [
        (".git/", True), ("web/node_modules/", True), ("app/__pycache__/", False), ("tests/", False),
        ("Dockerfile", False), ("README.md", False),
    ]  # fmt: skip


def test_links_count_as_there() -> None:
    class Linked(MemoryTree):
        """One link at the top."""

        def listing(self, path: str) -> Listing:
            found = super().listing(path)
            return found if path else found._replace(links=("shared",))

    tree = Linked({"Dockerfile": b"FROM python:3.12-slim\nCOPY shared /x\n"})
    (image,) = assemble(tree, find(tree)).images
    assert not list(image.builds[0].missing)


def test_of_a_pattern_only_what_matches_is_sent() -> None:
    files = {"uv.lock": "12345", "app/main.py": "1", "app/api/x.py": "22", "conf/a.ini": "333", "conf/b.txt": "4444"}
    for instructions, count, size in (
        ("COPY uv.lock* ./", 1, 5),
        ("COPY gone* ./", 0, 0),
        ("COPY conf/*.ini app ./", 3, 6),
        ("COPY a* ./", 2, 3),
        ("COPY app/*/x.py app/main.py ./", 2, 3),
        ("COPY ap[p]/api app* ./", 2, 3),
    ):
        sent = build(f"FROM python:3.12-slim\n{instructions}\n", **files).sent
        assert (sent.files, sent.size, sent.whole) == (count, size, True), instructions


WORKFLOW = "jobs:\n  image:\n    steps:\n      - uses: {}\n      - uses: docker/build-push-action@v6\n        with:\n{}"
TWICE = {
    "web/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
    "web/a.txt": "",
    "a.txt": "",
    "other/Dockerfile": "FROM scratch\n",
}


def certain(workflow: str) -> list[str]:
    project = of({**TWICE, ".github/workflows/ci.yml": workflow})
    (image,) = (one for one in project.images if one.dockerfile.source.path == "web/Dockerfile")
    return [one.context for one in image.builds if one.certain]


def test_a_workflow_says_from_which_folder_a_dockerfile_is_built() -> None:
    checkout = "actions/checkout@v5"
    assert certain("on: push") == []  # both folders hold what is copied
    assert certain(WORKFLOW.format(checkout, "          context: ./web\n")) == ["web"]
    assert certain(WORKFLOW.format(checkout, "          context: .\n          file: web/Dockerfile\n")) == [""]
    assert certain(WORKFLOW.format(checkout, "          context: ./other\n")) == []
    assert certain(WORKFLOW.format(checkout, "          context: ${{ matrix.folder }}\n")) == []
    assert certain(WORKFLOW.format("actions/download-artifact@v4", "          context: ./web\n")) == []
    assert certain("steps:\n  - run: docker build -t web -f web/Dockerfile .\n") == [""]
    assert certain("steps:\n  - working-directory: x\n    run: docker build -f web/Dockerfile .\n") == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "    docker build -t web -f web/Dockerfile .\n", [""]),
        ("README.md", "Run `docker build -t web web` once.\n", ["web"]),
        ("README.md", "    docker build -t web .\n", []),  # another one, in the root
        (
            "README.md",
            "```sh\ngit clone https://example.org/x\ncd shop/\ndocker build -f web/Dockerfile .\n```\n",
            [""],
        ),
        ("README.md", "```sh\ncd web\ndocker build -t web .\n```\n", ["web"]),
        ("README.md", "    docker build web\n    docker build -f web/Dockerfile .\n", []),
        ("web/README.md", "    docker build --tag=web .\n", ["web"]),
        ("Makefile", "build:\n\tdocker build -t $(NAME) \\\n\t\t-f web/Dockerfile .\n", [""]),
        ("Makefile", "build:\n\tcd web && docker build .\n", ["web"]),
        ("build.sh", 'docker buildx build --file=web/Dockerfile "$(pwd)"\n', [""]),
        ("build.sh", "docker build -f web/Dockerfile $ROOT\n", []),
        (".github/workflows/a.sh", "docker build\n", []),
    ],
)
def test_a_recipe_or_a_readme_says_from_which_folder_a_dockerfile_is_built(
    path: str, text: str, expected: list[str]
) -> None:
    project = of({**TWICE, path: text})
    (image,) = (one for one in project.images if one.dockerfile.source.path == "web/Dockerfile")
    assert [one.context for one in image.builds if one.certain] == expected


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ("COPY . .\nRUN pip install -r web/list.txt", [""]),
        ("COPY . .\nRUN pip install -r list.txt", ["web"]),
        ("COPY . .\nRUN pip install -r gone.txt", []),
        ("COPY . .\nRUN cd web && pip install -r list.txt", []),
        ("COPY . .\nWORKDIR /x/web\nRUN pip install -r list.txt", []),
        ("COPY . /app\nRUN pip install -r web/list.txt", []),
        ("COPY . /x/\nRUN pip install -r web/list.txt", [""]),
        ("COPY . .\nRUN pip install -r web/list.txt\nRUN pip install -r list.txt", []),
    ],
)
def test_what_a_run_reads_says_from_which_folder_a_dockerfile_is_built(instructions: str, expected: list[str]) -> None:
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /x\n{instructions}\n"
    (image,) = of({"web/Dockerfile": dockerfile, "web/list.txt": "fastapi\n"}).images
    assert [one.context for one in image.builds if one.certain] == expected


def test_builds_of_workflows_from_several_folders_leave_it_open() -> None:
    run = "steps:\n  - run: docker build web\n  - run: docker build -f web/Dockerfile .\n"
    assert certain(run) == []
    project = of({**TWICE, ".github/workflows/ci.yml": run})
    assert [(one.context, one.dockerfile, one.certain) for one in project.workflow_builds] == [
        ("web", "web/Dockerfile", True),
        ("", "web/Dockerfile", True),
    ]
