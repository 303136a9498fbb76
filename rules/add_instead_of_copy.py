"""ADD where COPY does the same without surprises, or where what is downloaded is not verified."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Add, Stage
from dockerlint_fastapi.model.development import of_stage


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the keyword for files of the build context, of the address for a download."""
    for add in stage.of(Add):
        for source in add.downloads:
            message = "nothing verifies this download: the build takes whatever the server sends that day"
            yield Finding.at(source, message)
        if add.is_plain:
            finding = Finding.at(
                add.keyword_span,
                "`ADD` of local files: it would unpack an archive and fetch an address; `COPY` just copies",
                severity="info",
                pedantic=of_stage(stage) is not None,
                once="project",
            )
            keyword = "copy" if add.keyword_span.text.islower() else "COPY"
            yield finding.fixed_by("write `COPY`", Edit(add.keyword_span, keyword), names="files")
