"""`passgenau public-use` said wrongly: one clear message and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from passgenau.cli import main


def test_without_a_specification_the_way_out_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted, out = tmp_path / "public_use.yaml", tmp_path / "puf"
    assert main(["public-use", str(tmp_path), "--spec", str(wanted), "--out", str(out), "--lang", "de"]) == 2
    said = capsys.readouterr().err
    assert f"Die Datei {wanted} gibt es nicht" in said
    assert "docs/public-use.md" in said
    assert not out.exists()
