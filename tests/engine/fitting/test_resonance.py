"""Fits of spin-diode spectra: the model is the spin diode's, and the intervals hold what they promise."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from smtj_engine import cli
from smtj_engine.dynamics.spin_diode import spin_diode
from smtj_engine.files import resources, tables
from smtj_engine.fitting import report
from smtj_engine.fitting.choices import SCALE_PAR, SCALE_PERP, Vary, variable
from smtj_engine.fitting.least_squares import fit
from smtj_engine.fitting.picture import expected
from smtj_engine.fitting.resonance import ResonanceModel
from smtj_engine.measured import Measurement, measurement, suggest
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError, with_values
from smtj_engine.transport.sweeps import transport_point
from tests.engine.fitting.sample_data import SAMPLES, Sample

FREQUENCY, FIELD = (next(one for one in SAMPLES if one.axis == axis) for axis in ("frequency", "field"))
SETUP = Setup(junction=Junction(bias=0.1), magnet=Magnet(q_par=0.05),
              drive=Drive(law="transport", h_x=0.05, h_z=0.02))
TURNS = np.linspace(6.0, 14.0, 17)
FREE = (SCALE_PAR, SCALE_PERP, "magnet.damping", "magnet.q_perp", "data.offset")


def spectrum(setup: Setup = SETUP, quantity: str = "rectified", values: dict[str, float] | None = None,
             **given: Any) -> Measurement:
    axes = given.pop("axes", {"frequency": TURNS})
    empty = Measurement(quantity=quantity, values=np.zeros(next(iter(axes.values())).size), axes=axes, **given)
    return dataclasses.replace(empty, values=ResonanceModel(empty, setup).curve(values or {}))


def value(result: Result, path: str, column: str = "value") -> float:
    return float(result.data[column].sel(parameter=path))


@pytest.mark.parametrize("quantity", ["rectified", "open_circuit"])
def test_the_model_is_the_spin_diode(quantity: str) -> None:
    """Against the frequency in the drive's field, and against a field along any direction that adds to it."""
    exact = spin_diode(SETUP.magnet, SETUP.drive, SETUP.junction, frequency=TURNS).data[quantity]
    np.testing.assert_allclose(spectrum(quantity=quantity).values, exact, rtol=1e-9)
    levels = np.linspace(-0.05, 0.2, 6)
    swept = spin_diode(SETUP.magnet, SETUP.drive, SETUP.junction, frequency=[9.0],
                       over=("drive.h_y", levels)).data[quantity]
    found = spectrum(quantity=quantity, axes={"field": 1.6 * levels}, frequency=9.0, theta_deg=90.0, phi_deg=90.0)
    np.testing.assert_allclose(found.values, swept[:, 0], rtol=1e-6)
    both = spectrum(quantity=quantity, axes={"field": 1.6 * levels, "frequency": np.full(6, 9.0)}, theta_deg=90.0,
                    phi_deg=90.0)
    np.testing.assert_allclose(both.values, found.values, rtol=1e-12)
    fixed = spectrum(quantity=quantity, field=1.6 * 0.1, theta_deg=90.0, phi_deg=90.0)
    alone = spin_diode(SETUP.magnet, dataclasses.replace(SETUP.drive, h_y=0.1), SETUP.junction, frequency=TURNS)
    np.testing.assert_allclose(fixed.values, alone.data[quantity], rtol=1e-9)


def test_the_scales_are_those_of_the_two_lorentzians() -> None:
    """Without bias and to first order in η s∥ multiplies the symmetric part and s⊥ the antisymmetric one."""
    setup = with_values(SETUP, {"junction.bias": 0.0, "magnet.damping": 1e-3})
    where = float(spin_diode(setup.magnet, setup.drive, setup.junction, frequency=[1.0]).data["resonance"])
    turns = where * (1 + np.linspace(-0.02, 0.02, 21))
    parts = spin_diode(setup.magnet, setup.drive, setup.junction, frequency=turns).data
    base = spectrum(setup, axes={"frequency": turns}, values={SCALE_PAR: 0.0, SCALE_PERP: 0.0}).values
    np.testing.assert_allclose(base, parts["background"], rtol=1e-6)
    for path, name in ((SCALE_PAR, "symmetric"), (SCALE_PERP, "antisymmetric")):
        values = {SCALE_PAR: 0.0, SCALE_PERP: 0.0, path: 3.0}
        found = spectrum(setup, axes={"frequency": turns}, values=values).values - base
        assert np.abs(found - 3 * parts[name]).max() < 0.01 * np.abs(3 * parts[name]).max()


def test_the_torkances_are_told_in_their_own_unit() -> None:
    """s∥ times the slope of T∥(45°, V), whatever the law."""
    step = 2e-3
    points = [transport_point(Junction(bias=v), 45.0) for v in (0.1 - step, 0.1 + step)]
    for law in ("cosine", "transport"):
        setup = with_values(SETUP, {"drive.law": law})
        said = expected(spectrum(setup), setup, {SCALE_PAR: 2.0}).data.attrs["notes"][0]
        numbers = [float(part.split(" eV")[0]) for part in said.split("= ")[1:]]
        for number, scale, name in zip(numbers, (2.0, 1.0), ("torque_par", "torque_perp"), strict=True):
            slope = (getattr(points[1], name) - getattr(points[0], name)) / (2 * step)
            assert number == pytest.approx(scale * slope, rel=2e-3)


def recovered(sample: Sample) -> Result:
    result = fit(sample.noisy(), Setup(), list(FREE))
    assert result.data.attrs["converged"] == 1
    truth = {**dict(sample.true), "magnet.damping": sample.magnet.damping, "magnet.q_perp": sample.magnet.q_perp,
             "data.offset": 0.0}
    for path, true in truth.items():
        assert abs(value(result, path) - true) < 4 * value(result, path, "stderr")
    assert value(result, "magnet.damping", "stderr") < 0.02 * 0.014
    return result


def test_a_spectrum_is_fitted_from_the_defaults() -> None:
    """The start lies 14 linewidths beside the resonance: the search for a better one finds it."""
    result = recovered(FREQUENCY)
    assert result.setup.magnet.damping == value(result, "magnet.damping")
    text = report.text(result)
    for word in ("∂T∥/∂V = 10", "times the junction's 84.2", "B = 0.2 T along θ = 60°", "Resonance at 9.68"):
        assert word in text


@pytest.mark.slow
def test_a_swept_field_is_fitted_from_the_defaults() -> None:
    assert "f = 12 GHz" in report.text(recovered(FIELD))


def covered(repeats: int) -> np.ndarray:
    """How often the 95 % interval of each parameter holds the true value."""
    truth = {**dict(FREQUENCY.true), "magnet.damping": 0.014, "magnet.q_perp": 1.28, "data.offset": 0.0}
    axes = {"frequency": np.linspace(9.0, 10.4, 29)}
    setup = Setup(junction=FREQUENCY.junction, magnet=FREQUENCY.magnet)
    exact = spectrum(setup, axes=axes, field=0.2, theta_deg=60.0, values=dict(FREQUENCY.true))
    starts = [Vary(path=path, start=true) for path, true in truth.items()]
    inside = np.zeros(len(truth), dtype=int)
    for noise in np.random.default_rng(20261123).normal(0.0, 1e-8, (repeats, 29)):
        found = fit(dataclasses.replace(exact, values=exact.values + noise), setup, starts)
        inside += [value(found, path, "low95") <= true <= value(found, path, "high95")
                   for path, true in truth.items()]
    return inside


def test_the_intervals_hold_the_truth_in_most_fits() -> None:
    """6 noisy repeats: at least 4 each (less has a chance of 1 in 450)."""
    assert covered(6).min() >= 4


@pytest.mark.slow
def test_the_intervals_hold_the_truth_in_95_of_100_fits() -> None:
    """40 repeats: 34 to 40 of them (binomial, ±3 σ)."""
    assert covered(40).min() >= 34


def test_the_files_say_what_they_are() -> None:
    table = tables.read(resources.path(f"measured/{FIELD.name}"))
    found = measurement(table, suggest(table), FIELD.name)
    assert (found.quantity, found.against) == ("open_circuit", "field")
    assert (found.frequency, found.theta_deg) == (12.0, 60.0)
    assert found.axes["field"][0] == pytest.approx(0.05) and abs(found.values).max() < 1e-5
    table = tables.read(resources.path(f"measured/{FREQUENCY.name}"))
    found = measurement(table, suggest(table), FREQUENCY.name)
    assert (found.quantity, found.against, found.field, found.frequency) == ("rectified", "frequency", 0.2, None)
    assert found.sigma is not None and found.sigma[0] == pytest.approx(4e-9)


def test_the_command_fits_a_spectrum(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(resources.path(f"measured/{FREQUENCY.name}"))
    assert cli.main(["fit", path, *[word for one in FREE[:3] for word in ("--vary", one)],
                     "--magnet.q_perp", "1.28"]) == 0
    said = capsys.readouterr().out
    assert "s∥  data.scale_par" in said and "their uncertainties" in said


def test_looking_for_the_resonance_can_be_stopped() -> None:
    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if "step" in note:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(FREQUENCY.noisy(), Setup(), ["magnet.q_perp"], monitor=stop)


@pytest.mark.parametrize(("given", "vary", "why"), [
    ({"axes": {"field": TURNS}}, FREE, "needs its frequency"),
    ({"axes": {"theta": TURNS}}, FREE, "no model of a resonance against the polar angle"),
    ({}, ["data.theta_shift"], "cannot be fitted"),
    ({}, ["junction.barrier_height"], "cannot be fitted"),
    ({}, [Vary(path="magnet.damping", start=2.0)], "outside its bounds")])
def test_fits_that_make_no_sense_are_refused(given: dict[str, Any], vary: Any, why: str) -> None:
    data = Measurement(**{"quantity": "rectified", "values": TURNS, "axes": {"frequency": TURNS}, **given})
    with pytest.raises(ParameterError, match=why):
        fit(data, SETUP, list(vary))


def test_what_can_be_varied_depends_on_the_quantity() -> None:
    assert "magnet.damping" in variable("rectified") and "magnet.damping" not in variable("tamr")
    assert set(variable()) == set(variable("rectified")) | set(variable("tamr"))
