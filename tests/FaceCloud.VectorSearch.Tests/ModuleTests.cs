using FaceCloud.Contracts.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FaceCloud.VectorSearch.Tests;

public class ModuleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_gets_an_index_that_remembers()
    {
        using var folder = new TempFolder();
        for (var run = 0; run < 2; run++)
        {
            using var host = Build(folder);
            await host.StartAsync(Cancel);
            var index = host.Services.GetRequiredService<IFaceIndex>();
            Assert.Equal(run, await index.CountAsync(TestIndex.Recogniser, TestIndex.Everything, Cancel));
            await index.UpsertAsync(TestIndex.Recogniser, [TestIndex.Face(run, Vectors.Of(run))], Cancel);
            await host.StopAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_host_does_not_start_without_a_path()
    {
        using var host = Build(" ");
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));
    }

    [Fact]
    public void A_host_that_has_an_index_keeps_it()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        using var folder = new TempFolder();
        builder.Services.AddSingleton<IFaceIndex>(new TestIndex(folder).Index);
        var before = builder.Services.Count(service => service.ServiceType == typeof(IFaceIndex) || service.ServiceType == typeof(IHostedService));

        builder.AddVectorSearch();

        Assert.Equal(before, builder.Services.Count(service => service.ServiceType == typeof(IFaceIndex) || service.ServiceType == typeof(IHostedService)));
    }

    private static IHost Build(string folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("VectorSearch:Path", folder)]);
        builder.AddVectorSearch();
        return builder.Build();
    }
}
