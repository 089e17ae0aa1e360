"""The constants that the program writes down are CODATA's, as scipy knows them."""

from __future__ import annotations

import pytest
from scipy import constants as codata

from smtj_engine import constants


@pytest.mark.parametrize(("ours", "theirs"), [
    (constants.E, codata.e), (constants.H, codata.h), (constants.HBAR, codata.hbar), (constants.M_E, codata.m_e),
    (constants.GAMMA, codata.physical_constants["electron gyromag. ratio"][0]), (constants.MU_0, codata.mu_0),
    (constants.K_B, codata.physical_constants["Boltzmann constant in eV/K"][0]),
    (constants.E2_H, codata.physical_constants["conductance quantum"][0] / 2)])
def test_each_is_that_of_codata(ours, theirs) -> None:
    # beyond the digits that a later adjustment of the measured ones may move
    assert ours == pytest.approx(theirs, rel=2e-9)
