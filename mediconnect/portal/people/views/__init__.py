"""The doors of patients."""
