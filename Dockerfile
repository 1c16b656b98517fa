# One image for every process of the service: web server, daemon, code server, monitor. Only the command differs.
#   CPU:   docker build -t aegis-pipeline .
#   CUDA:  docker build -t aegis-pipeline:cuda --build-arg TORCH_BACKEND=cu128 .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
# cpu, or the CUDA release that the host's driver knows: PyTorch's wheels carry CUDA's libraries themselves
ARG TORCH_BACKEND=cpu
# More to install, as pip names it: the wheel of en_core_web_trf, say
ARG EXTRA_PACKAGES=""
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=/opt/aegis
WORKDIR /build
RUN pip install --no-cache-dir "uv==${UV_VERSION}" && python -m venv "${VIRTUAL_ENV}"
# Packages in a layer of their own, which a change of our code leaves as it is
COPY pyproject.toml constraints.txt ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --torch-backend "${TORCH_BACKEND}" --constraint constraints.txt \
    --requirement pyproject.toml --extra llm ${EXTRA_PACKAGES}
COPY README.md LICENSE THIRD_PARTY_NOTICES.md dagster.yaml workspace.yaml ./
COPY aegis_pipeline ./aegis_pipeline
RUN --mount=type=cache,target=/root/.cache/uv \
    uv build --wheel --out-dir dist && uv pip install --no-deps dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="AEGIS Pipeline" \
      org.opencontainers.image.description="From a folder of documents to a knowledge graph, as Dagster assets" \
      org.opencontainers.image.licenses="Apache-2.0"
ARG USER_ID=10001
RUN useradd --uid "${USER_ID}" --create-home aegis \
    && install --directory --owner=aegis /srv/aegis /srv/aegis/home /srv/aegis/dagster /srv/aegis/inbox
COPY --from=build /opt/aegis /opt/aegis
COPY deploy/dagster.yaml /srv/aegis/dagster/
COPY deploy/workspace.yaml /srv/aegis/
ENV PATH=/opt/aegis/bin:${PATH} \
    AEGIS_HOME=/srv/aegis/home \
    AEGIS_INBOX=/srv/aegis/inbox \
    DAGSTER_HOME=/srv/aegis/dagster \
    DAGSTER_COMPUTE_LOGS=/srv/aegis/home/compute_logs \
    PYTHONUNBUFFERED=1
WORKDIR /srv/aegis
USER ${USER_ID}
EXPOSE 3000 4000 9100
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:3000/server_info', timeout=5)"]
CMD ["dagster-webserver", "--host", "0.0.0.0", "--port", "3000", "--workspace", "workspace.yaml"]
