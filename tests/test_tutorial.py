"""The tutorial does what it shows: its blocks run in order, and their output is the one that is printed there."""

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import zipfile
from pathlib import Path

import pytest

from passgenau.cli import main

ROOT = Path(__file__).parent.parent
PAGES = ("tutorial-estimation.md", "estimation.md", "answers.md")
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The width of nobody's terminal decides what a test sees."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=(80, 24): os.terminal_size(fallback))


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return (language, code, expected output) of every block that runs, in the order of the page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [(language, code, output) for language, code, output in BLOCK.findall(text)]


def shown(language: str, code: str, output: str) -> str:
    """Return what a block says it prints: a console block holds its output below its command."""
    if language == "python":
        return output
    return re.sub(r"^\$ (?:.*\\\n)*.*\n", "", code, flags=re.MULTILINE)


def ran(language: str, code: str, names: dict[str, object]) -> str:
    """Run a block and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        if language == "python":
            exec(code, names)  # noqa: S102 -- our own page
        else:
            for call in commands(code):
                assert main(call) == 0, call
    return out.getvalue()


def commands(code: str) -> list[list[str]]:
    """Return the arguments of every call of passgenau in a console block."""
    joined = code.replace("\\\n", " ")
    return [shlex.split(line)[2:] for line in joined.splitlines() if line.startswith("$ passgenau ")]


def plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_every_block_prints_what_the_page_shows(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (ROOT / "examples" / "answers2026").iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    names: dict[str, object] = {}
    found = blocks(page)
    assert found
    for language, code, output in found:
        assert plain(ran(language, code, names)) == plain(shown(language, code, output)), code


def test_the_way_from_an_archive_to_the_report_takes_two_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "quartier2020-synthetisch", tmp_path / "studie")
    shutil.copy(ROOT / "examples" / "limesurvey" / "quartier.lsa", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    found = blocks("tutorial-survey.md")
    assert [call[0] for _, code, _ in found for call in commands(code)] == ["convert", "run", "check"]
    for language, code, output in found:
        assert plain(ran(language, code, {})) == plain(shown(language, code, output)), code
    assert "Künstlich erzeugte Antworten" in (tmp_path / "bericht" / "report.html").read_text(encoding="utf-8")


def test_the_archive_is_the_one_that_its_script_draws() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "draw_limesurvey.py"))
    drawn, kept = (
        zipfile.ZipFile(io.BytesIO(content)) for content in (script["archive"](), script["ARCHIVE"].read_bytes())
    )
    assert drawn.namelist() == kept.namelist()
    assert [drawn.read(name) for name in drawn.namelist()] == [kept.read(name) for name in kept.namelist()]


@pytest.mark.parametrize(
    ("command", "locale"), [("passgenau estimate", "en_US.UTF-8"), ("passgenau convert examples", "de_DE.UTF-8")]
)
def test_the_readme_shows_what_the_command_prints(
    command: str, locale: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = next(
        block for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE) if command in block
    )
    (call,) = commands(code.replace("$ .venv/bin/passgenau", "$ passgenau"))
    assert main([word.replace("examples/", f"{ROOT}/examples/") for word in call]) == 0
    assert plain(capsys.readouterr().out) == plain(shown("console", code, ""))


def test_the_way_from_file_to_table_takes_ten_lines() -> None:
    whole = next(code for language, code, _ in blocks("tutorial-estimation.md") if language == "python")
    lines = [line for line in whole.splitlines() if line and not line.startswith(("import ", "from "))]
    assert len(lines) <= 10
