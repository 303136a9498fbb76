from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    image, probe = container.image, container.probe
    if image is None or probe is None:
        return
    for program in probe.programs:
        if image.has(program.name) is False:
            yield Finding.at(
                program, f"the health check calls `{program.name}`, which the image does not have: it can never pass"
            ).note(image.lineage[0].from_.image, "the image it comes from has none, and nothing installs it")
            return
