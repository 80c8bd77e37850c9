// dotnet run -c Release --project tests/FaceCloud.Benchmarks -- --filter '*'
using BenchmarkDotNet.Running;
using FaceCloud.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(IndexSearch).Assembly).Run(args);
