"""The limit cycles in closed form, to first order in the damping (physics.md, section 6).

Cosine law, τ⊥ = 0, no field, 0 < Q∥ < Q_eff: each cycle sits on an energy contour w, where damping and torque
balance over a period. The differences of elliptic integrals that vanish at the ends of the branches are written
with Carlson's R_D = 3 (K − E)/k², so that nothing cancels.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import ellipkm1, elliprd

from smtj_engine.dynamics.cells import at_rest_notes, setup_of, time_unit
from smtj_engine.dynamics.fields import Array
from smtj_engine.parameters import Drive, Magnet
from smtj_engine.results import Result, describe

#: Points on each branch.
_POINTS = 400
#: The boundaries of the four zones, as τ∥ falls.
BOUNDARIES = ("perpendicular", "separatrix", "in_plane")


def outside(magnet: Magnet, drive: Drive) -> str:
    """Why the closed form does not apply, or nothing."""
    q_eff = magnet.q_perp - magnet.n_z
    if drive.law != "cosine":
        return f"The closed form holds for the cosine law only, not for the {drive.law} law."
    if drive.tau_perp != 0:
        return f"The closed form holds without a perpendicular torque only (τ⊥ = {drive.tau_perp:g})."
    if drive.h_x or drive.h_y or drive.h_z:
        return "The closed form holds without an external field only."
    if not 0 < magnet.q_par < q_eff:
        return (f"The closed form holds for 0 < Q∥ < Q_eff only (Q∥ = {magnet.q_par:g}, "
                f"Q_eff = Q⊥ − N_z = {q_eff:g}).")
    return ""


def thresholds(magnet: Magnet) -> Array:
    """τ∥ at the three boundaries of the zones (order of BOUNDARIES)."""
    q_eff = magnet.q_perp - magnet.n_z
    return -magnet.damping * np.array([q_eff - magnet.q_par / 2, q_eff, q_eff + magnet.q_par])


def cycle(magnet: Magnet, w: Array) -> tuple[Array, Array, Array]:
    """τ∥, period (1/(γµ₀M_s)) and ⟨m_z²⟩ of the cycle on each contour w, 0 < w < Q_eff, w ≠ Q∥."""
    q, q_eff = magnet.q_par, magnet.q_perp - magnet.n_z
    w = np.asarray(w, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = w > q
        rest = np.where(out, q_eff * (w - q) / (w * (q_eff - q)), q_eff * (q - w) / (q * (q_eff - w)))  # 1 − k²
        k = ellipkm1(rest)
        share = elliprd(0.0, rest, 1.0) / (3 * k)  # (1 − E/K)/k²
        k2 = q * (q_eff - w) / (w * (q_eff - q))
        mz2_out = w / q_eff * (1 - k2 * share)
        tau_out = -magnet.damping * w * (1 - q * share / w) / mz2_out
        mz2_in = w / q_eff * (1 - share)
        tau_in = (-magnet.damping * q_eff * (q - w + (q_eff - q) * (1 - share))
                  / ((q_eff - w) * (1 - share)))
        omega = np.sqrt(np.where(out, w * (q_eff - q), q * (q_eff - w)))
    return np.where(out, tau_out, tau_in), 4 * k / omega, np.where(out, mz2_out, mz2_in)


def limit_cycles(magnet: Magnet, drive: Drive) -> Result:
    """The two branches of limit cycles and the thresholds between the four zones.

    Dimension w (IPP below Q∥, OPP above): tau_par(w), frequency(w) of m (GHz), m_z2(w) = ⟨m_z²⟩, stable(w),
    branch(w) with the flags of `state`; dimension boundary: threshold. w_now and frequency_now belong to the
    drive's own τ∥ (NaN where no cycle exists). Outside the closed form's domain all are empty and the attribute
    `reason` says why.
    """
    setup = setup_of(magnet, drive, None)
    reason = outside(magnet, drive)
    w = np.empty(0) if reason else _contours(magnet.q_par, magnet.q_perp - magnet.n_z)
    tau, period, mz2 = cycle(magnet, w)
    unit = time_unit(magnet.mu0_ms)
    w_now = np.nan if reason else _solve(magnet, drive.tau_par)
    period_now = cycle(magnet, np.array([w_now]))[1][0]
    data = xr.Dataset(
        {"tau_par": ("w", tau), "frequency": ("w", 1 / (period * unit)), "m_z2": ("w", mz2),
         "stable": ("w", np.gradient(tau, w) > 0 if len(w) else np.empty(0, dtype=np.bool_)),
         "branch": ("w", np.where(w > magnet.q_par, 2, 3).astype(np.int8)),
         "threshold": ("boundary", thresholds(magnet) if not reason else np.full(3, np.nan)),
         "w_now": ((), w_now), "frequency_now": ((), 1 / (period_now * unit))},
        coords={"w": w, "boundary": list(BOUNDARIES)})
    describe(data)
    data["branch"].attrs.update(flag_values=[2, 3], flag_meanings="opp ipp")
    notes = [*filter(None, [reason]), *at_rest_notes(magnet, drive)]
    if reason:
        data.attrs["reason"] = reason
    if notes:
        data.attrs["notes"] = notes
    return Result(kind="limit-cycles", setup=setup, data=data)


def _contours(q: float, q_eff: float) -> Array:
    """Contours that crowd towards the separatrix w = Q∥, where the frequency falls to zero logarithmically."""
    below = q * (1 - np.geomspace(1 - 1e-9, 1e-9, _POINTS))
    above = q + (q_eff - q) * np.geomspace(1e-9, 1 - 1e-9, _POINTS)
    return np.concatenate([below, above])


def _solve(magnet: Magnet, tau: float) -> float:
    """The contour of the cycle at τ∥, NaN where there is none; τ(w) rises along both branches."""
    from scipy.optimize import brentq

    q, q_eff = magnet.q_par, magnet.q_perp - magnet.n_z
    upper, middle, lower = thresholds(magnet)
    if not lower < tau < upper or tau == middle:
        return float("nan")
    low, high = (q * (1 + 1e-13), q_eff * (1 - 1e-13)) if tau > middle else (q_eff * 1e-13, q * (1 - 1e-13))

    def difference(w: float) -> float:
        return float(cycle(magnet, np.array([w]))[0][0]) - tau

    if difference(low) > 0 or difference(high) < 0:  # closer to an end than numbers tell
        return low if difference(low) > 0 else high
    return float(brentq(difference, low, high, xtol=1e-15, rtol=1e-13))
