"""Hot queries: a QuerySet compiled once per process, executed as a prepared statement.

Building and compiling a QuerySet with several subqueries costs more than running it. The QuerySet stays the one place
that says what is selected; only its SQL is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from time import perf_counter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.lookups import Lookup


@models.BigIntegerField.register_lookup
@models.ForeignKey.register_lookup
class AnyOf(Lookup):
    """`pk__any=[…]`: like `in`, but one array parameter, so that the SQL is the same for any number of ids."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", [*params, self.rhs]

    def get_prep_lookup(self) -> Any:
        return self.rhs


class Parameter(int):
    """Stands for a value that is given at each execution. Distinct numbers, unlikely as real values."""

    def __hash__(self) -> int:
        return int(self)


class Prepared:
    """`build` makes the QuerySet (of `values_list`) from stand-ins, one for each name; `rows` runs it.

    With `limited`, `rows` takes a `limit` too. Counts as one query in Django's query log, like any other.
    """

    def __init__(self, build: Callable[..., "models.QuerySet[Any, Any]"], *names: str, limited: bool = False) -> None:
        self._build = build
        self._names = names
        self._limited = limited

    @cached_property
    def _compiled(self) -> tuple[str, list[Any]]:
        stand_ins = {name: Parameter(-7_700_000_000_000_001 - index) for index, name in enumerate(self._names)}
        sql, params = self._build(**stand_ins).query.sql_with_params()
        names = {str(int(number)): name for name, number in stand_ins.items()}
        slots = [_Slot(names[str(value)]) if str(value) in names else value for value in params]
        return (f"{sql} LIMIT %s", [*slots, _Slot("limit")]) if self._limited else (sql, slots)

    def rows(self, **values: Any) -> Sequence[tuple[Any, ...]]:
        sql, slots = self._compiled
        return prepared_rows(sql, [values[slot.name] if isinstance(slot, _Slot) else slot for slot in slots])


class PreparedModels(Prepared):
    """The same for a QuerySet of whole models: what it finds are instances, as the ORM would make them."""

    @cached_property
    def _instances(self) -> tuple[type[models.Model], list[str], Any]:
        rows = self._build(**dict.fromkeys(self._names, Parameter(0)))
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return rows.model, [field.attname for field in rows.model._meta.concrete_fields], converters

    def first(self, **values: Any) -> Any | None:
        """One of them; None when there is none."""
        found = self.rows(**values)
        if not found:
            return None
        model, names, converters = self._instances
        row = list(found[0])
        for place, (convert_each, expression) in converters.items():
            for convert in convert_each:
                row[place] = convert(row[place], expression, connections[DEFAULT_DB_ALIAS])
        return model.from_db(DEFAULT_DB_ALIAS, names, row)


def ids_param(ids: Iterable[int]) -> str:
    """Many ids as one parameter, in PostgreSQL's own spelling of an array: a tenth of the cost of a list."""
    return "{" + ",".join(map(str, ids)) + "}"


def prepared_rows(
    sql: str, params: Sequence[Any] | Mapping[str, Any], *, binary: bool = False
) -> Sequence[tuple[Any, ...]]:
    """The rows of a hot statement whose text never changes, executed as a prepared one; `binary` as they are sent."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    started = perf_counter()
    with wrapper.wrap_database_errors:
        cursor = wrapper.prepared_cursor()
        found: Sequence[tuple[Any, ...]] = cursor.execute(sql, params, prepare=True, binary=binary).fetchall()
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": sql, "time": f"{perf_counter() - started:.3f}"})
    return found


class _Slot:
    def __init__(self, name: str) -> None:
        self.name = name
