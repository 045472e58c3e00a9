"""Members of an organisation: inviting someone, and the link by which she chooses her password."""

from datetime import date

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Membership, Organisation, User
from accounts.roles import PERMISSIONS, Permission, Role, roles_with


class _Links(PasswordResetTokenGenerator):
    """A link dies with its use (the password is part of it) and after PASSWORD_RESET_TIMEOUT seconds."""

    key_salt = "accounts.members.invitation"


_links = _Links()


def invitation_link(user: User) -> str:
    who = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.PUBLIC_URL}{reverse('invitation', args=[who, _links.make_token(user)])}"


def invited(who: str, token: str) -> User | None:
    """The user an invitation was sent to, while the link lives and has not served; None otherwise."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(who).decode()), is_active=True).first()
    except (ValueError, OverflowError, UnicodeDecodeError):
        return None
    return user if user and not user.has_usable_password() and _links.check_token(user, token) else None


def invite(
    *, by: User, organisation: Organisation, email: str, first_name: str, last_name: str, role: Role, on: date
) -> Membership:
    """Give someone a role, opening her account if she has none, and write to her. Again, it sends a new link.

    The answer is the same whether the address had an account, a closed one or none. Those who answer for the files are told
    of a role that reads them. Raises ValidationError for a role that does not exist there, or to oneself: a role is received
    from someone else.
    """
    email = email.strip().lower()
    if not role.fits(organisation.nature):
        raise ValidationError({"role": _("Ce rôle n'existe pas dans ce genre d'organisation.")})
    if email == by.email:
        raise ValidationError({"email": _("On ne se donne pas un rôle à soi-même : demandez à une autre personne.")})
    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, first_name=first_name.strip(), last_name=last_name.strip())
            user.set_unusable_password()
            user.full_clean(exclude={"password"})
            user.save()
        held = Membership.objects.filter(user=user, organisation=organisation, role=role, ended_on__isnull=True)
        membership = held.first()
        if membership is None:
            membership = Membership(user=user, organisation=organisation, role=role, started_on=on, given_by=by)
            membership.full_clean()
            membership.save()
            if Permission.SEE_PEOPLE in PERMISSIONS[role]:
                transaction.on_commit(lambda: _tell(membership, on))
        if user.is_active:
            transaction.on_commit(lambda: _write_to(user, membership, by))
    return membership


def _write_to(user: User, membership: Membership, by: User) -> None:
    """The message: a link to choose a password for whoever has none yet, the address of the site for the others."""
    words = {"by": by, "organisation": membership.organisation, "role": membership.get_role_display()}
    lines = [_("Bonjour,"), "", _("%(by)s vous ouvre Parcours pour %(organisation)s, comme : %(role)s.") % words, ""]
    if user.has_usable_password():
        lines += [_("Connectez-vous avec votre compte : %(url)s") % {"url": settings.PUBLIC_URL + "/"}]
    else:
        days = settings.PASSWORD_RESET_TIMEOUT // 86400
        lines += [
            _("Choisissez votre mot de passe : %(url)s") % {"url": invitation_link(user)},
            "",
            _("Ce lien sert une seule fois et s'éteint dans %(days)s jours.") % {"days": days},
        ]
    lines += ["", _("Si vous n'attendiez pas ce message, ne faites rien : rien ne se passera.")]
    EmailMessage(_("Votre accès à Parcours"), "\n".join(lines), to=[user.email]).send()


def _tell(membership: Membership, on: date) -> None:
    """Whoever manages members or protects data where the role reads files learns who gave it to whom; and whoever reads what is
    kept for counsellors, when the role reads it too: a director alone does not open it to herself unseen."""
    where, told = membership.organisation, {Permission.MANAGE_ORGANISATION, Permission.PROTECT_DATA}
    told |= {Permission.SEE_SENSITIVE} & PERMISSIONS[Role(membership.role)]
    roles = [role for role, granted in PERMISSIONS.items() if not granted.isdisjoint(told)]
    reached = Q(organisation=where) | Q(organisation=where.group_id) | Q(organisation__group=where)
    held = Membership.objects.in_force(on).filter(reached, role__in=roles)
    people = User.objects.filter(is_active=True, pk__in=held.values("user"))
    with override(settings.LANGUAGE_CODE):
        words = {
            "by": membership.given_by,
            "who": membership.user,
            "email": membership.user.email,
            "role": membership.get_role_display(),
            "organisation": where,
            "url": settings.PUBLIC_URL + reverse("organisation"),
        }
        subject = _("Parcours : %(who)s reçoit un accès aux dossiers de %(organisation)s") % words
        text = (
            _(
                "%(by)s a donné à %(who)s (%(email)s), pour %(organisation)s, le rôle : %(role)s. Ce rôle lit les dossiers des "
                "personnes.\n\nSi ce n'était pas voulu, mettez-y fin tout de suite : %(url)s"
            )
            % words
        )
        for user in people.exclude(pk__in=[membership.user_id, membership.given_by_id]).order_by("pk"):
            EmailMessage(subject, text, to=[user.email]).send()


def holders(organisation: Organisation, permission: Permission, on: date) -> QuerySet[User]:
    """Who holds a permission in an organisation on a day, there or through its group."""
    where = [pk for pk in (organisation.pk, organisation.group_id) if pk]
    held = Membership.objects.in_force(on).filter(organisation__in=where, role__in=roles_with(permission))
    return User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("pk")


def contacts(where: QuerySet[Organisation], on: date) -> QuerySet[Membership]:
    """Who is named for the protection of data in these organisations, or for their group."""
    held = Membership.objects.in_force(on).filter(role=Role.PROTECTION, user__is_active=True)
    groups = where.exclude(group=None).values("group")
    return held.filter(Q(organisation__in=where) | Q(organisation__in=groups)).order_by(
        "organisation__name", "user__email"
    )


def accept(*, user: User, password: str) -> None:
    """Choose one's first password: the link has served. The password was validated by the form."""
    user.set_password(password)
    user.save(update_fields=["password"])
