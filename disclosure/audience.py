"""For whom figures are protected."""

from enum import StrEnum


class Audience(StrEnum):
    FEDERATION = "federation"  # structures are named; what is protected is people
    PEERS = "peers"  # other structures and the public: the structure rule too
