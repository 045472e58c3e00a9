"""Changing one's address: it counts once its owner, signed in as herself, opened the link sent to it. The old one is told.

`User.email` is the only place where an address is kept: invitations, directories and new passwords find people by it, so
nothing that was merely claimed may be found there.
"""

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User


def _salt(user: User) -> str:
    """A link dies with its use and with a change of password: both are part of it."""
    return f"accounts.addresses {user.pk} {user.email} {user.password}"


def link(user: User, email: str) -> str:
    token = signing.dumps(email, salt=_salt(user))
    return f"{settings.PUBLIC_URL}{reverse('address-confirm', args=[token])}"


def asked(user: User, token: str) -> str | None:
    """The address that this user asked for by this link, while it lives; None otherwise."""
    try:
        email: str = signing.loads(token, salt=_salt(user), max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return None
    return email


def ask(*, user: User, email: str) -> None:
    """Send the link to the new address. The answer is the same when it has an account: its owner alone learns it.

    Raises ValidationError for her own, and for whom a directory signs in: her address is the directory's.
    """
    email = email.strip().lower()
    if email == user.email:
        raise ValidationError({"email": _("C'est déjà votre adresse.")})
    if not user.has_usable_password():
        raise ValidationError(
            _("Votre adresse vient de l'annuaire de votre organisation : c'est là qu'elle se change.")
        )
    lines = [
        _("Bonjour,"),
        "",
        _("%(who)s veut se connecter à Parcours avec cette adresse.") % {"who": user},
        "",
        _("Si c'est vous, ouvrez ce lien là où vous êtes connecté : %(url)s") % {"url": link(user, email)},
        "",
        _("Si vous n'attendiez pas ce message, ne faites rien : rien ne se passera."),
    ]
    EmailMessage(_("Votre adresse pour Parcours"), "\n".join(lines), to=[email]).send()


@transaction.atomic
def change(*, user: User, email: str) -> None:
    """The link was opened: the address counts, and the old one is told. Raises ValidationError when it has an account."""
    old, user.email = user.email, email
    try:
        user.full_clean(exclude={"password"})
    except ValidationError as refused:
        user.email = old
        raise ValidationError(_("Cette adresse e-mail a déjà un compte.")) from refused
    user.save(update_fields=["email"])
    lines = [
        _("Bonjour,"),
        "",
        _("Votre compte Parcours se connecte maintenant avec %(email)s, et plus avec cette adresse.")
        % {"email": email},
        "",
        _(
            "Si ce n'est pas vous qui l'avez demandé, prévenez tout de suite la personne qui administre votre structure."
        ),
    ]
    message = EmailMessage(_("Votre adresse pour Parcours a changé"), "\n".join(lines), to=[old])
    transaction.on_commit(message.send)
