import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='titre')),
                ('kind', models.SlugField(max_length=40, verbose_name='nature')),
                ('filename', models.CharField(max_length=150, verbose_name='nom du fichier')),
                ('media_type', models.CharField(max_length=100, verbose_name='type de fichier')),
                ('content', models.BinaryField(verbose_name='contenu')),
                ('size', models.PositiveIntegerField(verbose_name='taille en octets')),
                ('sha256', models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('\\A[0-9a-f]{64}\\Z', 'Empreinte SHA-256 : 64 chiffres hexadécimaux.')], verbose_name='empreinte SHA-256')),
                ('created_at', models.DateTimeField(verbose_name='produit le')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.authority', verbose_name='collectivité')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='produit par')),
            ],
            options={
                'verbose_name': 'document produit',
                'verbose_name_plural': 'documents produits',
                'indexes': [models.Index(fields=['authority', 'kind', 'created_at'], name='document_authority_kind')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='document_not_empty', violation_error_message="Un document n'est jamais vide."), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='document_digest_format', violation_error_message='Un document porte son empreinte SHA-256.'), models.CheckConstraint(condition=models.Q(('published_at__isnull', True), ('published_at__gte', models.F('created_at')), _connector='OR'), name='document_published_after_creation', violation_error_message="Un document n'est pas publié avant d'être produit.")],
            },
        ),
    ]
