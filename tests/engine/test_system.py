"""Missing system libraries are named with the Debian package that brings them."""

from __future__ import annotations

import pytest

from smtj_engine import system


def test_the_packages_of_the_window_and_of_its_tests_are_listed() -> None:
    packages = system.packages()
    assert packages["libegl1"] == "libEGL.so.1"
    assert {"xvfb", "libgl1-mesa-dri"} <= set(packages)
    assert all(library.startswith("lib") and ".so" in library for library in packages.values() if library)


@pytest.mark.parametrize(("error", "said"), [
    ("ImportError: libEGL.so.1: cannot open shared object file: No such file or directory",
     "the system library libEGL.so.1 is missing; on Debian or Ubuntu install libegl1"),
    ("Cannot load library /x/libqgtk3.so: (libgtk-3.so.0: cannot open shared object file)\n"
     "Cannot load library /x/libqxcb.so: (libxcb-cursor.so.0: cannot open shared object file)",
     "the system library libxcb-cursor.so.0 is missing; on Debian or Ubuntu install libxcb-cursor0"),
])
def test_a_missing_library_is_named_with_its_package(error: str, said: str) -> None:
    assert system.missing_library(error) == said


def test_a_plugin_that_fails_for_no_stated_reason_gets_the_whole_list() -> None:
    said = system.missing_library('Could not load the Qt platform plugin "xcb"')
    assert "libxcb-cursor0" in said
    assert "libegl1" in said


def test_other_errors_are_not_explained() -> None:
    assert system.missing_library("ValueError: no") == ""
