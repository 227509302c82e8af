import django.core.validators
import django.db.models.deletion
import plan_numerique.audit.models
import plan_numerique.web.fields
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from plan_numerique.web.operations import CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('audit', '0001_initial'),
        ('equipment', '0001_initial'),
        ('schools', '0002_rentree_calls_diagnostics'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='HistoricalProposal',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('school_year', plan_numerique.web.fields.YearField(validators=[django.core.validators.MinValueValidator(1900), django.core.validators.MaxValueValidator(2200)], verbose_name='année scolaire des classes')),
                    ('computed_at', models.DateTimeField(editable=False, verbose_name='calculée le')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('diagnostic', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='schools.diagnostic', verbose_name='diagnostic')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('rule_set', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.ruleset', verbose_name='règles de dotation')),
                ],
                options={
                    'verbose_name': "historical proposition d'équipement",
                    'verbose_name_plural': "historical propositions d'équipement",
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Proposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('school_year', plan_numerique.web.fields.YearField(validators=[django.core.validators.MinValueValidator(1900), django.core.validators.MaxValueValidator(2200)], verbose_name='année scolaire des classes')),
                    ('computed_at', models.DateTimeField(editable=False, verbose_name='calculée le')),
                    ('diagnostic', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='proposal', to='schools.diagnostic', verbose_name='diagnostic')),
                    ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='equipment.ruleset', verbose_name='règles de dotation')),
                ],
                options={
                    'verbose_name': "proposition d'équipement",
                    'verbose_name_plural': "propositions d'équipement",
                },
            ),
            migrations.CreateModel(
                name='HistoricalReservation',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('reserved_at', models.DateTimeField(editable=False, verbose_name='réservé le')),
                    ('released_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='libéré le')),
                    ('release_reason', models.CharField(blank=True, max_length=250, verbose_name='motif de la libération')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                    ('device', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.device', verbose_name='appareil')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('item_type', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.itemtype', verbose_name="au titre de l'article")),
                    ('proposal', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.proposal', verbose_name='proposition')),
                ],
                options={
                    'verbose_name': 'historical réservation',
                    'verbose_name_plural': 'historical réservations',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalProposedPack',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('rule_code', models.SlugField(blank=True, max_length=60, verbose_name='règle')),
                    ('by_rule', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000)], verbose_name='selon la règle')),
                    ('kept', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000)], verbose_name='retenu')),
                    ('reason', models.CharField(blank=True, max_length=250, verbose_name="motif de l'ajustement")),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pack', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.pack', verbose_name='pack')),
                    ('proposal', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='equipment.proposal', verbose_name='proposition')),
                ],
                options={
                    'verbose_name': 'historical pack proposé',
                    'verbose_name_plural': 'historical packs proposés',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='ProposedPack',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rule_code', models.SlugField(blank=True, max_length=60, verbose_name='règle')),
                    ('by_rule', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000)], verbose_name='selon la règle')),
                    ('kept', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000)], verbose_name='retenu')),
                    ('reason', models.CharField(blank=True, max_length=250, verbose_name="motif de l'ajustement")),
                    ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposed', to='equipment.pack', verbose_name='pack')),
                    ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packs', to='equipment.proposal', verbose_name='proposition')),
                ],
                options={
                    'verbose_name': 'pack proposé',
                    'verbose_name_plural': 'packs proposés',
                    'constraints': [models.UniqueConstraint(fields=('proposal', 'pack', 'rule_code'), name='proposed_pack_once', violation_error_message='Ce pack est déjà dans la proposition.'), models.CheckConstraint(condition=models.Q(('kept', models.F('by_rule')), models.Q(('reason', ''), _negated=True), _connector='OR'), name='proposed_pack_adjusted_with_reason', violation_error_message='Un ajustement de la proposition est motivé.')],
                },
            ),
            migrations.CreateModel(
                name='Reservation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reserved_at', models.DateTimeField(editable=False, verbose_name='réservé le')),
                    ('released_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='libéré le')),
                    ('release_reason', models.CharField(blank=True, max_length=250, verbose_name='motif de la libération')),
                    ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                    ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='equipment.device', verbose_name='appareil')),
                    ('item_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='equipment.itemtype', verbose_name="au titre de l'article")),
                    ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reservations', to='equipment.proposal', verbose_name='proposition')),
                ],
                options={
                    'verbose_name': 'réservation',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('device',), name='reservation_device_once', violation_error_message='Cet appareil est déjà réservé.'), models.CheckConstraint(condition=models.Q(('released_at', None), models.Q(('release_reason', ''), _negated=True), _connector='OR'), name='reservation_release_told', violation_error_message="La libération d'un appareil est motivée.")],
                },
            ),
        ),
        migrations.AddField(
            model_name='allocationrule',
            name='choice_group',
            field=models.SlugField(blank=True, db_index=False, help_text="Les règles d'un même groupe s'excluent : le diagnostic de l'école retient l'une ou l'autre.", max_length=40, verbose_name='au choix'),
        ),
        migrations.AddField(
            model_name='historicalallocationrule',
            name='choice_group',
            field=models.SlugField(blank=True, db_index=False, help_text="Les règles d'un même groupe s'excluent : le diagnostic de l'école retient l'une ou l'autre.", max_length=40, verbose_name='au choix'),
        ),
    ]
