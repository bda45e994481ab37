"""Engines: whatever reads rows once and answers a query with sums (`passgenau.estimation.sums.Source`).

`sources` opens data, `duckdb` and `spark` sum through the Ibis expressions of `ibis_query`, `memory` through a
kernel of its own; `structure` turns grouped cells into a checked design.
"""
