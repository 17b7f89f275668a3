"""What should be true of every account, and whether it is."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"

    def ready(self) -> None:
        from collectors import regions, runs
        from collectors.pushing import working
        from inventory.changes.apply import applied
        from inventory.outbox import bounces
        from roadmap import triggers
        from roadmap.grid import extend_account_list
        from roadmap.guardrails.regions import blocked_for
        from roadmap.search import answer_searches

        applied.connect(triggers.change_set_applied, dispatch_uid="roadmap.change_set_applied")
        bounces.changed.connect(triggers.address_changed, dispatch_uid="roadmap.address_changed")
        runs.run_finished.connect(triggers.run_finished, dispatch_uid="roadmap.run_finished")
        working.contacts_pushed.connect(
            triggers.contacts_pushed, dispatch_uid="roadmap.contacts_pushed"
        )
        if blocked_for not in regions.DECIDED_BY:
            regions.DECIDED_BY.append(blocked_for)
        extend_account_list()
        answer_searches()
