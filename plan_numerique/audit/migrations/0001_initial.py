import django.core.validators
import django.db.models.deletion
import plan_numerique.accounts.models.authority
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
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='AuditEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='date')),
                    ('verb', models.CharField(max_length=60, verbose_name='action (code)')),
                    ('label', models.CharField(max_length=120, verbose_name='action')),
                    ('target_type', models.CharField(blank=True, max_length=80, verbose_name="nature de l'objet")),
                    ('target_id', models.CharField(blank=True, max_length=40, verbose_name="numéro de l'objet")),
                    ('target_label', models.CharField(blank=True, max_length=250, verbose_name='objet')),
                    ('reason', models.CharField(blank=True, max_length=500, verbose_name='motif')),
                    ('authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                    ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='auteur')),
                ],
                options={
                    'verbose_name': 'événement du journal',
                    'verbose_name_plural': 'journal',
                    'indexes': [models.Index(fields=['target_type', 'target_id'], name='audit_audit_target__59bbff_idx'), models.Index(fields=['authority', '-at'], name='audit_audit_authori_b00c0a_idx')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalAuthority',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('slug', models.SlugField(verbose_name='identifiant')),
                    ('name', models.CharField(max_length=120, verbose_name='nom')),
                    ('kind', models.CharField(choices=[('commune', 'Commune'), ('epci', 'Intercommunalité (EPCI)')], max_length=10, verbose_name='nature')),
                    ('siren', models.CharField(blank=True, max_length=9, validators=[plan_numerique.accounts.models.authority.validate_siren], verbose_name='SIREN')),
                    ('insee', models.CharField(blank=True, max_length=5, validators=[django.core.validators.RegexValidator('\\A[0-9][0-9AB][0-9]{3}\\Z', 'Code INSEE de commune sur cinq caractères : 86194.')], verbose_name='code INSEE')),
                    ('department', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('population', plan_numerique.web.fields.CountField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='population')),
                    ('quorum_population', plan_numerique.web.fields.CountField(blank=True, help_text='Pour un EPCI : fixe le délai de convocation (CGCT L5211-1).', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='population de la plus grande commune')),
                    ('accent', models.CharField(default='#1f5d7a', max_length=7, validators=[django.core.validators.RegexValidator('\\A#[0-9a-f]{6}\\Z', 'Couleur sous la forme #1f4e79, en minuscules.')], verbose_name='couleur')),
                    ('logo', models.TextField(blank=True, max_length=100, verbose_name='logo')),
                    ('notice', models.CharField(blank=True, help_text='Affiché sur chaque page, par exemple pour une simulation.', max_length=400, verbose_name='avertissement')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical collectivité',
                    'verbose_name_plural': 'historical collectivités',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalDistrict',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('department', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('name', models.CharField(max_length=160, verbose_name='nom')),
                    ('code', models.CharField(blank=True, max_length=20, verbose_name='code')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical circonscription',
                    'verbose_name_plural': 'historical circonscriptions',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalMembership',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('role', models.CharField(choices=[('administrator', "Administration de l'application"), ('education', 'Service éducation, pilotage du plan'), ('technician', 'Informatique des écoles'), ('finance', 'Finances'), ('assembly', 'Assemblées et affaires juridiques'), ('academy', 'Éducation nationale (DSDEN, TICE, IEN, DAN)'), ('school', 'École (direction, enseignants)'), ('elected', 'Élu'), ('partner', 'Partenaire (maintenance, Canopé)')], max_length=20, verbose_name='rôle')),
                    ('department', models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('authority', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                    ('district', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.district', verbose_name='circonscription')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ],
                options={
                    'verbose_name': 'historical rôle attribué',
                    'verbose_name_plural': 'historical rôles attribués',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalUser',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(db_index=True, max_length=254, verbose_name='adresse électronique')),
                    ('full_name', models.CharField(blank=True, max_length=160, verbose_name='nom')),
                    ('is_staff', models.BooleanField(default=False, verbose_name="accès à l'administration technique")),
                    ('is_active', models.BooleanField(default=True, verbose_name='actif')),
                    ('date_joined', models.DateTimeField(blank=True, editable=False, verbose_name='créé le')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical utilisateur',
                    'verbose_name_plural': 'historical utilisateurs',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
        ),
    ]
