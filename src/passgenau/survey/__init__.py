"""What was asked and what was published: the questionnaire, and aggregates as printed.

Published results are a first-class input. Every statement keeps its hedge, its rank, its base with the
readings that stay open, and the sentence it stands in; `cross_check` finds what the two files say
against each other.
"""

from passgenau.survey.check import Finding, cross_check
from passgenau.survey.published import (
    BaseReading,
    Claim,
    Published,
    PublishedConcept,
    Return,
    Source,
    Statement,
)
from passgenau.survey.questionnaire import Item, Kind, Question, Questionnaire

__all__ = [
    "BaseReading",
    "Claim",
    "Finding",
    "Item",
    "Kind",
    "Published",
    "PublishedConcept",
    "Question",
    "Questionnaire",
    "Return",
    "Source",
    "Statement",
    "cross_check",
]
