"""The job queue (django-q2 on our own database) and the road of facts.

`retry` runs from the moment a task is taken, not from its start: with `queue_limit` tasks waiting before each worker it
must exceed `timeout * (queue_limit / workers + 2)`, or a task that is only late runs twice.
"""

from mediconnect import env

FACT_HANDLERS = "mediconnect.wiring.HANDLERS"

# Which clusters the supervisor starts here; the others wait for the steps that fill them.
CLUSTERS = env.listing("CLUSTERS", ("default",))

Q_CLUSTER = {
    "name": "default",
    "orm": "default",  # an enqueue commits with the booking, or not at all
    "broker_class": "mediconnect.operations.workers.broker.GatedBroker",  # in order, and only what schedule.py lists
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 30,  # seconds; half a delivery's lease
    "retry": 120,
    "max_attempts": 5,
    "ack_failures": True,  # our own rows say what is still to be done; the next sweep finds it
    "save_limit": 0,  # any other value locks every result row after each task; schedule.py purges instead
    "catch_up": False,
    "poll": 0.2,
    "label": "Jobs",
    "log_level": "WARNING",
    "ALT_CLUSTERS": {
        "notifications": {"workers": 2, "queue_limit": 2},
        "reminders": {"workers": 2, "queue_limit": 2},
        "ehr": {"workers": 2, "queue_limit": 2, "timeout": 180, "retry": 900},
    },
}
