import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint_fastapi.tree import DiskTree, MemoryTree, OverlayTree, Unreadable, normal, parent

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes as POSIX has them")


@given(st.lists(st.sampled_from(["", ".", "..", "a", "b c", "é"]), max_size=8))
def test_normal_agrees_with_the_standard_library(parts: list[str]) -> None:
    path = "/".join(parts)
    expected = os.path.normpath(path or ".")
    result = normal(path)
    if path.startswith("/") or expected.split(os.sep)[0] == "..":
        assert result is None
    elif result is None:  # it left the root on the way: `../a` and `a/../..` never come back inside
        assert ".." in parts
    else:
        assert result == ("" if expected == "." else expected)


def test_memory_and_disk_answer_alike(tmp_path: Path) -> None:
    files = {"Dockerfile": b"FROM a\n", "api/app/main.py": b"", "api/Dockerfile": b"x"}
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    for tree in (MemoryTree(files), DiskTree(str(tmp_path))):
        assert tree.names("") == ["Dockerfile", "api"]
        assert tree.names("api") == ["Dockerfile", "app"]
        assert tree.names("nowhere") == []
        assert tree.read("api/Dockerfile") == b"x"
        assert tree.read("api") is None
        assert tree.read("nowhere") is None
        assert tree.is_dir("api/app")
        assert tree.is_dir("")
        assert not tree.is_dir("Dockerfile")
        assert tree.is_file("Dockerfile")
        assert not tree.is_file("api")
    assert parent("api/app/main.py") == "api/app"
    assert parent("Dockerfile") == ""


@POSIX
def test_links_are_followed_inside_the_root_only(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "root"
    root.mkdir()
    (root / "real").write_text("inside")
    (root / "in").symlink_to("real")
    (root / "out").symlink_to("../secret")
    (root / "absolute").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    tree = DiskTree(str(root))
    assert tree.read("in") == b"inside"
    for path in ("out", "absolute", "up/secret"):
        assert tree.read(path) is None
        assert not tree.is_file(path)
    with pytest.raises(Unreadable, match="symbolic links"):
        tree.read("loop")
    assert not tree.is_file("loop")
    assert tree.names("up") == []


@POSIX
def test_a_pipe_or_socket_is_no_file_and_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "Dockerfile")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        tree = DiskTree(str(tmp_path))
        assert tree.read("Dockerfile") is None
        with pytest.raises(Unreadable):
            tree.read("socket")
        assert not tree.is_file("Dockerfile")


def test_a_huge_file_is_refused_with_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlint_fastapi.tree.MAX_BYTES", 10)
    (tmp_path / "Dockerfile").write_bytes(b"x" * 11)
    with pytest.raises(Unreadable, match="11 bytes"):
        DiskTree(str(tmp_path)).read("Dockerfile")


def test_sizes_are_told_without_reading(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "x").write_bytes(b"12345")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "y").write_bytes(b"1234567")
    (root / "link").symlink_to(tmp_path / "out" / "y")
    (root / "away").symlink_to(tmp_path / "out")
    tree = DiskTree(str(root))
    for _ in range(2):  # before and after a listing has shown what is no link
        assert [tree.size(path) for path in ("a/x", "link", "a", "no", "away/y", "a/x/y")] == [
            5,
            0,
            None,
            None,
            None,
            None,
        ]
        tree.listing("")
    over = OverlayTree(tree, "a/x", b"12")
    assert (over.size("a/x"), over.size("a/y"), MemoryTree({"z": b"123"}).size("z")) == (2, None, 3)
