"""SQLAlchemy: everything that its inspector can ask, reflection, and the ORM in a transaction that is rolled back."""

import json
import sys

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.ext.automap import automap_base

dialect = sys.argv[1]
engine = sa.create_engine(f"postgresql+{dialect}://{sys.argv[2]}")
inspector = sa.inspect(engine)
schemas = [name for name in inspector.get_schema_names() if name != "information_schema"]
seen = {}
for schema in schemas:
    tables = inspector.get_table_names(schema=schema)
    views = inspector.get_view_names(schema=schema)
    for name in [*tables, *views]:
        columns = inspector.get_columns(name, schema=schema)
        seen[f"{schema}.{name}"] = len(columns)
        inspector.get_pk_constraint(name, schema=schema)
        inspector.get_foreign_keys(name, schema=schema)
        inspector.get_indexes(name, schema=schema)
        inspector.get_unique_constraints(name, schema=schema)
        inspector.get_check_constraints(name, schema=schema)
        inspector.get_table_comment(name, schema=schema)
    for name in views:
        inspector.get_view_definition(name, schema=schema)
    inspector.get_materialized_view_names(schema=schema)
    inspector.get_sequence_names(schema=schema)
    inspector.get_temp_table_names()
    inspector.get_enums(schema=schema)
    inspector.get_domains(schema=schema)
    inspector.get_multi_columns(schema=schema)
    inspector.get_multi_indexes(schema=schema)
    inspector.get_multi_foreign_keys(schema=schema)
    inspector.has_table("customers", schema=schema)

base = automap_base()
base.prepare(autoload_with=engine, reflection_options={"only": ["customers", "orders"]})
customer = base.classes.customers
with Session(engine) as session:
    first = session.get(customer, 1)
    by_email = session.scalars(sa.select(customer).where(customer.email == "noah.quinn1@example.net")).one()
    orders = len(first.orders_collection)
    session.add(customer(name="Ada New", email="ada.new@example.net", region="north"))
    email, same = first.email, first.id == by_email.id
    first.note = "seen"
    session.flush()
    notes = session.scalar(sa.select(sa.func.count()).where(customer.note == "seen"))
    session.rollback()
print(json.dumps({"tables": seen, "email": email, "same": same, "orders": orders, "notes": notes}))
