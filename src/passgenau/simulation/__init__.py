"""Invented returns over real populations: to try an analysis before there are answers, and a design before fieldwork.

`simulate` invents a full return: who answers, how often and what, correlated within organisations and counted out
to published shares where there are any; with it comes the truth that estimates can be checked against. `power_of`
tells what a survey can be expected to find. `folder_files` makes a study folder that says everywhere what it is.
Nothing in here says anything about a real organisation. `docs/simulation.md`.
"""

from passgenau.simulation.assumptions import AssumedReturn, SimulationAssumptions
from passgenau.simulation.folder import NOTICE, folder_files
from passgenau.simulation.margins import Met
from passgenau.simulation.power import ComparisonPower, ItemPower, Power, power_of
from passgenau.simulation.power_files import power_csv, power_json
from passgenau.simulation.simulate import SYNTHETIC, Simulation, simulate
from passgenau.simulation.truth import TrueMean, TrueReturn, TrueShare, Truth

__all__ = [
    "NOTICE",
    "SYNTHETIC",
    "AssumedReturn",
    "ComparisonPower",
    "ItemPower",
    "Met",
    "Power",
    "Simulation",
    "SimulationAssumptions",
    "TrueMean",
    "TrueReturn",
    "TrueShare",
    "Truth",
    "folder_files",
    "power_csv",
    "power_json",
    "power_of",
    "simulate",
]
