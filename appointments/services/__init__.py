"""What can be done with time: each verb one decision in one transaction."""
