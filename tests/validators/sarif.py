"""Shows SARIF of every fixture project to Microsoft's validator, with the rules for SARIF and for GitHub.

python tests/validators/sarif.py

Nothing may be said: no error, no warning, and no note but the advice that is written and answered in ADVICE.
The validator exits with 0 whatever it finds, so its own log is read; it also gets a log with a planted fault, which it
must name. Then it makes the fingerprints of the same places by its own implementation of GitHub's line hashes.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from logs import made_up, projects
from npm import install

from dockerlint_fastapi.reporters import render

PACKAGE, VERSION = "@microsoft/sarif-multitool", "5.7.0"
PLANTED = "planted-fault"
ENVIRONMENT = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}

# Notes (the validator's word for advice) that dlf does not follow, and why.
ADVICE = {
    "SARIF2002": "messages by id and arguments: GitHub shows `message.text` only",
    "SARIF2003": "the revision of the sources: whoever uploads a log knows it, dlf reads no repository",
    "SARIF2009": "rule ids such as CS2001: dlf's rules have names that say what is wrong",
    "SARIF2010": "snippets of the sources: a log that is handed on must not carry the secret that it warns of",
    "SARIF2011": "the lines round a place: likewise",
    "SARIF2013": "whole files: likewise",
}
# Asks the network for every link. tests/test_format_sarif.py holds that each leads to a page of this repository.
OFFLINE = """<?xml version="1.0" encoding="utf-8"?>
<Properties>
  <Properties Key="SARIF2006.UrisShouldBeReachable.Options">
    <Property Key="RuleEnabled" Value="Disabled" />
  </Properties>
</Properties>
"""


def program() -> Path:
    """The validator for this system."""
    for folder in sorted((install(PACKAGE, VERSION) / "@microsoft").glob("sarif-multitool-*")):
        for name in ("Sarif.Multitool", "Sarif.Multitool.exe"):
            if (folder / name).is_file():
                (folder / name).chmod(0o755)  # npm may not have run the package's own script
                return folder / name
    sys.exit(f"{PACKAGE} {VERSION} has no program for this system")


def write_logs(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Writes the logs; gives their number, and the runs of the fixture projects with the folders they are of."""
    runs = []
    count = 0
    for name, root, report in projects():
        text = render("sarif", report)
        count += 1
        (folder / f"{name}.sarif").write_text(text, "utf-8")
        [run] = json.loads(text)["runs"]
        run["tool"]["driver"] = {"name": "dlf"}
        run["originalUriBaseIds"]["SRCROOT"]["uri"] = f"{root.as_uri()}/"
        runs.append(run)
    for name, report in made_up():
        count += 1
        (folder / f"{name}.sarif").write_text(render("sarif", report), "utf-8")
    log = json.loads(render("sarif", report))
    log["runs"][0]["results"][0]["ruleIndex"] = 9999
    del log["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    (folder / f"{PLANTED}.sarif").write_text(json.dumps(log), "utf-8")
    return count + 1, runs


def fingerprints(validator: Path, folder: Path, runs: list[dict[str, Any]]) -> int:
    """How many fingerprints Microsoft's own implementation of GitHub's line hashes gives
    alike. Exits when one differs.
    """
    places = [result for run in runs for result in run["results"]]
    ours = [result.pop("partialFingerprints") for result in places]
    given, taken = folder / "given.json", folder / "taken.json"
    given.write_text(json.dumps({"version": "2.1.0", "runs": runs}), "utf-8")
    command = [
        str(validator),
        "rewrite",
        str(given),
        "--output",
        str(taken),
        "--insert",
        "RollingHashPartialFingerprints",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode or not taken.exists():
        sys.exit(f"the fingerprints could not be made:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    log = json.loads(taken.read_text("utf-8-sig"))
    theirs = [result.get("partialFingerprints") for run in log["runs"] for result in run.get("results", [])]
    pairs = zip(places, ours, theirs, strict=True)
    if different := [(place["locations"], one, other) for place, one, other in pairs if one != other]:
        sys.exit(f"{len(different)} of {len(ours)} fingerprints differ, the first: {different[0]}")
    return len(ours)


def main() -> None:
    """Validates; exits with what was said."""
    validator = program()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        began = time.monotonic()
        count, runs = write_logs(folder)
        config, said = folder / "config.xml", folder / "said.json"
        config.write_text(OFFLINE, "utf-8")
        linted = time.monotonic()
        done = subprocess.run(
            [
                str(validator), "validate", str(folder / "*.sarif"), "--config", str(config), "--output", str(said),
                "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--max-file-size-in-kb", "100000",
                "--log", "ForceOverwrite;Minify", "--quiet",
            ],
            capture_output=True, text=True, check=False,
            env=ENVIRONMENT,
        )  # fmt: skip
        scanned = re.search(r"(\d+) files scanned", done.stdout)
        if done.returncode or scanned is None or int(scanned[1]) != count or not said.exists():
            sys.exit(f"the validator did not read all {count} logs:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        alike = fingerprints(validator, folder, runs)
        results = json.loads(said.read_text("utf-8-sig"))["runs"][0].get("results", [])
    faults, planted, advice = [], set(), Counter()
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        where = place["artifactLocation"]["uri"].rsplit("/", 1)[-1]
        level, rule = result.get("level", "warning"), result["ruleId"]
        if level == "note" and rule in ADVICE:
            advice[rule] += 1
        elif where == f"{PLANTED}.sarif":
            planted.add(rule)
        else:
            arguments = ": ".join(result["message"].get("arguments", [result["message"].get("text", "")]))
            faults.append(f"{where}:{place.get('region', {}).get('startLine')}: {level} {rule}: {arguments[:200]}")
    if faults:
        sys.exit("\n".join([*faults[:50], f"the validator said {len(faults)} things"]))
    if not planted:
        sys.exit("the validator did not see the planted fault")
    if unused := sorted(ADVICE.keys() - advice.keys()):
        sys.exit(f"no longer said, so no longer to be answered: {', '.join(unused)}")
    print(
        f"{PACKAGE} {VERSION}: {count - 1} logs, no error, no warning, no note but {sum(advice.values())} of"
        f" {len(advice)} kinds that are answered ({linted - began:.1f} s to lint, {time.monotonic() - linted:.1f} s to"
        f" validate; a planted fault was seen by {', '.join(sorted(planted))}); {alike} fingerprints are those that it"
        " gives itself"
    )


if __name__ == "__main__":
    main()
