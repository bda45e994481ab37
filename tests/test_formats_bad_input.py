"""Files cut off, mutilated, oversized or made to do harm: refused with one clear message, or read within bounds."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import InputError
from passgenau.formats import labelled_reading
from passgenau.formats.convert import FORMATS, read_any, write_any
from passgenau.formats.exchange import Imported
from passgenau.formats.spreadsheet import write_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV = "Wo?;Themen_a;Themen_b;Tage;Wann\n" + "geplant;1;0;3;2024-01-02\nläuft;0;1;40,5;03.04.2024\n" * 5
LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>263</DBVersion>
<languages><language>de</language></languages>
<groups><rows><row><gid>1</gid><sid>9</sid><group_name>G</group_name><group_order>1</group_order>
<language>de</language></row></rows></groups>
<questions><rows><row><qid>2</qid><sid>9</sid><gid>1</gid><type>L</type><title>Q1</title><question>Wo?</question>
<question_order>1</question_order><language>de</language></row></rows></questions>
<answers><rows><row><qid>2</qid><code>A1</code><answer>Hier</answer><sortorder>1</sortorder><language>de</language>
</row></rows></answers>
<surveys><rows><row><sid>9</sid><language>de</language></row></rows></surveys>
<surveys_languagesettings><rows><row><surveyls_survey_id>9</surveyls_survey_id><surveyls_language>de</surveyls_language>
<surveyls_title>Titel</surveyls_title></row></rows></surveys_languagesettings></document>
"""
SURVEYJS = '{"title": "T", "pages": [{"name": "p", "elements": [{"type": "text", "name": "q", "title": "Wo?"}]}]}'
YAML = "questions:\n  - {id: q, type: text, text: Wo?}\n"


def _table() -> Imported:
    return read(CSV.encode(), "a.csv")


def read(content: bytes, name: str) -> Imported:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read_any(path)


def _old_stata() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dta"
        pyreadstat.write_dta(pd.DataFrame({"q": [1.0, 2.0]}), path, version=10, variable_value_labels={"q": {1: "ja"}})
        return path.read_bytes()


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    table = _table()
    return {
        "a.csv": CSV.encode("cp1252"),
        "b.csv": CSV.encode("utf-16"),
        "a.xlsx": write_any(table, "xlsx", name="a.xlsx").files["a.xlsx"],
        "a.sav": write_any(table, "spss", name="a.sav").files["a.sav"],
        "a.dta": write_any(table, "stata", name="a.dta").files["a.dta"],
        "old.dta": _old_stata(),
        "a.lss": LSS.encode(),
        "a.json": SURVEYJS.encode(),
        "a.yaml": YAML.encode(),
    }


NAMES = ["a.csv", "b.csv", "a.xlsx", "a.sav", "a.dta", "old.dta", "a.lss", "a.json", "a.yaml"]
QUICK = [name for name in NAMES if not name.endswith((".sav", ".dta"))]


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_file_is_read(name: str, samples: dict[str, bytes]) -> None:
    assert read(samples[name], name).questionnaire is not None


@pytest.mark.parametrize("name", QUICK)
@given(data=st.data())
@settings(max_examples=20, deadline=None, database=None)
def test_a_mutilated_file_is_read_or_refused(name: str, samples: dict[str, bytes], data: st.DataObject) -> None:
    _read_or_refused(_mutilated(samples[name], data), name)


@pytest.mark.parametrize("name", ["a.sav", "a.dta", "old.dta"])
@given(data=st.data())
@settings(max_examples=2, deadline=None, database=None)  # each is read in a process of its own, which takes a second
def test_a_mutilated_data_file_is_read_or_refused(name: str, samples: dict[str, bytes], data: st.DataObject) -> None:
    _read_or_refused(_mutilated(samples[name], data), name)


def test_a_file_that_crashes_the_library_is_refused(monkeypatch: pytest.MonkeyPatch, samples: dict[str, bytes]) -> None:
    monkeypatch.setattr(labelled_reading, "_REHEARSAL", "import os; os.abort()")
    with pytest.raises(InputError, match=r"a\.sav: The file is damaged"):
        read(samples["a.sav"], "a.sav")


def _mutilated(sample: bytes, data: st.DataObject) -> bytes:
    content = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "repeat"])):
            case "flip":
                content[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 64))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
            case _:
                content[place:place] = content[place : place + 32]
    return bytes(content)


@given(st.binary(max_size=300), st.sampled_from(sorted({e for f in FORMATS.values() for e in f.endings} | {".bin"})))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes, ending: str) -> None:
    _read_or_refused(content, f"a{ending}")


def _read_or_refused(content: bytes, name: str) -> None:
    with suppress(InputError):
        assert isinstance(read(content, name), Imported)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("name", ["a.xlsx", "a.sav", "a.dta", "a.lss", "a.json"])
def test_a_file_cut_off_is_refused_and_named(name: str, share: float, samples: dict[str, bytes]) -> None:
    content = samples[name]
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read(content[: int(len(content) * share)], name)


def test_entities_are_never_resolved() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for head in (bomb, outside):
        content = LSS.replace('<?xml version="1.0" encoding="UTF-8"?>', head).replace("Wo?", "&b;&x;")
        with pytest.raises(InputError, match=r"a\.lss"):
            read(content.encode(), "a.lss")


@pytest.mark.parametrize("form", ["xlsx", "xlsform"])
def test_a_workbook_whose_parts_declare_a_document_type_is_refused(form: str, tmp_path: Path) -> None:
    rows: Iterator[list[str | float | None]] = iter([["type", "name", "label"], ["text", "q", "What?"]])
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_sheets({"survey": rows}))) as book,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for part in book.namelist():
            text = book.read(part).decode()
            head = '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst '
            changed.writestr(part, text.replace("<sst ", head).replace("What?", "&x;"))
    path = tmp_path / "a.xlsx"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match=r"a\.xlsx/xl/sharedStrings\.xml: The file declares a document type"):
        read_any(path, form=form)


def test_a_zip_bomb_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (300 * 2**20))
    for name in ("a.xlsx", "a.lsa"):
        with pytest.raises(InputError, match=name.replace(".", r"\.")):
            read(buffer.getvalue(), name)


_MEASURED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
from passgenau.errors import InputError
from passgenau.formats.convert import read_any
try:
    read_any(Path(sys.argv[1]))
except InputError as error:
    print(error)
# Unlike ru_maxrss, the mark in /proc begins anew with the program and forgets the memory of its parent.
status = Path("/proc/self/status").read_text()
print("peak", int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.parametrize("name", ["a.csv", "a.sav", "a.dta", "a.lss", "a.xlsx", "a.json", "a.yaml"])
def test_two_gigabytes_are_refused_within_little_memory(name: str, tmp_path: Path, samples: dict[str, bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(samples[name])
    os.truncate(path, 2 * 2**30)
    done = subprocess.run([sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=True)  # noqa: S603 -- the interpreter of the tests
    assert name in done.stdout
    assert int(done.stdout.split()[-1]) < 700


def test_results_that_would_take_many_times_their_size_are_refused(tmp_path: Path) -> None:
    survey, results = tmp_path / "a.json", tmp_path / "results.json"
    survey.write_text(SURVEYJS)
    results.write_text("[]")
    os.truncate(results, 300 * 2**20)
    with pytest.raises(InputError, match=r"results\.json: 300 MB are more than is read here \(256 MB\)"):
        read_any(survey, results)
