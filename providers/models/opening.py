"""The hours as ranges: what every reader reads, and what no visit may stand outside of."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from .clinic import Clinic
from .resource import Resource


class Opening(models.Model):
    """A stretch of time in which a resource may be booked at a clinic. Written by the expansion of hours, and by nobody else.

    Openings of a resource in a clinic never overlap; adjoining ones count as one. `serves` lists the appointment types
    that may be booked in it; NULL means all of them.
    """

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="openings")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    serves = ArrayField(models.UUIDField(), null=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="openings_of_a_resource_are_disjoint",
                expressions=[
                    (F("resource"), RangeOperators.EQUAL),
                    (F("clinic"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="an_opening_has_a_length_and_ends",
            ),
        ]
        triggers: ClassVar = [
            # A reader of an old snapshot would miss the visit that was booked meanwhile (reliability.md, T1).
            pgtrigger.Trigger(
                name="openings_are_edited_read_committed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF current_setting('transaction_isolation') <> 'read committed' THEN
                        RAISE EXCEPTION 'openings are edited under READ COMMITTED' USING ERRCODE = '25001';
                    END IF;
                    RETURN coalesce(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.during.lower} to {self.during.upper}"
