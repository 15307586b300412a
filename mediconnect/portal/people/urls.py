"""Addresses of patients."""

from django.urls import path

from .views import dependants, finding, merging, record, registering, writing

urlpatterns = [
    path("patients/", finding.patients, name="patients"),
    path("patients/new/", registering.new_patient_page, name="new-patient"),
    path("patients/<uuid:patient>/", record.patient, name="patient"),
    path("patients/<uuid:patient>/person/", writing.person, name="patient-person"),
    path("patients/<uuid:patient>/notes/", writing.notes, name="patient-notes"),
    path("patients/<uuid:patient>/contacts/", writing.contacts, name="patient-contacts"),
    path("patients/<uuid:patient>/contacts/<uuid:contact>/", writing.contact, name="patient-contact"),
    path("patients/<uuid:patient>/dependants/", dependants.dependants, name="patient-dependants"),
    path("patients/<uuid:patient>/dependants/<uuid:other>/end/", dependants.end, name="patient-dependant-end"),
    path("patients/<uuid:patient>/merge/", merging.find, name="patient-merge-find"),
    path("patients/<uuid:patient>/merge/<uuid:other>/", merging.compare, name="patient-merge"),
    path("patients/<uuid:patient>/merges/<uuid:merge>/", merging.merge, name="patient-merged"),
    path("patients/<uuid:patient>/invitation/", writing.invitation, name="patient-invitation"),
]
