import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import plan_numerique.accounts.models.authority
import plan_numerique.web.fields
from django.conf import settings
from django.db import migrations, models

from plan_numerique.web.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='adresse électronique')),
                    ('full_name', models.CharField(blank=True, max_length=160, verbose_name='nom')),
                    ('is_staff', models.BooleanField(default=False, verbose_name="accès à l'administration technique")),
                    ('is_active', models.BooleanField(default=True, verbose_name='actif')),
                    ('date_joined', models.DateTimeField(auto_now_add=True, verbose_name='créé le')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'utilisateur',
                    'verbose_name_plural': 'utilisateurs',
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique', violation_error_message='Cette adresse électronique a déjà un compte.')],
                },
            ),
            migrations.CreateModel(
                name='Authority',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(unique=True, verbose_name='identifiant')),
                    ('name', models.CharField(max_length=120, verbose_name='nom')),
                    ('kind', models.CharField(choices=[('commune', 'Commune'), ('epci', 'Intercommunalité (EPCI)')], max_length=10, verbose_name='nature')),
                    ('siren', models.CharField(blank=True, max_length=9, validators=[plan_numerique.accounts.models.authority.validate_siren], verbose_name='SIREN')),
                    ('insee', models.CharField(blank=True, max_length=5, validators=[django.core.validators.RegexValidator('\\A[0-9][0-9AB][0-9]{3}\\Z', 'Code INSEE de commune sur cinq caractères : 86194.')], verbose_name='code INSEE')),
                    ('department', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('population', plan_numerique.web.fields.CountField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='population')),
                    ('quorum_population', plan_numerique.web.fields.CountField(blank=True, help_text='Pour un EPCI : fixe le délai de convocation (CGCT L5211-1).', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2000000000)], verbose_name='population de la plus grande commune')),
                    ('accent', models.CharField(default='#1f5d7a', max_length=7, validators=[django.core.validators.RegexValidator('\\A#[0-9a-f]{6}\\Z', 'Couleur sous la forme #1f4e79, en minuscules.')], verbose_name='couleur')),
                    ('logo', models.FileField(blank=True, upload_to='logos/', verbose_name='logo')),
                    ('notice', models.CharField(blank=True, help_text='Affiché sur chaque page, par exemple pour une simulation.', max_length=400, verbose_name='avertissement')),
                ],
                options={
                    'verbose_name': 'collectivité',
                    'verbose_name_plural': 'collectivités',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('siren', ''), _negated=True), fields=('siren',), name='authority_siren_unique', violation_error_message="Ce SIREN est déjà celui d'une autre collectivité."), models.CheckConstraint(condition=models.Q(('kind__in', ['commune', 'epci'])), name='authority_kind_known', violation_error_message="La nature d'une collectivité est commune ou EPCI.")],
                },
            ),
            migrations.CreateModel(
                name='District',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('department', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('name', models.CharField(max_length=160, verbose_name='nom')),
                    ('code', models.CharField(blank=True, max_length=20, verbose_name='code')),
                ],
                options={
                    'verbose_name': 'circonscription',
                    'verbose_name_plural': 'circonscriptions',
                    'constraints': [models.UniqueConstraint(fields=('department', 'name'), name='district_name_unique', violation_error_message='Cette circonscription existe déjà dans le département.')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(choices=[('administrator', "Administration de l'application"), ('education', 'Service éducation, pilotage du plan'), ('technician', 'Informatique des écoles'), ('finance', 'Finances'), ('assembly', 'Assemblées et affaires juridiques'), ('academy', 'Éducation nationale (DSDEN, TICE, IEN, DAN)'), ('school', 'École (direction, enseignants)'), ('elected', 'Élu'), ('partner', 'Partenaire (maintenance, Canopé)')], max_length=20, verbose_name='rôle')),
                    ('department', models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('\\A(0[0-9][0-9AB]|9[0-9]{2})\\Z', 'Code de département sur trois caractères : 086, 02A, 974.')], verbose_name='département')),
                    ('authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.authority', verbose_name='collectivité')),
                    ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.district', verbose_name='circonscription')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ],
                options={
                    'verbose_name': 'rôle attribué',
                    'verbose_name_plural': 'rôles attribués',
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('authority__isnull', False), ('department', ''), ('district', None), ('role__in', ['administrator', 'assembly', 'education', 'elected', 'finance', 'partner', 'school', 'technician'])), models.Q(('authority', None), ('district', None), ('role', 'academy'), models.Q(('department', ''), _negated=True)), models.Q(('authority', None), ('department', ''), ('district__isnull', False), ('role', 'academy')), _connector='OR'), name='membership_scope_fits_role', violation_error_message="Un rôle de la collectivité porte sur une collectivité ; celui de l'Éducation nationale, sur un département ou une circonscription, et un seul des deux."), models.UniqueConstraint(condition=models.Q(('authority', None), _negated=True), fields=('user', 'role', 'authority'), name='membership_authority_unique', violation_error_message='Cette personne a déjà ce rôle ici.'), models.UniqueConstraint(condition=models.Q(('department', ''), _negated=True), fields=('user', 'role', 'department'), name='membership_department_unique', violation_error_message='Cette personne a déjà ce rôle ici.'), models.UniqueConstraint(condition=models.Q(('district', None), _negated=True), fields=('user', 'role', 'district'), name='membership_district_unique', violation_error_message='Cette personne a déjà ce rôle ici.')],
                },
            ),
        ),
    ]
