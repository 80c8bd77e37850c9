using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FaceCloud.Inference.Tests;

public sealed class ModelOptionsTests
{
    [Fact]
    public void The_short_variable_names_the_folder_only_where_the_setting_does_not()
    {
        Assert.Equal("/short", Read(("FACECLOUD_MODELS", "/short")).Path);
        Assert.Equal("/short", Read(("FACECLOUD_MODELS", "/short"), ("Models:Path", "")).Path);
        Assert.Equal("/long", Read(("FACECLOUD_MODELS", "/short"), ("Models:Path", "/long")).Path);
        Assert.Null(Read(("FACECLOUD_MODELS", "")).Path);
    }

    [Fact]
    public void Licences_are_accepted_as_a_list_or_as_one_text()
    {
        Assert.Empty(Read().AcceptLicenses);
        Assert.Equal(["noncommercial"], Read(("Models:AcceptLicenses", "noncommercial")).AcceptLicenses);
        Assert.Equal(["noncommercial", "NonCommercial"], Read(("Models:AcceptLicenses", "noncommercial, NonCommercial")).AcceptLicenses);
        Assert.Equal(["noncommercial"], Read(("Models:AcceptLicenses:0", "noncommercial")).AcceptLicenses);
    }

    [Fact]
    public void The_provider_is_the_processor_unless_cuda_is_asked_for()
    {
        Assert.Equal(InferenceProvider.Cpu, Read().Provider);
        Assert.Equal(InferenceProvider.Cuda, Read(("Models:Provider", "cuda")).Provider);
    }

    [Theory]
    [InlineData("Models:AcceptLicenses", "all", "not 'all'")]
    [InlineData("Models:Cores", "0", "Models:Cores")]
    [InlineData("Models:QueuePerCore", "-1", "Models:QueuePerCore")]
    public void A_setting_that_cannot_be_meant_is_refused_at_start(string key, string value, string reason)
    {
        Assert.Contains(reason, Assert.Throws<OptionsValidationException>(() => Read((key, value))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_services_in_one_process_share_the_store()
    {
        var configuration = new ConfigurationBuilder().Build();
        using var provider = new ServiceCollection().AddLogging().AddInference(configuration).AddInference(configuration).BuildServiceProvider();

        Assert.Single(provider.GetServices<ModelStore>());
    }

    private static ModelOptions Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)))
            .Build();
        using var provider = new ServiceCollection().AddInference(configuration).BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ModelOptions>>().Value;
    }
}
