"""What keeps one sick neighbour from stopping the clinic: limits, retries, transactions that restart."""
