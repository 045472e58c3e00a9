"""The attackers, T1 to T17 of the reference (§7). They work from what is published and from what an insider may know —
the method, every parameter, who works where — never from the snapshot; the snapshot only scores them.

Each is first run on a publisher it must break (`canaries`): an attacker that breaks nothing proves nothing.
"""
