"""What is asked about messages: where a person can be reached, what is planned, what was said."""

from .addresses import Address, Destination, Destinations, address_of, destinations_of

__all__ = ["Address", "Destination", "Destinations", "address_of", "destinations_of"]
