"""Skills: frameworks, what a person was seen to do at work, what she was trained in."""

from skills.models.framework import Framework, Skill
from skills.models.learning import Assessment, Training, TrainingSession

__all__ = ["Assessment", "Framework", "Skill", "Training", "TrainingSession"]
