"""From the questionnaire to the seat in the room.

passgenau finds out which training municipalities need, and plans exactly that training.
Every step is a plain function from frozen values to a frozen value; see `passgenau.study`.
"""

__version__ = "0.1.0"
