"""Cairn's addresses, and beside them those of the floors and the peer of its pages."""

from django.urls import include, path

from bench import floors, peer

urlpatterns = [
    path("bench/bare/<int:size>/", floors.bare),
    path("bench/table/<int:rows>/", floors.table),
    path("bench/findings/<int:rows>/", floors.findings),
    path("bench/findings/json/<int:rows>/", floors.findings_json),
    path("bench/findings/by/<str:by>/", floors.finding_groups),
    path("bench/admin50/", peer.FIFTY.urls),
    path("bench/admin1000/", peer.THOUSAND.urls),
    path("", include("cairn.urls")),
]
