"""Figures for print: any result at journal width, and the Letter's figures with a report on its statements."""

from smtj_engine.figures.fit_report import save_fit_report
from smtj_engine.figures.letter import letter_figures
from smtj_engine.figures.publication import Beside, save_result

__all__ = ["Beside", "letter_figures", "save_fit_report", "save_result"]
