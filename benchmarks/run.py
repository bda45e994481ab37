"""Time the main job: each step in one warm process, then the whole command.

Usage: ``make bench`` or ``python benchmarks/run.py [STUDY]``. Prints medians; the table in
`benchmarks/results.md` is written by hand from them, with machine and date.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from passgenau import report, study
from passgenau.study.steps import material

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 5
ROOT = Path(__file__).resolve().parent.parent
STUDY = ROOT / "examples" / "quartier2020"


def median_seconds(job: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median wall time of a job after one run that is not counted."""
    job()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def steps(folder: Path) -> list[tuple[str, float]]:
    """Return the median seconds of every step of a run, in order."""
    opened = study.Study.open(folder)
    findings = study.analyse(opened)
    needs = study.assess(opened, findings)
    curriculum = study.derive(opened, needs)
    plans = {scenario: study.plan(opened, curriculum, scenario) for scenario in study.SCENARIOS}
    told = material(opened, findings, needs, curriculum, plans)
    built = study.report(told)
    jobs: list[tuple[str, Callable[[], object]]] = [
        ("open and check the study", lambda: study.Study.open(folder)),
        ("analyse", lambda: study.analyse(opened)),
        ("assess needs, with draws", lambda: study.assess(opened, findings)),
        ("derive the concept, with draws", lambda: study.derive(opened, needs)),
        ("plan the pilot", lambda: study.plan(opened, curriculum, "pilot")),
        ("plan the state scenario", lambda: study.plan(opened, curriculum, "state")),
        ("build the report, with figures", lambda: study.report(told)),
        ("write HTML", lambda: report.write_html(built)),
        ("write PDF", lambda: report.write_pdf(built)),
        ("write DOCX", lambda: report.write_docx(built)),
    ]
    return [(name, median_seconds(job, runs=3)) for name, job in jobs]


def main(folder: Path = STUDY) -> None:
    """Print the medians."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as out:
        command = [str(Path(sys.executable).parent / "passgenau"), "run", str(folder), "--out", out]
        whole = median_seconds(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"{'the whole command, warm':34s}{whole:7.2f} s   median of {RUNS}")
    for name, seconds in steps(folder):
        print(f"  {name:32s}{seconds:7.2f} s   median of 3")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUDY)
