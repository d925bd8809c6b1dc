"""
Renders the SQL templates with which pgAdmin reads the object tree: `pgadmin_templates.py <folder of the package> <major>`.
Prints one JSON string a line. Templates that change anything are left out.
"""

import json
import pathlib
import re
import sys

from jinja2 import ChainableUndefined, Environment, FileSystemLoader

root, major = pathlib.Path(sys.argv[1]), int(sys.argv[2])
reading = re.compile(
    r"^(nodes?|properties|count|acl|stats|statistics|get_\w+|coll_stats|coll_table_stats|parents|select_\w+|"
    r"session_stats|activity|sessions|locks|prepared|settings|dashboard_stats)\.sql$"
)
# Names and oids of the sample shop, as pgAdmin would fill them in.
table = "'public.customers'::pg_catalog.regclass::pg_catalog.oid"
values = {
    "did": "(SELECT oid FROM pg_catalog.pg_database WHERE datname = 'shop')",
    "scid": "2200",
    "tid": table,
    "tableid": table,
    "foid": table,
    "vid": "'public.customer_directory'::pg_catalog.regclass::pg_catalog.oid",
    "seid": "'public.customers_id_seq'::pg_catalog.regclass::pg_catalog.oid",
    "fnid": "'public.order_total(bigint)'::pg_catalog.regprocedure::pg_catalog.oid",
    "schema_id": "2200",
    "last_system_oid": "16383",
    "datlastsysoid": "16383",
    "show_system_objects": False,
    "show_sysobj": False,
    "table": "customers",
    "schema": "public",
    "nspname": "public",
    "relname": "customers",
    "type": "table",
    "conn": None,
}
rendered = {}
for folder in sorted({path.parent.parent for path in root.rglob("*.sql")}):
    for versions in [folder]:
        for name in sorted({path.name for path in versions.rglob("*.sql") if reading.match(path.name)}):
            best = None
            for path in versions.glob(f"*/{name}"):
                found = re.match(r"^(\d+)_plus$", path.parent.name)
                at = 0 if path.parent.name == "default" else int(found.group(1)) // (10000 if len(found.group(1)) > 4 else 1) if found else None
                if at is not None and at <= major and (best is None or at >= best[0]):
                    best = (at, path)
            if best is None:
                continue
            templates = best[1]
            while templates.name != "templates":
                templates = templates.parent
            loaders = [str(path) for path in root.rglob("templates") if path.is_dir()]
            environment = Environment(loader=FileSystemLoader([str(templates), *loaders]), undefined=ChainableUndefined, extensions=["jinja2.ext.do"])
            environment.filters["qtIdent"] = lambda value, *rest: '"%s"' % str(value).replace('"', '""')
            environment.filters["qtLiteral"] = lambda value, *rest: "'%s'" % str(value).replace("'", "''")
            environment.filters["qtTypeIdent"] = lambda value, *rest: str(value)
            environment.filters["hasAny"] = lambda value, *rest: False
            try:
                text = environment.get_template(str(best[1].relative_to(templates))).render(**values)
            except Exception:  # a template that needs what only the program has
                continue
            text = re.sub(r"/\*.*?\*/|^\s*--.*$", "", text, flags=re.S | re.M).strip()
            if re.match(r"(?is)^(select|with)\b", text):
                rendered[text] = None
for text in rendered:
    print(json.dumps(text))
