"""The report as JUnit XML: a test suite a file, a test case a finding.

Only elements and attributes of `junit-10.xsd`, the schema of Jenkins' xUnit plugin, are used, so that strict readers
take it. Errors and warnings are failures; an info and a file that was not linted are skipped tests; a fault of dlf is
an error; a file without any of these is one test that passed.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dockerlint_fastapi.reporters.closing import place
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.report import Diagnostic, Failure, Notice, Report

OUTCOMES = {"error": "failure", "warning": "failure", "info": "skipped"}


def case(path: str, name: str) -> ET.Element:
    """A test case; `classname` is the file, since that is what readers group by."""
    return ET.Element("testcase", {"classname": path, "name": name, "time": "0"})


def verdict(element: ET.Element, outcome: str, kind: str, message: str, lines: list[str]) -> None:
    """Says of a test case that it failed, broke or was skipped, and why."""
    child = ET.SubElement(element, outcome, {"type": kind, "message": message})
    child.text = "\n".join(lines)


def finding_case(diagnostic: Diagnostic, path: str) -> ET.Element:
    """A finding. Its name holds the place, since readers merge cases of one name."""
    rule, finding = diagnostic.rule, diagnostic.finding
    line, column = finding.span.source.position(finding.span.start)
    element = case(path, f"{visible(rule.name)} at {line}:{column}")
    message = visible(finding.message)
    lines = [f"{place(finding.span)}: {diagnostic.severity}[{visible(rule.name)}]: {message}"]
    lines += [f"  {place(note.span)}: {visible(note.message)}" for note in finding.notes]
    words = rule.help if finding.help is None else finding.help
    lines += [f"help: {visible(words)}"] if words else []
    lines.append(visible(rule.url))
    verdict(element, OUTCOMES[diagnostic.severity], diagnostic.severity, message, lines)
    return element


def notice_case(notice: Notice, path: str) -> ET.Element:
    """A file that was not linted."""
    element = case(path, "not linted")
    message = visible(notice.message)
    verdict(element, "skipped", "notice", message, [f"{place(notice.span)}: {message}"])
    return element


def fault_case(failure: Failure, path: str) -> ET.Element:
    """A fault of dlf."""
    kind = type(failure.error).__name__
    element = case(path, f"{visible(failure.rule or 'parser')} broke")
    verdict(element, "error", visible(kind), f"{visible(failure.rule or 'a parser')} raised {visible(kind)}", [])
    return element


def suite(name: str, cases: list[ET.Element]) -> ET.Element:
    """The test suite of a file, with its counts."""
    counts = {
        outcome: sum(one.find(outcome) is not None for one in cases) for outcome in ("failure", "error", "skipped")
    }
    element = ET.Element(
        "testsuite",
        {
            "name": name,
            "tests": str(len(cases)),
            "failures": str(counts["failure"]),
            "errors": str(counts["error"]),
            "skipped": str(counts["skipped"]),
            "time": "0",
        },
    )
    element.extend(cases)
    return element


def render(report: Report) -> str:
    """The report: ASCII only (other characters are character references), one line break at the end."""
    by_path: dict[str, list[ET.Element]] = {}
    for diagnostic in report.diagnostics:
        path = visible(diagnostic.path)
        by_path.setdefault(path, []).append(finding_case(diagnostic, path))
    for notice in report.notices:
        path = visible(notice.span.source.shown)
        by_path.setdefault(path, []).append(notice_case(notice, path))
    for failure in report.failures:
        path = visible(failure.span.source.shown) if failure.span is not None else "dlf"
        by_path.setdefault(path, []).append(fault_case(failure, path))
    for message in report.unread:
        element = case("dlf", visible(message))
        verdict(element, "error", "unread", visible(message), [])
        by_path.setdefault("dlf", []).append(element)
    for file in report.files:
        path = visible(file)
        by_path.setdefault(path, []).extend([] if by_path.get(path) else [case(path, "no findings")])
    suites = [suite(path, cases) for path, cases in sorted(by_path.items())]
    totals = {key: str(sum(int(one.get(key, "0")) for one in suites)) for key in ("tests", "failures", "errors")}
    root = ET.Element("testsuites", {"name": "dlf", **totals, "time": "0"})
    root.extend(suites)
    ET.indent(root)
    body = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
