"""The one door for every call to somebody else's service: it ends in time, it is counted, and it tells nobody about anybody."""

from mediconnect.resilience.gateway.door import Gateway, gateway
from mediconnect.resilience.gateway.guarding import Guard
from mediconnect.resilience.gateway.terms import BATCH, REAL_TIME, Answer, Limits, Request

__all__ = ["BATCH", "REAL_TIME", "Answer", "Gateway", "Guard", "Limits", "Request", "gateway"]
