"""The JSON report as pydantic models, and the schema made from them. For docs and tests; rendering does not import it.

After a change here, `python docs/generate.py` writes docs/schema/report.schema.json again.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["error", "warning", "info"]
Position = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """An object with exactly the fields that are named; values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Tool(Strict):
    """The program that wrote the report."""

    name: Literal["dlf"]
    version: str


class Place(Strict):
    """A place in a file. Lines and columns count from 1, columns in characters (Unicode code points)."""

    path: str = Field(description="Relative to the working directory where possible, `/`-separated.")
    line: Position
    column: Position


class Region(Place):
    """A stretch of a file, from its first character to the place behind its last one."""

    end_line: Position
    end_column: Position


class ReportNote(Place):
    """The other end of a finding, often in another file."""

    message: str


class ReportNotice(Place):
    """Something to tell that is no fault, such as a template that was not linted."""

    message: str


class ReportEdit(Region):
    """Replace the region by `text`."""

    text: str


class ReportCreation(Strict):
    """A file to make, where there is none."""

    path: str
    text: str


class ReportFix(Strict):
    """Edits and new files that mend a finding, to be made together."""

    title: str = Field(description="What is done, as an order: `add quotes`.")
    applicability: Literal["safe", "unsafe"]
    edits: list[ReportEdit]
    creations: list[ReportCreation]


class ReportFinding(Region):
    """One fault at one place."""

    rule: str = Field(description="The rule's name, as in `--select` and in an ignore comment.")
    code: str | None = Field(description="The rule's code, as SARIF has it; null for a rule that has none.")
    severity: Severity
    category: str
    message: str
    notes: list[ReportNote]
    fix: ReportFix | None
    stricter_than_guide: bool = Field(description="It asks for more than the guide, and is off in that profile.")
    url: str = Field(description="Where the rule's page can be read.")


class Summary(Strict):
    """How many findings of each severity, how many files were linted, how many findings a comment or a baseline
    suppressed.
    """

    error: Count
    warning: Count
    info: Count
    files: Count
    suppressed: Count


class JsonReport(Strict):
    """What `dlf check --output-format json` prints."""

    version: Literal[1]
    tool: Tool
    findings: list[ReportFinding]
    notices: list[ReportNotice]
    files: list[str] = Field(description="The files that were linted.")
    summary: Summary


def json_schema() -> dict[str, Any]:
    """The JSON schema of a report."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **JsonReport.model_json_schema()}
