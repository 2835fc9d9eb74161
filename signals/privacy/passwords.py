"""L1: how does somebody who forgot their password get a new one, and how is one changed?

What is asked is written down alike whether anybody has that name, so that neither the answer nor
the time it takes tells; who may have a link is looked at afterwards, by the clock. A new password
ends the sessions of its account and leaves the second step as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from signals import ledger
from signals.data import Actor, ActorKind
from signals.models import Account, PasswordAsk
from signals.models.names import keyed
from signals.privacy import sign_ins, standing

OF_A_NAME, NAME_S = 3, 3600  # messages to one name, and for how long they are counted
AT_ONCE = 200  # asks answered in one run; the next one comes in a minute
REFUSALS_MOST = 5  # in one run: a mail server that is away is not waited for once for each ask
GIVEN_UP = timedelta(hours=1)  # a mail server that takes nothing for so long: ask again


@dataclass(frozen=True, slots=True)
class Link:
    """What a message leads back with; it holds once, and as long as the setting says."""

    address: str  # of e-mail
    name: str  # they sign in with
    language: str  # of the page they asked on
    uid: str
    token: str


def ask(name: str, *, language: str, now: datetime) -> None:
    """Write down that somebody forgot the password of this name; the fourth time an hour, nothing.

    One ask of a name waits at a time.
    """
    said = keyed(Account.normalize_username(name))
    if _too_often(said):
        return
    row = PasswordAsk(username=said, language=language, asked_at=now)
    PasswordAsk.objects.bulk_create([row], ignore_conflicts=True)


def answer_due(send: Callable[[Link], bool], *, now: datetime) -> int:
    """Have a link sent to everybody who asked and may have one; return how many went out.

    send: gives a message to a mail server, False where it took none: tried again by a later run.
    """
    waiting = PasswordAsk.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    sent = refused = 0
    for pk in list(waiting):
        taken = _answer(pk, send, now=now)
        sent += taken is True
        refused += taken is False
        if refused == REFUSALS_MOST:
            break
    return sent


@transaction.atomic
def _answer(pk: int, send: Callable[[Link], bool], *, now: datetime) -> bool | None:
    """Return whether the mail server took the link; None where none is to be sent."""
    row = PasswordAsk.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if row is None:
        return None
    link = _link(row)
    sent = None if link is None else send(link)
    if sent is not False or now - row.asked_at > GIVEN_UP:
        row.delete()
    return sent


def _link(row: PasswordAsk) -> Link | None:
    """Return the link of an ask; None for nobody, who is closed, or comes by a school alone."""
    account = Account.objects.filter(username=row.username, is_active=True).first()
    if account is None or not account.has_usable_password() or not account.email:
        return None
    return Link(
        address=account.email,
        name=account.get_username(),
        language=row.language,
        uid=urlsafe_base64_encode(force_bytes(account.pk)),
        token=default_token_generator.make_token(account),
    )


def put(account: Account, password: str, *, forgotten: bool, now: datetime) -> None:
    """Give an account another password, enter that, and end its sessions."""
    learner_id = account.learner_id
    kind = ActorKind.STAFF if learner_id is None else ActorKind.LEARNER
    name = account.get_username() if learner_id is None else str(learner_id)
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        sign_ins.end_before(account)
        PasswordAsk.objects.filter(username=keyed(account.get_username())).delete()
        ledger.append(
            actor=Actor(kind, name, account_id=account.pk),
            action="password.reset" if forgotten else "password.changed",
            subject=f"account:{account.pk}" if learner_id is None else f"learner:{learner_id}",
            detail={},
            now=now,
        )
    standing.tell([account])
    sign_ins.forget_attempts([keyed(account.get_username())])


def _too_often(said: str) -> bool:
    """Count one more of this name, and say whether it is too many: nobody's mail is flooded."""
    counted = f"forgotten:{said}"
    try:
        cache.add(counted, 0, NAME_S)
        return int(cache.incr(counted)) > OF_A_NAME
    except ValueError:  # it ran out between the two, or the cache is away
        return False
