"""Interactive plots of what the student's own code does, one file each."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.explorers.capacity import CapacityExplorer
    from helpers.explorers.connection import ConnectionExplorer
    from helpers.explorers.convergence import ConvergenceMap
    from helpers.explorers.depth import DepthExplorer
    from helpers.explorers.error_curve import ErrorCurveExplorer
    from helpers.explorers.graph import GraphViewer
    from helpers.explorers.hidden_units import HiddenUnitsExplorer
    from helpers.explorers.mini_batch import MiniBatchExplorer
    from helpers.explorers.neuron import NeuronExplorer
    from helpers.explorers.path import PathExplorer, surface_of
    from helpers.explorers.race import Race
    from helpers.explorers.searches import SearchExplorer
    from helpers.explorers.sigmoid_unit import SigmoidUnitExplorer
    from helpers.explorers.slice import SliceExplorer
    from helpers.explorers.softmax import SoftmaxExplorer
    from helpers.explorers.step_size import StepSizeExplorer
    from helpers.explorers.surface import SurfaceExplorer
    from helpers.explorers.tangent import TangentExplorer

__all__ = [
    "CapacityExplorer",
    "ConnectionExplorer",
    "ConvergenceMap",
    "DepthExplorer",
    "ErrorCurveExplorer",
    "GraphViewer",
    "HiddenUnitsExplorer",
    "MiniBatchExplorer",
    "NeuronExplorer",
    "PathExplorer",
    "Race",
    "SearchExplorer",
    "SigmoidUnitExplorer",
    "SliceExplorer",
    "SoftmaxExplorer",
    "StepSizeExplorer",
    "SurfaceExplorer",
    "TangentExplorer",
    "surface_of",
]

_HOMES = {
    "CapacityExplorer": "capacity",
    "ConnectionExplorer": "connection",
    "ConvergenceMap": "convergence",
    "DepthExplorer": "depth",
    "ErrorCurveExplorer": "error_curve",
    "GraphViewer": "graph",
    "HiddenUnitsExplorer": "hidden_units",
    "MiniBatchExplorer": "mini_batch",
    "NeuronExplorer": "neuron",
    "PathExplorer": "path",
    "Race": "race",
    "SearchExplorer": "searches",
    "SigmoidUnitExplorer": "sigmoid_unit",
    "SliceExplorer": "slice",
    "SoftmaxExplorer": "softmax",
    "StepSizeExplorer": "step_size",
    "SurfaceExplorer": "surface",
    "TangentExplorer": "tangent",
    "surface_of": "path",
}
"""The module of each; none is imported before it is asked for."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
