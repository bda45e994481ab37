"""The pages on simulations and open answers do what they show."""

import os
import shutil
from pathlib import Path

import pytest
from test_tutorial import ROOT, blocks, plain, ran, shown


@pytest.mark.parametrize("page", ["simulation.md", "open-answers.md"])
def test_every_block_prints_what_the_page_shows(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=(80, 24): os.terminal_size(fallback))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    if page == "simulation.md":
        shutil.copytree(ROOT / "examples" / "quartier2020", tmp_path / "quartier2020")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    found = blocks(page)
    assert found
    for language, code, output in found:
        assert plain(ran(language, code, names)) == plain(shown(language, code, output)), code
