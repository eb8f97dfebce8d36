"""All known definitions of AOPC, areas of perturbation curves, AUP and AUR: the same maps under each of them."""

from ..base import Case
from .aopc import AOPC_CONVENTIONS
from .areas import AREA_CONVENTIONS
from .base import Convention
from .evidence import EVIDENCE_CONVENTIONS

CONVENTIONS: tuple[Convention, ...] = (*AOPC_CONVENTIONS, *AREA_CONVENTIONS, *EVIDENCE_CONVENTIONS)


def convention_values(case: Case) -> dict[Convention, float]:
    """The value of every convention that suits a case; NaN where it is undefined."""
    return {convention: convention.value(case) for convention in CONVENTIONS if convention.suits(case)}
