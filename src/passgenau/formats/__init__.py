"""Other people's formats, one at a time: what they hold becomes a value of this project, and the other way round.

Here: GV100AD, the municipal register of the Statistisches Bundesamt. The formats of questionnaires and answers load
large libraries and are imported from their own files; `convert` tells them apart, reads any of them and writes another.

- `limesurvey`, `surveyjs`, `xlsform`, `ddi`, `spss`, `stata`, `scripts`: one format each
- `tables`, `spreadsheet`, `guessing`, `codebook`: CSV and workbooks, with and without a codebook
- `labelled`, `labelled_reading`, `labelled_writing`, `roles`: what data files with labels have in common
- `intake`, `exchange`: bytes within bounds; what every format takes and gives
- `public_use`: answers for everyone
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
