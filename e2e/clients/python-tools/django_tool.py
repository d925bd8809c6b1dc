"""Django: inspectdb, then the models that it wrote, in a transaction that is rolled back."""

import io
import json
import os
import sys
import types

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ.get("PGPASSWORD", ""),
            "NAME": os.environ["PGDATABASE"],
        },
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils.timezone import now  # noqa: E402

out = io.StringIO()
call_command("inspectdb", "--include-views", "--include-partitions", stdout=io.StringIO())
call_command("inspectdb", "customers", "orders", "order_items", "products", "customer_directory", "--include-views", stdout=out)
source = out.getvalue().replace("class Meta:", "class Meta:\n        app_label = 'shop'")
module = types.ModuleType("shop_models")
sys.modules["shop_models"] = module
module.__dict__["__name__"] = "shop_models"
exec(source, module.__dict__)
models = sorted(name for name in dir(module) if hasattr(getattr(module, name), "_meta"))
with connection.cursor() as cursor:
    connection.introspection.get_table_list(cursor)
    connection.introspection.get_constraints(cursor, "customers")
    connection.introspection.get_relations(cursor, "orders")
    connection.introspection.get_sequences(cursor, "customers")
first = module.Customers.objects.get(pk=1)
same = module.Customers.objects.get(email="noah.quinn1@example.net").pk
by_region = list(module.Customers.objects.values("region").annotate(n=Count("id")).order_by("region"))
with transaction.atomic():
    first.note = "seen"
    first.save(update_fields=["note"])
    module.Customers.objects.create(
        name="Ada New", email="ada.new@example.net", region="north", profile={}, created_at=now(), updated_at=now()
    )
    page = [row.email for row in module.Customers.objects.order_by("id").iterator(chunk_size=2)][:3]
    transaction.set_rollback(True)
print(json.dumps({"models": models, "email": first.email, "same": same, "regions": len(by_region), "page": page}))
