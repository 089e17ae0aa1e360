"""What a fit says, as text: parameters with uncertainties, correlations, quality, notes."""

from __future__ import annotations

import math

from smtj_engine.fitting.choices import spec_of
from smtj_engine.results import SPECTRA, VARIABLES, Result


def with_error(value: float, error: float) -> str:
    """A value with as many digits as its uncertainty makes worth saying: 4.012 ± 0.021."""
    if not math.isfinite(error) or error <= 0:
        return f"{value:.6g}"
    digits = _decimals(error)
    if abs(value) >= 1e5 or digits > 8:
        return f"{value:.6g} ± {error:.2g}"
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def interval(low: float, high: float, error: float) -> str:
    """Its ends with as many digits as the value has: 3.971 … 4.053; a dash where there is none."""
    if math.isnan(low) or math.isnan(high):
        return "–"
    digits = _decimals(error) if 0 < error < math.inf else 99
    if max(abs(low), abs(high)) >= 1e5 or digits > 8:
        return f"{low:.6g} … {high:.6g}"
    return f"{low:.{digits}f} … {high:.{digits}f}"


def _decimals(error: float) -> int:
    """Decimals that show two digits of an uncertainty."""
    return min(max(0, 1 - math.floor(math.log10(error))), 12)


def rows(result: Result) -> list[dict[str, str]]:
    """One line per parameter in words: path, symbol, unit, value, interval, start, bounds."""
    data, told = result.data, []
    for at, path in enumerate(data["parameter"].values.tolist()):
        number = {name: float(data[name].values[at]) for name in ("start", "value", "stderr", "low95", "high95",
                                                                  "lower", "upper")}
        spec = spec_of(path, str(data.attrs["quantity"]))
        told.append({"path": path, "symbol": spec.symbol, "unit": spec.unit or "1",
                     "value": with_error(number["value"], number["stderr"]),
                     "interval": interval(number["low95"], number["high95"], number["stderr"]),
                     "start": f"{number['start']:.5g}",
                     "bounds": f"{number['lower']:.5g} … {number['upper']:.5g}"})
    return told


def correlations(result: Result) -> list[tuple[str, str, float]]:
    """Pairs of symbols with their correlation, the strongest first."""
    data = result.data
    symbols = [spec_of(path).symbol for path in data["parameter"].values.tolist()]
    matrix = data["correlation"].values
    pairs = [(symbols[second], symbols[first], float(matrix[first, second]))
             for first in range(len(symbols)) for second in range(first)]
    return sorted((pair for pair in pairs if math.isfinite(pair[2])), key=lambda pair: -abs(pair[2]))


def summary(result: Result) -> list[str]:
    """What was fitted, how, and how well, one fact a line."""
    told = result.data.attrs
    symbol, name, unit = VARIABLES[str(told["quantity"])]
    fixed = [f"{letter} = {float(told[key]):g}°" for letter, key, axis in (
        ("θ", "theta_deg", "theta"), ("φ", "phi_deg", "phi")) if axis not in result.data]
    if str(told["quantity"]) in SPECTRA:    # there the angles are the field's
        along = f"along {', '.join(fixed)}"
        fixed = [f"field {along}"] if "field" in result.data else []
        fixed += [f"B = {float(told['field']):g} T {along}"] if "field" in told else []
        fixed += [f"f = {float(told['frequency']):g} GHz"] if "frequency" in told else []
    if "bias" not in result.data:
        fixed.append(f"V = {result.setup.junction.bias:g} V")
    count = result.data.sizes["point"]
    weights = "their uncertainties" if told["weights"] == "sigma" else "equal"
    return [
        f"Data: {told['data']}, {count} points of {symbol} ({name}, {unit}) against "
        f"{VARIABLES[str(told['against'])][1]}; {', '.join(fixed)}",
        f"Weights: {weights}",
        ("Converged" if told["converged"] else "Not converged") + f" after {told['steps']} steps and "
        f"{told['evaluations']} evaluations of the model ({result.provenance.accuracy} accuracy)",
        f"χ² = {float(told['chi_square']):.6g}, per degree of freedom {float(told['reduced_chi_square']):.6g} "
        f"({told['degrees_of_freedom']} degrees of freedom)"]


def text(result: Result) -> str:
    """The whole report; the fixed parameters are in the setup that the numbers are saved with."""
    table = rows(result)
    heads = {"symbol": "", "path": "parameter", "value": "value", "unit": "unit", "interval": "95 % interval",
             "start": "start", "bounds": "bounds"}
    widths = {key: max(len(head), *(len(row[key]) for row in table)) for key, head in heads.items()}
    lines = [f"Fit by SMTJ {result.provenance.version}, {result.provenance.date}", "", *summary(result), ""]
    for row in (heads, *table):
        lines.append("  ".join(row[key].ljust(width) for key, width in widths.items()).rstrip())
    pairs = correlations(result)
    if pairs:
        lines += ["", "Correlations", *(f"  {first}, {second}: {value:+.3f}" for first, second, value in pairs)]
    if result.notes:
        lines += ["", "Notes", *(f"  {note}" for note in result.notes)]
    return "\n".join(lines) + "\n"
