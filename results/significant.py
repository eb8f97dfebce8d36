"""Numbers without the rounding of sums, for whatever asks which of two is larger."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def significant(values: Array) -> Array:
    """Values to twelve significant digits: means of equal numbers, summed in another order, are equal again.

    Args:
        values: any shape; NaN and infinities stay.
    """
    fractions, exponents = np.frexp(np.asarray(values, dtype=np.float64))
    result: Array = np.ldexp(np.round(fractions, 12), exponents)
    return result
