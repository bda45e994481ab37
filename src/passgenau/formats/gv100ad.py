"""Next year's register: from a GV100AD file to a CSV file that a study names as its frame.

GV100AD has no coordinates. `import_frame` joins them from the built-in register by key, lists the
units that it does not know, and tells what has changed, so that a new register needs no programmer.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from passgenau.errors import InputError
from passgenau.formats.gv100ad_join import Change, FrameLine, Imported, import_register
from passgenau.frame import Tier, load_register
from passgenau.text import Text


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: the file it wrote, what it holds, and what a person should look at."""

    file: str  # the GV100AD file
    out: str  # the CSV file written
    imported: Imported
    population: int  # inhabitants of all rows
    texts: tuple[Text, ...]  # the report in sentences, one per line

    @property
    def unmatched(self) -> tuple[FrameLine, ...]:
        """Rows without coordinates, which must be filled in before the file can be used."""
        return self.imported.unmatched


def import_frame(path: Path, out: Path, tier: Tier) -> ImportReport:
    """Turn a GV100AD file into a CSV file that a study names as ``frame: {file: …}``.

    Parameters
    ----------
    path
        The GV100AD file.
    out
        The CSV file to write; it appears whole or not at all, and replaces one of the same name.
    tier
        Districts or municipalities.

    Returns
    -------
    ImportReport
        Counts, the units without coordinates, and the report in sentences.

    Raises
    ------
    InputError
        As for `import_register`; or `out` cannot be written, or is the GV100AD file itself.

    Notes
    -----
    A unit without coordinates is written with empty cells rather than left out: leaving it out
    would change the size of the population without a word, while an empty cell is named, with
    its line, by the first command that uses the file.
    """
    if out.resolve() == path.resolve():
        raise InputError.of(
            f"{out} ist die Quelldatei selbst.",
            f"{out} is the source file itself.",
            hint=Text("Mit --out einen anderen Namen angeben.", "Give another name with --out."),
        )
    imported = import_register(path, load_register(), tier)
    _write(out, to_csv(imported.rows))
    texts = tuple(_report(imported, path.name, out.name))
    return ImportReport(path.name, str(out), imported, sum(row.population for row in imported.rows), texts)


def to_csv(rows: Iterable[FrameLine]) -> str:
    """Return rows as CSV: comma, LF, the columns of `FrameLine`; what is not known stays empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(field.name for field in fields(FrameLine))
    writer.writerows(astuple(row) for row in rows)
    return buffer.getvalue()


def _write(out: Path, text: str) -> None:
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):  # the folder itself may not exist
            part.unlink()
        raise InputError.of(
            f"{out} lässt sich nicht schreiben: {error.strerror}.",
            f"{out} cannot be written: {error.strerror}.",
            hint=Text(
                "Gibt es den Ordner, und darf in ihn geschrieben werden?",
                "Does the folder exist, and may it be written to?",
            ),
        ) from None


_UNITS = {"district": Text("Kreise", "districts"), "municipality": Text("Gemeinden", "municipalities")}
_SHOWN = 10  # units that a sentence lists; the values list all


def _report(imported: Imported, file: str, out: str) -> Iterator[Text]:
    units, rows = _UNITS[imported.tier], imported.rows
    people = sum(row.population for row in rows)
    yield Text(
        f"{out} geschrieben aus {file}, Stand {imported.status:%d.%m.%Y}: "
        f"{units.de} {_de(len(rows))}, Einwohner {_de(people)}.",
        f"{out} written from {file}, status {imported.status}: {units.en} {len(rows):,}, inhabitants {people:,}.",
    )
    old, new = imported.common_population
    yield Text(
        f"Davon auch im eingebauten Register: {_de(imported.common)}, Einwohner dort {_de(old)}, hier {_de(new)}.",
        f"Of these also in the built-in register: {imported.common:,}, inhabitants there {old:,}, here {new:,}.",
    )
    if imported.unincorporated:
        yield Text(
            f"Gemeindefreie Gebiete ausgelassen: {imported.unincorporated} (ihre Fläche zählt zum Kreis).",
            f"Unincorporated areas left out: {imported.unincorporated} (their area counts for the district).",
        )
    if imported.unmatched:
        listed = _listed([f"{row.key} {row.name}" for row in imported.unmatched])
        yield Text(
            f"Ohne Koordinaten: {listed.de}. Vor der Verwendung lat und lon in {out} ergänzen.",
            f"Without coordinates: {listed.en}. Fill in lat and lon in {out} before using it.",
        )
    yield from _change_texts(imported)
    if imported.absent_districts:
        listed = _listed([f"{unit.key} {unit.label}" for unit in imported.absent_districts])
        yield Text(
            f"Kreise dieser Länder, die nicht in der Datei stehen (Auszug, oder aufgelöst?): {listed.de}.",
            f"Districts of these states that are not in the file (an excerpt, or dissolved?): {listed.en}.",
        )
    yield Text(
        f"In study.yaml: frame: {{file: {out}, tier: {imported.tier}}}.",
        f"In study.yaml: frame: {{file: {out}, tier: {imported.tier}}}.",
    )


_CHANGES = {
    "new": Text("Neu", "New"),
    "vanished": Text("Nicht mehr im Verzeichnis", "No longer in the register"),
    "renamed": Text("Umbenannt", "Renamed"),
    "retyped": Text("Mit anderem Status", "With another status"),
}


def _change_texts(imported: Imported) -> Iterator[Text]:
    for what, title in _CHANGES.items():
        changes = [change for change in imported.changes if change.what == what]
        if changes:
            listed = _listed([_change(change) for change in changes])
            yield Text(f"{title.de}: {listed.de}.", f"{title.en}: {listed.en}.")


def _change(change: Change) -> str:
    return f"{change.key} {' → '.join(part for part in (change.before, change.after) if part)}"


def _listed(items: Sequence[str]) -> Text:
    shown, rest = "; ".join(items[:_SHOWN]), len(items) - _SHOWN
    return Text(f"{shown} und {_de(rest)} weitere", f"{shown} and {rest:,} more") if rest > 0 else Text(shown, shown)


def _de(number: int) -> str:
    return f"{number:,}".replace(",", ".")
