"""Evaluation: who is asked what after the training, and what the next survey should ask.

`evaluation_plan` derives instruments, dates and numbers from a plan; `next_wave` names the
questions whose answers could still change the programme, and those that need not be asked again.
"""

from passgenau.evaluation.after import evaluation_plan
from passgenau.evaluation.model import EvaluationPlan, Instrument, Level, NextQuestion, Uncertainty
from passgenau.evaluation.wave import next_wave

__all__ = [
    "EvaluationPlan",
    "Instrument",
    "Level",
    "NextQuestion",
    "Uncertainty",
    "evaluation_plan",
    "next_wave",
]
