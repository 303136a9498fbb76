"""A start script that cannot run."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container

MESSAGES = {
    "crlf": "the lines end as on Windows: Linux looks for an interpreter whose name ends in a carriage return",
    "shebang": "the script has no first line `#!/bin/sh`: started directly, it ends with `exec format error`",
    "mode": "the script is started directly but not executable: the container ends with `permission denied`",
    "interpreter": "`{name}` is not in the image, so the script cannot start: `no such file or directory`",
    "bashism": "`{name}` is a word of bash, and this script runs under dash, which refuses it",
}
HELP = {
    "crlf": "save it with LF, and put `*.sh text eol=lf` into `.gitattributes`",
    "shebang": "begin it with `#!/bin/sh`",
    "mode": "copy it with `COPY --chmod=755`",
    "interpreter": "begin it with `#!/bin/sh`, or run it with `sh`, or install the shell",
    "bashism": "begin it with `#!/bin/bash`, or use what every shell knows",
}
# No instruction of the Dockerfile changes what a mount puts in the place of a file.
MOUNTED = "record the right in git, `git update-index --chmod=+x {path}`, or start it by its shell, `{shell} {place}`"


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the line of the script, or of the command that starts it."""
    for script in container.broken_scripts:
        mounted = script.kind == "mode" and script.transfer is None
        # a developer may mount from a system on which all files are executable
        severity = "warning" if script.kind == "bashism" or (mounted and container.development) else None
        help_ = (
            MOUNTED.format(path=script.path, shell=script.name, place=script.place) if mounted else HELP[script.kind]
        )
        finding = Finding.at(script.span, MESSAGES[script.kind].format(name=script.name), severity=severity, help=help_)
        finding = finding.note(script.by, f"this brings `{script.place}`")
        if script.kind != "mode":
            finding = finding.note(script.call if script.call != script.span else None, "this starts it")
            kind = {"crlf": "end lines with LF", "shebang": "begin it with `#!/bin/sh`"}.get(script.kind, "")
            yield finding.fixed_by(kind, edits.scripts.mended(script.span, script.kind))
        elif script.transfer is not None:
            edit = Edit.behind(script.transfer.keyword_span, " --chmod=755")
            yield finding.fixed_by("copy it as executable", edit, safe=script.alone, names="files")
        else:
            yield finding
