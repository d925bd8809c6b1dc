"""psycopg 3 with binary cursors: see ../README.md."""

import json
import threading
import time
from datetime import timezone

import psycopg

client = psycopg.connect("", autocommit=True)


def sqlstate(run):
    try:
        run()
        return "00000"
    except psycopg.Error as error:
        return error.sqlstate


with psycopg.ClientCursor(client) as cursor:
    cursor.execute("select name, email, ssn, card, salary from customers where id = 1")
    columns = [column.name for column in cursor.description]
    simple = dict(zip(columns, cursor.fetchone()))

for customer in range(1, 7):
    row = client.execute("select email from customers where id = %s", (customer,), prepare=True).fetchone()
prepared = row[0]

with client.cursor(binary=True) as cursor:
    order, total, placed_at = cursor.execute("select id, total, placed_at from orders where id = %s", (1,)).fetchone()
binary = {
    "id": order,
    "total": f"{total:.2f}",
    "placed_at": placed_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
}

equality = client.execute("select id from customers where email = %s", ("noah.quinn1@example.net",)).fetchone()[0]

with client.transaction(force_rollback=True):
    client.execute("update customers set note = %s where id = %s", ("from python", 3))
    inside = client.execute("select note from customers where id = 3").fetchone()[0]
after = client.execute("select note from customers where id = 3").fetchone()[0]

rows = 0
with client.transaction():
    with client.cursor("walk", binary=True) as cursor:
        cursor.execute("select id, email, phone from customers where id <= %s order by id", (5000,))
        while portion := cursor.fetchmany(700):
            rows += len(portion)

error = sqlstate(lambda: client.execute("select * from payments"))
after_error = client.execute("select 41 + 1").fetchone()[0]


def cancel_soon():
    time.sleep(0.3)
    client.cancel_safe()


threading.Thread(target=cancel_soon).start()
cancel = sqlstate(lambda: client.execute("select pg_sleep(30)"))
client.close()

print(
    json.dumps(
        {
            "simple": simple,
            "prepared": prepared,
            "binary": binary,
            "equality": equality,
            "transaction": {"inside": inside, "isGone": after != "from python"},
            "cursor": rows,
            "error": error,
            "afterError": after_error,
            "cancel": cancel,
        },
        default=str,
    ),
)
