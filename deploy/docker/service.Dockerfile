# One service in a container. Build from the root of the repository, with the folder of its project:
#   docker build -f deploy/docker/service.Dockerfile --build-arg PROJECT=services/Detection -t facecloud-detection .
# For NVIDIA GPUs also --build-arg ONNXRUNTIME=gpu --build-arg RUNTIME=aspnet-cuda, see cuda.Dockerfile.

# Has glibc and libstdc++, which is all that the native libraries ask of a system; Alpine images have not.
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0

# The native libraries come from npm (native/package.json); the image that runs has no Node.js.
FROM node:24-bookworm-slim AS node

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG PROJECT
ARG ONNXRUNTIME=cpu
COPY --from=node /usr/local /usr/local
WORKDIR /src
COPY . .
# Compiled ahead of time it starts sooner. One name for the program of every service.
RUN dotnet publish "$PROJECT" --use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:OnnxRuntime="$ONNXRUNTIME" -o /app \
    && ln -s "$(basename "$PROJECT"/*.csproj .csproj)" /app/service

FROM $RUNTIME
COPY --from=build /app /app
# Networks, identity's files, the embedded index: a new volume takes over the owner.
RUN mkdir /models /files /vectors && chown "$APP_UID:$APP_UID" /files /vectors
ENV FACECLOUD_MODELS=/models \
    ASPNETCORE_HTTP_PORTS=8000
VOLUME ["/models"]
EXPOSE 8000
USER $APP_UID

# The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]

ENTRYPOINT ["/app/service"]
