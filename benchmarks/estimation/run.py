"""Time estimation against its peers and the floor: file to answer, each contender in a process of its own.

Usage: ``python benchmarks/estimation/run.py [--rows 1e5 1e6 1e7] [--designs psu row] [--runs 5] [--svy PYTHON]
[--folder DIR] [--output FILE]``. Data are made in a temporary folder unless `--folder` names one; `--svy` names the
Python of an environment that has svy; R needs its packages survey and data.table. What is missing is left out and
named. Prints tables for `benchmarks/results.md`; `--output` keeps the measurements for `plot.py`.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_data import Shape, write_csv, write_survey

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
FLOORS = ("floor_duckdb", "floor_polars", "floor_pyarrow")
OURS = ("passgenau_memory", "passgenau_frame", "passgenau_duckdb")
PEERS = ("svy", "survey")
PEERS_BEAR = 1_000_000  # rows up to which peers are run: R needs more than 16 GB beyond
FRAMES_BEAR = 10_000_000  # rows up to which data are held in memory
SWEEP = 1_000_000  # rows at which items and domains are varied
ITEMS, DOMAINS = (5, 10, 30, 60, 120), (1, 4, 16, 64, 256)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One contender on one file."""

    contender: str
    design: str
    rows: int
    items: int
    domains: int
    first: float  # seconds of the first run in its process, loading included
    seconds: float  # median of the others
    spread: float  # the slowest less the fastest
    memory: int  # MB, the most the process held
    answer: tuple[float, float] | None
    reading: float | None = None  # seconds of `seconds` spent on reading, where the contender tells


@dataclass(frozen=True, slots=True)
class Contender:
    """A contender at work in a process of its own."""

    name: str
    process: subprocess.Popen[str]
    runs: list[dict[str, Any]]

    def run(self) -> bool:
        """Let it run once; returns whether it could."""
        assert self.process.stdin is not None  # noqa: S101 -- opened as a pipe
        assert self.process.stdout is not None  # noqa: S101 -- likewise
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return False
        line = self.process.stdout.readline()
        if line:
            self.runs.append(json.loads(line))
        return bool(line)


def measure(
    names: Sequence[str], shape: Shape, design: str, folder: Path, options: argparse.Namespace
) -> list[Measurement]:
    """Run contenders in turn, round after round, so that what else the machine does meets all of them alike."""
    file = write_survey(shape, folder)
    here = [found for name in names if (found := _start(name, file, shape, design, options)) is not None]
    for _ in range(options.runs + 1):
        for contender in list(here):
            if not contender.run():
                print(f"{contender.name} left out, it failed", file=sys.stderr)
                here.remove(contender)
    for contender in here:
        contender.process.communicate()
    return [_summary(contender, shape, design) for contender in here]


def _start(name: str, file: Path, shape: Shape, design: str, options: argparse.Namespace) -> Contender | None:
    """Start a contender; None where it is not installed."""
    arguments = [design, str(shape.items)]
    program: str | None = (
        shutil.which("Rscript") if name == "survey" else options.svy if name == "svy" else sys.executable
    )
    if program is None:
        print(f"{name} left out, it is not installed", file=sys.stderr)
        return None
    if name == "survey":
        command = [program, str(HERE / "survey.R"), str(write_csv(file)), *arguments]
    else:
        command = [program, str(HERE / "contender.py"), name, str(file), *arguments]
    return Contender(name, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True), [])


def _summary(contender: Contender, shape: Shape, design: str) -> Measurement:
    first, *others = contender.runs
    seconds = [run["seconds"] for run in others]
    reading = [run["reading"] for run in others if "reading" in run]
    return Measurement(
        contender.name,
        design,
        shape.rows,
        shape.items,
        shape.domains,
        first["seconds"],
        statistics.median(seconds),
        max(seconds) - min(seconds),
        others[-1]["memory"],
        first["answer"],
        statistics.median(reading) if reading else None,
    )


def table(measurements: list[Measurement]) -> str:
    """Return measurements of one file and design as Markdown, with their ratio to the floors."""
    duckdb = next(m.seconds for m in measurements if m.contender == "floor_duckdb")
    fastest = min(m.seconds for m in measurements if m.contender in FLOORS)
    lines = [
        "| Contender | Median, s | Slowest − fastest | First run | Memory, MB | × DuckDB's scan | × fastest scan |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for m in measurements:
        reading = f" (reading {m.reading:.2f})" if m.reading is not None else ""
        lines.append(
            f"| {m.contender} | {m.seconds:.3f}{reading} | {m.spread:.3f} | {m.first:.2f} | {m.memory} | "
            f"{m.seconds / duckdb:.2f} | {m.seconds / fastest:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure everything that the options ask for."""
    options = _options()
    found: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="passgenau-benchmark-") as temporary:
        folder = Path(options.folder or temporary)
        print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, runs: {options.runs}\n")
        for rows in options.rows:
            for design in options.designs:
                contenders = [*FLOORS, *OURS, *(PEERS if rows <= PEERS_BEAR else ())]
                if rows > FRAMES_BEAR:
                    contenders.remove("passgenau_frame")
                here = measure(contenders, Shape(rows), design, folder, options)
                found += here
                print(f"\n{rows:,} rows, design {design}\n\n{table(here)}", flush=True)
        if options.sweep:
            shapes = [Shape(SWEEP, items=items) for items in ITEMS] + [Shape(SWEEP, domains=d) for d in DOMAINS]
            for shape in shapes:
                for design in options.designs:
                    found += measure(
                        ("floor_duckdb", "floor_polars", "passgenau_memory"), shape, design, folder, options
                    )
    if options.output:
        text = json.dumps([asdict(measurement) for measurement in found], indent=1)
        Path(options.output).write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", type=lambda text: int(float(text)), default=[10**5, 10**6, 10**7])
    parser.add_argument("--designs", nargs="+", choices=["psu", "row"], default=["psu", "row"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--svy", help="the Python of an environment with svy")
    parser.add_argument("--folder", help="where data are made and kept")
    parser.add_argument("--sweep", action="store_true", help="also vary items and domains")
    parser.add_argument("--output", help="JSON of all measurements")
    return parser.parse_args()


if __name__ == "__main__":
    main()
