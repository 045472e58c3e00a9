"""The red team, T1 to T17 (§7 of the reference): each attack breaks its canary, then tries the issue. One outcome each.

`./run test` runs it on two regions; `manage.py attack_release` on the whole country.
"""

from collections.abc import Callable

from disclosure.attack.battle import Battle, Outcome
from disclosure.attack.on_amounts import t11_means, t12_medians
from disclosure.attack.on_issues import t6_repeat, t7_reissue, t17_metamorphic
from disclosure.attack.on_people import t5_newcomer, t8_all_or_none, t9_all_but_one, t13_dummies
from disclosure.attack.on_rules import t14_structures, t15_marker, t16_keys
from disclosure.attack.on_tables import t1_bounds, t2_hierarchy, t3_director, t4_together, t10_average

ATTACKS: tuple[Callable[[Battle], Outcome], ...] = (
    t1_bounds, t2_hierarchy, t3_director, t4_together, t5_newcomer, t6_repeat, t7_reissue, t8_all_or_none, t9_all_but_one,
    t10_average, t11_means, t12_medians, t13_dummies, t14_structures, t15_marker, t16_keys, t17_metamorphic,
)  # fmt: skip
