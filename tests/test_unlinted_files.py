"""Files that are noticed and not linted, or that cannot be read: templates, what was put aside, pipes, broken trees."""

import os
from pathlib import Path

import pytest
from house import everything, of_file, told

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.reporters import FORMATS, render
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import MAX_BYTES, DiskTree, Listing, MemoryTree, Unreadable, text_files


def test_templates_are_noticed_and_not_linted() -> None:
    files = {
        "Dockerfile": "FROM {{ image }}\nCMD uvicorn a:b\n",
        "a/Dockerfile.j2": "FROM python\nCMD uvicorn a:b\n",
        "b/Dockerfile": "FROM python:latest\nCMD uvicorn a:b\n",
        "compose.yml.tmpl": "services:\n  a:\n    image: x\n    restart: {}\n",
    }
    report = lint(text_files(files.items()), everything())
    assert [(notice.span.source.path, notice.span.line) for notice in report.notices] == [
        ("Dockerfile", 1),
        ("a/Dockerfile.j2", 1),
        ("compose.yml.tmpl", 1),
    ]
    assert {one.path for one in report.diagnostics} == {"b/Dockerfile"}
    named = lint(text_files(files.items()), everything(), paths=["b/Dockerfile"])
    assert named.notices == ()
    assert len(lint(text_files(files.items()), everything(), paths=["a/Dockerfile.j2"]).notices) == 1


ASIDE = "FROM python:3.13-slim\nCMD uvicorn a:b\n"


@pytest.mark.parametrize(
    ("name", "text", "linted"),
    [
        ("Dockerfile.STABLE_DEPLOYED_20260301-100633", ASIDE, False),
        ("Dockerfile-2024-05-01", ASIDE, False),
        ("Dockerfile_old2", ASIDE, False),
        ("Dockerfile.bak.api", ASIDE, False),
        ("Dockerfile.backup", "FROM python:3.13-slim\nCMD hypercorn a:b\n", False),
        ("Dockerfile.backup", "FROM debian:12\nRUN x\nCMD uvicorn b:c\n", True),  # the image that makes backups
        ("Dockerfile.golden", ASIDE.replace("a:b", "a:c"), True),
        ("Dockerfile.20261301", ASIDE.replace("a:b", "a:c"), True),
        ("api.Dockerfile", ASIDE.replace("a:b", "a:c"), True),
        ("x/Dockerfile_old", ASIDE, True),  # of what?
    ],
)
def test_a_dockerfile_that_was_put_aside_is_noticed_and_not_linted(name: str, text: str, linted: object) -> None:
    files = {"Dockerfile": ASIDE, name: text}
    report = lint(text_files(files.items()), everything())
    assert (name in {one.path for one in report.diagnostics}) is linted
    assert [notice.span.source.path for notice in report.notices] == ([] if linted else [name])
    assert (name in report.files) is linted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "image:\n\tdocker build -f Dockerfile_old .\n"),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: docker build -f Dockerfile_old .\n"),
        ("docker-bake.hcl", 'target "a" { dockerfile = "Dockerfile_old" }\n'),
        ("compose.yaml", "services:\n  a:\n    build:\n      context: .\n      dockerfile: Dockerfile_old\n"),
    ],
)
def test_what_something_builds_was_not_put_aside(path: str, text: str) -> None:
    files = {"Dockerfile": ASIDE, "Dockerfile_old": ASIDE.replace("a:b", "a:c"), path: text}
    report = lint(text_files(files.items()), everything())
    assert report.notices == ()
    assert "Dockerfile_old" in {one.path for one in report.diagnostics}


def test_what_was_put_aside_is_linted_when_it_is_named_alone() -> None:
    tree = text_files([("Dockerfile", ASIDE), ("Dockerfile_old", ASIDE)])
    alone = lint(tree, everything(), paths=["Dockerfile_old"])
    assert ("Dockerfile_old" in {one.path for one in alone.diagnostics}, alone.notices) == (True, ())
    both = lint(tree, everything(), paths=["Dockerfile", "Dockerfile_old"])
    assert ({one.path for one in both.diagnostics}, len(both.notices)) == ({"Dockerfile"}, 1)


def test_an_ignore_in_a_template_is_not_judged() -> None:
    files = {"Dockerfile": "# dlf: ignore[shell-form-cmd]\nFROM {{ image }}\n"}
    assert lint(text_files(files.items()), everything()).diagnostics == ()


class Fickle(MemoryTree):
    """A tree in which some files cannot be read, and others are gone once they have been found."""

    def read(self, path: str) -> bytes | None:
        if path.startswith("gone/"):
            return None
        if path.startswith("locked/"):
            raise Unreadable("Permission denied")
        return super().read(path)


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "my.dockerfile", "a-Dockerfile", "dev.compose.yml"])
def test_a_file_that_cannot_be_read_is_told_and_hides_no_other(name: str) -> None:
    files = {f"{folder}/{name}": b"x" for folder in ("gone", "locked")} | {"z/Dockerfile": b"FROM\n"}
    report = lint(Fickle(files), everything())
    rule = "compose-syntax" if "compose" in name else "dockerfile-syntax"
    assert f"locked/{name}:1: error[{rule}] the file cannot be read: Permission denied" in told(report)
    assert len([one for one in report.diagnostics if one.path.startswith("locked")]) == 1
    assert not any(one.path.startswith("gone") for one in report.diagnostics)
    assert of_file(report, "z/Dockerfile")
    assert report.files == (f"locked/{name}", "z/Dockerfile")
    assert lint(Fickle(files), everything(), paths=[f"gone/{name}"]).files == ()


def test_strange_things_named_like_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "Dockerfile").mkdir(parents=True)  # a directory, with a file of that name in it
    (tmp_path / "a" / "Dockerfile" / "Dockerfile").write_text("FROM\n")
    os.mkfifo(tmp_path / "Dockerfile")
    os.mkfifo(tmp_path / "compose.yaml")
    (tmp_path / "Dockerfile.loop").symlink_to("Dockerfile.loop")
    (tmp_path / "Dockerfile.out").symlink_to("/etc/passwd")
    (tmp_path / "Dockerfile.latin1").write_bytes(b"FROM scratch\n# caf\xe9\nLABEL a=\xff\n")
    (tmp_path / "Dockerfile.empty").write_bytes(b"")
    (tmp_path / "Dockerfile.zero").write_bytes(b"\0" * 500)
    (tmp_path / "docker-compose.empty.yml").write_bytes(b"")
    with open(tmp_path / "Dockerfile.huge", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    report = lint(DiskTree(str(tmp_path)), everything())
    assert report.files == (
        "Dockerfile.empty", "Dockerfile.huge", "Dockerfile.latin1", "Dockerfile.zero", "a/Dockerfile/Dockerfile",
        "docker-compose.empty.yml",
    )  # fmt: skip
    syntax = {one.path: one for one in report.diagnostics if one.rule.name.endswith("-syntax")}
    assert set(syntax) >= {"Dockerfile.empty", "Dockerfile.huge", "Dockerfile.zero", "a/Dockerfile/Dockerfile"}
    assert f"{MAX_BYTES + 1} bytes is more than dlf reads" in syntax["Dockerfile.huge"].finding.message
    for output_format in FORMATS:
        assert render(output_format, report).encode("utf-8")


def test_a_broken_tree_listing_is_an_empty_project() -> None:
    class Gone(MemoryTree):
        def listing(self, _path: str) -> Listing:
            return Listing()

    report = lint(Gone({"Dockerfile": b"FROM\n"}), everything())
    assert (report.files, report.diagnostics) == ((), ())


def test_a_template_is_noticed_and_not_counted_among_the_linted_files() -> None:
    tree = text_files([("Dockerfile", "FROM {{ image }}\n"), ("a/Dockerfile", "FROM scratch\n")])
    report = lint(tree, Settings(load_rules(), frozenset()))
    assert [notice.span.source.path for notice in report.notices] == ["Dockerfile"]
    assert report.files == ("a/Dockerfile",)
