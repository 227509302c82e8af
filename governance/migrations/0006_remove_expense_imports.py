from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0005_expense_imports_to_the_engine"),
    ]

    operations = [
        migrations.RemoveField(model_name="historicalexpense", name="batch"),
        migrations.RemoveField(model_name="expense", name="batch"),
        migrations.DeleteModel(name="ExpenseImport"),
        migrations.DeleteModel(name="HistoricalColumnMapping"),
        migrations.DeleteModel(name="ColumnMapping"),
    ]
