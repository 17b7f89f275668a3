"""The addresses of the roadmap's pages."""

from django.urls import path

from roadmap.views import (
    accounts,
    answering,
    attestations,
    check_moves,
    checks,
    exceptions,
    findings,
    guardrails,
    orphans,
    overview,
    people,
    scan_imports,
    settings,
    stages,
    supposing,
    teams,
    work,
)

app_name = "roadmap"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("accounts/<str:account_id>/", accounts.account, name="account"),
    path(
        "accounts/<str:account_id>/items/<slug:stage>/<slug:slug>/",
        accounts.verdict,
        name="verdict",
    ),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("orphans/", orphans.orphan_list, name="orphans"),
    path("people/<path:email>/", people.person, name="person"),
    path("my-work/", work.my_work, name="my_work"),
    path("my-work/answers/<int:pk>/renew/", work.renew, name="renew"),
    path("roadmap/", stages.stages, name="stages"),
    path("roadmap/<slug:stage>/<slug:slug>/", stages.item, name="item"),
    path(
        "roadmap/<slug:stage>/<slug:slug>/attest/<slug:level>/<str:target>/",
        attestations.attest,
        name="attest",
    ),
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/export/<str:format_name>/", findings.export, name="export_findings"),
    path("attestations/", answering.register, name="attestations"),
    path("attestations/many/", answering.many, name="answer_many"),
    path("attestations/import/", answering.read, name="import_answers"),
    path("attestations/<int:pk>/withdraw/", attestations.withdraw, name="withdraw"),
    path("exceptions/", exceptions.register, name="exceptions"),
    path("exceptions/ask/", exceptions.ask, name="ask_exception"),
    path("exceptions/<int:pk>/", exceptions.decide, name="decide_exception"),
    path("findings/import/", scan_imports.start, name="import_findings"),
    path(
        "findings/import/security-hub/<organization_id>/",
        scan_imports.read_security_hub,
        name="read_security_hub",
    ),
    path("findings/imports/", scan_imports.imports, name="scan_imports"),
    path("findings/imports/<int:pk>/", scan_imports.scan_import, name="scan_import"),
    path(
        "findings/imports/<int:pk>/cancel/", scan_imports.cancel_import, name="cancel_scan_import"
    ),
    path("findings/checks/", checks.checks, name="checks"),
    path("findings/checks/<int:pk>/", checks.check, name="check"),
    path("findings/checks/move/", check_moves.move_many, name="move_checks"),
    path("findings/checks/moves/<int:pk>/", check_moves.bulk_move, name="bulk_move"),
    path("findings/checks/moves/<int:pk>/undo/", check_moves.undo, name="undo_bulk_move"),
    path("guardrails/", guardrails.matrix, name="guardrails"),
    path("guardrails/policies/<slug:policy_id>/", guardrails.policy, name="policy"),
    path("guardrails/try/", supposing.page, name="guardrails_try"),
    path("settings/", settings.settings, name="settings"),
    path("settings/<slug:name>/", settings.setting, name="setting"),
]
