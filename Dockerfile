# SPDX-License-Identifier: MIT
# A small image:  docker build -t sshkeep .  then  docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/repo:ro" sshkeep
# (without --user it runs as 10001, to which files of mode 0600 are closed)
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
RUN tools/deps.sh build && make -s install DESTDIR=/out PREFIX=/usr

FROM debian:bookworm-slim
RUN apt-get update -qq && \
    apt-get install -y -qq --no-install-recommends libinih1 libmd0 libmnl0 libyaml-0-2 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sshkeep
COPY --from=build /out/usr/bin/sshkeep /usr/bin/sshkeep
COPY --from=build /out/usr/share/sshkeep /usr/share/sshkeep
USER 10001
WORKDIR /repo
ENTRYPOINT ["sshkeep"]
CMD ["lint"]
