"""Hot queries: a QuerySet compiled once per process, executed as a prepared statement.

Building and compiling a QuerySet with several subqueries costs more than running it. The QuerySet stays the one place
that says what is selected; only its SQL is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.lookups import Lookup
from django.db.models.query import get_related_populators


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

    With `limited`, `rows` takes a `limit` too. With `planned_anew` only Django's part is kept, and PostgreSQL plans for
    the values each time: where the way to a few rows is none to a million. Counts as one query in Django's query log.
    """

    def __init__(
        self,
        build: Callable[..., "models.QuerySet[Any, Any]"],
        *names: str,
        limited: bool = False,
        planned_anew: bool = False,
    ) -> None:
        self._build = build
        self._names = names
        self._limited = limited
        self._planned_anew = planned_anew

    @cached_property
    def _compiled(self) -> tuple[str, list[Any]]:
        stand_ins = {name: Parameter(-7_700_000_000_000_001 - index) for index, name in enumerate(self._names)}
        sql, params = self._build(**stand_ins).query.sql_with_params()
        names = {str(int(number)): name for name, number in stand_ins.items()}
        slots = [_Slot(names[str(value)]) if str(value) in names else value for value in params]
        if dropped := set(self._names) - {slot.name for slot in slots if isinstance(slot, _Slot)}:
            raise ValueError(f"What is asked of {', '.join(sorted(dropped))} is not in the statement: {sql}")
        return (f"{sql} LIMIT %s", [*slots, _Slot("limit")]) if self._limited else (sql, slots)

    def rows(self, **values: Any) -> Sequence[tuple[Any, ...]]:
        sql, slots = self._compiled
        params = [values[slot.name] if isinstance(slot, _Slot) else slot for slot in slots]
        return prepared_rows(sql, params, prepare=not self._planned_anew)


class PreparedModels(Prepared):
    """The same for a QuerySet of whole models, with what is annotated, selected and fetched with them: what it finds
    are instances, as the ORM would make them.
    """

    @cached_property
    def _instances(self) -> "_Instances":
        rows = self._build(**dict.fromkeys(self._names, Parameter(0)))
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.as_sql()
        selected = compiler.klass_info["select_fields"]
        first, end = selected[0], selected[-1] + 1
        return _Instances(
            model=rows.model,
            own=slice(first, end),
            names=[column.target.attname for column, *_ in compiler.select[first:end]],
            converters=compiler.get_converters([column for column, *_ in compiler.select]),
            related=get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]  # the stubs are of a later Django
            annotated=compiler.annotation_col_map or {},
            fetched_with=rows._prefetch_related_lookups,  # type: ignore[attr-defined]
        )

    @property
    def model(self) -> type[models.Model]:
        return self._instances.model

    def all(self, **values: Any) -> list[Any]:
        """All of them, in the order of the QuerySet."""
        return self._made(self.rows(**values))

    def first(self, **values: Any) -> Any | None:
        """One of them; None when there is none."""
        return next(iter(self._made(self.rows(**values)[:1])), None)

    def _made(self, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        made = [self._instances.made(list(row)) for row in rows]
        if self._instances.fetched_with:
            models.prefetch_related_objects(made, *self._instances.fetched_with)
        return made


@dataclass(frozen=True, slots=True)
class _Instances:
    """How rows become instances of a model, and of those that are selected with it."""

    model: type[models.Model]
    own: slice
    names: Sequence[str]
    converters: Any
    related: Sequence[Any]
    annotated: Mapping[str, int]
    fetched_with: Sequence[Any]

    def made(self, row: list[Any]) -> Any:
        connection = connections[DEFAULT_DB_ALIAS]
        for place, (convert_each, expression) in self.converters.items():
            for convert in convert_each:
                row[place] = convert(row[place], expression, connection)
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.own])
        for one in self.related:
            one.populate(row, made)
        for name, place in self.annotated.items():
            setattr(made, name, row[place])
        return made


def ids_param(ids: Iterable[int]) -> str:
    """Many ids as one parameter, in PostgreSQL's own spelling of an array: a tenth of the cost of a list."""
    return "{" + ",".join(map(str, ids)) + "}"


def prepared_rows(
    sql: str, params: Sequence[Any] | Mapping[str, Any], *, binary: bool = False, prepare: bool = True
) -> Sequence[tuple[Any, ...]]:
    """The rows of a hot statement whose text never changes, executed as a prepared one, or only with its parameters
    beside it; `binary` as they are sent.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    started = perf_counter()
    with wrapper.wrap_database_errors:
        cursor = wrapper.prepared_cursor()
        found: Sequence[tuple[Any, ...]] = cursor.execute(sql, params, prepare=prepare, binary=binary).fetchall()
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": sql, "time": f"{perf_counter() - started:.3f}"})
    return found


class _Slot:
    def __init__(self, name: str) -> None:
        self.name = name
