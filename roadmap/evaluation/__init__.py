"""From facts to stored verdicts: subjects are built, items judged, and what changed is written.

judge()                      # every account
judge([account.pk])          # these, and the organization-wide items they inherit
"""

from roadmap.evaluation.passes import Pass, judge

__all__ = ["Pass", "judge"]
