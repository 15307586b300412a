"""The three widths at which every page is looked at."""

from typing import Final

from playwright.sync_api import ViewportSize

DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
