# Cairn's one image: web, worker, beat and migrations differ in their command alone.

FROM node:24-slim AS node
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/runtime.txt ./
RUN python -m venv /venv && \
    /venv/bin/pip install --no-cache-dir --require-hashes --requirement runtime.txt
COPY . ./
COPY --from=node /build/node_modules ./node_modules
# Nothing secret is in the image: collecting static files needs a key, but signs nothing with it.
RUN SECRET_KEY=unused ALLOWED_HOSTS=unused DJANGO_SETTINGS_MODULE=cairn.settings.production \
    CAIRN_DATA_DIR=/tmp/data STATIC_ROOT=/srv/static \
    /venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent cairn && \
    install --directory --owner cairn --mode 700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /srv/static /srv/static
COPY --from=node /build/node_modules/@tabler/icons/icons/outline node_modules/@tabler/icons/icons/outline
COPY manage.py gunicorn.conf.py ./
COPY cairn cairn
COPY inventory inventory
COPY collectors collectors
COPY roadmap roadmap
COPY static static
COPY templates templates
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=cairn.settings.production \
    HOST=0.0.0.0 \
    PORT=8000 \
    CAIRN_DATA_DIR=/data \
    STATIC_ROOT=/srv/static
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=3)"]
CMD ["gunicorn", "cairn.wsgi"]
