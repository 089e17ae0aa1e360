"""Physical constants in the units of this program, from CODATA 2022.

The numbers stand here and are not read from scipy.constants, whose import alone takes a tenth of a second of the
time to the first curve; a test compares them with scipy's.
"""

from __future__ import annotations

import math

#: Elementary charge in C (exact).
E = 1.602176634e-19
#: Planck's constant in J·s (exact), and divided by 2π.
H = 6.62607015e-34
HBAR = H / (2 * math.pi)
#: Mass of the electron in kg.
M_E = 9.1093837139e-31
#: Gyromagnetic ratio of the electron in rad/(s·T).
GAMMA = 1.76085962784e11
#: Vacuum permeability in T·m/A.
MU_0 = 1.25663706127e-06
#: Å in m.
ANGSTROM = 1e-10
#: ħ²/2m₀ in eV·Å² (physics.md, section 1).
HBAR2_2M = HBAR**2 / (2 * M_E) / E / ANGSTROM**2
#: Boltzmann's constant (1.380649e-23 J/K, exact) in eV/K.
K_B = 1.380649e-23 / E
#: e²/h in S.
E2_H = E**2 / H
#: 1/Å² in 1/µm².
PER_A2_IN_PER_UM2 = (1e-6 / ANGSTROM) ** 2
#: eV/µm² in mJ/m².
EV_UM2_IN_MJ_M2 = E / 1e-6**2 / 1e-3
