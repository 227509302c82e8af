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
        ('schools', '0001_initial'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='HistoricalProvider',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('name', models.CharField(max_length=120, verbose_name='nom')),
                    ('product', models.CharField(blank=True, max_length=120, verbose_name='produit')),
                    ('website', models.URLField(blank=True, verbose_name='site internet')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('authority', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': "historical fournisseur d'ENT",
                    'verbose_name_plural': "historical fournisseurs d'ENT",
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Provider',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=120, verbose_name='nom')),
                    ('product', models.CharField(blank=True, max_length=120, verbose_name='produit')),
                    ('website', models.URLField(blank=True, verbose_name='site internet')),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ent_providers', to='accounts.authority', verbose_name='collectivité')),
                ],
                options={
                    'verbose_name': "fournisseur d'ENT",
                    'verbose_name_plural': "fournisseurs d'ENT",
                    'constraints': [models.UniqueConstraint(fields=('authority', 'name', 'product'), name='ent_provider_unique', violation_error_message='Ce fournisseur est déjà enregistré avec ce produit.')],
                },
            ),
            migrations.CreateModel(
                name='Offer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('label', models.CharField(max_length=160, verbose_name='intitulé')),
                    ('per', models.CharField(choices=[('pupil', 'Par élève'), ('class', 'Par classe'), ('school', 'Par école'), ('plan', 'Forfait')], default='pupil', max_length=8, verbose_name='tarif')),
                    ('unit_price_ht', plan_numerique.web.fields.CentsField(validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000000000)], verbose_name='prix unitaire HT par an')),
                    ('vat_rate', plan_numerique.web.fields.RateField(default=200000, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000)], verbose_name='taux de TVA')),
                    ('starts_on', models.DateField(verbose_name='à partir du')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                    ('source', models.CharField(blank=True, max_length=250, verbose_name='source')),
                    ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='ent.provider', verbose_name='fournisseur')),
                ],
                options={
                    'verbose_name': "offre d'ENT",
                    'verbose_name_plural': "offres d'ENT",
                    'constraints': [models.UniqueConstraint(fields=('provider', 'label', 'starts_on'), name='ent_offer_unique', violation_error_message='Ce fournisseur a déjà une offre de ce nom à cette date.'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='ent_offer_dates_ordered', violation_error_message="Une offre ne finit pas avant d'avoir commencé."), models.CheckConstraint(condition=models.Q(('unit_price_ht__gte', 0), ('vat_rate__gte', 0), ('vat_rate__lte', 1000000)), name='ent_offer_price_sane', violation_error_message="Un prix n'est pas négatif, et un taux de TVA va de 0 à 100 %%.")],
                },
            ),
            migrations.CreateModel(
                name='HistoricalSubscription',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('label', models.CharField(max_length=160, verbose_name='intitulé')),
                    ('school_year', plan_numerique.web.fields.YearField(validators=[django.core.validators.MinValueValidator(1900), django.core.validators.MaxValueValidator(2200)], verbose_name='année scolaire')),
                    ('payer', models.CharField(choices=[('commune', 'Collectivité'), ('academie', 'Éducation nationale'), ('autre', 'Autre')], max_length=10, verbose_name='payeur')),
                    ('payer_name', models.CharField(blank=True, max_length=120, verbose_name='nom du payeur')),
                    ('state', models.CharField(choices=[('site', 'Site école'), ('pilote', 'Pilote'), ('generalise', 'Généralisé')], default='pilote', max_length=10, verbose_name='étape')),
                    ('stated_pupils', plan_numerique.web.fields.CountField(blank=True, help_text="Nombre d'élèves donné pour l'ensemble, quand il n'est pas connu école par école.", null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='effectif annoncé')),
                    ('counted_on', models.DateField(blank=True, null=True, verbose_name='effectif compté le')),
                    ('announced_ttc', plan_numerique.web.fields.CentsField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000000000)], verbose_name='coût annoncé TTC')),
                    ('announced_approximate', models.BooleanField(default=False, help_text='La source écrit « environ ».', verbose_name='coût annoncé approché')),
                    ('source', models.CharField(blank=True, max_length=250, verbose_name='source')),
                    ('quote', models.TextField(blank=True, verbose_name='citation')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('authority', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('offer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ent.offer', verbose_name='offre')),
                    ('provider', models.ForeignKey(blank=True, db_constraint=False, help_text="Seulement quand le prix n'est pas connu : sinon, l'offre le dit.", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ent.provider', verbose_name='fournisseur')),
                ],
                options={
                    'verbose_name': "historical abonnement à l'ENT",
                    'verbose_name_plural': "historical abonnements à l'ENT",
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalOffer',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('label', models.CharField(max_length=160, verbose_name='intitulé')),
                    ('per', models.CharField(choices=[('pupil', 'Par élève'), ('class', 'Par classe'), ('school', 'Par école'), ('plan', 'Forfait')], default='pupil', max_length=8, verbose_name='tarif')),
                    ('unit_price_ht', plan_numerique.web.fields.CentsField(validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000000000)], verbose_name='prix unitaire HT par an')),
                    ('vat_rate', plan_numerique.web.fields.RateField(default=200000, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000)], verbose_name='taux de TVA')),
                    ('starts_on', models.DateField(verbose_name='à partir du')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                    ('source', models.CharField(blank=True, max_length=250, verbose_name='source')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('provider', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ent.provider', verbose_name='fournisseur')),
                ],
                options={
                    'verbose_name': "historical offre d'ENT",
                    'verbose_name_plural': "historical offres d'ENT",
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Subscription',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('label', models.CharField(max_length=160, verbose_name='intitulé')),
                    ('school_year', plan_numerique.web.fields.YearField(validators=[django.core.validators.MinValueValidator(1900), django.core.validators.MaxValueValidator(2200)], verbose_name='année scolaire')),
                    ('payer', models.CharField(choices=[('commune', 'Collectivité'), ('academie', 'Éducation nationale'), ('autre', 'Autre')], max_length=10, verbose_name='payeur')),
                    ('payer_name', models.CharField(blank=True, max_length=120, verbose_name='nom du payeur')),
                    ('state', models.CharField(choices=[('site', 'Site école'), ('pilote', 'Pilote'), ('generalise', 'Généralisé')], default='pilote', max_length=10, verbose_name='étape')),
                    ('stated_pupils', plan_numerique.web.fields.CountField(blank=True, help_text="Nombre d'élèves donné pour l'ensemble, quand il n'est pas connu école par école.", null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='effectif annoncé')),
                    ('counted_on', models.DateField(blank=True, null=True, verbose_name='effectif compté le')),
                    ('announced_ttc', plan_numerique.web.fields.CentsField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000000000)], verbose_name='coût annoncé TTC')),
                    ('announced_approximate', models.BooleanField(default=False, help_text='La source écrit « environ ».', verbose_name='coût annoncé approché')),
                    ('source', models.CharField(blank=True, max_length=250, verbose_name='source')),
                    ('quote', models.TextField(blank=True, verbose_name='citation')),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ent_subscriptions', to='accounts.authority', verbose_name='collectivité')),
                    ('offer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='ent.offer', verbose_name='offre')),
                    ('provider', models.ForeignKey(blank=True, help_text="Seulement quand le prix n'est pas connu : sinon, l'offre le dit.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='ent.provider', verbose_name='fournisseur')),
                ],
                options={
                    'verbose_name': "abonnement à l'ENT",
                    'verbose_name_plural': "abonnements à l'ENT",
                    'indexes': [models.Index(fields=['authority', 'school_year'], name='ent_subscri_authori_338f47_idx')],
                    'constraints': [models.UniqueConstraint(fields=('authority', 'label', 'school_year'), name='ent_subscription_unique', violation_error_message='La collectivité a déjà un abonnement de ce nom cette année scolaire.'), models.CheckConstraint(condition=models.Q(('offer', None), ('provider', None), _connector='OR'), name='ent_subscription_provider_once', violation_error_message="Le fournisseur est celui de l'offre : ne pas le donner en plus."), models.CheckConstraint(condition=models.Q(models.Q(('payer', 'autre'), _negated=True), models.Q(('payer_name', ''), _negated=True), _connector='OR'), name='ent_subscription_payer_named', violation_error_message='Quand le payeur est « Autre », donner son nom.'), models.CheckConstraint(condition=models.Q(('announced_ttc', None), models.Q(('source', ''), _negated=True), _connector='OR'), name='ent_subscription_announced_sourced', violation_error_message='Un coût annoncé cite sa source.'), models.CheckConstraint(condition=models.Q(('announced_approximate', False), ('announced_ttc__isnull', False), _connector='OR'), name='ent_subscription_approximate_amount', violation_error_message='Un coût annoncé « environ » a un montant.'), models.CheckConstraint(condition=models.Q(('quote', ''), models.Q(('source', ''), _negated=True), _connector='OR'), name='ent_subscription_quote_sourced', violation_error_message='Une citation a sa source.')],
                },
            ),
            migrations.CreateModel(
                name='SubscribedSchool',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('pupils', plan_numerique.web.fields.CountField(blank=True, help_text="Vide : l'effectif des classes de l'école cette année-là.", null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='élèves')),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ent_subscribed', to='schools.school', verbose_name='école')),
                    ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscribed', to='ent.subscription', verbose_name='abonnement')),
                ],
                options={
                    'verbose_name': 'école abonnée',
                    'verbose_name_plural': 'écoles abonnées',
                    'constraints': [models.UniqueConstraint(fields=('subscription', 'school'), name='ent_subscribed_school_unique', violation_error_message="Cette école est déjà dans l'abonnement.")],
                },
            ),
            migrations.CreateModel(
                name='HistoricalSubscribedSchool',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('pupils', plan_numerique.web.fields.CountField(blank=True, help_text="Vide : l'effectif des classes de l'école cette année-là.", null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='élèves')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('audit_event', models.ForeignKey(default=plan_numerique.audit.models.current_event_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditevent', verbose_name='événement')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('school', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='schools.school', verbose_name='école')),
                    ('subscription', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ent.subscription', verbose_name='abonnement')),
                ],
                options={
                    'verbose_name': 'historical école abonnée',
                    'verbose_name_plural': 'historical écoles abonnées',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
        ),
    ]
