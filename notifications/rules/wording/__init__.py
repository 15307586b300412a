"""The words of messages: what they are made of, how they are filled in, what they cost, and what they must not say."""
