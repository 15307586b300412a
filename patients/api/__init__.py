"""The doors to patients' records: for the desk, and for patients themselves."""
