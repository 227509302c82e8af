# The libraries are installed in a first image that has pip and its caches; the final one only receives the result.
FROM python:3.11-slim-bookworm AS libraries
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-compile --only-binary :all: --requirement /tmp/requirements.lock \
 && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=plan_numerique.settings.base \
    VAR_DIR=/var/lib/plan-numerique

RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      fonts-dejavu-core \
      fonts-inter \
      libharfbuzz-subset0 \
      libpango-1.0-0 \
      libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir "$VAR_DIR" --create-home --shell /usr/sbin/nologin plan

COPY --from=libraries /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY plan_numerique plan_numerique
COPY schools schools
COPY equipment equipment
COPY ent ent
COPY governance governance
COPY deliberations deliberations
COPY templates templates
COPY static static

# No secret is needed to gather static files: the values below are never used to sign or to connect.
USER plan
RUN export SECRET_KEY=unused ALLOWED_HOSTS=unused SITE_URL=https://unused \
      DATABASE_URL=postgres://unused REDIS_URL=redis://unused \
 && python manage.py build_fonts \
 && python manage.py collectstatic --no-input --verbosity 0 \
 && mkdir -p "$VAR_DIR/media"

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r, urllib.parse as p; r.urlopen(r.Request('http://127.0.0.1:8000/sante/', headers={'Host': p.urlsplit(os.environ['SITE_URL']).netloc, 'X-Forwarded-Proto': 'https'}), timeout=4)"]
CMD ["gunicorn", "plan_numerique.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--timeout", "60", "--max-requests", "2000", "--max-requests-jitter", "200", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
