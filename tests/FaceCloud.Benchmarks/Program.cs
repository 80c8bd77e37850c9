// dotnet run -c Release --project tests/FaceCloud.Benchmarks -- --filter '*'
// dotnet run -c Release --project tests/FaceCloud.Benchmarks -- library-lists
// dotnet run -c Release --project tests/FaceCloud.Benchmarks -- gateway
// dotnet run -c Release --project tests/FaceCloud.Benchmarks -- calls
using System.Globalization;
using BenchmarkDotNet.Running;
using FaceCloud.Benchmarks;

if (args is ["library-lists", .. var faces])
{
    return await LibraryLists.RunAsync(faces is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 10_000);
}

if (args is ["gateway"])
{
    return await GatewayCost.RunAsync();
}

if (args is ["calls"])
{
    return await CallCost.RunAsync();
}

BenchmarkSwitcher.FromAssembly(typeof(IndexSearch).Assembly).Run(args);
return 0;
