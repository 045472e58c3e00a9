"""What a figure may be off by in 95 cases of 100, because of the noise: told beside it, wherever it is read."""

import math

from disclosure.catalogue import Statistic
from disclosure.policy import Policy
from disclosure.ptable import ptable

CONFIDENCE = 1.96


def count_error(policy: Policy) -> float:
    """The margin of a count of people, one decimal, rounded up. Whole numbers within it are so in 95 cases of 100 at least;
    the decimal is what makes the margin of a difference of two counts (`least_change`) hold as well."""
    row, spread = ptable(policy.noise_spread, policy.noise_variance).rows[-1], policy.noise_spread
    reach = next(t for t in range(spread + 1) if row[spread - t : spread + t + 1].sum() >= 0.95)
    return max(float(reach), math.ceil(10 * CONFIDENCE * math.sqrt(policy.noise_variance) - 1e-9) / 10)


def least_change(policy: Policy) -> int:
    """The fewest people a change between two counts may be read from: more than the margin of their difference."""
    return math.floor(math.sqrt(2) * count_error(policy)) + 1


def rate_error(number: float, base: float, policy: Policy) -> float:
    """The margin of a rate in points, both its counts carrying noise (delta method)."""
    share = number / base
    return CONFIDENCE * 100 * math.sqrt(policy.noise_variance * (1 + share * share)) / base


def mean_error(statistic: Statistic, value: float, base: float, policy: Policy) -> float:
    """The margin of a mean: the noise on its sum, that on its base, and its rounding."""
    scale = policy.means_noise * (statistic.high - statistic.low) / 2
    noise = CONFIDENCE * math.sqrt(2 * scale * scale + (value - statistic.centre) ** 2 * policy.noise_variance) / base
    step = 10.0 ** (math.floor(math.log10(abs(value))) - policy.means_digits + 1) if value else 0.0
    return noise + step / 2
