"""Random junctions for the property tests."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from smtj_engine.parameters import Junction
from smtj_engine.schema import ParameterError


@st.composite
def junctions(draw: st.DrawFn, *, dresselhaus: bool = True, strongest: float = 0.7, biased: bool = True,
              thickest: float = 2.0, hot: bool = True, matrix: bool = False) -> Junction:
    """A junction inside the admissible ranges; |α| + |β| up to `strongest` of the validity limit.

    matrix: with γ, a ferromagnetic right electrode, or both.
    """
    def number(low: float, high: float) -> float:
        return draw(st.floats(low, high, allow_nan=False))

    k_up = number(0.2, 2.0)
    mass = draw(st.sampled_from((0.067, 0.2, 0.4, 1.0, 1.6)))
    strength = number(0.0, strongest) * 3.8 * (1 + 1 / max(mass, 1.0 if thickest == 0 else mass))
    part = number(0.0, 1.0) if dresselhaus else 0.0
    extra: dict[str, float] = {}
    kind = draw(st.sampled_from(("bulk", "magnet", "both"))) if matrix else ""
    if kind in ("bulk", "both"):
        extra["dresselhaus_bulk"] = draw(st.sampled_from((-1.0, 1.0))) * number(0.02, 0.7) * 3.8 / mass / 2.2
    if kind in ("magnet", "both"):
        right = number(0.3, 1.8)
        extra |= {"right_k_up": right, "right_k_down": number(0.05, 0.95) * right,
                  "right_theta_deg": number(0.0, 180.0), "right_phi_deg": number(0.0, 360.0)}
    try:
        return Junction(
            k_up=k_up, k_down=number(0.05, 0.95) * k_up,
            k_normal=draw(st.one_of(st.none(), st.floats(0.3, 1.8))),
            barrier_height=number(0.1, 3.0), barrier_thickness=number(0.05, thickest), barrier_mass=mass,
            rashba=strength * (1 - part), dresselhaus=strength * part,
            bias=number(-2.0, 2.0) if biased else 0.0,
            temperature=draw(st.sampled_from((0.0, 77.0, 300.0))) if hot else 0.0, **extra)
    except ParameterError:
        assume(False)
        raise


angles = st.tuples(st.floats(2.0, 178.0), st.floats(0.0, 360.0))
