"""DDI-Codebook 2.5 and 2.6: what archives keep of a survey."""

from passgenau.formats.ddi.read import read_ddi
from passgenau.formats.ddi.write import write_ddi

__all__ = ["read_ddi", "write_ddi"]
