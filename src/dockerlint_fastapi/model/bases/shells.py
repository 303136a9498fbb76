"""Which shell `/bin/sh` is on a base image of which no more is known than its name, or what is installed on it."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image

# Each distribution has its own installer. Wolfi has Alpine's, and BusyBox, too.
_BY_INSTALLER: Final = {
    "apt-get": "dash",
    "apk": "busybox",
    **dict.fromkeys(("dnf", "microdnf", "yum", "tdnf", "zypper"), "bash"),
}
_INSTALLERS: Final = r"apt-get|apk|dnf|yum|zypper"
# What a name or a tag tells: `sh` is bash in Red Hat's images, those made of them, Amazon's and SUSE's, and turns into
# the last command of a string by that name, too. Some names stand for Debian or Ubuntu.
_RED_HAT: Final = r"ubi\d+|rhel\d*|fedora|centos|rockylinux\d*|almalinux|oraclelinux|amazonlinux|opensuse"
_RELEASES: Final = r"debian|ubuntu|bookworm|bullseye|buster|trixie|bionic|focal|jammy|noble"
_OF_DEBIAN: Final = r"pytorch/pytorch|tensorflow/tensorflow|pypy|python-nodejs|mambaforge|miniforge3|playwright/python"
_BY_NAME: Final = {
    "busybox": "alpine",
    "bash": rf"(?:\A|[/:._-])(?:{_RED_HAT})(?![a-z])|(?:\A|/)lambda/python",
    "dash": rf"{_RELEASES}|(?:\A|/)(?:{_OF_DEBIAN})(?:[:@]|\Z)",
}


def shell_of(image: Image) -> str | None:
    """The shell, by the name of the base image, or else by the installer that a RUN calls; None when neither tells."""
    name = image.base_name or ""
    named = next((shell for shell, words in _BY_NAME.items() if re.search(words, name) is not None), None)
    if named is not None:
        return named
    for run in image.every(Run):
        script = run.command.script if re.search(_INSTALLERS, run.command.text) is not None else None
        for one in script.commands if script is not None else ():
            if one.program in _BY_INSTALLER:
                return _BY_INSTALLER[one.program]
    return None
