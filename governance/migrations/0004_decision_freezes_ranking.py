import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0003_programme_of_adopted'),
        ('schools', '0002_rentree_calls_diagnostics'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_effect_names_scenario',
        ),
        migrations.AddField(
            model_name='decision',
            name='campaign',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='schools.campaign', verbose_name='campagne de candidatures'),
        ),
        migrations.AddField(
            model_name='historicaldecision',
            name='campaign',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='schools.campaign', verbose_name='campagne de candidatures'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='effect',
            field=models.CharField(choices=[('none', 'Sans effet sur le plan'), ('adopts_scenario', 'Arrête le programme (adopte le scénario)'), ('freezes_ranking', 'Arrête la liste des écoles retenues')], default='none', max_length=16, verbose_name='effet'),
        ),
        migrations.AlterField(
            model_name='historicaldecision',
            name='effect',
            field=models.CharField(choices=[('none', 'Sans effet sur le plan'), ('adopts_scenario', 'Arrête le programme (adopte le scénario)'), ('freezes_ranking', 'Arrête la liste des écoles retenues')], default='none', max_length=16, verbose_name='effet'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('effect', 'adopts_scenario'), _negated=True), ('scenario__isnull', False), _connector='OR'), name='decision_effect_names_scenario', violation_error_message='Une décision qui arrête le programme nomme le scénario.'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('effect', 'freezes_ranking'), _negated=True), ('campaign__isnull', False), _connector='OR'), name='decision_effect_names_campaign', violation_error_message='Une décision qui arrête la liste nomme la campagne.'),
        ),
    ]
