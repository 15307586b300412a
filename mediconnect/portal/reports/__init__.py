"""What a clinic's visits amount to over a range of days: figures, plots, tables and files."""
