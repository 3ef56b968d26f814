"""The modules that tests share are not installed: find them however pytest was started."""

import sys
from pathlib import Path

_CHECKOUT = str(Path(__file__).parents[2])
if _CHECKOUT not in sys.path:
    sys.path.insert(0, _CHECKOUT)
