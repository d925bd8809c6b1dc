"""psycopg2, asyncpg and pg8000: how each opens a connection, looks up types, prepares, copies, uses a cursor."""

import asyncio
import io
import json
import os

import asyncpg
import pg8000.native
import psycopg2
import psycopg2.extras

env = os.environ
there = {"host": env["PGHOST"], "port": int(env["PGPORT"]), "user": env["PGUSER"], "password": env.get("PGPASSWORD") or None, "database": env["PGDATABASE"]}


def with_psycopg2():
    connection = psycopg2.connect(**there)
    psycopg2.extras.register_default_jsonb(connection)
    psycopg2.extras.HstoreAdapter.get_oids(connection)
    cursor = connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
    cursor.execute("select id, email from customers where id = %s", (1,))
    row = cursor.fetchone()
    copied = io.StringIO()
    cursor.copy_expert("copy (select id, email from customers where id <= 3) to stdout with csv header", copied)
    cursor.copy_expert("copy order_items from stdin", io.StringIO(""))
    with connection.cursor("named") as named:
        named.itersize = 100
        named.execute("select email from customers where id <= 250")
        rows = len(list(named))
    connection.rollback()
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
    cursor.execute("select 1 as one")
    connection.close()
    return {"email": row["email"], "lines": len(copied.getvalue().splitlines()), "rows": rows}


async def with_asyncpg():
    connection = await asyncpg.connect(**there)
    row = await connection.fetchrow("select id, email, created_at, profile from customers where id = $1", 1)
    async with connection.transaction():
        rows = [record async for record in connection.cursor("select email from customers where id <= 120")]
    regions = await connection.fetch("select distinct region from customers where region = any($1::text[])", ["north", "south"])
    copied = io.BytesIO()
    await connection.copy_from_query("select id, email from customers where id <= 3", output=copied, format="csv")
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    composite = await connection.fetchval("select row(1, 'a')")
    await connection.reset()
    await connection.close()
    return {"email": row["email"], "rows": len(rows), "regions": len(regions) >= 0, "lines": len(copied.getvalue().splitlines()), "composite": list(composite)}


def with_pg8000():
    connection = pg8000.native.Connection(there["user"], host=there["host"], port=there["port"], password=there["password"], database=there["database"])
    rows = connection.run("select id, email from customers where id = :id", id=1)
    statement = connection.prepare("select email from customers where id = :id")
    prepared = statement.run(id=2)
    statement.close()
    connection.close()
    return {"email": rows[0][1], "prepared": prepared[0][0]}


print(json.dumps({"psycopg2": with_psycopg2(), "asyncpg": asyncio.run(with_asyncpg()), "pg8000": with_pg8000()}))
