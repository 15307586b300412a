"""The job queue (django-q2 on our own database) and the road of facts.

`retry` runs from the moment a task is taken, not from its start: with `queue_limit` tasks waiting before each worker it
must exceed `timeout * (queue_limit / workers + 2)`, or a task that is only late runs twice.
"""

from mediconnect import env

FACT_HANDLERS = "mediconnect.wiring.HANDLERS"

# Which clusters the supervisor starts here; the other waits for the step that fills it.
CLUSTERS = env.listing("CLUSTERS", ("default", "notifications", "reminders"))

# Calls a second to the services that carry messages, of all workers together. The default is what ten senders manage.
SENDS_PER_SECOND = {
    "sms": env.integer("SMS_PER_SECOND", 60, minimum=1, maximum=10_000),
    "email": env.integer("EMAIL_PER_SECOND", 60, minimum=1, maximum=10_000),
}

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
        # One claim loop with ten sender threads; a second loop is a second host's, or a second cluster's.
        "notifications": {"workers": 1, "queue_limit": 1},
        "reminders": {"workers": 2, "queue_limit": 2},
        "ehr": {"workers": 2, "queue_limit": 2, "timeout": 180, "retry": 900},
    },
}
