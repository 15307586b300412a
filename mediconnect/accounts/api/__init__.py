"""How API calls prove who makes them."""
