#!/usr/bin/env bash
# Adds a migration of a service's database: tools/add-migration.sh <Name> [services/Quality]; without a service, of identity's.
# dotnet-ef's design package asks for two packages that some feeds lack and this use never calls; empty stand-ins satisfy the restore.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: tools/add-migration.sh <Name> [services/Quality]}
service=${2:-services/Identity}
work=$(mktemp -d)
trap 'rm -rf "$work"; git checkout --quiet -- "services/*/packages.lock.json" 2>/dev/null || true' EXIT

stand_in() {
  mkdir -p "$work/$1"
  cat > "$work/$1/$1.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <PackageId>$1</PackageId><Version>$2</Version>
  </PropertyGroup>
</Project>
XML
  dotnet pack "$work/$1" -o "$work/feed" -v quiet --nologo
}
stand_in Mono.TextTemplating 3.0.0
stand_in Microsoft.VisualStudio.SolutionPersistence 1.0.52

dotnet tool install dotnet-ef --version 10.0.14 --tool-path "$work/tools" > /dev/null
export EfDesign=true RestoreAdditionalProjectSources="$work/feed" NUGET_PACKAGES="$work/packages"

# What a former build restored lies in a package folder that is gone.
dotnet restore "$service" --force > /dev/null
"$work/tools/dotnet-ef" migrations add "$name" \
  --project "$service" --startup-project "$service" --output-dir Data/Migrations
