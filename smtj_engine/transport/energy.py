"""The energy of the interface against the angle: work of the perpendicular torque, anisotropy, and its control."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import real_number, real_numbers
from smtj_engine.constants import EV_UM2_IN_MJ_M2
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction
from smtj_engine.results import Result, describe
from smtj_engine.schema import specs
from smtj_engine.transport.barrier import has_second_magnet
from smtj_engine.transport.families import Family, changed, dims_of, members_of
from smtj_engine.transport.fourier import sine_terms, theta_nodes
from smtj_engine.transport.sweeps import Sweep, setup_of, without_partials

Array = NDArray[np.float64]
#: Angles of T_perp that give its sine series, and with it the energy.
ENERGY_NODES = 32
#: Step (V) of the central difference in the bias that gives the VCMA.
BIAS_STEP = 0.02


def interface_energy(junction: Junction, *, theta_deg: ArrayLike | None = None, phi_deg: float = 0.0,
                     family: Family | None = None, accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """Interface energy Ω(θ) − Ω(0), anisotropy K_i and its control by the voltage (physics.md, section 4).

    omega(theta) in mJ/m² is the work against the perpendicular torque, −∫T_perp dθ from 0 along φ = phi_deg: at
    V = 0 the energy Ω of the Fermi sea, at a bias the one that the dynamics feels. K_i = omega(90°), positive =
    easy axis along z. vcma = dK_i/d(V/d) in fJ/(V·m) at the junction's bias, by central differences. theta_deg
    defaults to 91 angles from 0 to 180°. Raises ParameterError as angular_curve does.
    """
    default = np.linspace(0.0, 180.0, 91)
    theta = default if theta_deg is None else np.atleast_1d(real_numbers("theta_deg", theta_deg))
    members = members_of(junction, family)
    stencils = [_bias_stencil(one.bias) for one in members.reshape(-1)]
    grid = np.array([[changed(one, "junction.bias", value) for value in (one.bias, *biases)]
                     for one, (biases, _) in zip(members.reshape(-1), stencils, strict=True)], dtype=object)
    nodes = np.arange(2 * ENERGY_NODES) * 180.0 / ENERGY_NODES  # once round; half, without a second magnet
    half = not any(has_second_magnet(one) for one in members.reshape(-1))
    if half:
        nodes = np.degrees(theta_nodes(ENERGY_NODES))
    sweep = Sweep("energy", grid, {"member": np.arange(len(grid), dtype=float), "stencil": np.arange(6.0)},
                  {"theta": nodes}, np.append(nodes, 0.0), np.array(real_number("phi_deg", phi_deg)), accuracy)
    solved = sweep.run(without_partials(monitor))
    torque = solved.data["torque_perp"].values * EV_UM2_IN_MJ_M2  # (member, stencil, node)
    torque = np.moveaxis(torque, -1, 0).reshape(nodes.size, -1)
    upto = np.append(np.radians(theta), np.pi / 2)
    work = -_sine_integrals(upto) @ sine_terms(torque) if half else -_round_integrals(torque, upto)
    work = np.moveaxis(work.reshape(theta.size + 1, *grid.shape), 0, -1)
    anisotropy = work[..., -1]
    slopes = np.array([weights @ row[1:] for (_, weights), row in zip(stencils, anisotropy, strict=True)])
    thickness = np.array([one.barrier_thickness for one in members.reshape(-1)])
    outer = dims_of(family)
    dims, shape = tuple(outer), members.shape
    dataset = xr.Dataset(
        {"omega": ((*dims, "theta"), work[:, 0, :-1].reshape(*shape, theta.size)),
         "K_i": (dims, anisotropy[:, 0].reshape(shape)),
         # 1 mJ/m² per V over 1/nm is 1000 fJ/(V·m)
         "vcma": (dims, (1000 * slopes * thickness).reshape(shape))},
        coords={**outer, "theta": theta}, attrs={"notes": solved.notes, "phi_deg": float(phi_deg)})
    return dataclasses.replace(solved, data=describe(dataset), setup=setup_of(members, accuracy))


def _sine_integrals(theta: Array) -> Array:
    """∫₀^θ sin nθ' dθ' = (1 − cos nθ)/n for n = 1 … ENERGY_NODES."""
    order = np.arange(1, ENERGY_NODES + 1)
    values: Array = (1 - np.cos(np.outer(theta, order))) / order
    return values


def _round_integrals(torque: Array, theta: Array) -> Array:
    """∫₀^θ of the Fourier series of equidistant values over one turn (nodes, columns): shape (theta, columns).

    A mean torque, which no energy has, adds its work.
    """
    terms = np.fft.rfft(torque, axis=0) / len(torque)
    order = np.arange(1, len(terms))
    turns = (np.exp(1j * np.outer(theta, order)) - 1) / (1j * order)
    scale = np.where(order == len(torque) // 2, 1.0, 2.0)
    values: Array = np.outer(theta, terms[0].real) + (turns @ (scale[:, None] * terms[1:])).real
    return values


def _bias_stencil(bias: float) -> tuple[Array, Array]:
    """Five biases about one, inside the admissible range, and the weights of the derivative there."""
    spec = specs(Junction)["bias"]
    low, high = float(spec.low or 0.0), float(spec.high or 0.0)
    centre = min(max(bias, low + 2 * BIAS_STEP), high - 2 * BIAS_STEP)
    biases = centre + BIAS_STEP * np.arange(-2, 3)
    biases[2] = centre
    powers = np.vander((biases - bias) / BIAS_STEP, increasing=True).T
    weights: Array = np.linalg.solve(powers, np.eye(5)[1]) / BIAS_STEP
    return biases.astype(float), weights
