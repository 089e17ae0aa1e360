"""Setups and results for tests of files, figures and the command line: real in form, invented in number."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from hypothesis import strategies as st

from smtj_engine.parameters import Setup
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.schema import ParameterError, Spec, walk, with_values


def value_of(spec: Spec) -> st.SearchStrategy[Any]:
    """Any value that a declaration admits."""
    if spec.choices:
        return st.sampled_from(spec.choices)
    if spec.integer:
        return st.integers(int(spec.low or 0), int(spec.high or 100))
    number = st.floats(spec.low, spec.high, allow_nan=False, allow_infinity=False)
    if spec.many:
        return st.lists(number, min_size=1, max_size=5).map(tuple)
    return st.none() | number if spec.optional else number


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    """Setups with a few parameters away from their defaults; combinations that are refused are not drawn."""
    setup = Setup()
    everything = {path: spec for path, spec, _ in walk(setup)}
    for path in draw(st.lists(st.sampled_from(sorted(everything)), unique=True, max_size=12)):
        try:
            setup = with_values(setup, {path: draw(value_of(everything[path]))})
        except ParameterError:
            continue
    return setup


def tiny(key: str) -> dict[str, object]:
    """The parameters that make an analysis fast."""
    from smtj_engine.analyses import ANALYSES

    few: dict[str, object] = {path: 24 if path.endswith("samples") else max(int(spec.low or 0), 4)
                              for path, spec, _ in walk(Setup())
                              if path.startswith(ANALYSES[key].grid + ".") and spec.integer
                              and not path.endswith("seed")}
    noisy = key in ("ensemble", "switching", "rate")
    warm: dict[str, object] = {"magnet.volume": 1000.0, "drive.temperature": 300.0} if noisy else {}
    if key == "rate":  # a state that a small torque leaves stable
        warm |= {"magnet.damping": 0.05, "magnet.volume": 100.0}
    if key == "spin-diode":
        warm = {"drive.h_x": 0.1, "drive.h_z": 0.05}
    if key == "systems":
        warm = {path: "hidden" for path, spec, _ in walk(Setup())
                if path.startswith("numerics.systems.") and spec.choices and not path.endswith("co_alox_al")}
    return {**few, **warm, "numerics.accuracy": "draft"}


def result(values: Any = None, *, family: bool = True, setup: Setup | None = None) -> Result:
    """An angular result over (rashba, theta), or theta alone, with every kind of variable that results have."""
    alphas, theta = np.array([1.0, 4.0]), np.linspace(0.0, 180.0, 5)
    dims = ("rashba", "theta") if family else ("theta",)
    shape = (2, 5) if family else (5,)
    numbers = np.arange(np.prod(shape), dtype=float) / 7 if values is None else np.asarray(values, float)
    numbers = np.resize(numbers, shape)
    vector = np.stack([numbers + 20, numbers + 40, numbers + 60], axis=-1)
    data = xr.Dataset(
        {"current_density": (dims, numbers), "tamr": (dims, numbers / 100), "torque_par": (dims, -numbers),
         "torque_perp": (dims, numbers**2), "K_i": ((), -1.8325),
         "state": (dims, (np.arange(numbers.size) % 6).astype(np.int8).reshape(shape),
                   {"flag_values": np.arange(6, dtype=np.int8), "flag_meanings": "a b c d e f"}),
         "sensitive": (("theta",), theta > 80), "pull": ((*dims, "component"), vector),
         "amplitude": (("order",), np.array([1.0, 0.25, np.nan]))},
        coords={"theta": theta, "component": list("xyz"), "order": [1, 2, 3],
                **({"rashba": alphas} if family else {})},
        attrs={"notes": ["An interface state is bound, \"below\" the continuum; µ and φ.", "A second note."],
               "phi_deg": 0.1})
    return Result(kind="angular", setup=setup or Setup(), data=describe(data),
                  provenance=Provenance(accuracy="normal", seed=7))


def same(first: Result, second: Result) -> None:
    """Both results hold exactly the same: numbers bit by bit, labels, setup, origin."""
    assert second.kind == first.kind
    assert second.setup == first.setup
    assert second.provenance == first.provenance
    assert second.notes == first.notes
    expected = first.data.assign_attrs(notes=first.notes)  # files give back an empty list where there was none
    xr.testing.assert_identical(second.data, expected)
    for name, variable in first.data.variables.items():
        assert second.data[name].dtype == variable.dtype
        if variable.dtype.kind == "f":  # identical treats 0.0 and -0.0 as equal, files must not
            signs = [np.signbit(np.nan_to_num(data[name].values)) for data in (first.data, second.data)]
            np.testing.assert_array_equal(*signs)
