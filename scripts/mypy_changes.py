"""A plugin for mypy: `replace(struct, name=value)` knows the struct's fields, and so does `**changes: Changes[Struct]`.

msgspec's own signature is `**changes: Any`, so a misspelt or mistyped change of the state would pass.
"""

from collections.abc import Callable

from mypy.nodes import ARG_NAMED_OPT, ARG_POS, ARG_STAR2, TypeInfo, Var
from mypy.plugin import FunctionSigContext, MethodSigContext, Plugin
from mypy.types import CallableType, FunctionLike, Instance, Type, TypeVarType, UnionType, get_proper_type

Context = FunctionSigContext | MethodSigContext


def fields(info: TypeInfo) -> dict[str, Type]:
    """The fields of a struct with their types, the inherited ones first."""
    named = [(name, symbol.node) for base in reversed(info.mro) for name, symbol in base.names.items()]
    return {
        name: node.type
        for name, node in named
        if isinstance(node, Var) and node.type is not None and not node.is_classvar and not name.startswith("__")
    }


def structs(of: Type) -> list[Instance]:
    """What a value of this type may be; empty where that is no class, as for Any."""
    found = get_proper_type(of)
    match found:
        case Instance():
            return [found]
        case UnionType():
            return [one for item in found.items for one in structs(item)]
        case TypeVarType():
            return structs(found.upper_bound)
    return []


def in_all(found: list[Instance]) -> dict[str, Type]:
    """The fields that each of these structs has, with the type that the first gives them."""
    each = [fields(one.type) for one in found]
    return {name: each[0][name] for name in each[0] if all(name in other for other in each)}


def replaces(context: FunctionSigContext) -> FunctionLike:
    """`msgspec.structs.replace` for the struct that is its first argument."""
    sig = context.default_signature
    if len(context.args[0]) != 1:
        return sig
    struct = context.api.get_expression_type(context.args[0][0])
    found = structs(struct)
    if not found:
        return sig
    known = in_all(found)
    return sig.copy_modified(
        arg_names=[None, *known],
        arg_kinds=[ARG_POS, *(ARG_NAMED_OPT for _ in known)],
        arg_types=[struct, *known.values()],
        ret_type=struct,
        variables=(),
        name=f"replace of {found[0].type.name}",
    )


def takes_changes(context: Context) -> FunctionLike:
    """A function of ours whose last parameter is `**changes: Changes[Struct]`."""
    sig = context.default_signature
    if not sig.arg_kinds or sig.arg_kinds[-1] is not ARG_STAR2:
        return sig
    changes = get_proper_type(sig.arg_types[-1])
    if not isinstance(changes, Instance) or changes.type.name != "Changes":
        return sig
    known = {name: of for name, of in in_all(structs(changes.args[0])).items() if name not in sig.arg_names}
    return with_fields(sig, known)


def with_fields(sig: CallableType, known: dict[str, Type]) -> CallableType:
    return sig.copy_modified(
        arg_names=[*sig.arg_names[:-1], *known],
        arg_kinds=[*sig.arg_kinds[:-1], *(ARG_NAMED_OPT for _ in known)],
        arg_types=[*sig.arg_types[:-1], *known.values()],
    )


class ChangesPlugin(Plugin):
    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        if fullname == "msgspec.structs.replace":
            return replaces
        return takes_changes if fullname.startswith("device.") else None

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        return takes_changes if fullname.startswith("device.") else None


def plugin(_version: str) -> type[Plugin]:
    return ChangesPlugin
