import django.core.validators
import django.db.models.deletion
import plan_numerique.web.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='Nom de la tâche Celery.', max_length=80, verbose_name='nature')),
                ('label', models.CharField(max_length=200, verbose_name='tâche')),
                ('arguments', models.JSONField(blank=True, default=dict, help_text='Des numéros, jamais des objets.', verbose_name='arguments')),
                ('dedupe_key', models.CharField(blank=True, help_text='Une seule tâche active par nature et par clé.', max_length=120, verbose_name="clé d'unicité")),
                ('status', models.CharField(choices=[('queued', 'En attente'), ('running', 'En cours'), ('succeeded', 'Terminée'), ('failed', 'Refusée'), ('errored', 'En erreur'), ('cancelled', 'Annulée')], default='queued', max_length=10, verbose_name='état')),
                ('attempts', plan_numerique.web.fields.CountField(default=0, help_text='Sert aussi de jeton : un exécutant dépassé est refusé.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='prises en charge')),
                ('interruptions', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='interruptions')),
                ('cancel_requested', models.BooleanField(default=False, verbose_name='annulation demandée')),
                ('progress_done', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='fait')),
                ('progress_total', plan_numerique.web.fields.CountField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='à faire')),
                ('progress_text', models.CharField(blank=True, max_length=200, verbose_name='étape')),
                ('created_at', models.DateTimeField(verbose_name='demandée le')),
                ('published_at', models.DateTimeField(verbose_name='mise en file le')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='commencée le')),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True, verbose_name='dernier signe de vie')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='terminée le')),
                ('message', models.CharField(blank=True, max_length=1000, verbose_name='résultat')),
                ('traceback', models.TextField(blank=True, verbose_name='trace technique')),
                ('result_url', models.CharField(blank=True, max_length=300, verbose_name='page du résultat')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='accounts.authority', verbose_name='collectivité')),
                ('created_by', models.ForeignKey(blank=True, help_text='Vide pour une tâche planifiée.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to=settings.AUTH_USER_MODEL, verbose_name='demandée par')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='documents.storeddocument', verbose_name='document produit')),
            ],
            options={
                'verbose_name': 'tâche',
                'verbose_name_plural': 'tâches',
                'indexes': [models.Index(fields=['authority', '-created_at'], name='job_by_authority'), models.Index(fields=['status', 'heartbeat_at'], name='job_by_status')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('queued', 'running')), models.Q(('dedupe_key', ''), _negated=True)), fields=('kind', 'dedupe_key'), name='job_one_active_per_key', violation_error_message='La même tâche est déjà en attente ou en cours.'), models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'running', 'succeeded', 'failed', 'errored', 'cancelled'])), name='job_status_known', violation_error_message="L'état de la tâche est inconnu."), models.CheckConstraint(condition=models.Q(models.Q(('status', 'queued'), _negated=True), models.Q(('finished_at__isnull', True), ('heartbeat_at__isnull', True), ('started_at__isnull', True)), _connector='OR'), name='job_queued_not_started', violation_error_message="Une tâche en attente n'a ni début ni fin."), models.CheckConstraint(condition=models.Q(models.Q(('status', 'running'), _negated=True), models.Q(('attempts__gte', 1), ('finished_at__isnull', True), ('heartbeat_at__isnull', False), ('started_at__isnull', False)), _connector='OR'), name='job_running_started', violation_error_message='Une tâche en cours a un début, un signe de vie et pas de fin.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['succeeded', 'failed', 'errored']), _negated=True), models.Q(('finished_at__isnull', False), ('started_at__isnull', False)), _connector='OR'), name='job_ended_has_times', violation_error_message='Une tâche terminée a un début et une fin.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'cancelled'), _negated=True), ('finished_at__isnull', False), _connector='OR'), name='job_cancelled_has_end', violation_error_message='Une tâche annulée a une fin.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['failed', 'errored']), _negated=True), models.Q(('message', ''), _negated=True), _connector='OR'), name='job_refusal_is_explained', violation_error_message='Une tâche refusée ou en erreur dit pourquoi.'), models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('started_at__isnull', True), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='job_ends_after_start', violation_error_message="La fin d'une tâche suit son début."), models.CheckConstraint(condition=models.Q(('progress_done__lte', models.F('progress_total'))), name='job_progress_within_total', violation_error_message="L'avancement ne dépasse pas le total.")],
            },
        ),
    ]
