"""Having a say: collective expression, ballots, seats, citizenship, and what workers answer about their power to act.

Nothing here can hold a trade-union, political or religious opinion: what is tied to a person is chosen in closed lists,
and a ballot is counts. The only free texts are the proposals of a session and the answer given: they have no author.
"""

from participation.models.citizenship import AssociationMember, CivicStatement, VoterHelp
from participation.models.expression import Attendance, ExpressionSession, Proposal
from participation.models.representation import Ballot, Body, BodyMeeting, Seat
from participation.models.survey import SurveyAnswer, SurveyCode, SurveyWave

__all__ = [
    "AssociationMember",
    "Attendance",
    "Ballot",
    "Body",
    "BodyMeeting",
    "CivicStatement",
    "ExpressionSession",
    "Proposal",
    "Seat",
    "SurveyAnswer",
    "SurveyCode",
    "SurveyWave",
    "VoterHelp",
]
