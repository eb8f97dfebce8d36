import json
import math

import numpy as np
import pytest

from salbench.results.page.script import as_script, number, numbers


def test_no_text_can_end_a_script_element() -> None:
    nasty = "</script><script>alert(1)</script><!-- & \u2028 \u2029"
    script = as_script("board", {"name": nasty})
    assert not set("<>&\u2028\u2029") & set(script)
    payload = script.removeprefix('salbench.receive("board",').strip().removesuffix(");")
    assert json.loads(payload) == {"name": nasty}


def test_nan_must_be_none() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        as_script("x", {"value": math.nan})


def test_numbers_keep_six_digits() -> None:
    assert numbers(np.array([1 / 3, 2.0, np.nan, np.inf])) == [0.333333, 2, None, None]
    assert numbers(np.array([True, False])) == [1, 0]
    assert number(None) is None
    assert number(-0.0) == 0
