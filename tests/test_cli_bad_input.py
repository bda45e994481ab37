"""Bad input from the command line: one clear message, the right exit status, nothing half-written."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from passgenau.cli import guard, main

Capture = pytest.CaptureFixture[str]
Spoil = Callable[[str, str, str], Path]

CIRCLE = "These modules require each other in a circle: lage-verstehen → vorhaben-umsetzen → lage-verstehen."
COMMAND = [sys.executable, "-c", "import sys; from passgenau.cli import main; sys.exit(main())"]


def refused(folder: Path, capsys: Capture, lang: str = "en", command: str = "run") -> str:
    """Run a study that must be refused with status 2, leaving no trace; return the message."""
    out = folder.parent / "out"
    options = ["--out", str(out)] if command == "run" else []
    assert main([command, str(folder), *options, "--lang", lang]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert not out.exists()
    assert "Traceback" not in printed.err
    return "\n".join(line for line in printed.err.splitlines() if not line.endswith(" …"))


# --- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("catalogue.yaml", "fields:", "fields: [", "error: catalogue.yaml, line 12: Not valid YAML:"),
        (
            "study.yaml",
            "draws: 200",
            "drawz: 200",
            "error: study.yaml, line 62, field drawz: There is no such field here.\n  Perhaps 'draws' is meant.",
        ),
        (
            "published.yaml",
            "value: 60 ",
            "value: 108 ",
            "error: published.yaml, line 20, field statements[1].value: 108 is too large.\n  Allowed: at most 100",
        ),
        (
            "published.yaml",
            "units: 4, answers: 5",
            "units: 9, answers: 9",
            "error: published.yaml, line 13, field returns.gemeinden.units: ",
        ),
        (
            "catalogue.yaml",
            "requires: [lage-verstehen]",
            "requires: [vorhaben-umsetzen]",
            "error: catalogue.yaml, line 86, field modules[2].requires: The module 'vorhaben-umsetzen' requires it",
        ),
        (
            "catalogue.yaml",
            '    task: {de: "Die eigene Lage',
            '    requires: [vorhaben-umsetzen]\n    task: {de: "Die eigene Lage',
            f"error: catalogue.yaml, line 70, field modules[1].requires: {CIRCLE}",
        ),
        (
            "questionnaire.yaml",
            "topic: thema-a}",
            "topic: thema-x}",
            "error: questionnaire.yaml, line 26, field questions[1].items[1].topic: There is no topic 'thema-x'.",
        ),
    ],
)
def test_a_mistake_in_a_file_is_named(  # noqa: PLR0913, PLR0917 -- fixtures and parameters
    spoil: Spoil, capsys: Capture, name: str, old: str, new: str, expected: str
) -> None:
    assert refused(spoil(name, old, new), capsys).startswith(expected)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("de", "error: decisions.yaml: Diese Datei fehlt.\n  Gesucht wurde "),
        ("en", "error: decisions.yaml: This file is missing.\n  Looked for "),
    ],
)
def test_a_missing_file_is_named_in_the_language(study_folder: Path, capsys: Capture, lang: str, expected: str) -> None:
    (study_folder / "decisions.yaml").unlink()
    assert refused(study_folder, capsys, lang).startswith(expected)


def test_every_mistake_comes_with_the_prefix(spoil: Spoil, capsys: Capture) -> None:
    spoil("study.yaml", "seed: 1 ", "seed: -1 ")
    lines = refused(spoil("venues.yaml", "seats: 24", "seats: 0"), capsys, command="check").splitlines()
    assert [line.split(",")[0] for line in lines if not line.startswith(" ")] == [
        "error: study.yaml",
        "error: venues.yaml",
    ]


def test_a_study_that_does_not_exist_is_named(tmp_path: Path, capsys: Capture) -> None:
    assert refused(tmp_path / "nirgends", capsys, "de").startswith("error: Den Ordner ")


# --- wishes that cannot be met together --------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("de", "Diese Regeln stoßen"), ("en", "These rules collide")])
def test_an_impossible_budget_ends_with_three_and_names_the_smallest_relaxation(
    spoil: Spoil, capsys: Capture, lang: str, words: str
) -> None:
    folder = spoil("decisions.yaml", "basis_days: 2 ", "basis_days: 0.25 ")
    out = folder.parent / "out"
    assert main(["run", str(folder), "--out", str(out), "--lang", lang]) == 3
    message = capsys.readouterr().err
    assert message.count("error: ") == 1
    assert words in message
    assert {"de": "Kleinste Lockerung:", "en": "Smallest relaxation:"}[lang] in message
    assert not out.exists()


# --- the output folder -------------------------------------------------------------------------------


def test_an_unwritable_place_is_refused_before_anything_is_computed(study_folder: Path, capsys: Capture) -> None:
    out = study_folder / "study.yaml" / "out"
    assert main(["run", str(study_folder), "--out", str(out), "--lang", "de"]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"error: {out} lässt sich nicht beschreiben ({out.parent}: eine Datei, kein Ordner).")
    assert len(printed.err.splitlines()) == 2


def test_a_folder_that_may_not_be_written_is_refused(
    study_folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: object, **_options: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "out")

    monkeypatch.setattr("tempfile.mkdtemp", forbidden)  # root, who runs tests in containers, may write anywhere
    assert main(["run", str(study_folder), "--out", str(study_folder / "out"), "--lang", "en"]) == 2
    assert "cannot be written (out: no permission)" in capsys.readouterr().err


def limited(size: int) -> Callable[[], None]:
    """Return what lets a child process write files of `size` bytes at most."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_disk_that_fills_up_leaves_the_results_of_the_last_run(study_folder: Path) -> None:
    out = study_folder / "out"
    out.mkdir()
    (out / "report.pdf").write_text("last run", encoding="utf-8")
    done = subprocess.run(  # noqa: S603 -- our own program
        [*COMMAND, "analyse", str(study_folder), "--out", str(out), "--lang", "en"],
        preexec_fn=limited(100),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: The disk is full")
    assert [path.name for path in out.iterdir()] == ["report.pdf"]


def test_standard_output_that_is_full_is_a_full_disk(study_folder: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(  # noqa: S603 -- our own program
            [*COMMAND, "analyse", str(study_folder), "--json", "--lang", "de"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "error: Der Datenträger ist voll; es wurde nichts geschrieben.",
    )


def test_a_reader_that_stops_reading_is_no_fault(study_folder: Path) -> None:
    with subprocess.Popen(  # noqa: S603 -- our own program
        [*COMMAND, "frame", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=study_folder
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.wait() == 0
        assert process.stderr.read() == b""


# --- Ctrl-C, and faults of ours ------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", ["Auswerten", "Pilot", "Bericht"])
def test_stopping_halfway_leaves_everything_as_it_was(study_folder: Path, number: int, step: str) -> None:
    out = study_folder / "out"
    out.mkdir()
    (out / "report.pdf").write_text("last run", encoding="utf-8")
    words = {"Auswerten": "Antworten auswerten", "Pilot": "Pilot planen", "Bericht": "Bericht zusammenstellen"}
    with subprocess.Popen(  # noqa: S603 -- our own program
        [*COMMAND, "run", str(study_folder), "--out", str(out), "--lang", "de"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(words[step]):
                break
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait() == 130
    assert rest.splitlines()[-1] == "error: abgebrochen; es wurde nichts geschrieben"
    assert "Traceback" not in rest
    assert {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()} == {"report.pdf": "last run"}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("de", "error: Das ist ein Fehler von passgenau, nicht von Ihnen: ZeroDivisionError: oh"),
        ("en", "error: this is a fault of passgenau, not of yours: ZeroDivisionError: oh"),
    ],
)
def test_a_fault_of_ours_is_owned_without_a_traceback(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, lang: str, expected: str
) -> None:
    monkeypatch.setattr(guard, "_invoke", fault)
    monkeypatch.delenv("PASSGENAU_DEBUG", raising=False)
    assert main(["check", "x", "--lang", lang]) == 1
    error = capsys.readouterr().err
    assert error.splitlines()[0] == expected
    assert "Traceback" not in error


def test_a_fault_of_ours_shows_its_traceback_when_asked(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_invoke", fault)
    monkeypatch.setenv("PASSGENAU_DEBUG", "1")
    assert main(["check", "x"]) == 1
    assert "Traceback" in capsys.readouterr().err


def fault(*_args: object) -> int:
    raise ZeroDivisionError("oh\nno")


def test_messages_follow_the_locale_of_the_terminal(tmp_path: Path) -> None:
    for locale, expected in (("de_DE.UTF-8", "Den Ordner"), ("en_GB.UTF-8", "There is no folder")):
        done = subprocess.run(  # noqa: S603 -- our own program
            [*COMMAND, "check", str(tmp_path / "x")],
            env={**os.environ, "LC_ALL": locale},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr[: len(expected) + 7]) == (2, f"error: {expected}")
