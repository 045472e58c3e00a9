"""One of each thing a page may be about, in the file of one person: found, or made when there is none yet."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import addresses
from agenda.models import Appointment
from contracts.models import ContractDraft, Immersion, ImportedFile, Suspension
from indicators.actions import join_experiment, register_experiment
from indicators.models import Experiment
from parcours.follow_up_templates import write_template
from parcours.models import Attachment, PassProlongation, PassSuspension
from privacy import consents, requests
from privacy.models import Keeping
from skills import awards, frameworks
from skills.models import Award, Badge, Certificate
from tests.factories import (
    AssignmentFactory,
    BodyFactory,
    ExitCallFactory,
    ExitFactory,
    ExpressionSessionFactory,
    FollowUpFactory,
    FrameworkFactory,
    MembershipFactory,
    PartnerFactory,
    PathwayFactory,
    ProposalFactory,
    SeatFactory,
    SkillFactory,
    TrainingFactory,
    UserFactory,
    WorkerFactory,
)

TODAY = timezone.localdate()


class Objects(dict):
    """What an address names, by the letter or the word between its braces; made at the first use."""

    def __init__(self, worker, user=None):
        super().__init__(w=worker.pk)
        self.worker, self.structure, self.user = worker, worker.organisation, user or UserFactory()
        self.pathway = worker.pathways.first()

    def __missing__(self, name):
        self[name] = getattr(self, name)()
        return self[name]

    def address(self):
        return addresses.link(self.user, "apres@example.org").rstrip("/").split("/")[-1]

    def membership(self):
        return MembershipFactory(organisation=self.structure).pk

    def keeping(self):
        return Keeping.objects.create(
            worker=self.worker, reason="litige", since=TODAY, until=TODAY, decided_by=self.user
        ).pk

    def request(self):
        """A correction that was refused: what it says is shown beside that part of the file."""
        row = requests.receive(
            by=self.user, worker=self.worker, kind="rectification", received_on=TODAY, channel="mail",
            words="Je n'ai jamais dit cela.", part="plan", wanted="Je veux conduire.", today=TODAY,
        )  # fmt: skip
        said = {"answer": "refused", "ground": "exact", "said": "Non.", "answered_on": TODAY, "today": TODAY}
        return requests.answer(by=self.user, request=row, **said).pk

    def consent(self):
        said = {"purpose": "photo", "agreed": True, "said_on": TODAY, "how": "said", "today": TODAY}
        return consents.answer(by=self.user, worker=self.worker, **said).pk

    def c(self):
        return self.worker.contracts.first().pk

    def r(self):
        return self.pathway.right_steps.first().pk

    def f(self):
        return (self.pathway.follow_ups.first() or FollowUpFactory(pathway=self.pathway)).pk

    def own(self):
        """A follow-up written by the reader herself."""
        rows = self.pathway.follow_ups.filter(author=self.user)
        return (rows.first() or FollowUpFactory(pathway=self.pathway, author=self.user, held_on=TODAY)).pk

    def piece(self):
        row = Attachment(
            follow_up_id=self["own"], name="cv.pdf", media_type="application/pdf", size=4, sha256=f"{self['own']:064d}"
        )
        row.content.save("cv", ContentFile(b"%PDF"), save=True)
        return row.pk

    def fact(self):
        """A reason of the day, as its address names it: a right that is late."""
        step = self.pathway.right_steps.first()
        return f"right_late/{step.pk}/{step.due_on.isoformat()}"

    def template(self):
        rows = self.structure.follow_up_templates
        return (rows.first() or write_template(by=self.user, organisation=self.structure, title="Point")).pk

    def appointment(self):
        at = timezone.now() + timedelta(days=3)
        return Appointment.objects.create(worker=self.worker, counsellor=self.user, starts_at=at).pk

    def call(self):
        person = WorkerFactory(organisation=self.structure, last_name=self.worker.last_name)
        left = ExitFactory(pathway=PathwayFactory(worker=person, ended_on=TODAY - timedelta(days=100)))
        return ExitCallFactory(exit=left).pk

    def session(self):
        return ExpressionSessionFactory(organisation=self.structure).pk

    def proposal(self):
        return ProposalFactory(session_id=self["session"]).pk

    def body(self):
        return BodyFactory(organisation=self.structure).pk

    def seat(self):
        return SeatFactory(body_id=self["body"], worker=self.worker).pk

    def partner(self):
        return PartnerFactory(organisation=self.structure, source="own").pk

    def training(self):
        return TrainingFactory(worker=self.worker).pk

    def certificate(self):
        return Certificate.objects.create(worker=self.worker, title="CACES 3", obtained_on=TODAY).pk

    def framework(self):
        made = frameworks.create_framework(by=self.user, organisation=self.structure, code="ATELIER", name="Métiers")
        frameworks.add_skill(by=self.user, framework=made, code="1", label="Régler la débroussailleuse")
        return made.pk

    def skill(self):
        return SkillFactory(framework_id=self["framework"]).pk

    def common(self):
        return SkillFactory(framework=FrameworkFactory()).pk

    def badge(self):
        said = {"name": "Espaces verts", "description": "Tient un massif.", "criteria": "Un mois."}
        return awards.create_badge(by=self.user, organisation=self.structure, **said).pk

    def award(self):
        badge = Badge.objects.get(pk=self["badge"])
        return awards.give_badge(by=self.user, badge=badge, worker=self.worker, awarded_on=TODAY, today=TODAY).pk

    def award_uuid(self):
        return Award.objects.get(pk=self["award"]).uuid

    def flag(self):
        return self.worker.flags.open().first().pk

    def assignment(self):
        return AssignmentFactory(contract_id=self["c"], started_on=TODAY - timedelta(days=90)).pk

    def month(self):
        return self.worker.contracts.first().worked_months.first().pk

    def suspension(self):
        return Suspension.objects.create(
            contract_id=self["c"], started_on=TODAY - timedelta(days=9), reason="illness"
        ).pk

    def draft(self):
        return ContractDraft.objects.create(
            worker=self.worker, kind="FIXED_TERM_I", started_on=TODAY + timedelta(days=30), prepared_by=self.user,
            prepared_on=TODAY,
        ).pk  # fmt: skip

    def immersion(self):
        return Immersion.objects.create(
            worker=self.worker, host_name="Boulangerie", object="discovery", started_on=TODAY, ended_on=TODAY
        ).pk

    def a_pass(self):
        return self.worker.passes.first().pk

    def pass_suspension(self):
        return PassSuspension.objects.create(
            pass_iae_id=self["a_pass"], started_on=TODAY - timedelta(days=9), ended_on=TODAY, reason="illness"
        ).pk

    def prolongation(self):
        return PassProlongation.objects.create(
            pass_iae_id=self["a_pass"], reason="senior", from_on=TODAY, days=90, requested_on=TODAY,
            requested_by=self.user,
        ).pk  # fmt: skip

    def file(self):
        row = ImportedFile(organisation=self.structure, name="p.csv", sha256=f"{self.structure.pk:064d}", size=3)
        row.format, row.state = "Personnes", ImportedFile.State.IMPORTED
        row.content.save("p.csv", ContentFile(b"a;b"), save=True)
        return row.pk

    def experiment(self):
        return register_experiment(
            by=self.user, organisation=self.structure, registered_on=TODAY, started_on=TODAY, title="Horaires choisis",
            subject="organisation", hypothesis="On reste", outcome="Moins de départs", comparison="L'an dernier",
        ).pk  # fmt: skip

    def participant(self):
        row = Experiment.objects.get(pk=self["experiment"])
        return join_experiment(by=self.user, experiment=row, worker=self.worker, joined_on=TODAY, consented_on=None).pk
