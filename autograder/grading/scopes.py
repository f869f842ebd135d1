"""The names that a piece of code reads, as Python's own symbol table has them."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator


def free(node: ast.AST, top: symtable.SymbolTable) -> set[str]:
    """The names that a piece of code reads, and does not define within a function or a loop.

    top: its symbol table.
    """
    found = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        found.add(node.target.id)
    for inner in scopes(top):
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
    return found


def table(node: ast.AST) -> symtable.SymbolTable:
    """Of code in which there are no comprehensions but generators: see `with_generators`."""
    return symtable.symtable(ast.unparse(node), "<cell>", "exec")


def scopes(top: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for inner in top.get_children():
        yield inner
        yield from scopes(inner)


def with_generators(tree: ast.Module) -> ast.Module:
    """The same names in the same scopes, with a generator for each comprehension.

    Python 3.12 and later count the names of a comprehension among those around it.
    """
    return _Generators().visit(tree)


class _Generators(ast.NodeTransformer):
    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.GeneratorExp(node.elt, node.generators), node)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        pair = ast.Tuple([node.key, node.value], ast.Load())
        made = ast.GeneratorExp(ast.copy_location(pair, node), node.generators)
        return ast.copy_location(made, node)
