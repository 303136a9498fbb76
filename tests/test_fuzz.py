"""The fuzzer (`tests/fuzz/run.py`): what it once found stays found, and a few inputs for each target in every run."""

import importlib.util
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).parent / "fuzz"
KEPT = sorted((Path(__file__).parents[1] / "fixtures" / "fuzz").glob("*.json"))


def loaded() -> ModuleType:
    sys.path.insert(0, str(FUZZ))
    try:
        spec = importlib.util.spec_from_file_location("fuzz_run", FUZZ / "run.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FUZZ))
    return module


RUN = loaded()
EXECUTIONS = {"project": 15, "fix": 5, "formats": 8}


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_what_was_found_is_mended(path: Path) -> None:
    assert RUN.fault_of(*RUN.kept(path)) is None


# inputs of the target `dense` take up to their two seconds: how they grow is counted in `test_growth.py`
@pytest.mark.parametrize("name", [name for name in RUN.TARGETS if name != "dense"])
def test_a_short_run_finds_nothing(name: str) -> None:
    result = RUN.fuzz([name], seed=7, seconds=120, executions=EXECUTIONS.get(name, 120))
    assert [fault for fault, _, _ in result.faults.values()] == []
    assert result.executions[name] == EXECUTIONS.get(name, 120)


def test_a_fault_is_found_cut_down_and_kept(tmp_path: Path) -> None:
    def broken(files: dict[str, bytes]) -> None:
        if any(b"x\0" in data for data in files.values()):
            raise ValueError("a NUL")

    target = RUN.Target("dockerfile", None, broken, 1)
    files = {"Dockerfile": b"FROM a\nRUN x\0y\n" * 30, "other": b"FROM b\n"}
    fault = RUN.fault_of(target, files)
    assert fault is not None
    assert fault.startswith("ValueError: a NUL, at ")
    least = RUN.smaller(target, files, fault)
    assert least == {"Dockerfile": b"x\0"}
    path = RUN.keep(tmp_path, target, least, fault)
    known, again = RUN.kept(path)
    assert (known.name, again) == ("dockerfile", least)


def test_a_hang_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RUN, "LONGEST", 0.05)

    def endless(_files: dict[str, bytes]) -> None:
        while True:
            with suppress(Exception):  # what dlf catches of rules must not hide it
                sum(range(1000))

    fault = RUN.fault_of(RUN.Target("dockerfile", None, endless, 1), {"Dockerfile": b""})
    assert fault is not None
    assert fault.startswith("takes more than")
