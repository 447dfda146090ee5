# syntax=docker/dockerfile:1
# The service, without root, on a file system that may be read-only: everything that is written goes to
# /var/lib/provenance (a volume) and /tmp. No secret is in any layer: keys, passphrases and addresses with passwords
# come from files that are mounted when it runs (compose.yaml).
ARG PYTHON=3.11
ARG DEBIAN=bookworm

FROM python:${PYTHON}-slim-${DEBIAN} AS build
ARG EXTRAS=web,postgresql,cel,compare,heic,objects
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY provenance provenance
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
# The wheel by its path: an index could offer another package of this name.
RUN python -m venv /opt/provenance \
    && /opt/provenance/bin/pip install --no-cache-dir "$(ls /wheels/*.whl)[${EXTRAS}]" \
    && /opt/provenance/bin/pip uninstall --yes pip setuptools \
    && /opt/provenance/bin/python -m compileall -q /opt/provenance

FROM python:${PYTHON}-slim-${DEBIAN}
RUN groupadd --system --gid 10001 provenance \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/provenance --shell /usr/sbin/nologin provenance \
    && install -d -o provenance -g provenance -m 0700 /var/lib/provenance
COPY --from=build /opt/provenance /opt/provenance
ENV PATH=/opt/provenance/bin:$PATH \
    PROVENANCE_HOME=/var/lib/provenance \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/provenance
VOLUME ["/var/lib/provenance"]
EXPOSE 8780
STOPSIGNAL SIGTERM
# Not through a proxy of the environment; where [service] sets up TLS, the check needs another address.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8780, timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["provenance"]
CMD ["serve", "--host", "0.0.0.0"]
