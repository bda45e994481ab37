"""Compare the estimation engine with reference results: python scripts/run_oracles.py DIR [--engine memory]."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from oracles_runner.run import main

if __name__ == "__main__":
    sys.exit(main())
