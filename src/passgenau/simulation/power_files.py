"""What was found about a design, as CSV and JSON."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING

from passgenau.simulation.power import SCENARIOS
from passgenau.simulation.simulate import SYNTHETIC

if TYPE_CHECKING:
    from passgenau.simulation.power import ComparisonPower, ItemPower, Power

_COLUMNS = (
    *("kind", "question", "item", "audience", "other_audience", "share", "share_source", "answering", "population"),
    *("lower", "upper", "coverage_mcar", "coverage_size", "coverage_interest"),
    *("bias_mcar", "bias_size", "bias_interest", "difference", "power_holm", "detectable", "method"),
)


def power_csv(power: Power) -> bytes:
    """Return the items and comparisons of a design as one CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_item(item) for item in power.items)
    writer.writerows(_comparison(comparison) for comparison in power.comparisons)
    return out.getvalue().encode("utf-8")


def _item(item: ItemPower) -> dict[str, object]:
    scenarios = {f"coverage_{name}": _number(item.coverage[name]) for name in SCENARIOS}
    scenarios |= {f"bias_{name}": _number(item.bias[name]) for name in SCENARIOS}
    return {
        "kind": "interval",
        "question": item.question,
        "item": item.item,
        "audience": item.audience,
        "share": _number(item.share),
        "share_source": item.share_source,
        "answering": item.answering,
        "population": item.population,
        "lower": _number(item.lower),
        "upper": _number(item.upper),
        "method": item.method,
        **scenarios,
    }


def _comparison(comparison: ComparisonPower) -> dict[str, object]:
    return {
        "kind": "comparison",
        "question": comparison.question,
        "item": comparison.item,
        "audience": comparison.audience_a,
        "other_audience": comparison.audience_b,
        "share_source": "known" if comparison.known else "worst_case",
        "difference": _number(comparison.difference),
        "power_holm": _number(comparison.power),
        "detectable": _number(comparison.detectable),
        "method": comparison.method,
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def power_json(power: Power) -> bytes:
    """Return all that was found about a design as JSON."""
    tree = dataclasses.asdict(power) | {
        "synthetic": {"de": SYNTHETIC.de, "en": SYNTHETIC.en},
        "sentences": [{"de": sentence.de, "en": sentence.into("en")} for sentence in power.sentences],
        "scenarios": {name: {"de": text.de, "en": text.into("en")} for name, text in SCENARIOS.items()},
    }
    return (json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")
