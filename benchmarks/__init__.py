"""How fast, and how we know: ratios taken in one run on one machine, against a floor that does the same work bare."""
