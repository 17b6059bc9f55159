"""Keys that look-alikes share."""

from django.db import models


class MatchKey(models.Model):
    """A mark that customers who look alike share: of a name, a number, a domain (CUS-12).

    `source_id` is the contact that it comes from, or 0 for the customer's own values.
    """

    pk = models.CompositePrimaryKey("value", "customer_id", "source_id")
    kind = models.CharField(max_length=1)
    value = models.BigIntegerField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="match_keys", db_index=False
    )
    source_id = models.BigIntegerField(default=0)

    class Meta:
        app_label = "customers"
        indexes = [models.Index(fields=["customer", "source_id"], name="match_key_source")]
