"""A cache mount that is of no use, because of what stands beside it."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.cache_mounts import CacheFault


def check(image: Image) -> Iterator[Finding]:
    for fault in image.cache_faults:
        yield told(fault)


def told(fault: CacheFault) -> Finding:
    """The finding on one fault."""
    target, tool = fault.mount.target, fault.tool
    if fault.kind == "off":
        finding = Finding.at(
            fault, f"this cache is never filled: {tool} is told to keep none", help="drop the one or the other"
        )
        finding = finding.note(fault.other, "switched off here")
        option = fault.option
        if option is None or fault.step is None or not fault.step.span.text.count(f" {option.word.span.text}"):
            return finding
        source, word = option.word.span.source, option.word.span
        before = type(word)(source, word.start - 1, word.end)
        safe = before.text[:1] == " "
        return finding.fixed_by(f"drop `{word.text}`", Edit(before, "")) if safe else finding
    if fault.kind == "elsewhere":
        message = f"nothing in this `RUN` keeps a cache in `{target}`: that of {tool} is another directory"
        return Finding.at(fault, message).note(fault.other, "this does not use it")
    if fault.kind == "home":
        message = f"`{target}` is the cache of root, and this `RUN` has another user, whose {tool} never looks there"
        return Finding.at(fault, message, help="mount it in that user's home, with `uid=`")
    if fault.kind == "unlocked":
        message = "without `sharing=locked` two builds use apt's directory at once, and one of them fails on its lock"
        return Finding.at(fault, message).fixed_by("add `sharing=locked`", Edit.behind(fault, ",sharing=locked"))
    if fault.kind == "cleaned":
        message = "nothing stays in this cache: the base image makes apt delete every package after its installation"
        return Finding.at(fault, message, help="`rm -f /etc/apt/apt.conf.d/docker-clean` in front of it")
    message = "uv cannot link out of a mounted cache: it warns and copies, which `UV_LINK_MODE=copy` asks for"
    how = "add `ENV UV_LINK_MODE=copy`"
    return Finding.at(fault, message, severity="info", help=how, pedantic=True, once="project")
