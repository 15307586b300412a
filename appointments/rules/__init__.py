"""The rules of booking as plain functions: no database, no clock inside."""
