"""`apt-get` with package lists that are old or not there, or with a question that nobody answers."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.apt_lists import AptFault


def check(image: Image) -> Iterator[Finding]:
    for fault in image.apt_faults:
        words = fault.step.words
        if fault.kind in ("prompt", "perhaps"):
            sure = fault.kind == "prompt"
            message = (
                f"`{words}` asks before it goes on, and nobody is there to answer: the build stops"
                if sure
                else f"`{words}` asks as soon as more than the named packages is needed, and nobody is there to answer"
            )
            finding = Finding.at(fault, message, severity=None if sure else "warning", help="add `-y`")
            yield finding.fixed_by("add `-y`", Edit.behind(fault.step.head, " -y"))
        elif fault.kind == "split":
            yield split(fault)
        elif fault.kind == "missing":
            message = f"`{words}` without `apt-get update` in this `RUN`: the image has no package lists to look in"
            yield Finding.at(fault, message, severity="warning")
        elif not image.development:
            message = "`apt` is made for people: what it prints and takes may change, unlike that of `apt-get`"
            yield Finding.at(fault, message, severity="info", in_guide="off", help="write `apt-get`", pedantic=True)


def split(fault: AptFault) -> Finding:
    """The finding on lists that are fetched in one RUN and used in another."""
    if fault.span == fault.step.head:
        message = (
            f"`{fault.step.words}` uses package lists of an earlier `RUN`: Docker keeps that layer, and they grow old"
        )
        return Finding.at(fault, message, severity="warning").note(fault.other, "the lists are fetched here")
    message = "package lists in a `RUN` of their own: Docker keeps that layer, and later installs use old lists"
    return Finding.at(fault, message, severity="warning").note(fault.other, "these lists are used here")
