"""Shows SARIF of every fixture project to Microsoft's validator, with the rules for SARIF and for GitHub.

python tests/validators/sarif.py

All its rules are on, and nothing may be said: no error, no warning, no note. The logs of the fixture projects tell the
commit of a checkout that is made here. Those that are made up come from no repository, so each gets the note that says
so (SARIF2003), and no other.

SARIF2006 asks the network for every link. A proxy of our own answers in its place: `links.py`.

The validator exits with 0 whatever it finds, so its own log is read; it also gets a log with planted faults, which it
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

from links import proxy
from logs import FIXTURES, made_up, projects
from npm import install

from dockerlint_fastapi.checkout import checkout_of
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.reporters.sarif import INFORMATION_URI

PACKAGE, VERSION = "@microsoft/sarif-multitool", "5.7.0"
PLANTED = "planted-fault"
GLOBAL = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}  # the program is built without the tables of languages
PLANTED_RULES = {"SARIF1012", "SARIF2006", "SARIF2009", "SARIF2010", "SARIF2011", "GH2012"}
NOWHERE = "SARIF2003"  # the commit of the files, of a log that is of no repository


def program() -> Path:
    """The validator for this system."""
    for folder in sorted((install(PACKAGE, VERSION) / "@microsoft").glob("sarif-multitool-*")):
        for name in ("Sarif.Multitool", "Sarif.Multitool.exe"):
            if (folder / name).is_file():
                (folder / name).chmod(0o755)  # npm may not have run the package's own script
                return folder / name
    sys.exit(f"{PACKAGE} {VERSION} has no program for this system")


def repository(folder: Path) -> Path:
    """A checkout of git, made as anybody makes one."""
    top = folder / "checkout"
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for command in (
        ("init", "--quiet", "--initial-branch=main", str(top)),
        ("-C", str(top), "remote", "add", "origin", f"{INFORMATION_URI}.git"),
        ("-C", str(top), *identity, "commit", "--quiet", "--allow-empty", "--message=all"),
    ):
        subprocess.run(["git", *command], check=True)
    return top


def write_logs(folder: Path) -> tuple[int, set[str], set[str], list[dict[str, Any]]]:
    """Writes the logs; gives their number, the names of those of no repository, the links in them, and the runs of the
    fixture projects with the folders they are of.
    """
    runs = []
    count = 0
    top = repository(folder)
    for name, root, report in projects():
        place = top / "fixtures" / root.relative_to(FIXTURES)
        place.mkdir(parents=True)
        text = render("sarif", report._replace(checkout=checkout_of(str(place), str(place))))
        count += 1
        (folder / f"{name}.sarif").write_text(text, "utf-8")
        [run] = json.loads(text)["runs"]
        assert run["versionControlProvenance"][0]["branch"] == "main"
        run["tool"]["driver"] = {"name": "dlf"}
        run["originalUriBaseIds"] = {"SRCROOT": {"uri": f"{root.as_uri()}/"}}
        del run["versionControlProvenance"]
        run.pop("artifacts", None)  # the fingerprints are of the files themselves
        runs.append(run)
    nowhere = set()
    for name, report in made_up():
        nowhere.add(f"{name}.sarif")
        (folder / f"{name}.sarif").write_text(render("sarif", report), "utf-8")
    log = json.loads(render("sarif", report))
    [run] = log["runs"]
    links = {log["$schema"], INFORMATION_URI, *(rule["helpUri"] for rule in run["tool"]["driver"]["rules"])}
    (folder / f"{PLANTED}.sarif").write_text(json.dumps(with_faults(log)), "utf-8")
    return count + len(nowhere) + 1, nowhere, links, runs


def with_faults(log: dict[str, Any]) -> dict[str, Any]:
    """A log with one fault for each of PLANTED_RULES."""
    [run] = log["runs"]
    run["results"][0]["message"]["id"] = "gone"
    del run["artifacts"]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    del place["contextRegion"], place["region"]["snippet"]
    first, second, third = run["tool"]["driver"]["rules"][:3]
    del first["help"]
    second["helpUri"] = second["helpUri"].replace(".md", "_gone.md")
    third["id"] = "a-name"
    return log


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
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **GLOBAL})
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
    with tempfile.TemporaryDirectory() as temporary, proxy() as web:
        folder = Path(temporary)
        began = time.monotonic()
        count, nowhere, links, runs = write_logs(folder)
        said = folder / "said.json"
        linted = time.monotonic()
        done = subprocess.run(
            [
                str(validator), "validate", str(folder / "*.sarif"), "--output", str(said),
                "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--max-file-size-in-kb", "100000",
                "--log", "ForceOverwrite;Minify", "--quiet",
            ],
            capture_output=True, text=True, check=False,
            env={**web.environment(folder), **GLOBAL},
        )  # fmt: skip
        scanned = re.search(r"(\d+) files scanned", done.stdout)
        if done.returncode or scanned is None or int(scanned[1]) != count or not said.exists():
            sys.exit(f"the validator did not read all {count} logs:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if unasked := sorted(links - web.asked):
            sys.exit(f"the validator did not ask for {len(unasked)} links, the first: {unasked[0]}")
        alike = fingerprints(validator, folder, runs)
        results = json.loads(said.read_text("utf-8-sig"))["runs"][0].get("results", [])
    faults, planted, unplaced = [], set(), Counter()
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        where = place["artifactLocation"]["uri"].rsplit("/", 1)[-1]
        level, rule = result.get("level", "warning"), result["ruleId"]
        if where == f"{PLANTED}.sarif":
            planted.add(rule)
        elif where in nowhere and rule == NOWHERE and level == "note":
            unplaced[where] += 1
        else:
            arguments = ": ".join(result["message"].get("arguments", [result["message"].get("text", "")]))
            faults.append(f"{where}:{place.get('region', {}).get('startLine')}: {level} {rule}: {arguments[:200]}")
    if faults:
        sys.exit("\n".join([*faults[:50], f"the validator said {len(faults)} things"]))
    if planted != PLANTED_RULES | {NOWHERE}:
        sys.exit(f"of the planted faults the validator saw {', '.join(sorted(planted))}")
    if unplaced != Counter(nowhere):
        sys.exit(f"{NOWHERE} is said once of each log of no repository, and was said {dict(unplaced)}")
    print(
        f"{PACKAGE} {VERSION}, all rules on: {count - 1} logs, no error, no warning, no note but that {len(nowhere)}"
        f" are of no repository; {len(links)} links asked for and there; planted faults seen by"
        f" {', '.join(sorted(planted))}; {alike} fingerprints are those that it gives itself"
        f" ({linted - began:.1f} s to lint, {time.monotonic() - linted:.1f} s to validate)"
    )


if __name__ == "__main__":
    main()
