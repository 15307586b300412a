"""The addresses of patients' records below /api/v1/."""

from django.urls import path

from .me import Dashboard, Me
from .merging import PatientMerge, PatientMergeUndo
from .nested import ContactPointDetail, ContactPoints, DependantDetail, Dependants
from .patients import PatientDetail, PatientInvitation, PatientRegistrations, Patients, PatientSearch

urlpatterns = [
    path("patients/", Patients.as_view()),
    path("patients/search/", PatientSearch.as_view()),
    path("patients/<uuid:patient_id>/", PatientDetail.as_view()),
    path("patients/<uuid:patient_id>/registrations/", PatientRegistrations.as_view()),
    path("patients/<uuid:patient_id>/invite/", PatientInvitation.as_view()),
    path("patients/<uuid:patient_id>/merge/", PatientMerge.as_view()),
    path("patients/<uuid:patient_id>/merge/undo/", PatientMergeUndo.as_view()),
    path("patients/<uuid:patient_id>/contact-points/", ContactPoints.as_view()),
    path("patients/<uuid:patient_id>/contact-points/<uuid:contact_point_id>/", ContactPointDetail.as_view()),
    path("patients/<uuid:patient_id>/dependants/", Dependants.as_view()),
    path("patients/<uuid:patient_id>/dependants/<uuid:dependant_id>/", DependantDetail.as_view()),
    path("me/", Me.as_view()),
    path("me/dashboard/", Dashboard.as_view()),
]
