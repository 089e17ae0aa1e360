"""Physical constants in the units of this program, from scipy.constants at full precision (CODATA).

Only the functions that compute need them; parameters and presets do not import this module, because
scipy costs start-up time.
"""

from __future__ import annotations

from scipy import constants as _si

#: Å in m.
ANGSTROM = _si.angstrom
#: ħ²/2m₀ in eV·Å² (physics.md, section 1).
HBAR2_2M = _si.hbar**2 / (2 * _si.m_e) / _si.e / ANGSTROM**2
#: Boltzmann's constant in eV/K.
K_B = _si.k / _si.e
#: e²/h in S.
E2_H = _si.e**2 / _si.h
#: 1/Å² in 1/µm².
PER_A2_IN_PER_UM2 = (_si.micro / ANGSTROM) ** 2
#: eV/µm² in mJ/m².
EV_UM2_IN_MJ_M2 = _si.e / _si.micro**2 / _si.milli
#: Gyromagnetic ratio of the electron in rad/(s·T).
GAMMA = _si.physical_constants["electron gyromag. ratio"][0]
#: Vacuum permeability in T·m/A.
MU_0 = _si.mu_0
