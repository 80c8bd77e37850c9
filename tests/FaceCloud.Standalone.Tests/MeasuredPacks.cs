using FaceCloud.Inference;
using FaceCloud.Standalone.Measuring;
using FaceCloud.Testing;

namespace FaceCloud.Standalone.Tests;

/// <summary>The labelled photos as each pack describes them: once, for all tests that ask.</summary>
public sealed class MeasuredPacks : IDisposable
{
    private const string Licences = $"{ModelOptions.Section}:{nameof(ModelOptions.AcceptLicenses)}";

    private readonly TempFolder _data = new();
    private readonly Lazy<Task<LabelledFaces>> _open;
    private readonly Lazy<Task<LabelledFaces>> _arcface;

    public MeasuredPacks()
    {
        _open = new(() => DescribeAsync("", ""));
        _arcface = new(() => DescribeAsync(TestFiles.Models, ModelOptions.NonCommercial));
    }

    /// <summary>As on a machine without networks and settings.</summary>
    internal Task<LabelledFaces> OpenAsync() => _open.Value;

    internal Task<LabelledFaces> ArcFaceAsync() => _arcface.Value;

    public void Dispose() => _data.Dispose();

    private async Task<LabelledFaces> DescribeAsync(string models, string licences)
    {
        var photos = LabelledPhoto.Find(TestFiles.Photo("people"));
        using var networks = Networks.Open(
            ownCalibration: false, ("FACECLOUD_DATA", _data.Path), (ModelOptions.PathVariable, models), (Licences, licences));
        return await networks.DescribeAsync(photos, () => { }, CancellationToken.None);
    }
}
