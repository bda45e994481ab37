"""Compares the estimation engine with reference results: reads the case files, asks the engine, judges the numbers."""
