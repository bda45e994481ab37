"""Other people's formats, one at a time: what they hold becomes a value of this project, and the other way round.

Here so far: GV100AD, the municipal register of the Statistisches Bundesamt. Formats that load a
large library are imported from their own file.
"""

from passgenau.formats.gv100ad import ImportReport, import_frame, to_csv
from passgenau.formats.gv100ad_join import Change, FrameLine, Imported, import_register
from passgenau.formats.gv100ad_records import GvRecord, read_gv100ad

__all__ = [
    "Change",
    "FrameLine",
    "GvRecord",
    "ImportReport",
    "Imported",
    "import_frame",
    "import_register",
    "read_gv100ad",
    "to_csv",
]
