"""The command line: smtj run, figures, presets, info. Its flags come from the parameters' declarations.

Exit status: 0 done, 2 bad input or a missing library; 3 the cluster is gone, 130 stopped by Ctrl-C (in both cases
what was computed is written).
Heavy modules are imported by the commands that need them, so that --version and --help answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtj_engine import flags
from smtj_engine.files import FileError, disk, setups
from smtj_engine.monitor import Cancelled, Interrupted
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError
from smtj_engine.terminal import Progress, duration
from smtj_engine.version import __version__

if TYPE_CHECKING:
    from smtj_engine.analyses import Analysis
    from smtj_engine.files.tiles import TileFile
    from smtj_engine.results import Result

DONE, REFUSED, LOST, CANCELLED = 0, 2, 3, 130
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_DECIMALS = {"point": ".", "comma": ","}
_PICTURES = (".png", ".pdf", ".svg")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a user's error is one line on the standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):    # a pipe or terminal that knows no ⊥ shows a ? for it
            stream.reconfigure(errors="replace")
    try:
        parser = _parser()
        command = parser.parse_args(arguments[:1]).command
        if command is None:
            parser.print_help()
            return DONE
        return _COMMANDS[command][0](arguments[1:])
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else DONE
    except (ParameterError, FileError) as error:
        return _refuse(str(error))
    except ImportError as error:
        return _refuse(f"a library is missing or cannot be loaded ({error}); please install the program again")
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:  # `smtj presets | head`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smtj", allow_abbrev=False,
        description="Spin transport and torque in a semi-magnetic tunnel junction.",
        epilog="Without a command, or with a file, smtj opens the window; `smtj --reset` forgets the window's "
               "layout, preferences and recent files. `smtj COMMAND --help` tells more.")
    parser.add_argument("--version", action="version", version=f"SMTJ {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (_, text) in _COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


def _refuse(reason: str) -> int:
    print(f"smtj: {reason}", file=sys.stderr)
    return REFUSED


# --- smtj run ---------------------------------------------------------------------------------------------

def _run(arguments: list[str]) -> int:
    from smtj_engine.analyses import ANALYSES

    first = argparse.ArgumentParser(
        prog="smtj run", allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Run one analysis and write its numbers:\n\n" + "\n".join(
            f"  {key:<12} {analysis.help}" for key, analysis in ANALYSES.items()),
        epilog="`smtj run ANALYSIS --help` lists the parameters.")
    first.add_argument("analysis", choices=ANALYSES, metavar="ANALYSIS")
    analysis = ANALYSES[first.parse_args(arguments[:1]).analysis]
    options = _run_parser(analysis).parse_args(flags.one_text_each(arguments[1:]))
    table = (_SEPARATORS[options.separator], _DECIMALS[options.decimal])
    if table == (",", ","):
        raise ParameterError("--decimal", None, "a decimal comma needs --separator semicolon or tab")
    write, setup = _writer(options.output, *table, options.matrix), flags.setup(options)
    if analysis.alone and (options.cluster or options.resume):
        raise ParameterError("--cluster" if options.cluster else "--resume", options.cluster,
                             f"there are no independent points to share or to keep: {analysis.alone}")
    with flags.machines(options.cluster), _tiles(options, analysis, setup) as tiles:
        status = _carry_out(analysis, setup, write, options.output, tiles is not None)
        if tiles is not None and status == DONE:
            tiles.remove()
        return status


def _tiles(options: argparse.Namespace, analysis: Analysis,
           setup: Setup) -> contextlib.AbstractContextManager[TileFile | None]:
    """The file in which finished tiles are kept until the output is written, if that was asked for."""
    if options.output is None or not (options.resume or options.cluster):
        if options.resume:
            raise ParameterError("--resume", None, "needs -o FILE: finished tiles are kept beside it")
        return contextlib.nullcontext()
    from smtj_engine.scale import kept

    key = kept.run_key(analysis.key, setups.to_toml(setup))
    return kept.keeping(kept.file_beside(options.output), key, options.resume)


def _run_parser(analysis: Analysis) -> argparse.ArgumentParser:
    """The flags of one analysis; those of parameters that it does not read work too, but are not listed."""
    parser = argparse.ArgumentParser(
        prog=f"smtj run {analysis.key}", allow_abbrev=False, description=analysis.help + ".",
        usage="%(prog)s [-o FILE] [--cluster ADDRESS] [--resume] [--setup FILE | --preset KEY] "
              "[--PARAMETER VALUE ...]")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path,
                        help="out.csv, out.tsv, out.h5, or a figure for print: out.png, out.pdf, out.svg; without "
                             "it CSV goes to the standard output")
    parser.add_argument("--separator", choices=_SEPARATORS, default="comma", help="of a CSV file (comma)")
    parser.add_argument("--decimal", choices=_DECIMALS, default="point", help="sign of a CSV file (point)")
    parser.add_argument("--matrix", action="store_true",
                        help="write a map as one matrix for each quantity; without it, and for all else, each "
                             "point has a row")
    flags.add_cluster(parser)
    parser.add_argument("--resume", action="store_true",
                        help="keep finished parts in FILE.tiles while the run lasts, and go on from those that a "
                             "run which was killed has left there (with --cluster they are kept anyway)")
    flags.add(parser, analysis.depends_on)
    return parser


def _writer(path: Path | None, separator: str, decimal: str, matrix: bool) -> Callable[[Result], object]:
    """How the result will be written; a file that cannot be written is refused before the work."""
    if path is None:
        return lambda result: sys.stdout.write(_csv().to_text(result, separator, decimal,
                                                                matrix and _csv().is_map(result)))
    disk.check_writable(path)
    suffix = path.suffix.lower()
    if suffix == ".h5":
        return lambda result: _hdf5().save(result, path)
    if suffix in (".csv", ".tsv"):
        return lambda result: _csv().write(result, path, "\t" if suffix == ".tsv" else separator, decimal,
                                           matrix and _csv().is_map(result))
    if suffix in _PICTURES:
        return lambda result: _draw(result, path)
    raise FileError(path, f"the name must end in .csv, .tsv, .h5, {', '.join(_PICTURES[:-1])} or {_PICTURES[-1]}")


def _draw(result: Result, path: Path) -> object:
    """A picture of a result; FileError where there is nothing to draw, with the result's own reason."""
    from smtj_engine.figures import save_result

    try:
        return save_result(result, path)
    except ValueError as error:
        raise FileError(path, ". ".join([str(error), *result.notes])) from None


def _csv() -> Any:
    from smtj_engine.files import csv

    return csv


def _hdf5() -> Any:
    from smtj_engine.files import results

    return results


def _carry_out(analysis: Analysis, setup: Setup, write: Callable[[Result], object], path: Path | None,
               kept: bool) -> int:
    """Run, write, and say on a terminal what happened; after Ctrl-C or without machines write what there is."""
    progress, start = _progress(analysis.key), time.monotonic()
    where = path or "the standard output"
    try:
        with progress.interruptible():
            result = analysis.run(setup, progress)
    except Cancelled as stop:
        lost = isinstance(stop, Interrupted)
        partial, reason = stop.partial or progress.partial, str(stop) if lost else "stopped"
        if partial is None:
            print(f"smtj: {reason} before anything was computed", file=sys.stderr)
        else:
            from smtj_engine.results import ended_early

            write(ended_early(partial, setup, *[f"The run ended early: {reason}"] if lost else []))
            more = "; --resume goes on from there" if kept else ""
            print(f"smtj: {reason}; what was computed is in {where}{more}", file=sys.stderr)
        return LOST if lost else CANCELLED
    write(result)
    for note in result.notes:
        print(f"note: {note}", file=sys.stderr)
    progress.say(f"wrote {where} after {duration(time.monotonic() - start)}")
    return DONE


def _progress(key: str) -> Progress:
    """A progress bar, with a word on the one long wait after an installation."""
    from smtj_engine.warm import is_warm

    progress = Progress()
    if not is_warm(key):
        progress.say("compiling the kernels, once after an installation …")
    return progress


# --- the other commands --------------------------------------------------------------------------

def _fit(arguments: list[str]) -> int:
    from smtj_engine import fit_command

    return fit_command.run(arguments, _progress("angular"))


def _figures(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="smtj figures", allow_abbrev=False,
        description="Compute the Letter's figures: CSV, PNG and PDF, report.md, which sets each "
                    "published statement beside the number that this program finds, and materials.md, which does "
                    "so for the presets' materials.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to write; created if it is not there")
    flags.add_cluster(parser)
    options = parser.parse_args(arguments)
    folder = disk.make_folder(options.folder)
    from smtj_engine.figures import letter_figures
    from smtj_engine.figures.materials import write_materials

    progress = _progress("stability")  # the last that is compiled of what the figures need
    try:
        with flags.machines(options.cluster), progress.interruptible():
            written = [*letter_figures(folder, progress), write_materials(folder, progress)]
    except Cancelled as stop:
        reason, status = (str(stop), LOST) if isinstance(stop, Interrupted) else ("stopped", CANCELLED)
        print(f"smtj: {reason}; the figures that were ready are in {folder}", file=sys.stderr)
        return status
    for path in written:
        print(path)
    return DONE


def _presets(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="smtj presets", allow_abbrev=False,
                                     description="List the presets, or print one as a setup file.")
    parser.add_argument("key", nargs="?", metavar="KEY", help="print this preset as a setup (TOML)")
    key = parser.parse_args(arguments).key
    from smtj_engine import presets

    keys = presets.names()
    if key is None:
        for name in keys:
            preset = presets.load(name)
            print(f"{name:<{max(map(len, keys))}}  {preset.group}: {preset.title}")
    elif key in keys:
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")    # what a TOML file is, on any system
        print(setups.to_toml(presets.load(key).setup), end="")
    else:
        return _refuse(f"there is no preset {key!r}; there are {', '.join(keys)}")
    return DONE


def _info(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="smtj info", allow_abbrev=False,
                            description="Print what a bug report needs.").parse_args(arguments)
    from smtj_engine.information import lines

    for name, value in lines():
        print(f"{name:<12} {value}")
    return DONE


def _desktop(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="smtj install-desktop", allow_abbrev=False,
        description="Put SMTJ into the menus of this user's Linux or BSD desktop: entry, icon, description, and "
                    "the kind of file of its sessions.")
    parser.add_argument("--remove", action="store_true", help="take it out again")
    from smtj_engine import desktop

    if parser.parse_args(arguments).remove:
        gone = desktop.remove()
        print("\n".join(f"removed {path}" for path in gone) or "There is nothing to remove.")
    else:
        print("\n".join(f"wrote {path}" for path in desktop.install()))
    return DONE


_COMMANDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "run": (_run, "run one analysis and write its numbers"),
    "figures": (_figures, "compute the Letter's figures and check its statements"),
    "fit": (_fit, "fit the junction to a measured curve"),
    "presets": (_presets, "list the presets"),
    "info": (_info, "versions, folders, processor: what a bug report needs"),
    "install-desktop": (_desktop, "put SMTJ into the desktop's menus (--remove: take it out again)"),
}
