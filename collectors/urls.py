"""The addresses of runs and organizations."""

from django.urls import path, re_path

from collectors.views import contacts, organizations, pushes, runs

app_name = "collectors"
CONTACTS = "organizations/<str:organization_id>/contacts/"
ONE_PUSH = f"{CONTACTS}<int:push_id>/"
urlpatterns = [
    path("runs/", runs.run_list, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/resume/", runs.resume, name="resume"),
    path("runs/<int:run_id>/retry/", runs.retry, name="retry"),
    path("organizations/", organizations.organization_list, name="organizations"),
    path("organizations/connect/", organizations.connect_organization, name="connect"),
    re_path(
        r"^organizations/connect/cairn-(?P<kind>management|member|security)\.(?P<form>yaml|json)$",
        organizations.template,
        name="template",
    ),
    path("organizations/<str:organization_id>/", organizations.organization, name="organization"),
    path("accounts/<int:pk>/aws-contact/<str:kind>/", contacts.take_contact, name="take_contact"),
    path(CONTACTS, contacts.organization_contacts, name="contacts"),
    path(f"{CONTACTS}role/", contacts.contacts_role, name="contacts_role"),
    re_path(
        r"^organizations/(?P<organization_id>[^/]+)/contacts/cairn-contacts\.(?P<form>yaml|json)$",
        contacts.contacts_template,
        name="contacts_template",
    ),
    path(ONE_PUSH, pushes.contact_push, name="contact_push"),
    path(f"{ONE_PUSH}confirm/", pushes.confirm, name="confirm_push"),
    path(f"{ONE_PUSH}cancel/", pushes.cancel, name="cancel_push"),
    path(f"{ONE_PUSH}retry/", pushes.retry, name="retry_push"),
    path(f"{ONE_PUSH}undo/", pushes.undo, name="undo_push"),
    path(f"{ONE_PUSH}split/", pushes.split, name="split_push"),
    path(f"{ONE_PUSH}raise/", pushes.raise_ceiling, name="raise_push"),
    path("organizations/<str:organization_id>/collect/", runs.start, name="start"),
]
