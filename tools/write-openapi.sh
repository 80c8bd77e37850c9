#!/usr/bin/env bash
# Writes gateway/Edge/OpenApi/v1.json anew, from what the program's endpoints say of themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
OPENAPI_WRITE=1 dotnet test tests/FaceCloud.Standalone.Tests --filter "FullyQualifiedName~OpenApiTests.The_document_is_what" "$@"
git diff --stat -- gateway/Edge/OpenApi/v1.json
