"""Demand per audience and topic.

A wish is what a survey says of one topic for one audience, with its status (published, estimated,
asked without a number, not asked), its limits and draws of its uncertainty. Minimum requirements and
role tasks, the other two sources of a module's place, are decisions and stand in the curriculum
room; the three are never blended.
"""

from passgenau.needs.assess import assess, draw_populations, draw_share
from passgenau.needs.model import AssumedShare, Needs, Wish, WishStatus

__all__ = ["AssumedShare", "Needs", "Wish", "WishStatus", "assess", "draw_populations", "draw_share"]
