"""The pages of sign-in: parse a form, call a service, show what it says."""
