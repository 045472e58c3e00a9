"""Messages by e-mail: what they say, and sending each once, as far as SMTP allows.

A message holds a first name and an initial, the title of the alert, its day and a link: nothing else of anyone's file.

Sent once: the digest row is locked while its message is handed over, and `sent_at` is committed right after; a second
run, a doubled worker or a retry finds it and sends nothing. SMTP has no transaction, so one gap remains: a machine that
dies between the server's « 250 OK » and our commit, a few milliseconds, hands the message over again. It then carries
the same Message-ID, by which mail servers and readers drop the copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from contracts.flags import describe
from contracts.models import Flag
from notifications.models import Digest, Notice, Preference
from parcours.models import Worker

_signer = Signer(salt="notifications.unsubscribe")


@dataclass(frozen=True)
class Line:
    who: str
    what: str
    due_on: date
    severity: str
    url: str


@dataclass(frozen=True)
class Letter:
    """A message in plain words: lines by structure, the most pressing first."""

    subject: str
    structures: list[tuple[str, list[Line]]]
    board_url: str
    preferences_url: str
    unsubscribe_url: str

    @property
    def text(self) -> str:
        said = [self.subject, ""]
        for name, lines in self.structures:
            said += [name, ""]
            for line in lines:
                due = _("%(severity)s : échéance le %(day)s") % {
                    "severity": line.severity,
                    "day": f"{line.due_on:%d/%m/%Y}",
                }
                said += [f"- {line.who} — {line.what}", f"  {due}", f"  {line.url}", ""]
        said += [
            _("Toutes les échéances : %(url)s") % {"url": self.board_url},
            _("Choisir ce que je reçois : %(url)s") % {"url": self.preferences_url},
            _("Ne plus recevoir ces courriels : %(url)s") % {"url": self.unsubscribe_url},
        ]
        return "\n".join(said)

    @property
    def html(self) -> str:
        return render_to_string("notifications/digest.html", {"letter": self})


def discreet(worker: Worker) -> str:
    """« Amina D. »: enough for who knows her, little for who does not."""
    return f"{worker.first_name} {worker.last_name[:1]}."


def unsubscribe_token(user: User) -> str:
    return _signer.sign(str(user.pk))


def unsubscribed_user(token: str) -> User | None:
    """Whose link it is; None when nobody's, or altered."""
    try:
        return User.objects.filter(pk=int(_signer.unsign(token))).first()
    except (BadSignature, ValueError):
        return None


def letter(recipient: User, notices: Sequence[Notice]) -> Letter:
    """The message that says these notices (their flag, worker and organisation loaded), each fact once."""
    facts = {notice.flag_id: notice.flag for notice in notices}.values()
    structures: dict[str, list[Line]] = {}
    for flag in sorted(facts, key=lambda flag: (flag.organisation.name, -flag.severity, flag.due_on, flag.pk)):
        structures.setdefault(flag.organisation.name, []).append(
            Line(
                discreet(flag.worker),
                describe(flag).title,
                flag.due_on,
                str(Flag.Severity(flag.severity).label),
                settings.PUBLIC_URL + reverse("worker", args=[flag.worker_id]),
            )
        )
    overdue = sum(flag.severity == Flag.Severity.OVERDUE for flag in facts)
    subject = ngettext("%(n)s échéance à regarder", "%(n)s échéances à regarder", len(facts)) % {"n": len(facts)}
    if overdue:
        subject += ngettext(", dont %(n)s dépassée", ", dont %(n)s dépassées", overdue) % {"n": overdue}
    return Letter(
        subject=subject,
        structures=list(structures.items()),
        board_url=settings.PUBLIC_URL + reverse("deadlines"),
        preferences_url=settings.PUBLIC_URL + reverse("notification-preferences"),
        unsubscribe_url=settings.PUBLIC_URL + reverse("unsubscribe", args=[unsubscribe_token(recipient)]),
    )


def message_id(digest: Digest) -> str:
    """The same for the same message, whenever and however often it is handed over."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mark = salted_hmac("notifications.digest", f"{digest.pk}:{digest.day}").hexdigest()[:24]
    return f"<parcours-{digest.pk}-{mark}@{address.rpartition('@')[2] or 'localhost'}>"


@transaction.atomic
def send(digest_id: int, at: datetime) -> int:
    """Hand a message over once; how many facts it says. Zero when it was sent before, or has nothing true left to say.

    Raises the mail server's error: the job is then tried again later.
    """
    digest = Digest.objects.select_for_update(of=("self",)).select_related("recipient").filter(pk=digest_id).first()
    if digest is None or digest.sent_at is not None:
        return 0
    who = digest.recipient
    left = Preference.objects.filter(user=who, frequency=Preference.Frequency.NEVER).exists()
    true_still = Notice.objects.visible_to(who).unread().filter(digest=digest)
    notices = [] if left else list(true_still.select_related("flag__worker", "flag__organisation"))
    if notices:
        with override(settings.LANGUAGE_CODE):
            said = letter(who, notices)
            message = EmailMultiAlternatives(
                subject=f"Parcours : {said.subject}",
                body=said.text,
                to=[who.email],
                headers={
                    "Message-ID": message_id(digest),
                    "List-Unsubscribe": f"<{said.unsubscribe_url}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    "Auto-Submitted": "auto-generated",
                },
            )
            message.attach_alternative(said.html, "text/html")
        message.send()
    digest.sent_at, digest.notices_sent = at, len({notice.flag_id for notice in notices})
    digest.save(update_fields=["sent_at", "notices_sent"])
    return digest.notices_sent
