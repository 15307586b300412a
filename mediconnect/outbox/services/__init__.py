"""The verbs of the outbox: publish a fact, relay what is due, queue a dead delivery again."""
