# One image for web, worker, beat and migrate; docker-compose.yml says which runs what.
FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && uv pip install --no-cache --python /venv/bin/python --require-hashes -r requirements.lock
COPY . .
# Static files and translations are made here, so that a running container writes nothing of its own code.
RUN SECRET_KEY=build DATABASE_URL=postgresql://build@127.0.0.1:1/build BROKER_URL=redis://127.0.0.1:1/0 \
    STATE_DIR=/state /venv/bin/python manage.py prepare && mkdir -p /state/media

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/state
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin parcours
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build --chown=parcours:parcours /state /state
WORKDIR /app
USER parcours
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
