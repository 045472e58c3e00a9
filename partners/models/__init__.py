"""Who else can help: a directory on the data·inclusion schema, people sent there, and what nobody could answer."""

from partners.models.cooperation import Agreement, Orientation, UnmetNeed
from partners.models.directory import DirectoryFault, DirectoryFile, Partner, Service

__all__ = ["Agreement", "DirectoryFault", "DirectoryFile", "Orientation", "Partner", "Service", "UnmetNeed"]
