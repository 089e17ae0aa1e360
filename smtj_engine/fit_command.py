"""`smtj fit`: fits junction or magnet to a measured curve without the window."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from smtj_engine import flags
from smtj_engine.files import FileError, disk, tables
from smtj_engine.measured import AXES, QUANTITIES, UNITS, Choice, Table, measurement, suggest
from smtj_engine.monitor import Cancelled, Interrupted
from smtj_engine.schema import ParameterError

if TYPE_CHECKING:
    from smtj_engine.fitting.choices import Vary
    from smtj_engine.results import Result
    from smtj_engine.terminal import Progress

LOST, CANCELLED = 3, 130
#: What the models read of a setup.
_READ = ("junction.", "magnet.", "drive.h_", "drive.law", "drive.junction_perp", "numerics.accuracy",
         "numerics.spin_diode.amplitude", "numerics.spin_diode.source", "numerics.spin_diode.theta0_deg",
         "numerics.spin_diode.phi0_deg")
_ENDINGS = (".txt", ".csv", ".h5", ".pdf", ".png", ".svg", ".toml")


def run(arguments: list[str], progress: Progress) -> int:
    """Carry the command out and return its exit status; errors are raised in the user's terms."""
    options = _parser().parse_args(flags.one_text_each(arguments))
    writers = [_writer(path) for path in options.output]
    setup = flags.setup(options)
    table = tables.read(options.data)
    curve = measurement(table, _choice(table, options), options.data.name)
    from smtj_engine.fitting import report
    from smtj_engine.fitting.least_squares import fit

    try:
        with flags.machines(options.cluster), progress.interruptible():
            result = fit(curve, setup, [_vary(text) for text in options.vary], weights=options.weights,
                         accuracy=setup.numerics.accuracy, monitor=progress)
    except Cancelled as stop:
        reason, status = (str(stop), LOST) if isinstance(stop, Interrupted) else ("stopped", CANCELLED)
        print(f"smtj: {reason} before the fit was finished; nothing was written", file=sys.stderr)
        return status
    for write in writers:
        write(result)
    if not writers:
        sys.stdout.write(report.text(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smtj fit", allow_abbrev=False,
        usage="%(prog)s DATA --vary PARAMETER[=START[,LOW,HIGH]] … [-o FILE] [--cluster ADDRESS] "
              "[--setup FILE | --preset KEY] [--PARAMETER VALUE ...]",
        description="Fit the junction to a measured curve: TAMR, resistance, current, dI/dV or torque against θ, "
                    "φ or V; or magnet and torkances to a resonance: rectified current or open-circuit voltage "
                    "against frequency or field. Columns and units are taken from the headings unless told.",
        epilog="Besides the parameters of the junction, data.offset, data.scale, data.theta_shift and "
               "data.phi_shift can be varied; of a resonance data.scale_par and data.scale_perp (the torkances in "
               "terms of the junction's), magnet.damping, magnet.q_perp, magnet.q_par, magnet.mu0_ms, "
               "junction.rashba, junction.bias, data.offset and data.scale.")
    parser.add_argument("data", type=Path, metavar="DATA", help="text table (any separator) or HDF5 file")
    parser.add_argument("--vary", action="append", required=True, metavar="P",
                        help="a parameter to fit, such as junction.rashba or junction.rashba=3,0,7; repeatable")
    parser.add_argument("-o", "--output", action="append", default=[], metavar="FILE", type=Path,
                        help="the report as .txt or .pdf, all numbers as .csv or .h5, a picture as .png or .svg, "
                             "the fitted setup as .toml; may be repeated; without it the report is printed")
    parser.add_argument("--weights", choices=("sigma", "equal"), help="sigma: by the column of uncertainties")
    flags.add_cluster(parser)
    columns = parser.add_argument_group("columns (counted from 1)")
    columns.add_argument("--quantity", choices=QUANTITIES, help="what was measured")
    columns.add_argument("--column", type=int, metavar="N", help="its column")
    columns.add_argument("--unit", metavar="UNIT", help="its unit, such as %% or uA")
    columns.add_argument("--against", choices=AXES, help="the axis")
    columns.add_argument("--axis-column", type=int, metavar="N", help="its column")
    columns.add_argument("--axis-unit", metavar="UNIT", help="its unit, such as deg or mV")
    columns.add_argument("--sigma-column", type=int, metavar="N", help="column of uncertainties; 0 for none")
    for name, text in (("theta", "polar angle of M (of a resonance: of the field) where it is no column (deg)"),
                       ("phi", "azimuth of M (of a resonance: of the field) where it is no column (deg)"),
                       ("frequency", "frequency of a resonance where it is no column (GHz)"),
                       ("field", "field of a resonance where it is no column (T)"),
                       ("bias", "bias voltage where it is no column (V)"),
                       ("reference", "angle that a TAMR refers to (deg)"), ("area", "junction area (um^2)")):
        columns.add_argument(f"--{name}", type=float, metavar="NUMBER", help=text)
    flags.add(parser, lambda path: path.startswith(_READ))
    return parser


def _choice(table: Table, options: argparse.Namespace) -> Choice:
    """What the headings say, with the user's word on top."""
    found = suggest(table)
    axis = options.against or next(iter(found.axes))
    axes = dict(found.axes)
    if options.against or options.axis_column or options.axis_unit:
        column, unit = found.axes.get(axis, (0, next(iter(UNITS[axis]))))
        axes = {axis: (column if options.axis_column is None else options.axis_column - 1,
                       options.axis_unit or unit)}
    changes = {"quantity": options.quantity, "unit": options.unit, "theta_deg": options.theta,
               "phi_deg": options.phi, "reference_deg": options.reference, "bias": options.bias,
               "area": options.area, "frequency": options.frequency, "field": options.field,
               "column": None if options.column is None else options.column - 1,
               "sigma": None if not options.sigma_column else options.sigma_column - 1}
    changed = dataclasses.replace(found, axes=axes, **{
        name: value for name, value in changes.items() if value is not None})
    return dataclasses.replace(changed, sigma=None) if options.sigma_column == 0 else changed


def _vary(text: str) -> Vary:
    """`junction.rashba=3,0,7` into path, start and bounds."""
    from smtj_engine.fitting.choices import Vary

    path, _, rest = text.partition("=")
    try:
        numbers = [float(part) if part.strip() else None for part in rest.split(",")] if rest else []
    except ValueError:
        raise ParameterError("vary", text, "must be PARAMETER or PARAMETER=START,LOW,HIGH") from None
    if len(numbers) > 3:
        raise ParameterError("vary", text, "takes a start and two bounds at most")
    return Vary(path=path.strip(), **dict(zip(("start", "low", "high"), numbers, strict=False)))


def _writer(path: Path) -> Callable[[Result], object]:
    """How the fit will be written; a file that cannot be written is refused before the work."""
    disk.check_writable(path)
    suffix = path.suffix.lower()
    if suffix not in _ENDINGS:
        raise FileError(path, f"the name must end in {', '.join(_ENDINGS[:-1])} or {_ENDINGS[-1]}")

    def write(result: Result) -> object:
        from smtj_engine.files import csv, results, setups

        if suffix in (".png", ".svg", ".pdf"):
            from smtj_engine.figures import save_fit_report, save_result

            return save_fit_report(result, path) if suffix == ".pdf" else save_result(result, path)
        if suffix == ".txt":
            from smtj_engine.fitting import report

            return disk.write_text(path, report.text(result))
        if suffix == ".toml":
            return setups.save(result.setup, path)
        return csv.write(result, path) if suffix == ".csv" else results.save(result, path)

    return write
