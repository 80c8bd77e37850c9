# What a service needs to run its networks on an NVIDIA GPU: the .NET runtime beside CUDA and cuDNN 9.
#   docker build -f deploy/docker/cuda.Dockerfile -t aspnet-cuda .
# CUDA has to be of the major version that the package Microsoft.ML.OnnxRuntime.Gpu.Linux (FaceCloud.Inference.csproj) is built for.
ARG CUDA=nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble AS aspnet

FROM $CUDA
COPY --from=aspnet /usr/share/dotnet /usr/share/dotnet
ENV DOTNET_ROOT=/usr/share/dotnet \
    APP_UID=1654
RUN groupadd --gid=$APP_UID app && useradd --uid=$APP_UID --gid=$APP_UID --create-home app
