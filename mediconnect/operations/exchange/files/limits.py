"""How much of a file is read. Beyond, it is refused in words: no import of a clinic needs more at once."""

from typing import Final

# 10,000 patients with everything in it are about 1.5 MB of CSV.
MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 60
# Notes are the longest thing that a cell holds (4,000 characters); what is longer is no cell of ours.
LONGEST_CELL: Final = 5_000

# Inside a workbook: XML shrinks to a tenth, in a bomb to a thousandth. What 10,000 rows unpack to is below 30 MB.
MOST_UNPACKED: Final = 60_000_000
MOST_PARTS: Final = 500
