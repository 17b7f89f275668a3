"""Planted credentials that nobody has reason to use raise an alarm when somebody does.

People register the tokens. An access key is looked up among the users of its account, by the end
of its id (iam:ListAccessKeys, GetAccessKeyLastUsed), and what its user may do in
iam:GetAccountAuthorizationDetails. Tokens of others, such as a document that calls home, count by
what people say alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import iam
from collectors.services.iam import AccessKey, Policy
from roadmap.readings.answers import day_of, is_within, not_attested
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.sentences import listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown_for,
)

ACCESS_KEY, OF_OTHERS = "access key", "token of a third party"
ACTIVE = "Active"
NO_PERMISSIONS = "AWSDenyAll"  # the one policy of AWS that allows nothing


class State(IntEnum):
    """The better, the higher."""

    GONE = 0
    UNSEEN = 1
    PRIVILEGED = 2
    UNTESTED = 3
    GOOD = 4


@dataclass(frozen=True)
class Token:
    """``key`` is None where nobody could look, or for a token of a third party."""

    name: str
    state: State
    user: str = ""
    key: AccessKey | None = None
    tested_on: date | None = None
    is_tested: bool = False
    missing: Missing | None = None
    placement: Sequence[str] = field(default_factory=tuple)

    @property
    def was_used(self) -> bool:
        """Since the last test, which is a use itself; since ever, if there was none."""
        used = self.key.last_used_at if self.key else None
        return used is not None and (self.tested_on is None or used.date() > self.tested_on)


def judge(subject: Subject) -> Verdict:
    answers = list(_answers(subject))
    if not answers:
        return not_attested("where a honey token is planted")
    tokens = [_token(subject, one) for one in answers if one.claim in ("done", "partly")]
    more: dict[str, Any] = {
        "facts": {"tokens": [_kept(token) for token in tokens]},
        "problems": [problem for token in tokens for problem in _problems(subject, token)],
        "incomplete": any(token.missing for token in tokens),
        "source": Source.AUTOMATIC if any(token.key for token in tokens) else Source.ATTESTED,
    }
    if not tokens:
        return failed("It is said that no honey token is planted.", "said not to be done", **more)
    best = max(tokens, key=lambda token: token.state)
    name = f"Honey token {best.name}"
    if best.state == State.GOOD:
        tested = f"its alert was tested on {best.tested_on}"
        return passed(f"{name} is in place, and {tested}.", "token in place and tested", **more)
    if best.state == State.UNTESTED:
        said = f"last on {best.tested_on}" if best.tested_on else "never"
        days = subject.settings["HONEY_TOKEN_TEST_DAYS"]
        sentence = (
            f"{name} is in place, but its alert was tested {said}: it is due all {days} days."
        )
        return partly(sentence, "token not tested lately", **more)
    if best.state == State.PRIVILEGED:
        sentence = f"{name} is in place, but its user may do something."
        return partly(sentence, "token with permissions", **more)
    if best.missing is not None:
        return unknown_for(best.missing, rule="token not seen", **more)
    names = listed(token.name for token in tokens)
    return failed(f"Gone or inactive: honey token {names}.", "token gone or inactive", **more)


def _answers(subject: Subject) -> Iterator[Attested]:
    """The newest of each token: the account's own where it has or needs some, else those of the
    organization. Tokens of the organization that lie in an account are its own too."""
    needs_own = subject.settings["HONEY_TOKEN_SCOPE"] == Level.ACCOUNT
    shared = subject.of_level(Level.ORGANIZATION)
    own = [one for one in subject.attestations if one.level != Level.ORGANIZATION]
    here = [one for one in shared if _lies_in(one) == subject.account.account_id]
    if needs_own:
        chosen = [*own, *here]
    elif own and not subject.account.is_management:
        chosen = own
    else:
        chosen = [*own, *shared]
    newest = {one.about: one for one in sorted(chosen, key=_given)}
    yield from newest.values()


def _given(answer: Attested) -> float:
    return answer.given_at.timestamp() if answer.given_at else 0


def _lies_in(answer: Attested) -> str:
    """The account of its user; empty where nobody said."""
    parts = str(answer.details.get("user") or "").split(":")
    return parts[4] if len(parts) > 5 else ""


def _token(subject: Subject, answer: Attested) -> Token:
    details = answer.details
    tested_on = day_of(answer, "tested_on", subject)
    days = subject.settings["HONEY_TOKEN_TEST_DAYS"]
    is_tested = answer.holds(subject.now) and is_within(tested_on, days, subject)
    name = f"…{answer.about[-4:]}" if answer.about else "without a name"
    about: dict[str, Any] = {
        "name": name,
        "user": str(details.get("user") or ""),
        "tested_on": tested_on,
        "is_tested": is_tested,
        "placement": tuple(details.get("placement") or ()),
    }
    tested = State.GOOD if is_tested else State.UNTESTED
    if details.get("kind") == OF_OTHERS:
        return Token(state=tested, **about)
    try:
        key = _key(subject, answer)
        if key is None or not key.is_active:
            return Token(state=State.GONE, key=key, **about)
        if key.status != ACTIVE:
            raise Missing(Outcome.API_ERROR, f"Nobody knows what status {key.status} of a key is.")
        is_privileged = _may_do_something(subject, answer)
    except Missing as missing:
        return Token(state=State.UNSEEN, missing=missing, **about)
    return Token(state=State.PRIVILEGED if is_privileged else tested, key=key, **about)


def _key(subject: Subject, answer: Attested) -> AccessKey | None:
    """The key as AWS tells of it, None where there is none. Raises Missing where nobody can say
    which of the user's keys it is."""
    arn = str(answer.details.get("user") or "")
    account = _lies_in(answer)
    if not account:
        message = f"Nobody has said which user honey token …{answer.about[-4:]} is of."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    known = subject.facts.at(account).get(iam.users)
    user = next((one for one in known.users if one.arn == arn), None)
    keys = user.keys if user else ()
    found = next((key for key in keys if key.ending and answer.about.endswith(key.ending)), None)
    unnamed = [key for key in keys if not key.ending]
    if found is None and any(key.is_active for key in unnamed):
        message = f"The credential report does not tell which keys {arn} has."
        raise Missing(Outcome.API_ERROR, message)
    return found or next(iter(unnamed), None)


def _may_do_something(subject: Subject, answer: Attested) -> bool:
    """Raises Missing."""
    arn = answer.details["user"]
    known = subject.facts.at(_lies_in(answer)).get(iam.authorization)
    user = next((one for one in known.users if one.arn == arn), None)
    if user is None:
        message = f"{arn} is not among the users of which AWS told the permissions."
        raise Missing(Outcome.API_ERROR, message)
    return any(_allows(policy) for policy in known.policies_of(user))


def _allows(policy: Policy) -> bool:
    """A policy of AWS, or one that nobody described, is taken to allow something."""
    if policy.is_aws_managed or not policy.document:
        return policy.name != NO_PERMISSIONS
    return any(statement.is_allow for statement in policy.statements)


def _kept(token: Token) -> dict[str, Any]:
    key = token.key
    return {
        "token": token.name,
        "user": token.user,
        "state": token.state.name.lower(),
        "status": key.status if key else "",
        "last_used_on": _written(key.last_used_at) if key else None,
        "tested_on": token.tested_on.isoformat() if token.tested_on else None,
        "placement": list(token.placement),
    }


def _written(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at else None


def _problems(subject: Subject, token: Token) -> Iterator[Problem]:
    is_everybodys = subject.settings["HONEY_TOKEN_SCOPE"] != Level.ACCOUNT
    where: dict[str, Any] = {
        "resource": token.user,
        "name": token.name,
        "organization": is_everybodys,
    }
    if token.was_used and token.key:
        region = token.key.last_used_region
        used = f"Last used {_written(token.key.last_used_at)}{f' in {region}' if region else ''}."
        yield Problem("honey_token_used", detail=used, **where)
    if token.state == State.PRIVILEGED:
        yield Problem("honey_token_privileged", **where)
    if token.state in (State.PRIVILEGED, State.UNTESTED) and not token.is_tested:
        yield Problem("honey_token_untested", **where)


DETAILS = (
    Detail("kind", "Kind of token", DetailKind.CHOICE, (ACCESS_KEY, OF_OTHERS), required=True),
    Detail("user", "ARN of the user that an access key is of"),
    Detail("placement", "Where it is planted, one place a line", DetailKind.LINES, required=True),
    Detail("rule", "Rule that raises the alert", DetailKind.URL, required=True),
    Detail("tested_on", "When the alert was last tested", DetailKind.DATE),
)

item = Item(
    __name__,
    order="8.4",
    title="Honey tokens deployed",
    guidance=(
        "A key without any rights, left where an intruder would look, is the cheapest alarm there"
        " is: any use of it is one. The company registers where its tokens lie and tests the "
        "alert twice a year. Who may see this list is limited."
    ),
    scope="organization (default) or account",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    level_setting="HONEY_TOKEN_SCOPE",
    reads=(iam.users, iam.authorization),
    findings={
        "honey_token_used": FindingKind("Honey token used", Severity.CRITICAL),
        "honey_token_privileged": FindingKind("Honey token holds permissions", Severity.HIGH),
        "honey_token_untested": FindingKind("Honey token alert not tested", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Which key of which user is planted where, which rule alerts on it, and when was "
                "that tested?"
            ),
            days_setting="HONEY_TOKEN_TEST_DAYS",
            about="Access key id (never the secret), or a name",
            details=DETAILS,
        ),
        Attestable(
            Level.ACCOUNT,
            (
                "Which key of which user is planted where, which rule alerts on it, and when was "
                "that tested?"
            ),
            days_setting="HONEY_TOKEN_TEST_DAYS",
            about="Access key id (never the secret), or a name",
            details=DETAILS,
        ),
    ),
    fix=Fix(
        (
            "Create a key for a user without rights, leave it in likely places, and alert on any "
            "use."
        ),
        "Managing access keys for IAM users",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
)
