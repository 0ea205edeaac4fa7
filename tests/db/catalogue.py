"""Reads what a database consists of, in words that PostgreSQL 15 to 18 share.

NOT NULLs are read from the columns, because version 18 alone lists them as constraints. Left out is what is not ours
(extensions, dbmate's book) and what changes by the day (partitions).
"""

import re
from dataclasses import dataclass

import asyncpg

SCHEMAS = ("core", "directory", "payments", "booking", "public")

_OURS = """
    n.nspname = any($1) and not c.relispartition and c.relname <> 'schema_migrations'
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
_COLUMNS = f"""
    select n.nspname || '.' || c.relname as relation, a.attname::text as name,
        format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
        pg_get_expr(d.adbin, d.adrelid) as default_value, l.collname::text as collation
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_collation l on l.oid = a.attcollation
    where a.attnum > 0 and not a.attisdropped and {_OURS}
    order by relation, a.attnum
"""
_CONSTRAINTS = f"""
    select n.nspname || '.' || c.relname as relation, k.conname::text as name, k.contype::text as kind,
        pg_get_constraintdef(k.oid) as definition,
        (select array_agg(a.attname::text order by place) from unnest(k.conkey) with ordinality as key (number, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.number) as columns
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where k.contype in ('p', 'u', 'c', 'f', 'x') and {_OURS}
"""
_INDEXES = f"""
    select n.nspname || '.' || c.relname as relation, i.relname::text as name, pg_get_indexdef(i.oid) as definition
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class c on c.oid = x.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    where {_OURS} and not exists (select from pg_constraint k where k.conindid = i.oid and k.conrelid = c.oid)
"""
_TRIGGERS = f"""
    select n.nspname || '.' || c.relname as relation, t.tgname::text as name
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and {_OURS}
"""
_ENUMS = """
    select n.nspname || '.' || t.typname as name, array_agg(e.enumlabel::text order by e.enumsortorder) as labels
    from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace
    group by n.nspname, t.typname
"""
_ONE_OF = re.compile(r"CHECK \(\((?P<column>\w+) = ANY \(ARRAY\[(?P<values>'[^]]*)\]\)\)\)")
_QUOTED = re.compile(r"'([^']*)'")
_CAST = re.compile(r"::[\w .]+(?:\[\])?")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    not_null: bool
    default: str | None
    collation: str | None


@dataclass(frozen=True, slots=True)
class Constraint:
    name: str
    kind: str
    definition: str
    columns: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """What it asks for, apart from its name and from how PostgreSQL spells it."""
        columns = ", ".join(self.columns)
        if self.kind in "pu":
            return f"{'primary key' if self.kind == 'p' else 'unique'} ({columns})"
        if self.kind == "f":
            return f"{columns} {self.definition.partition(') ')[2].lower()}".replace('"', "")
        if found := _ONE_OF.fullmatch(self.definition):
            return f"{found['column']} in ({', '.join(re.findall(_QUOTED, found['values']))})"
        return self.definition


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: dict[str, Column]
    constraints: dict[str, Constraint]
    indexes: dict[str, str]
    triggers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    tables: dict[str, Table]
    enums: dict[str, tuple[str, ...]]


async def read_catalogue(connection: "asyncpg.Connection[asyncpg.Record]") -> Catalogue:
    """Everything of ours in the database."""
    columns = await connection.fetch(_COLUMNS, SCHEMAS)
    constraints = await connection.fetch(_CONSTRAINTS, SCHEMAS)
    indexes = await connection.fetch(_INDEXES, SCHEMAS)
    triggers = await connection.fetch(_TRIGGERS, SCHEMAS)
    tables = {
        name: Table(
            name,
            {row["name"]: _column(row) for row in columns if row["relation"] == name},
            {row["name"]: _constraint(row) for row in constraints if row["relation"] == name},
            {row["name"]: _indexed(row["definition"]) for row in indexes if row["relation"] == name},
            frozenset(row["name"] for row in triggers if row["relation"] == name),
        )
        for name in sorted({row["relation"] for row in columns})
    }
    return Catalogue(tables, {row["name"]: tuple(row["labels"]) for row in await connection.fetch(_ENUMS)})


def _column(row: asyncpg.Record) -> Column:
    default = row["default_value"]
    without_casts = None if default is None else _CAST.sub("", default)
    return Column(row["name"], row["type"], row["not_null"], without_casts, row["collation"])


def _constraint(row: asyncpg.Record) -> Constraint:
    return Constraint(row["name"], row["kind"], row["definition"], tuple(row["columns"] or ()))


def _indexed(definition: str) -> str:
    """What an index is over, from its definition."""
    return definition.partition(" USING btree (")[2].removesuffix(")").lower()
