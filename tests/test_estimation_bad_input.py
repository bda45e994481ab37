"""Input that cannot be used is named, in every engine; kinds of columns that can be used give the same everywhere."""

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passgenau.errors import DesignError, InputError
from passgenau.estimation import Design, Estimates, ItemSet, estimate, read_survey

ENGINES = ("memory", "duckdb")
ROWS = pl.DataFrame(
    {
        "psu": list(range(12)),
        "size": [40] * 12,
        "weight": [1.0, 2.0, 4.0] * 4,
        "yes": [1, 0, 0, 1, 1, 0] * 2,
        "number": [0.5, 1.5, 4.0] * 4,
        "word": ["ja", "nein", "nein"] * 4,
        "seen": [1, 1, 0] * 4,
    }
)
DESIGN = Design(weight="weight", ids=("psu",))


def _told(rows: pl.DataFrame, items: str | Sequence[str], engine: Any, **question: Any) -> str:
    with pytest.raises((InputError, DesignError)) as told:
        estimate(rows, items, engine=engine, **{"design": DESIGN, **question})
    return str(told.value)


def _shares(found: Estimates) -> list[tuple[str | None, float]]:
    return [(row.level, row.estimate) for row in found]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([[1, 2]] * 12, "List"),
        ([{"a": 1}] * 12, "Struct"),
        ([b"a"] * 12, "Binary"),
        ([dt.timedelta(hours=1)] * 12, "Duration"),
    ],
)
def test_a_column_of_lists_and_the_like_is_refused_by_name(values: list[Any], kind: str, engine: str) -> None:
    rows = ROWS.with_columns(odd=pl.Series(values))
    for question in ({"items": "odd"}, {"items": "yes", "by": "odd"}):
        told = _told(rows, engine=engine, **question)
        assert "field odd" in told
        assert kind in told


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_lists_that_nobody_asks_for_does_no_harm(engine: Any) -> None:
    rows = ROWS.with_columns(odd=pl.Series([[1, 2]] * 12))
    assert estimate(rows, "yes", design=DESIGN, engine=engine)[0].base == 12


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "values",
    [
        [dt.date(2026, 1, 1 + i % 3) for i in range(12)],
        [dt.datetime(2026, 1, 1, i % 3, tzinfo=None) for i in range(12)],  # noqa: DTZ001 -- as files have them
        [dt.time(8, i % 3) for i in range(12)],
    ],
)
def test_dates_and_times_are_categories(values: list[Any], engine: Any) -> None:
    rows = ROWS.with_columns(when=pl.Series(values))
    expected = [(str(value), 4 / 12) for value in values[:3]]
    assert _shares(estimate(rows, "when", design=Design(), engine=engine)) == expected
    assert _shares(estimate(read_survey(rows, Design()), "when")) == expected
    assert [row.by["when"] for row in estimate(rows, "yes", by="when", engine=engine)] == [
        level for level, _ in expected
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_decimal_numbers_are_numbers(tmp_path: Path, engine: Any) -> None:
    rows = ROWS.with_columns(
        pl.col("number", "weight").cast(pl.Decimal(10, 2)), half=pl.col("yes").cast(pl.Decimal(5, 2))
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(rows.to_arrow(), path)
    for data in (rows, path):
        found = estimate(data, ["number", "half"], design=DESIGN, by="half", engine=engine)
        assert [row.kind for row in found] == ["mean", "mean", "proportion", "proportion"]
        assert [row.by["half"] for row in found] == [0, 1, 0, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_of_16_bits_are_read_from_files(tmp_path: Path, engine: Any) -> None:
    path = tmp_path / "rows.parquet"
    table = ROWS.to_arrow()
    pq.write_table(table.append_column("short", table["number"].cast(pa.float16())), path)
    assert estimate(path, "short", engine=engine)[0].estimate == 2.0


@pytest.mark.parametrize("engine", ENGINES)
def test_hashes_of_64_bits_stay_apart(engine: Any) -> None:
    names = pl.Series([2**63 + i for i in range(12)], dtype=pl.UInt64)
    found = estimate(ROWS.with_columns(psu=names), "yes", design=DESIGN, by="psu", engine=engine)
    assert [row.by["psu"] for row in found] == list(range(2**63, 2**63 + 12))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", [[math.inf] * 12, [40.0] * 11 + [math.inf]])
def test_an_infinite_population_is_refused(size: list[float], engine: str) -> None:
    rows = ROWS.with_columns(size=pl.Series(size))
    assert 'Column "size"' in _told(rows, "yes", engine, design=Design(fpc=("size",)))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [pl.Null, pl.String, pl.Float64, pl.Boolean])
def test_an_item_without_any_answer_is_named_beside_others(kind: Any, engine: str) -> None:
    rows = ROWS.with_columns(empty=pl.Series([None] * 12, dtype=kind))
    assert '"empty": nobody' in _told(rows, ["yes", "empty"], engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_shares_of_numbers_with_decimals_are_refused(engine: str) -> None:
    assert "field number" in _told(ROWS, "number", engine, estimator="proportion")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_denominator_of_0_is_named(engine: Any) -> None:
    rows = ROWS.with_columns(zero=pl.lit(0.0), part=pl.when(pl.col("psu") < 6).then(1.0).otherwise(0.0))
    assert "sums to 0" in _told(rows, "number", engine, estimator="ratio", over="zero")
    found = estimate(
        rows,
        "number",
        design=DESIGN,
        estimator="ratio",
        over="part",
        by="seen",
        where="psu > 5 OR seen = 1",
        engine=engine,
    )
    assert [(row.method, math.isnan(row.estimate), math.isnan(row.se)) for row in found] == [
        ("none", True, True),
        ("t", False, False),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("where", ["number + 1", "5", "yes = 1 AND number + 1", "NOT 5", "word", "number = 'abc'"])
def test_what_is_no_condition_is_refused(where: str, engine: str) -> None:
    told = _told(ROWS, "yes", engine, where=where)
    assert "condition" in told or "cannot be evaluated" in told


@pytest.mark.parametrize("engine", ENGINES)
def test_a_truth_value_or_a_1_is_a_condition(engine: Any) -> None:
    rows = ROWS.with_columns(flag=pl.col("yes") == 1)
    for where in ("flag", "NOT flag", "flag AND number > 1", "yes"):
        expected = estimate(
            rows, "number", where=where.replace("flag", "yes").replace("yes", "(yes = 1)"), engine=engine
        )
        assert repr(estimate(rows, "number", where=where, engine=engine).rows) == repr(expected.rows)


def test_a_missing_number_meets_no_condition_in_rows_either() -> None:
    rows = ROWS.with_columns(number=pl.Series([math.nan, *ROWS["number"][1:]]))
    expected = estimate(rows, "yes", where="number > 1")[0]
    assert estimate(read_survey(rows, Design()), "yes", where="number > 1")[0].population == expected.population == 8


def test_a_condition_on_rows_is_read_as_elsewhere() -> None:
    survey = read_survey(ROWS, Design())
    assert estimate(survey, "yes", where="NUMBER > 1")[0].base == 8
    with pytest.raises(InputError, match="no column"):
        estimate(survey, "yes", where="nothing > 1")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"estimator": "median"}, 'No estimator "median"'),
        ({"replicates": "jkn"}, 'No replicates of kind "jkn"'),
        ({"interval": "exact"}, "mean, t, z"),
        ({"estimator": "quantile", "sets": [ItemSet(("number",), "seen")]}, "field sets"),
        ({"estimator": "quantile", "covariance": True}, "field covariance"),
    ],
)
def test_words_that_mean_nothing_are_refused(question: dict[str, Any], said: str) -> None:
    assert said in _told(ROWS, "number", "memory", **question)


def test_a_survey_takes_no_second_design() -> None:
    with pytest.raises(InputError, match="brings its design"):
        estimate(read_survey(ROWS, DESIGN), "yes", design=Design())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seen", [pl.col("word"), pl.col("seen") + 1])
def test_who_saw_a_question_is_told_by_0_and_1(seen: pl.Expr, engine: str) -> None:
    told = _told(ROWS.with_columns(seen=seen), "yes", engine, sets=[ItemSet(("yes",), "seen")])
    assert "field seen" in told


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_number_never_means_no(engine: str) -> None:
    rows = ROWS.with_columns(number=pl.Series([None, *ROWS["number"][1:]]))
    assert "field number" in _told(rows, "number", engine, sets=[ItemSet(("number",), "seen", "no")])


@pytest.mark.parametrize(("shown", "blank"), [(None, "no"), ("seen", "nein")])
def test_a_set_says_what_blank_cells_mean(shown: str | None, blank: Any) -> None:
    with pytest.raises(InputError, match="blank"):
        ItemSet(("yes",), shown, blank)


def _folder(folder: Path, first: pl.Series, second: pl.Series) -> Path:
    for name, column in (("a", first), ("b", second)):
        pq.write_table(ROWS.with_columns(odd=column).to_arrow(), folder / f"{name}.parquet")
    return folder


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pl.Series([1, 0] * 6), pl.Series([1.0, None] * 6)),
        (pl.Series([1, 0] * 6, dtype=pl.Int8), pl.Series([1, None] * 6, dtype=pl.Int32)),
        (pl.Series([1, 0] * 6), pl.Series([None] * 12)),
        (pl.Series(["1", "0"] * 6), pl.Series(["1", None] * 6, dtype=pl.Categorical)),
        (pl.Series([None] * 12), pl.Series(["1", "0"] * 6)),
    ],
)
def test_files_of_a_folder_may_hold_a_column_in_kinds_of_one_sort(
    tmp_path: Path, first: pl.Series, second: pl.Series, engine: Any
) -> None:
    found = estimate(_folder(tmp_path, first, second), "odd", design=Design(weight="weight"), engine=engine)
    expected = pl.concat([ROWS.with_columns(odd=column.cast(pl.String).cast(pl.Float64)) for column in (first, second)])
    yes = [row for row in found if row.level in {None, "1"}]
    assert [row.estimate for row in yes] == [estimate(expected, "odd", design=Design(weight="weight"))[0].estimate]


@pytest.mark.parametrize("engine", ENGINES)
def test_files_of_a_folder_hold_either_numbers_or_words(tmp_path: Path, engine: Any) -> None:
    folder = _folder(tmp_path, pl.Series([1, 0] * 6), pl.Series(["1", "0"] * 6))
    with pytest.raises(InputError, match=r"b\.parquet, field odd: The column holds other values here"):
        estimate(folder, "odd", engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_na_among_numbers_is_missing_and_among_words_a_word(tmp_path: Path, engine: Any) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("yes,number,flag,land\n1,NA,TRUE,NA\nNA,1.5,NA,DE\n0,2.5,FALSE,FR\n", encoding="utf-8")
    found = estimate(path, ["yes", "number", "flag"], engine=engine)
    assert [(row.kind, row.base, row.estimate) for row in found] == [
        ("proportion", 2, 0.5),
        ("mean", 2, 2.0),
        ("proportion", 2, 0.5),
    ]
    assert [row.level for row in estimate(path, "land", engine=engine)] == ["DE", "FR", "NA"]
    with pytest.raises(InputError, match="line 2, field number"):
        estimate(path, "yes", design=Design(weight="number"), engine=engine)
