"""Installed packages that are copied to a stage in which they do not work."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    for found in image.misplaced_environments:
        was, now = found.was, found.now
        if found.kind == "libc":
            message = f"this was installed for {was}, and this stage has {now}: nothing compiled in it can be loaded"
            finding = Finding.at(found, message).note(found.other, f"the image with {was}")
        elif found.kind == "release":
            message = f"this was installed on Debian {was}, and this stage is the older {now}: compiled code may fail"
            finding = Finding.at(found, message, severity="warning").note(found.other, "the newer image")
        elif found.kind == "path":
            end = "`no such file`" if found.certain else "only `python -m` starts one"
            message = f"its scripts begin with `#!{was}/bin/python`, and here it lies in `{now}`: {end}"
            severity = None if found.certain else "info"
            finding = Finding.at(found, message, severity=severity, help=f"make it in `{now}` from the start")
            finding = finding.note(found.other, "made here")
            same = edits.installs.kept_in_place(image, was, now, found.span)
            finding = finding.fixed_by(
                f"copy it to `{was}`", same, safe=False, names=("files", "command", "environment:PATH")
            )
        else:
            message = f"the Python of this stage is {now}, which never looks into a directory of Python {was}"
            finding = Finding.at(found, message).note(found.other, f"this is Python {now}")
        yield finding
