# The container image: vpce-checks from its wheel and what it needs, without pip or a shell script of ours.
#   python -m build && docker build --tag vpce-checks .
#   docker run --rm --network none --volume "$PWD:/repository:ro" vpce-checks scan
FROM python:3.13-slim AS install
COPY requirements/run.txt dist/*.whl /tmp/
RUN python -m venv --without-pip /opt/vpce-checks \
 && python -m pip --python /opt/vpce-checks/bin/python install --no-cache-dir --require-hashes --requirement /tmp/run.txt \
 && python -m pip --python /opt/vpce-checks/bin/python install --no-cache-dir --no-deps --no-index /tmp/*.whl

FROM python:3.13-slim
# git is for --changed-since, --changed-files and --download-modules. The mounted checkout belongs to someone else.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory /repository
COPY --from=install /opt/vpce-checks /opt/vpce-checks
ENV PATH=/opt/vpce-checks/bin:$PATH
USER 65534:65534
WORKDIR /repository
ENTRYPOINT ["vpce-checks"]
CMD ["scan"]
