"""Addresses of setup, where a clinic's admins say what it offers, where, when, by whom and under which rules."""

from django.urls import path

from .views import (
    closures,
    messages,
    messages_words,
    overbooking,
    overview,
    people,
    policies,
    providers,
    rooms,
    types,
    waitlist,
)

_WORDS = "<str:kind>/<str:channel>/<str:language>/"

urlpatterns = [
    path("setup/", overview.setup, name="setup"),
    path("setup/types/", types.types, name="setup-types"),
    path("setup/types/new/", types.new_type, name="setup-type-new"),
    path("setup/types/<uuid:kind>/", types.edit_type, name="setup-type"),
    path("setup/types/<uuid:kind>/providers/<uuid:provider>/", types.difference, name="setup-type-provider"),
    path("setup/rooms/", rooms.rooms, name="setup-rooms"),
    path("setup/rooms/new/", rooms.new_room, name="setup-room-new"),
    path("setup/rooms/<uuid:resource>/", rooms.edit_room, name="setup-room"),
    path("setup/closures/", closures.closures, name="setup-closures"),
    path("setup/closures/new/", closures.new_closure, name="setup-closure-new"),
    path("setup/closures/<uuid:closure>/", closures.edit_closure, name="setup-closure"),
    path("setup/closures/<uuid:closure>/withdraw/", closures.withdraw, name="setup-closure-withdraw"),
    path("setup/closures/<uuid:closure>/restore/", closures.restore, name="setup-closure-restore"),
    path("setup/policies/", policies.policies, name="setup-policies"),
    path("setup/waitlist/", waitlist.waitlist, name="setup-waitlist"),
    path("setup/waitlist/types/<uuid:kind>/", waitlist.waitlist_type, name="setup-waitlist-type"),
    path("setup/overbooking/", overbooking.overbooking, name="setup-overbooking"),
    path("setup/messages/", messages.messages, name="setup-messages"),
    path("setup/messages/types/<uuid:kind>/", messages.type_reminders, name="setup-messages-type"),
    path("setup/messages/words/", messages_words.all_words, name="setup-messages-words"),
    path(f"setup/messages/words/{_WORDS}", messages_words.edit_words, name="setup-messages-word"),
    path(f"setup/messages/words/{_WORDS}ours/", messages_words.ours_again, name="setup-messages-ours"),
    path("setup/people/", people.people, name="setup-people"),
    path("setup/people/invite/", people.invite, name="setup-invite"),
    path("setup/people/<uuid:member>/", people.edit_member, name="setup-member"),
    path("setup/people/<uuid:member>/link/", people.send_link, name="setup-member-link"),
    path("setup/people/<uuid:member>/remove/", people.remove, name="setup-member-remove"),
    path("setup/providers/new/", providers.new_provider, name="setup-provider-new"),
    path("setup/providers/<uuid:provider>/", providers.edit_provider, name="setup-provider"),
    path("setup/providers/<uuid:provider>/end/", providers.end, name="setup-provider-end"),
]
