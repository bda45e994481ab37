"""LimeSurvey: structures and answers of every generation, read and written.

`structure` reads `.lss`, `.lsg`, `.lsq` and the tab-separated survey structure, `write` writes them;
`expressions` translates conditions; `answers`, `write_answers` and `remote` do the same for what was answered.
"""
