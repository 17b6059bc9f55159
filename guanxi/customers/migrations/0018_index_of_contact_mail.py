from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("customers", "0017_won_back")]

    operations = [
        migrations.AddIndex(
            model_name="contact", index=models.Index(Lower("email"), name="contact_email")
        ),
    ]
