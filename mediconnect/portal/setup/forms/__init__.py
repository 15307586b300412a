"""The forms of setup, in the words of people who run a clinic."""
