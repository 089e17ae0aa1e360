"""Spin transport through the junction: Eqs. 1-8 of the Letter, worked out in closed form."""

from smtj_engine import cache as _cache

_cache.prepare()  # numba reads its cache folder when it is imported
