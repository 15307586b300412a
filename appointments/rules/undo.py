"""How long a slipped hand has to take a step back."""

import datetime as dt
from typing import Final

# Long enough for a slipped hand, short enough that nobody has been told yet (rulings.md, 7).
UNDO_CANCELLATION: Final = dt.timedelta(minutes=2)
