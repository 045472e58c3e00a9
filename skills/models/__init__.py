"""Skills: frameworks, what a person was seen to do at work, what she was trained in, what she may show of it."""

from skills.models.badge import Award, Badge, IssuerKey
from skills.models.framework import Framework, Skill
from skills.models.learning import Assessment, Certificate, Qualification, Training, TrainingSession

__all__ = [
    "Assessment",
    "Award",
    "Badge",
    "Certificate",
    "Framework",
    "IssuerKey",
    "Qualification",
    "Skill",
    "Training",
    "TrainingSession",
]
