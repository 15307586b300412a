"""Error reports name the place of a failure and nothing about a person."""

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from mediconnect.telemetry.reports import scrubbed

NAME = "Anna Keller"


class Kept(Transport):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize().decode())


def test_a_report_has_the_class_and_the_place_and_no_words() -> None:
    kept = Kept()
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1",
        transport=kept,
        before_send=scrubbed,
        include_local_variables=True,
        include_source_context=False,  # this file's own lines hold the words that are looked for
        default_integrations=False,
        auto_session_tracking=False,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        scope.set_user({"email": "anna@patients.example"})
        scope.add_breadcrumb(message=f"opened the record of {NAME}")
        scope.set_extra("patient", NAME)
        try:
            int(NAME)
        except ValueError as error:
            scope.capture_exception(error)
    client.close()
    assert len(kept.sent) == 1
    assert "ValueError" in kept.sent[0]
    assert "test_reports.py" in kept.sent[0]
    assert NAME not in kept.sent[0]
    assert "anna@" not in kept.sent[0]
