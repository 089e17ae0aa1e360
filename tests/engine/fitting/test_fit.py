"""Fits: the model is the engine's, linear fits have closed forms, and intervals hold what they promise."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from smtj_engine import figures
from smtj_engine.files import csv, resources, results
from smtj_engine.fitting import report
from smtj_engine.fitting.choices import Vary, default_bounds
from smtj_engine.fitting.least_squares import fit
from smtj_engine.fitting.model import Model
from smtj_engine.measured import Measurement
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError
from smtj_engine.transport.sweeps import angular_curve, bias_sweep
from tests.engine import samples
from tests.engine.fitting.sample_data import SAMPLES

TRUE = Setup(junction=Junction(rashba=4.0, bias=0.1))
THETA = np.linspace(0.0, 180.0, 19)


def curve(quantity: str = "tamr", setup: Setup = TRUE, noise: float = 0.0, seed: int = 0, accuracy: str = "normal",
          values: dict[str, float] | None = None, sigma: float | None = None, **axes: np.ndarray) -> Measurement:
    """What the program expects to be measured, with noise."""
    axes = axes or {"theta": THETA}
    size = next(iter(axes.values())).size
    empty = Measurement(quantity=quantity, values=np.arange(float(size)), axes=axes, theta_deg=45.0,
                        sigma=None if sigma is None else np.full(size, sigma))
    exact = Model(empty, setup, accuracy).curve(values or {})
    return dataclasses.replace(empty, values=exact + np.random.default_rng(seed).normal(0.0, noise, size))


def value(result: Result, path: str, column: str = "value") -> float:
    return float(result.data[column].sel(parameter=path))


# --- the model --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("quantity", ["tamr", "resistance", "current_density", "conductance", "torque_par",
                                      "torque_perp", "torque_perp_neq"])
def test_the_model_is_the_angular_curve_and_the_bias_sweep(quantity: str) -> None:
    along = angular_curve(TRUE.junction, theta_deg=THETA).data[quantity].values
    np.testing.assert_allclose(curve(quantity).values, along, rtol=1e-6, atol=1e-9 * np.abs(along).max())
    bias = np.array([-0.4, 0.0, 0.3])
    swept = bias_sweep(TRUE.junction, bias=bias).data[quantity].values
    np.testing.assert_allclose(curve(quantity, bias=bias).values, swept, rtol=1e-6,
                               atol=1e-9 * np.abs(swept).max())


def test_tamr_along_phi_is_relative_to_phi() -> None:
    junction = Junction(rashba=3.0, dresselhaus=1.0)
    phi = np.linspace(0.0, 180.0, 7)
    measured = curve("tamr", Setup(junction=junction), phi=phi)
    expected = angular_curve(junction, theta_deg=45.0, phi_deg=phi).data["tamr"].values
    np.testing.assert_allclose(measured.values, expected, rtol=1e-6, atol=1e-12)


def test_tamr_over_both_angles_at_several_biases() -> None:
    junction = Junction(rashba=3.0, dresselhaus=1.0)
    measured = curve("tamr", Setup(junction=junction), theta=np.array([0.0, 40.0, 40.0, 90.0]),
                     phi=np.array([10.0, 20.0, 70.0, 45.0]), bias=np.array([0.2, 0.2, 0.2, 0.4]))
    for at, (theta, phi, bias) in enumerate(zip(*(measured.axes[name] for name in ("theta", "phi", "bias")),
                                                strict=True)):
        one = angular_curve(dataclasses.replace(junction, bias=bias), theta_deg=[theta], phi_deg=phi)
        np.testing.assert_allclose(measured.values[at], one.data["tamr"].values[0], rtol=1e-6, atol=1e-12)


def test_a_misaligned_sample_is_the_curve_at_other_angles() -> None:
    shifted = curve("resistance", values={"data.theta_shift": 7.0}).values
    np.testing.assert_allclose(shifted, curve("resistance", theta=THETA + 7.0).values, rtol=1e-9)


def test_the_bias_of_the_data_wins_over_that_of_the_setup() -> None:
    measured = dataclasses.replace(curve("resistance"), bias=0.1)
    result = fit(measured, Setup(junction=Junction(rashba=3.0, bias=-0.5)), ["junction.rashba"])
    assert result.setup.junction.bias == 0.1
    assert value(result, "junction.rashba") == pytest.approx(4.0, rel=1e-5)


# --- closed forms -----------------------------------------------------------------------------------------

def test_a_mean_has_the_textbook_uncertainty() -> None:
    """The offset alone: the mean of what is left, with s/√n, or σ/√n where σ is known."""
    measured = curve(noise=1e-3, seed=5)
    rest, count = measured.values - curve().values, THETA.size
    scattered = fit(measured, TRUE, ["data.offset"])
    assert value(scattered, "data.offset") == pytest.approx(rest.mean(), rel=1e-6)
    assert value(scattered, "data.offset", "stderr") == pytest.approx(rest.std(ddof=1) / count**0.5, rel=1e-6)
    known = fit(dataclasses.replace(measured, sigma=np.full(count, 2e-3)), TRUE, ["data.offset"])
    assert value(known, "data.offset", "stderr") == pytest.approx(2e-3 / count**0.5, rel=1e-6)
    half = (value(known, "data.offset", "high95") - value(known, "data.offset", "low95")) / 2
    assert half == pytest.approx(1.959964 * 2e-3 / count**0.5, rel=1e-6)


def test_a_straight_line_agrees_with_linear_regression() -> None:
    """Offset and scale: numpy's regression on the model's curve, covariance and correlation included."""
    model = curve("torque_par").values
    measured = curve("torque_par", noise=0.5, seed=6)
    found = fit(measured, TRUE, ["data.scale", "data.offset"])
    line, covariance = np.polyfit(model, measured.values, 1, cov=True)
    np.testing.assert_allclose(found.data["value"], line, rtol=1e-6)
    np.testing.assert_allclose(found.data["stderr"], np.sqrt(np.diag(covariance)), rtol=1e-4)
    assert float(found.data["correlation"][0, 1]) == pytest.approx(
        covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=1e-6)
    np.testing.assert_allclose(found.data["residual"], measured.values - np.polyval(line, model), atol=1e-6)


@pytest.mark.parametrize(("quantity", "axes", "vary", "truth"), [
    ("tamr", {"theta": THETA}, ["junction.rashba", "data.offset", "data.theta_shift"],
     {"junction.rashba": 4.5, "data.offset": 0.001, "data.theta_shift": 3.0}),
    ("current_density", {"bias": np.linspace(-0.8, 0.8, 9)}, ["junction.barrier_height", "data.scale"],
     {"junction.barrier_height": 1.4, "data.scale": 0.8}),
    ("torque_par", {"bias": np.linspace(-0.8, 0.8, 9)}, ["junction.rashba", "junction.barrier_thickness"],
     {"junction.rashba": 3.1, "junction.barrier_thickness": 0.7}),
    ("tamr", {"phi": np.linspace(0.0, 360.0, 17)}, ["junction.dresselhaus", "data.phi_shift"],
     {"junction.dresselhaus": 0.7, "data.phi_shift": 5.0})])
def test_exact_data_give_back_their_parameters(quantity, axes, vary, truth) -> None:
    measured = curve(quantity, values=truth, **axes)
    result = fit(measured, TRUE, vary)
    assert result.data.attrs["converged"] == 1
    for path, true in truth.items():
        assert value(result, path) == pytest.approx(true, rel=1e-4)
    junction = {path: true for path, true in truth.items() if path.startswith("junction.")}
    assert Model(measured, result.setup).setup_with(junction).junction.rashba == pytest.approx(
        result.setup.junction.rashba, rel=1e-4)


# --- bounds, doubts, refusals -----------------------------------------------------------------------------

def test_bounds_hold_and_are_told() -> None:
    result = fit(curve(), TRUE, [Vary(path="junction.rashba", start=2.0, high=3.0)])
    assert value(result, "junction.rashba") == pytest.approx(3.0, abs=1e-5)
    assert any("bound" in note for note in result.notes)


def test_parameters_that_the_data_cannot_tell_apart_are_told() -> None:
    result = fit(curve(noise=1e-4), TRUE, ["junction.rashba", "data.scale"])
    assert any("α_R" in note and "apart" in note for note in result.notes) or not result.data.attrs["converged"]


def test_a_parameter_without_effect_is_told() -> None:
    """With α alone the TAMR does not depend on φ, whatever α is."""
    phi = np.linspace(0.0, 180.0, 13)
    values = 1e-3 * np.sin(2 * np.radians(phi))
    result = fit(Measurement(quantity="tamr", values=values, axes={"phi": phi}, theta_deg=90.0), TRUE,
                 ["junction.rashba"])
    assert any("α_R hardly changes this curve" in note for note in result.notes)


def test_a_search_that_touches_the_end_of_the_model_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step leads far beyond the place where this model ends."""
    def ends_at_6(model: Model, values: dict[str, float]) -> np.ndarray:
        if values["junction.rashba"] > 6:
            raise ParameterError("rashba", values["junction.rashba"], "the model ends at 6")
        return np.sqrt(6 - values["junction.rashba"]) * np.cos(np.radians(THETA))

    monkeypatch.setattr(Model, "curve", ends_at_6)
    measured = Measurement(quantity="tamr", values=np.sqrt(0.1) * np.cos(np.radians(THETA)), axes={"theta": THETA})
    result = fit(measured, TRUE, [Vary(path="junction.rashba", start=0.5, low=0.0, high=13.0)])
    assert value(result, "junction.rashba") == pytest.approx(5.9, rel=1e-4)
    assert any("the model ends at 6" in note for note in result.notes)


def test_what_the_engine_says_of_the_fitted_junction_is_told() -> None:
    measured = curve(setup=Setup(junction=Junction(rashba=11.5, bias=0.1)))
    result = fit(measured, Setup(junction=Junction(rashba=11.5, bias=0.1)), ["data.offset"])
    assert any("bound" in note for note in result.notes)


def test_default_bounds_end_where_the_model_does() -> None:
    low, high = default_bounds(TRUE, "junction.rashba")
    assert low == 0.0 and 13.2 < high < TRUE.junction.rashba_limit
    both = Setup(junction=Junction(rashba=4.0, dresselhaus=1.0))
    assert default_bounds(both, "junction.rashba")[0] < 0
    assert default_bounds(TRUE, "junction.k_down")[1] == TRUE.junction.k_up


@pytest.mark.parametrize(("vary", "why"), [
    ([], "at least one"), (["junction.rashba", "junction.rashba"], "twice"),
    (["magnet.damping"], "cannot be fitted"),
    ([Vary(path="junction.rashba", low=2.0, high=1.0)], "below the upper"), (["junction.k_normal"], "derived"),
    ([Vary(path="junction.rashba", start=50.0)], "outside its bounds")])
def test_fits_that_make_no_sense_are_refused(vary, why) -> None:
    with pytest.raises(ParameterError, match=why):
        fit(curve(), TRUE, vary)


def test_curves_without_a_model_and_without_freedom_are_refused() -> None:
    field = Measurement(quantity="resistance", values=np.arange(3.0), axes={"field": np.arange(3.0)})
    with pytest.raises(ParameterError, match="no model"):
        fit(field, TRUE, ["junction.rashba"])
    with pytest.raises(ParameterError, match="cannot fix"):
        fit(curve(theta=np.array([0.0, 90.0])), TRUE, ["junction.rashba", "data.offset"])
    with pytest.raises(ParameterError, match="no uncertainties"):
        fit(curve(), TRUE, ["data.offset"], weights="sigma")
    with pytest.raises(ParameterError, match="axis of the data"):
        fit(curve(bias=np.array([0.1, 0.2, 0.3])), TRUE, ["junction.bias"])


# --- news and cancelling ----------------------------------------------------------------------------------

def test_the_curve_is_shown_while_it_converges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtj_engine.fitting.least_squares._REDRAW", 0.0)
    partials: list[Result] = []

    def monitor(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            partials.append(partial)

    start = dataclasses.replace(TRUE, junction=Junction(rashba=1.0, bias=0.1))
    final = fit(curve(), start, ["junction.rashba"], monitor=monitor)
    squares = [partial.data.attrs["chi_square"] for partial in partials]
    assert len(squares) > 2 and squares == sorted(squares, reverse=True)
    assert not partials[0].data.attrs["converged"] and final.data.attrs["converged"]
    assert partials[0].setup.junction.rashba == 1.0


def test_a_stopped_fit_hands_over_its_best_curve() -> None:
    def monitor(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            raise Cancelled

    with pytest.raises(Cancelled) as stopped:
        fit(curve(), TRUE, ["junction.rashba"], monitor=monitor)
    assert stopped.value.partial.kind == "fit"
    assert "The fit was not finished." in stopped.value.partial.notes


# --- reports and files ------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def fitted() -> Result:
    return fit(curve(noise=1e-4, sigma=1e-4), TRUE, ["junction.rashba", "data.offset"])


def test_the_report_says_everything(fitted: Result) -> None:
    text = report.text(fitted)
    for word in ("junction.rashba", "α_R", "eV·Å²", "±", "95 %", "Correlations", "α_R, y₀", "χ²",
                 "17 degrees of freedom", "V = 0.1 V", "their uncertainties"):
        assert word in text
    assert report.with_error(4.01234, 0.021) == "4.012 ± 0.021"
    assert report.with_error(123.4, float("nan")) == "123.4"
    assert report.interval(3.97061, 4.05345, 0.021) == "3.971 … 4.053"
    assert report.interval(10234.5678, 10234.5999, 0.0082) == "10234.5678 … 10234.5999"     # not one number twice
    assert report.interval(float("nan"), float("nan"), 0.1) == "–"
    assert report.interval(1e-12, 3e-12, 5e-13) == "1e-12 … 3e-12"


def test_a_fit_is_a_result_like_any_other(fitted: Result, tmp_path: Path) -> None:
    text = csv.to_text(fitted)
    samples.same(fitted, csv.from_text(text))
    assert "# SMTJ" in text and len([line for line in text.splitlines() if not line.startswith("#")]) == 20
    samples.same(fitted, results.load(results.save(fitted, tmp_path / "a.h5")))
    assert report.text(csv.from_text(text)) == report.text(fitted)


@pytest.mark.parametrize("suffix", [".pdf", ".png"])
def test_the_report_is_drawn(fitted: Result, tmp_path: Path, suffix: str) -> None:
    page = figures.save_fit_report(fitted, tmp_path / f"report{suffix}")
    picture = figures.save_result(fitted, tmp_path / f"picture{suffix}")
    assert page.stat().st_size > 5000 and picture.stat().st_size > 5000


# --- sample data and statistics ---------------------------------------------------------------------------

@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_sample_data_are_what_the_program_makes(sample) -> None:
    """`python -m tests.engine.fitting.sample_data` writes them; digits may differ in the last place."""
    shipped = resources.text(f"measured/{sample.name}").splitlines()
    made = sample.text().splitlines()
    assert shipped[:5] == made[:5] and len(shipped) == len(made)
    for old, new in zip(shipped[5:], made[5:], strict=True):
        numbers = [[float(cell.replace(",", ".")) for cell in line.split(sample.separator)] for line in (old, new)]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=2e-4, atol=1e-4 * sample.noise * sample.factor)


@pytest.mark.slow
def test_the_interval_holds_the_truth_in_95_of_100_fits() -> None:
    """200 noisy repeats: the 95 % interval of α holds the true value in 180 to 198 of them (binomial, ±3.2 σ)."""
    theta = np.linspace(0.0, 180.0, 13)
    exact = curve(theta=theta)
    inside = 0
    for noise in np.random.default_rng(20261123).normal(0.0, 2e-4, (200, theta.size)):
        result = fit(dataclasses.replace(exact, values=exact.values + noise), TRUE,
                     ["junction.rashba", "data.offset"])
        inside += value(result, "junction.rashba", "low95") <= 4.0 <= value(result, "junction.rashba", "high95")
    assert 180 <= inside <= 198
