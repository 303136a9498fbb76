"""Which files git keeps, from its index (git's `Documentation/gitformat-index.txt`)."""

from __future__ import annotations

from dockerlint_fastapi.tree import Tree, Unreadable

INDEX = ".git/index"
_HEAD = b"DIRC\0\0\0"
_VERSIONS = (b"\2", b"\3")  # the fourth shortens names by those before them
_LONGEST = 0xFFF  # what the lower twelve bits of the flags say of names that are longer still


class GitTracks:
    """Whether git keeps a file of the project; None when that cannot be told: no index is at hand, or of an unknown
    form. The first question reads it.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._data: bytes | None = None
        self._read = False

    def __call__(self, path: str) -> bool | None:
        """An entry is the length of its name in the last twelve of sixteen bits, the name, and a NUL."""
        if not self._read:
            self._data, self._read = self._index(), True
        if self._data is None:
            return None
        name = path.encode("utf-8", "surrogateescape")
        length = min(len(name), _LONGEST)
        at = self._data.find(name + b"\0")
        while at > 0:
            if int.from_bytes(self._data[at - 2 : at]) & _LONGEST == length or self._extended(at, length):
                return True
            at = self._data.find(name + b"\0", at + 1)
        return False

    def _extended(self, at: int, length: int) -> bool:
        """Whether two more bytes of flags stand before a name, as the third version has them where it needs them."""
        data = self._data or b""
        flags = int.from_bytes(data[at - 4 : at - 2])
        return data[7:8] == b"\3" and bool(flags & 0x4000) and flags & _LONGEST == length

    def _index(self) -> bytes | None:
        try:
            data = self._tree.read(INDEX)
        except Unreadable:
            return None
        return data if data is not None and data.startswith(_HEAD) and data[7:8] in _VERSIONS else None
