"""The floor: a bare Django view that runs the statements of a booking, with nothing of ours around them."""

import datetime as dt
import json
import os
import pickle
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

from .plan import filled

if TYPE_CHECKING:
    from .plan import Statement

_PLAN: "list[Statement]" = pickle.loads(Path(os.environ["BENCHMARK_PLAN"]).read_bytes())


def book(request: HttpRequest) -> JsonResponse:
    """Run the statements with the values of this request, the first (who calls) outside the transaction, as we do."""
    wish = json.loads(request.body)
    start = dt.datetime.fromisoformat(wish["start"])
    day = start.replace(hour=0)
    values = {
        "provider": uuid.UUID(wish["provider"]),
        "patient": uuid.UUID(wish["patient"]),
        "start": start,
        "end": start + dt.timedelta(minutes=30),
        "day_from": day,
        "day_until": day + dt.timedelta(days=1),
        "visit": uuid.uuid4(),
        "fact": uuid.uuid4(),
        "registration": uuid.uuid4(),
        "key": os.urandom(16),
        "number": int.from_bytes(os.urandom(7), "big"),
    }
    first, *rest = _PLAN
    with connection.cursor() as cursor:
        cursor.execute(first.sql, filled(first.parameters, values))
        cursor.fetchall()
        with transaction.atomic():
            for statement in rest:
                cursor.execute(statement.sql, filled(statement.parameters, values))
                if cursor.description:
                    cursor.fetchall()
    answer = JsonResponse({"id": str(values["visit"])}, status=201)
    answer["Content-Length"] = len(answer.content)  # no middleware adds it here, and chunks would cost the floor
    return answer


urlpatterns = [path("book", book)]
application = get_wsgi_application()
