"""The six penalties on saliency maps that `SaliencyRegularized` adds up."""

from .penalty import Penalty
from .penalty_consistency import Consistency
from .penalty_fidelity import Fidelity
from .penalty_gradient import InputGradient
from .penalty_locality import Locality
from .penalty_smoothness import Smoothness
from .penalty_symmetry import Symmetry

__all__ = ["Consistency", "Fidelity", "InputGradient", "Locality", "Penalty", "Smoothness", "Symmetry"]
