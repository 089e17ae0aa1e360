"""How often thermal noise switches a magnet by theory: Brown's equation about an axis, and Kramers' law elsewhere.

About an axis (Q∥ = 0, the field along z) m_z alone is a Markov process, with a torque too (W. F. Brown, Phys. Rev.
130, 1677 (1963)); the mean first passage time from the pole to m·m₀ = −½ is then an integral, and exact:
    T = (ξ/η)(1 + η²) ∫dz e^{ξU(z)}/(1 − z²) ∫_z^1 du e^{−ξU(u)},   U' = −[Q_eff z + h_z + τ⊥g + τ∥g/η].
Elsewhere and without torque the rate over the saddles s of a high barrier is that of Kramers and Langer (Brown,
IEEE Trans. Magn. 15, 1196 (1979)) times Mel'nikov's factor of depopulation, for all dampings (Coffey, Garanin and
McCarthy, Adv. Chem. Phys. 117, 483 (2001)):
    k = A(δ) Σ_s (λ_s/2π) √(det E_home/|det E_s|) e^{−ξ(E_s − E_home)},   δ = ηξ ∮|m×h| ds,
    A(δ) = exp{(1/π) ∫_0^∞ dλ ln[1 − e^{−δ(λ² + 1/4)}]/(λ² + 1/4)},
with the growth rate λ_s of the equation of motion at the saddle, the curvatures E, and the energy lost in one turn
along the saddle's contour. Where that contour reaches m·m₀ < −½ on its other side, a path that has crossed has
switched; elsewhere it may return, and A(δ)A(δ')/A(δ + δ') takes the place of A(δ).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from smtj_engine.dynamics.fields import (
    Array,
    Spins,
    effective_field,
    energy,
    equilibria,
    growth_rates,
    tangents,
)
from smtj_engine.dynamics.noise import SWITCHED

#: Steps of a contour (arc length), and the most of them: twice round the sphere.
_ARC, _MOST = 0.01, 1300
#: Barriers (k_BT) below which Kramers' law says nothing, and the largest spread (rad²) of m across the pass.
_LOW, _WIDE = 3.0, 0.3
#: Intervals of the integrals over m_z at least, and for each k_BT of the barrier.
_FEW, _MORE = 4000, 40


@dataclasses.dataclass(frozen=True)
class Laws:
    """Of one macrospin: the barrier ΔE/k_BT, and the rates (1/ns) of either law; NaN where it says nothing.
    height: that of the lowest saddle in µ₀M_s², where there is one and no torque."""

    barrier: float = np.nan
    brown: float = np.nan
    kramers: float = np.nan
    height: float = np.nan


def laws(spin: Spins, xi: float, home: Array) -> Laws:
    """What theory says of one macrospin (of `spin`) that leaves the state `home` (3,) at ξ = µ₀M_s²𝒱/k_BT."""
    if spin.harmonics is None and spin.q_par[0] == 0 and not spin.h[0, :2].any():
        return _about_axis(spin, xi, home) if abs(home[2]) > 1 - 1e-9 else Laws()
    if spin.harmonics is not None or spin.par.any() or spin.perp.any():
        return Laws()
    return _over_saddles(spin, xi, home)


def _about_axis(spin: Spins, xi: float, home: Array) -> Laws:
    """Brown's equation for m_z; z runs from the pole that is left."""
    eta, sign = float(spin.eta[0]), np.sign(home[2])

    def pull(z: Array) -> Array:
        """−U' along the axis that points to the pole."""
        x = sign * z
        powers = np.vander(x, spin.par.shape[1], increasing=True)
        inward = spin.q_eff[0] * x + spin.h[0, 2] + powers @ spin.perp[0] + powers @ spin.par[0] / eta
        return np.asarray(sign * inward)

    rough = np.linspace(SWITCHED, 1.0, _FEW)
    height = xi * np.abs(pull(rough)).max()
    count = int(min(max(_FEW, _MORE * height), 1_000_000))
    edges = np.linspace(SWITCHED, 1.0, count + 1)
    width, z = edges[1] - edges[0], (edges[1:] + edges[:-1]) / 2
    u = -xi * np.concatenate([[0.0], np.cumsum(pull(z)) * width])      # at the edges
    middle = (u[1:] + u[:-1]) / 2
    cells = np.logaddexp.accumulate(-middle[::-1])[::-1]                # ∫_z^1 from the lower edge of each cell
    inner = np.logaddexp(np.append(cells[1:], -np.inf), -middle - np.log(2))
    log_time = np.logaddexp.reduce(middle + inner - np.log1p(-z * z)) + 2 * np.log(width)
    log_time += np.log(xi * (1 + eta**2) / eta * float(spin.unit[0]))
    return Laws(barrier=float(u.max() - u[-1]), brown=float(np.exp(-log_time)))


def _over_saddles(spin: Spins, xi: float, home: Array) -> Laws:
    """Kramers' law over the saddles between the two wells."""
    m, rates = equilibria(spin)
    wells = m[(rates.real < 0).all(axis=1)]
    others = wells[wells @ home < 1 - 1e-9]
    saddles = m[(rates.real.max(axis=1) > 0) & (rates.real.min(axis=1) < 0)]
    if len(others) != 1 or others[0] @ home > SWITCHED or not len(saddles):
        return Laws()
    heights = energy(_many(spin, len(saddles)), saddles) - energy(spin, home[None])
    height = float(heights.min())
    barrier = xi * height
    well, passes = _curvatures(spin, home[None])[0], _curvatures(spin, saddles)
    spread = 1 / (xi * np.append(passes.max(axis=1), -passes.min(axis=1)))
    if barrier < _LOW or spread.max() > _WIDE:
        return Laws(barrier=barrier, height=height)
    growth = growth_rates(_many(spin, len(saddles)), saddles).real.max(axis=1)
    each = growth / (2 * np.pi) * np.sqrt(well.prod() / -passes.prod(axis=1)) * np.exp(-xi * heights)
    lowest = saddles[np.argmin(heights)]
    turns = each.max() / each.sum()     # two passes alike are met twice in a turn
    (inside, _), (outside, farthest) = (_contour(spin, lowest, towards, home) for towards in (home, others[0]))
    lost = [turns * float(spin.eta[0]) * xi * around for around in (inside, outside)]
    factor = depopulation(lost[0])
    if farthest > SWITCHED:
        factor *= depopulation(lost[1]) / depopulation(sum(lost))
    return Laws(barrier=barrier, kramers=float(factor * each.sum() / spin.unit[0]), height=height)


def depopulation(delta: float) -> float:
    """Mel'nikov's A(δ): δ where little energy is lost on the way along the barrier, 1 where much is."""
    x = (np.arange(4000) + 0.5) / 4000 * np.pi / 2     # λ = ½ tan x: dλ/(λ² + ¼) = 2 dx
    with np.errstate(under="ignore"):
        inside = np.log(-np.expm1(-delta / (4 * np.cos(x) ** 2)))
    return float(np.exp(2 / np.pi * inside.sum() * (x[1] - x[0])))


def _many(spin: Spins, count: int) -> Spins:
    return spin.take(np.zeros(count, dtype=int))


def _curvatures(spin: Spins, m: Array) -> Array:
    """The two principal curvatures of the energy on the sphere at equilibria m (n, 3), ascending (n, 2)."""
    many, basis = _many(spin, len(m)), tangents(m)
    stiff = np.zeros((len(m), 3, 3))
    stiff[:, 0, 0], stiff[:, 2, 2] = -many.q_par, -many.q_eff
    flat = np.swapaxes(basis, 1, 2) @ stiff @ basis
    pull = (m * effective_field(many, m)).sum(axis=1)
    return np.asarray(np.linalg.eigvalsh(flat + pull[:, None, None] * np.eye(2)))


def _contour(spin: Spins, saddle: Array, towards: Array, home: Array) -> tuple[float, float]:
    """∮|m×h| ds once round the well that lies towards a state, along the saddle's contour; the least m·home."""
    basis = tangents(saddle[None])[0]
    flat = basis.T @ (np.diag([-spin.q_par[0], 0.0, -spin.q_eff[0]])) @ basis
    flat += float(saddle @ effective_field(spin, saddle[None])[0]) * np.eye(2)
    stiff, axes = np.linalg.eigh(flat)
    down, along = basis @ axes[:, 0], basis @ axes[:, 1]
    down = down * np.sign(down @ (towards - saddle) or 1.0)
    branch = np.sqrt(-stiff[0] / stiff[1])      # the contour leaves the saddle where its two curvatures balance

    starts = [saddle + 2 * _ARC * (down + side * branch * along) / np.hypot(1, branch) for side in (-1, 1)]
    fields = [effective_field(spin, start[None])[0] for start in starts]
    leaving = [float(np.cross(field, m) @ (m - saddle)) for m, field in zip(starts, fields, strict=True)]
    begin = starts[int(np.argmax(leaving))]
    return _turn(spin, begin / np.linalg.norm(begin), saddle, home)


def _turn(spin: Spins, begin: Array, saddle: Array, home: Array) -> tuple[float, float]:
    """The path of −m×h by the midpoint rule in arc length; in plain numbers, which arrays of three would slow."""
    q_par, q_eff, (hx, hy, hz) = float(spin.q_par[0]), float(spin.q_eff[0]), map(float, spin.h[0])

    def rate(x: float, y: float, z: float) -> tuple[float, float, float, float]:
        """−m×h as a direction, and its size."""
        a, c = hx + q_par * x, hz + q_eff * z
        u, v, w = z * hy - y * c, x * c - z * a, y * a - x * hy
        size = math.sqrt(u * u + v * v + w * w)
        return u / size, v / size, w / size, size

    (x, y, z), (ex, ey, ez), (sx, sy, sz) = map(float, begin), map(float, home), map(float, saddle)
    total, least = 0.0, 1.0
    for step in range(_MOST):
        u, v, w, _ = rate(x, y, z)
        u, v, w, size = rate(x + _ARC / 2 * u, y + _ARC / 2 * v, z + _ARC / 2 * w)
        x, y, z = x + _ARC * u, y + _ARC * v, z + _ARC * w
        norm = math.sqrt(x * x + y * y + z * z)
        x, y, z = x / norm, y / norm, z / norm
        total += size * _ARC
        least = min(least, ex * x + ey * y + ez * z)
        if step > 4 and (x - sx) ** 2 + (y - sy) ** 2 + (z - sz) ** 2 < (2.5 * _ARC) ** 2:
            break
    return total, least
