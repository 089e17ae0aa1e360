"""Thermal noise: normal numbers, Boltzmann's distribution, the pole, first passages, independence of tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.constants import k as k_b
from scipy.constants import mu_0
from scipy.integrate import cumulative_trapezoid, quad

from smtj_engine.dynamics import driven_kernels, noise
from smtj_engine.dynamics.noise import barrier, ensemble, keys
from smtj_engine.dynamics.spectrum import spectrum
from smtj_engine.dynamics.switching import switching_map
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.dynamics.waveform import driven
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet, Waveform
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError


def magnet(xi: float, temperature: float = 300.0, **values: Any) -> Magnet:
    """A magnet with µ₀M_s²𝒱/k_BT = xi."""
    return Magnet(volume=xi * k_b * temperature * mu_0 / 1.6**2 * 1e27, **values)


WARM = Drive(temperature=300.0)


def test_the_strength_is_browns() -> None:
    """std of the flux density per component and step, sqrt(2ηk_BT/(γM_s𝒱Δt)), in M_s."""
    one = Magnet(volume=1000.0, damping=0.02)
    gamma, dt = 1.76085962784e11, 1e-13
    flux = np.sqrt(2 * 0.02 * k_b * 300 / (gamma * (1.6 / mu_0) * 1000e-27 * dt))
    step = dt * gamma * 1.6
    assert np.sqrt(2 * noise.diffusion(one, WARM) / step) == pytest.approx(flux / 1.6, rel=1e-9)


def test_the_random_numbers_are_normal_and_independent() -> None:
    out = np.empty((8000, 3 * driven_kernels.LANES))
    driven_kernels.normals(keys(5, np.arange(64)), 0, out)
    x = out.reshape(8000, 3, 64)
    n = x.size
    assert stats.kstest(x.ravel(), "norm").pvalue > 1e-3
    for power, moment, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((x**power).mean() - moment) < 4 * np.sqrt(spread / n)
    for a, b in ((x[1:], x[:-1]), (x[:, 0], x[:, 1]), (x[:, 1], x[:, 2]), (x[:, 0], x[:, 2]),
                 (x[..., 1:], x[..., :-1])):  # steps, components, lanes: values and squares
        assert abs((a * b).mean()) < 4 / np.sqrt(a.size)
        assert abs((a**2 * b**2).mean() - 1) < 4 * np.sqrt(8 / a.size)
    tails = (np.abs(x) > 4).mean()
    assert tails == pytest.approx(2 * stats.norm.sf(4), rel=0.4)


def test_the_random_numbers_are_keyed_by_seed_lane_and_step() -> None:
    whole, part, other = (np.empty((10, 192)) for _ in range(3))
    driven_kernels.normals(keys(1, np.arange(64)), 0, whole)
    driven_kernels.normals(keys(1, np.arange(64)), 4, part)
    np.testing.assert_array_equal(whole[4:], part[:6])
    driven_kernels.normals(keys(2, np.arange(64)), 0, other)
    assert abs(np.corrcoef(whole.ravel(), other.ravel())[0, 1]) < 0.1


def boltzmann(one: Magnet, drive: Drive, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """The marginal distribution function of a component of m, p ∝ exp[ξ(w/2 + h·m)], by quadrature."""
    c = np.linspace(-1, 1, 4001)
    phi = np.arange(400) * 2 * np.pi / 400
    side = np.sqrt(1 - c * c)[:, None]
    m = [side * np.cos(phi), side * np.sin(phi)]
    m.insert(axis, np.broadcast_to(c[:, None], m[0].shape))
    w = one.q_par * m[0] ** 2 + (one.q_perp - one.n_z) * m[2] ** 2
    energy = w / 2 + drive.h_x * m[0] + drive.h_y * m[1] + drive.h_z * m[2]
    density = np.exp(barrier(one, drive) * (energy - energy.max())).sum(axis=1)
    cdf = cumulative_trapezoid(density, c, initial=0.0)
    return c, cdf / cdf[-1]


def _distances(one: Magnet, drive: Drive, count: int, phase: float, seed: int) -> list[float]:
    """Kolmogorov and Smirnov's distance of each component in equilibrium from Boltzmann's distribution."""
    unit = 1 / (176.085962784 * one.mu0_ms)
    end = ensemble(one, drive, count=count, start="random", instants=1, duration=60 / one.damping * unit,
                   seed=seed, phase=phase).data["m"].values[0]
    return [stats.kstest(end[:, axis], lambda x, axis=axis: np.interp(x, *boltzmann(one, drive, axis))).statistic
            for axis in range(3)]


@pytest.mark.parametrize(("one", "drive"), [
    (magnet(12.0, damping=0.3), Drive(temperature=300.0, h_x=0.03, h_y=-0.05, h_z=0.02)),
    (magnet(8.0, damping=1.0, q_perp=0.6, q_par=0.3), Drive(temperature=300.0, h_z=0.1)),
    (magnet(10.0, damping=0.3, q_perp=1.25, q_par=0.0), WARM)])
def test_equilibrium_is_boltzmanns(one: Magnet, drive: Drive) -> None:
    """20,000 independent lanes; 1.95/√n is the distance that chance exceeds once in a thousand."""
    assert max(_distances(one, drive, 20_000, 0.1, 3)) < 1.95 / np.sqrt(20_000)


@pytest.mark.slow
def test_equilibrium_is_boltzmanns_to_a_thousandth() -> None:
    """A million lanes, and the step halved: no bias is left that they could show."""
    one, drive = magnet(12.0, damping=0.3), Drive(temperature=300.0, h_x=0.03, h_y=-0.05, h_z=0.02)
    for phase in (0.1, 0.05):
        assert max(_distances(one, drive, 1_000_000, phase, 11)) < 1.95 / 1000


@pytest.mark.parametrize("damping", [0.01, 0.1])
def test_variance_at_the_pole(damping: float) -> None:
    """Equipartition about the stable pole: ⟨m_x²⟩ = 1/(ξ(Q_eff − Q∥)), ⟨m_y²⟩ = 1/(ξQ_eff), for small η too."""
    xi = 4000.0
    one = magnet(xi, damping=damping)
    duration = 8 / damping / 0.15 / (176.085962784 * 1.6)
    m = ensemble(one, WARM, count=20_000, theta0_deg=0.0, instants=1, duration=duration, seed=1).data
    m = m["m"].values[0]
    # next order in 1/ξ by quadrature, since 1/ξQ is 0.2 %
    for axis, stiffness in ((0, 0.05), (1, 0.25)):
        c, cdf = boltzmann(one, WARM, axis)
        exact = np.sum((c[1:] + c[:-1]) ** 2 / 4 * np.diff(cdf))
        assert exact == pytest.approx(1 / (xi * stiffness), rel=0.02)
        assert (m[:, axis] ** 2).mean() == pytest.approx(exact, rel=4 * np.sqrt(2 / 20_000))


def first_passage(xi: float, q: float, damping: float, theta: float) -> float:
    """Mean time until m_z < −½ from θ, in 1/(γµ₀M_s): Brown's Fokker-Planck equation about an axis, integrated."""
    rate = damping / xi / (1 + damping**2)

    def outer(z: float) -> float:
        inner = quad(lambda u: np.exp(xi * q * (u * u - z * z) / 2), z, 1)[0]
        return float(inner / (1 - z * z))

    return quad(outer, -0.5, np.cos(np.radians(theta)), limit=200)[0] / rate


@pytest.mark.parametrize("sigma", [0.7, 2.5, 4.0, 6.2, pytest.param(7.0, marks=pytest.mark.slow)])
def test_switching_times_follow_brown_over_two_decades(sigma: float) -> None:
    """Brute force against the exact first passage, and against Brown's high barrier where that holds."""
    q, damping, count = 0.25, 0.5, 2048
    one = magnet(2 * sigma / q, damping=damping, q_par=0.0, q_perp=1 + q)
    unit = 1 / (176.085962784 * 1.6)
    expected = first_passage(2 * sigma / q, q, damping, 10.0)
    times = ensemble(one, WARM, count=count, instants=1,
                     duration=12 * expected * unit).data["switching_time"].values / unit
    assert np.isfinite(times).mean() > 0.999
    assert np.nanmean(times) == pytest.approx(expected, rel=4.5 / np.sqrt(count))
    assert first_passage(12.4 / q, q, damping, 10.0) > 100 * first_passage(1.4 / q, q, damping, 10.0)
    if sigma >= 5:
        kramers = damping / (1 + damping**2) * q * np.sqrt(sigma / np.pi) * np.exp(-sigma)
        assert np.nanmean(times) == pytest.approx(1 / kramers, rel=0.35)


def test_values_depend_on_seed_and_sample_alone() -> None:
    one, arguments = magnet(50.0), {"duration": 0.5, "instants": 3}
    big = ensemble(one, WARM, count=200, **arguments).data["m"].values
    small = ensemble(one, WARM, count=70, **arguments).data["m"].values
    np.testing.assert_array_equal(big[:, :70], small)
    np.testing.assert_array_equal(big, ensemble(one, WARM, count=200, **arguments).data["m"].values)
    other = ensemble(one, WARM, count=200, seed=1, **arguments)
    assert other.provenance.seed == 1
    assert abs(other.data["m"].values[-1] - big[-1]).max() > 0.1
    assert len(np.unique(big[-1], axis=0)) == 200


def test_more_instants_keep_the_noise_of_a_trajectory() -> None:
    """A path is reproducible, records its seed, and stays on the sphere; its error is not known."""
    one = magnet(200.0)
    first, again = (trajectory(one, WARM, duration=1.0, samples=50, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.data["m"], again.data["m"])
    assert first.provenance.seed == 4
    assert "error" not in first.data
    np.testing.assert_allclose(np.linalg.norm(first.data["m"], axis=1), 1.0, atol=1e-9)
    assert abs(first.data["m"] - trajectory(one, WARM, duration=1.0, samples=50, seed=5).data["m"]).max() > 0.01


def test_the_thermal_line_is_as_wide_as_the_damping() -> None:
    """About the pole m_x fluctuates at Kittel's frequency, with the full width η(2Q_eff − Q∥) of its power."""
    one, gamma = magnet(2e4, damping=0.05), 176.085962784 * 1.6
    path = trajectory(one, WARM, duration=600.0, samples=24_001, theta0_deg=0.5, seed=3)
    data = spectrum(path, segments=119).data
    exact = 0.05 * (2 * 0.25 - 0.2) * gamma / (2 * np.pi)
    assert float(data["peak"]) == pytest.approx(np.sqrt(0.25 * 0.05) * gamma / (2 * np.pi), rel=0.05)
    assert float(data["resolution"]) < 0.5 * exact
    assert float(data["linewidth"]) == pytest.approx(exact, rel=0.3)
    with pytest.raises(ParameterError, match="segment"):
        spectrum(path, segments=5000)


def test_the_line_of_an_auto_oscillation_widens_with_the_temperature() -> None:
    """Δf = D(1 + 1/η²)/[π(1 − z²)]: noise turns the phase, and much more by way of the amplitude, ω = Q z.

    An easy plane under the constant law precesses at z = −τ/(ηQ); D = (η/ξ)/(1 + η²) is the diffusion of m, and
    δz relaxes at (1 − z²)η|Q|/(1 + η²).
    """
    q, damping, z, unit = -0.25, 0.1, 0.5, 1 / (176.085962784 * 1.6)
    widths = []
    for temperature in (300.0, 900.0):
        one = magnet(12_000.0, damping=damping, q_par=0.0, q_perp=1 + q)  # ξ at 300 K
        drive = Drive(temperature=temperature, law="constant", tau_par=-damping * q * z)
        path = trajectory(one, drive, duration=500.0, samples=10_001, theta0_deg=60.0, seed=7)
        data = spectrum(path, discard=0.05, segments=39).data
        diffusion = damping / barrier(one, drive) / (1 + damping**2)
        exact = diffusion * (1 + damping**-2) / (np.pi * (1 - z * z)) / unit
        assert float(data["peak"]) == pytest.approx(abs(q) * z / (2 * np.pi * unit), rel=0.02)
        assert float(data["resolution"]) < 0.8 * exact
        widths.append(float(data["linewidth"]))
        # the Hann window adds its own width, about in squares
        assert np.sqrt(widths[-1] ** 2 - float(data["resolution"]) ** 2) == pytest.approx(exact, rel=0.25)
    assert widths[1] > 2 * widths[0]


def test_noise_fades_with_the_temperature() -> None:
    cold = ensemble(Magnet(volume=1e9), Drive(tau_par=-0.002, temperature=1e-6), count=5, duration=1.0, instants=4)
    exact = trajectory(Magnet(), Drive(tau_par=-0.002), times=cold.data["time"].values).data["m"].values
    np.testing.assert_allclose(cold.data["m"].values, np.broadcast_to(exact[:, None], (4, 5, 3)), atol=2e-5)


def test_without_noise_an_ensemble_says_so() -> None:
    still = ensemble(Magnet(), Drive(tau_par=-0.002, temperature=300.0), count=3, duration=0.2, instants=2)
    assert "volume" in still.notes[0]
    assert np.ptp(still.data["m"].values[-1], axis=0).max() == 0.0
    assert np.isnan(still.data["boltzmann"]).all()


def test_the_histogram_is_beside_boltzmanns() -> None:
    data = ensemble(magnet(10.0, damping=0.3, q_par=0.0), WARM, count=20_000, start="random", instants=1,
                    duration=1.0).data
    width = float(data["m_z"][1] - data["m_z"][0])
    assert float(data["histogram"].sum()) * width == pytest.approx(1.0)
    assert float(data["boltzmann"].sum()) * width == pytest.approx(1.0)
    errors = np.sqrt(data["boltzmann"] / (20_000 * width))
    assert np.abs((data["histogram"] - data["boltzmann"]) / errors).max() < 4.5


def test_a_map_of_pulses_switches_where_one_run_does() -> None:
    """Without noise each cell is the end of one trajectory; strong and long pulses switch, others do not."""
    still = Magnet(damping=0.1)
    wave = Waveform(target="h_z", level=-0.1, length=0.2)
    levels, lengths = [-0.6, -0.3, -0.05], [0.02, 0.3, 1.0]
    found = switching_map(still, Drive(waveform=wave), x=("drive.waveform.length", lengths),
                          y=("drive.waveform.level", levels), duration=4.0)
    for row, level in enumerate(levels):
        for column, length in enumerate(lengths):
            pulse = Drive(waveform=Waveform(target="h_z", level=level, length=length))
            path = trajectory(still, pulse, times=[4.0])
            assert float(found.data["probability"][row, column]) == float(path.data["m"].values[0, 2] < 0)
    assert set(found.data["probability"].values.ravel()) == {0.0, 1.0}
    assert found.data["x"].attrs["units"] == "ns"


def test_a_map_with_noise_agrees_with_its_ensembles() -> None:
    one = magnet(60.0, damping=0.1)
    found = switching_map(one, WARM, x=("drive.h_z", [-0.2, -0.05]), y=("drive.tau_par", [-0.002, 0.0]), count=256,
                          duration=1.0, seed=9)
    for row, tau in enumerate((-0.002, 0.0)):
        for column, h_z in enumerate((-0.2, -0.05)):
            alone = ensemble(one, Drive(temperature=300.0, h_z=h_z, tau_par=tau), count=4096, duration=1.0,
                             instants=1).data
            p = float((alone["m"].values[0] @ np.array(alone.attrs["home"]) < 0).mean())
            spread = np.sqrt(max(p * (1 - p), 1e-3) * (1 / 256 + 1 / 4096))
            assert abs(float(found.data["probability"][row, column]) - p) < 4.5 * spread
    assert 0.01 < float(found.data["probability"].mean()) < 0.99


def test_a_cancel_keeps_the_samples_so_far() -> None:
    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            raise Cancelled

    with pytest.raises(Cancelled) as raised:
        ensemble(magnet(50.0), WARM, count=20_000, duration=5.0, monitor=stop)
    kept = raised.value.partial
    assert kept is not None
    assert 0 < kept.data.sizes["sample"] < 20_000
    assert np.isfinite(kept.data["m"]).all()


def test_a_torque_of_the_junction_with_noise() -> None:
    """The table of the transport law, fixed and moved by the bias, under noise."""
    one = magnet(1e5)
    fixed = ensemble(one, Drive(law="transport", temperature=300.0), count=2, duration=0.3, instants=1,
                     junction=Junction(bias=0.5))
    moved = ensemble(one, Drive(law="transport", temperature=300.0, waveform=Waveform(target="bias", level=0.5)),
                     count=2, duration=0.3, instants=1, junction=Junction())
    np.testing.assert_allclose(fixed.data["m"], moved.data["m"], atol=2e-3)
    assert driven(one, WARM, None).rows.size == 0


@pytest.mark.parametrize(("call", "field", "word"), [
    (lambda: ensemble(Magnet(volume=100.0), WARM, count=10**8), "count", "whole|GB"),
    (lambda: ensemble(Magnet(volume=100.0), WARM, count=10**6, instants=1000), "count", "GB"),
    (lambda: ensemble(Magnet(volume=100.0), Drive(temperature=300.0, waveform=Waveform(
        target="h_z", swing=0.1, frequency=1e4, length=1e6)), duration=1e6), "duration", "hours: stay below"),
    (lambda: switching_map(Magnet(), Drive(waveform=Waveform(target="h_z", swing=0.1, frequency=1e4)),
                           x=("drive.h_z", [0.1]), y=("drive.h_x", [0.1]), duration=1e6), "duration", "hours"),
    (lambda: ensemble(Magnet(), WARM, count=0), "count", "whole number"),
    (lambda: ensemble(Magnet(), WARM, count=2.5), "count", "whole number"),
    (lambda: ensemble(Magnet(), WARM, duration=-1.0), "duration", "positive"),
    (lambda: ensemble(Magnet(), WARM, start="home"), "start", "one of"),
    (lambda: Drive(temperature=-1.0), "temperature", "between 0"),
    (lambda: Magnet(volume=0.0), "volume", "cubic nanometre"),
    (lambda: barrier(Magnet(), WARM), "magnet.volume", "needs the volume"),
    (lambda: barrier(Magnet(volume=10.0), Drive()), "drive.temperature", "above 0 K"),
    (lambda: switching_map(Magnet(), WARM, x=("drive.waveform.level", [0.1]), y=("drive.h_z", [0.1])),
     "drive.waveform.target", "changes nothing"),
    (lambda: switching_map(Magnet(), WARM, x=("junction.bias", [0.1]), y=("drive.h_z", [0.1]),
                           junction=Junction()), "drive.law", "changes nothing"),
    (lambda: switching_map(Magnet(), WARM, x=("drive.h_z", [0.1]), y=("drive.h_z", [0.1])), "y", "same"),
    (lambda: switching_map(Magnet(), WARM, x=("drive.law", [0.1]), y=("drive.h_z", [0.1])), "drive.law",
     "takes a number"),
    (lambda: switching_map(Magnet(), WARM, x=("drive.h_x", [0.1] * 5000), y=("drive.h_z", [0.1] * 5000)), "count",
     "fewer"),
])
def test_bad_input_is_explained(call: Any, field: str, word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        call()
    assert raised.value.field == field
