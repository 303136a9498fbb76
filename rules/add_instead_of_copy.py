"""ADD where COPY does the same without surprises, or where what is downloaded is not verified."""

import re
from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Add, Stage
from dockerlint_fastapi.model.development import of_stage

# Data, which changes on purpose: a checksum would stop the build at every new edition. One with a number in its
# name does not.
DATA = r"(?i)://[^?#]*/[^?#/0-9]*\.(?:csv|tsv|json|jsonl|geojson|xml|ya?ml|parquet|mmdb|dat|txt)[\"']?(?:[?#]|\Z)"
BRANCH = r"(?i)://raw\.githubusercontent\.com/[^/]+/[^/]+/(?:refs/heads/)?(main|master|develop|dev|HEAD)/"


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the keyword for files of the build context, of the address for a download."""
    for add in stage.of(Add):
        for source in add.downloads:
            moving = re.search(BRANCH, source.text)
            yield Finding.at(
                source,
                "nothing verifies this download: the build takes whatever the server sends that day",
                severity="info" if re.search(DATA, source.text) else None,
                help=None if moving is None else f"name a commit or a tag in place of `{moving[1]}`",
                once="file",
            )
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
