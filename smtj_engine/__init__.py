"""Physics of a semi-magnetic tunnel junction, usable alone from a notebook; it never imports Qt.

The public names are loaded on first use (PEP 562), so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from smtj_engine.version import __version__

_HOME = {
    "Junction": "parameters", "Magnet": "parameters", "Drive": "parameters", "Numerics": "parameters",
    "Setup": "parameters", "Waveform": "control", "ParameterError": "schema", "Result": "results",
    "Cancelled": "monitor", "silent": "monitor",
    "transport_point": "transport.sweeps", "TransportPoint": "transport.sweeps",
    "angular_curve": "transport.sweeps", "bias_sweep": "transport.sweeps",
    "rashba_sweep": "transport.sweeps", "interface_energy": "transport.energy",
    "spin_density": "transport.density", "k_map": "transport.density", "spectral": "transport.density",
    "trajectory": "dynamics.trajectory", "stability_diagram": "dynamics.stability",
    "Measurement": "measured", "fit": "fitting.least_squares", "Vary": "fitting.choices",
    "limit_cycles": "dynamics.limit_cycles", "spectrum": "dynamics.spectrum",
    "ensemble": "dynamics.noise", "switching_map": "dynamics.switching",
    "spin_diode": "dynamics.spin_diode", "hysteresis_loop": "dynamics.hysteresis",
    "read_out": "dynamics.reading", "switching_rate": "dynamics.rare",
}

__all__ = ["__version__", *sorted(_HOME)]

if TYPE_CHECKING:
    from smtj_engine.control import Waveform as Waveform
    from smtj_engine.monitor import Cancelled as Cancelled
    from smtj_engine.monitor import silent as silent
    from smtj_engine.parameters import Drive as Drive
    from smtj_engine.parameters import Junction as Junction
    from smtj_engine.parameters import Magnet as Magnet
    from smtj_engine.parameters import Numerics as Numerics
    from smtj_engine.parameters import Setup as Setup
    from smtj_engine.results import Result as Result
    from smtj_engine.schema import ParameterError as ParameterError


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
