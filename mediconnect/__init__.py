"""MediConnect: clinic visits that cannot be sold twice."""
