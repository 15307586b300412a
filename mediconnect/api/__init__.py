"""What every API view shares: callers, problems, versions, pages."""
