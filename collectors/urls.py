"""The addresses of runs and organizations."""

from django.urls import path, re_path

from collectors.views import contacts, organizations, runs

app_name = "collectors"
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
    path("organizations/<str:organization_id>/collect/", runs.start, name="start"),
]
