"""A key that Compose does not know, and that is spelt almost like one that it knows."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import ComposeFile


def check(file: ComposeFile) -> Iterator[Finding]:
    """Speaks of the key; the fix is for where the known one does not stand beside it."""
    for one in file.unknown_keys:
        where = f"`{one.where}` knows" if one.where else "a compose file has"
        message = f"{where} no key `{one.key.text}`: Compose refuses the file"
        finding = Finding.at(one, message, help=f"did you mean `{one.meant}`?").note(one.taken, "the key that it knows")
        if one.taken is None:
            change = Edit(one.span, one.meant)
            finding = finding.fixed_by(
                f"write `{one.meant}`",
                change,
                safe=one.wrong < 2,
                reveals=True,
                names=("here", "server", edits.compose.aspect(one.meant)),
            )
        yield finding
