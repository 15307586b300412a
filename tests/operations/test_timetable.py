"""The queue's schedules say what `schedule.py` says."""

import pytest
from django.core.management import call_command
from django_q.models import Schedule

from mediconnect.operations.workers.timetable import write_timetable
from mediconnect.schedule import SCHEDULE, Job

pytestmark = pytest.mark.django_db


def test_the_table_is_written_once() -> None:
    assert write_timetable() == (len(SCHEDULE), 0)
    assert write_timetable() == (0, 0)
    assert set(Schedule.objects.values_list("name", "func", "cluster")) == {
        (j.name, j.function, j.cluster) for j in SCHEDULE
    }


def test_a_row_that_no_job_describes_goes() -> None:
    Schedule.objects.create(name="by hand", func="os.getpid")
    Schedule.objects.create(func="os.getpid")
    Schedule.objects.create(name=SCHEDULE[0].name, func=SCHEDULE[0].function)
    _, removed = write_timetable()
    assert removed >= 2
    assert set(Schedule.objects.values_list("name", flat=True)) == {job.name for job in SCHEDULE}
    assert Schedule.objects.count() == len(SCHEDULE)


def test_a_changed_row_is_put_right() -> None:
    write_timetable()
    Schedule.objects.filter(name=SCHEDULE[0].name).update(func="os.getpid", hook="os.getpid")
    assert write_timetable() == (1, 0)
    row = Schedule.objects.get(name=SCHEDULE[0].name)
    assert (row.func, row.hook) == (SCHEDULE[0].function, None)


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schedules")
    assert f"{len(SCHEDULE)} new or changed, 0 removed" in capsys.readouterr().out


@pytest.mark.parametrize("times", [{}, {"minutes": 1, "cron": "* * * * *"}])
def test_a_job_has_exactly_one_time(times: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either"):
        Job(name="neither", function="x", **times)  # type: ignore[arg-type]
