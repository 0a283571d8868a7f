# Stands in for the official Python image: Debian's interpreter below a virtual
# environment in /usr/local, which puts python, pip and site-packages where the
# official image has them and leaves Debian's own modules out of sight.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv tzdata netbase \
    && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED \
    && python3 -m venv /usr/local \
    && rm -rf /root/.cache
ENV LANG=C.UTF-8
CMD ["python3"]
