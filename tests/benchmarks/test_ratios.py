"""What the short benchmark of CI calls a loss of speed, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks import ratios, short_bench


def _fallen(found: dict[str, float | None], stored: dict[str, float] | None) -> list[str]:
    return [verdict.case for verdict in ratios.judged(found, stored) if verdict.fallen]


def test_below_half_falls_and_half_does_not() -> None:
    found: dict[str, float | None] = {"much slower": 4.9, "half": 5.0, "as ever": 9.0, "faster": 30.0}
    assert _fallen(found, dict.fromkeys(found, 10.0)) == ["much slower"]


def test_an_unknown_class_and_a_new_case_only_report() -> None:
    assert _fallen({"a": 1e-9}, None) == []
    assert _fallen({"a": 1e-9, "b": 1.0}, {"b": 1.0}) == []


def test_what_was_not_run_is_said_and_does_not_fall() -> None:
    verdicts = ratios.judged({"window": None}, {"window": 0.2, "gone": 3.0})
    assert [str(verdict).endswith("not run") for verdict in verdicts] == [True, True]
    assert not any(verdict.fallen for verdict in verdicts)


def test_a_ratio_is_the_median_of_turns_that_alternate() -> None:
    calls: list[str] = []
    mine, other = iter([9.0, 2.0, 2.0, 2.0]), iter([9.0, 4.0, 40.0, 6.0])

    def ours() -> float:
        calls.append("ours")
        return next(mine)

    def theirs() -> float:
        calls.append("theirs")
        return next(other)

    assert ratios.ratio(ours, theirs, turns=3) == 3.0
    assert calls == ["ours", "theirs"] * 4


def test_storing_leaves_other_classes_and_cases_that_were_not_run(tmp_path: Path) -> None:
    path = tmp_path / "stored.json"
    assert ratios.read(path) == {}
    ratios.write("old", {"a": 1.0, "window": 2.0}, path)
    ratios.write("new", {"a": 3.14159}, path)
    ratios.write("old", {"a": 5.0, "window": None}, path)
    assert ratios.read(path) == {"new": {"a": 3.14}, "old": {"a": 5.0, "window": 2.0}}


@pytest.mark.parametrize(("stored", "status"), [({"here": {"a": 3.9}}, 0), ({"here": {"a": 4.1}}, 1), ({}, 0)])
def test_the_command_fails_when_a_ratio_fell(stored: dict[str, dict[str, float]], status: int, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    def measured() -> Iterator[tuple[str, float | None]]:
        yield "a", 2.0

    path = tmp_path / "stored.json"
    for name, found in stored.items():
        ratios.write(name, found, path)
    monkeypatch.setattr(ratios, "STORED", path)
    monkeypatch.setattr(ratios, "feature_class", lambda: "here")
    monkeypatch.setattr(short_bench, "measured", measured)
    assert program.main(["short"]) == status
    said = capsys.readouterr().out
    assert ("FELL BELOW HALF" in said) == bool(status)
    assert ("only reports" in said) == (not stored)
    assert program.main(["short", "--store"]) == 0
    assert ratios.read(path)["here"] == {"a": 2.0}
    assert program.main(["short"]) == 0


def test_what_is_stored_names_cases_of_a_class_by_plain_words() -> None:
    for name, known in ratios.read().items():
        assert len(name.split()) == 2
        assert all(value > 0 for value in known.values())
    assert len(ratios.feature_class().split()) == 2
