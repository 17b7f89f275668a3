"""The addresses of inventory's pages."""

from django.urls import path

from inventory.views import (
    accounts,
    bulk,
    campaigns,
    cells,
    change_sets,
    exports,
    imports,
    ownership,
    search,
    sheets,
)

app_name = "inventory"
urlpatterns = [
    path("accounts/", accounts.accounts, name="accounts"),
    path("bulk/", bulk.preview, name="bulk"),
    path("bulk/<int:pk>/", bulk.finish, name="bulk_finish"),
    path("accounts/<str:account_id>/confirm/", ownership.confirm, name="confirm"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="new_campaign"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("offers/<int:pk>/", ownership.answer_offer, name="answer_offer"),
    path("accounts/<int:pk>/drift/<slug:column>/", cells.decide_drift, name="drift"),
    path("cells/<slug:sheet>/<int:pk>/<slug:column>/", cells.cell, name="cell"),
    path("teams/", sheets.rows, {"sheet_name": "team"}, name="teams"),
    path("people/", sheets.rows, {"sheet_name": "person"}, name="people"),
    path("payers/", sheets.rows, {"sheet_name": "payer"}, name="payers"),
    path("root-mail-lists/", sheets.rows, {"sheet_name": "root_mail_list"}, name="root_mail_lists"),
    path("new/<slug:sheet>/", sheets.new_row, name="new_row"),
    path("export/<slug:format_name>/", exports.accounts, name="export"),
    path("search/", search.find, name="search"),
    path("import/", imports.start, name="import"),
    path("import/<uuid:pk>/", imports.mapping, name="import_mapping"),
    path("changes/", change_sets.change_sets, name="change_sets"),
    path("changes/<int:pk>/", change_sets.change_set, name="change_set"),
    path("changes/<int:pk>/apply/", change_sets.apply, name="change_set_apply"),
    path("changes/<int:pk>/undo/", change_sets.undo, name="change_set_undo"),
    path("changes/<int:pk>/decide/", change_sets.decide, name="decide_proposal"),
    path("changes/<int:pk>/discard/", change_sets.discard, name="change_set_discard"),
    path(
        "changes/<int:pk>/rows-with-errors.csv",
        change_sets.rows_with_errors,
        name="rows_with_errors",
    ),
]
