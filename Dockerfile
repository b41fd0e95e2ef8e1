# Two stages of one base image, so that the virtual environment's Python is where it was when it was made.

FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_PYTHON=/usr/local/bin/python
WORKDIR /srv/timeline
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore "uv==0.13.*"
# The libraries change less often than the program: a layer of their own.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra postgres --no-install-project --no-cache
# pyproject.toml names the readme and the licence, without which the project cannot be installed.
COPY README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY seeds seeds
RUN uv sync --frozen --no-dev --extra postgres --no-cache \
 && python -m compileall -q app migrations \
 && chmod -R a+rX .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Event Timeline" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0"
RUN groupadd --gid 10001 timeline \
 && useradd --uid 10001 --gid timeline --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin timeline \
 && install --directory --owner=timeline --group=timeline --mode=0750 /data
# What the program is made of belongs to root; the user it runs as can write to /data and nothing else.
WORKDIR /srv/timeline
COPY --from=build /srv/timeline /srv/timeline
ENV PATH="/srv/timeline/.venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIMELINE_DATABASE_URL=sqlite:////data/timeline.db
USER 10001:10001
VOLUME /data
EXPOSE 8000
# http.client, since urllib would ask a proxy from the environment. The first start also loads the seeds.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/ready'); sys.exit(c.getresponse().status != 200)"]
CMD ["timeline", "up", "--host", "0.0.0.0", "--port", "8000"]
