import pytest

from tests.portal.reports.clinic import Week, week


@pytest.fixture(name="week")
def _week(db: None) -> Week:
    return week()
