import django.core.validators
import django.db.models.deletion
import plan_numerique.audit.models
import plan_numerique.web.fields
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from plan_numerique.web.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('audit', '0001_initial'),
        ('documents', '0002_roles'),
        ('jobs', '0001_initial'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='HistoricalColumnMapping',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('kind', models.CharField(max_length=60, verbose_name='nature du fichier')),
                    ('header_digest', models.CharField(max_length=64, verbose_name="empreinte de l'en-tête")),
                    ('columns', models.JSONField(default=dict, verbose_name='colonnes')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('authority', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical correspondance de colonnes',
                    'verbose_name_plural': 'historical correspondances de colonnes',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='ColumnMapping',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=60, verbose_name='nature du fichier')),
                    ('header_digest', models.CharField(max_length=64, verbose_name="empreinte de l'en-tête")),
                    ('columns', models.JSONField(default=dict, verbose_name='colonnes')),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_mappings', to='accounts.authority', verbose_name='collectivité')),
                ],
                options={
                    'verbose_name': 'correspondance de colonnes',
                    'verbose_name_plural': 'correspondances de colonnes',
                    'constraints': [models.UniqueConstraint(fields=('authority', 'kind', 'header_digest'), name='import_mapping_unique', violation_error_message='Cette correspondance est déjà retenue.')],
                },
            ),
            migrations.CreateModel(
                name='ImportSession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=60, verbose_name='nature')),
                    ('sheet', models.CharField(blank=True, max_length=120, verbose_name='feuille')),
                    ('columns', models.JSONField(blank=True, default=dict, verbose_name='colonnes')),
                    ('options', models.JSONField(blank=True, default=dict, verbose_name='valables pour tout le fichier')),
                    ('state', models.CharField(choices=[('sent', 'Colonnes à indiquer'), ('checked', 'Vérifié, à importer'), ('applied', 'Importé'), ('undone', 'Annulé')], default='sent', max_length=7, verbose_name='état')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='le')),
                    ('rows', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='lignes')),
                    ('created', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='créées')),
                    ('updated', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='modifiées')),
                    ('unchanged', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='inchangées')),
                    ('left_out', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='hors périmètre')),
                    ('bad', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='en erreur')),
                    ('problems', models.JSONField(blank=True, default=list, verbose_name='problèmes')),
                    ('problem_count', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='nombre de problèmes')),
                    ('remarks', models.JSONField(blank=True, default=list, verbose_name='remarques')),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_sessions', to='accounts.authority', verbose_name='collectivité')),
                    ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storeddocument', verbose_name='fichier')),
                    ('errors', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='documents.storeddocument', verbose_name='lignes à corriger')),
                    ('event', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='import_session', to='audit.auditevent', verbose_name='événement')),
                    ('job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='import_session', to='jobs.job', verbose_name='tâche')),
                ],
                options={
                    'verbose_name': 'import',
                    'indexes': [models.Index(fields=['authority', '-at'], name='import_session_by_authority')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['sent', 'checked', 'applied', 'undone'])), name='import_session_state_known', violation_error_message="L'état de l'import est inconnu."), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['applied', 'undone']), _negated=True), ('event__isnull', False), _connector='OR'), name='import_session_applied_has_event', violation_error_message="Un import appliqué garde l'événement qui tient ses changements.")],
                },
            ),
        ),
    ]
