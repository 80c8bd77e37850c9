using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Inference;
using Microsoft.Extensions.Options;

namespace FaceCloud.Standalone.Measuring;

/// <summary>Detector and recogniser as the server sets them up, without a server: no database, no index, no port.</summary>
internal sealed class Networks : IDisposable
{
    private readonly IHost _host;

    private Networks(IHost host) => _host = host;

    public IConfiguration Configuration => _host.Services.GetRequiredService<IConfiguration>();

    /// <summary>The recogniser's entry in the registry, with the calibration in use.</summary>
    /// <exception cref="ModelUnavailableException">There is none.</exception>
    public ModelDescription Recogniser =>
        _host.Services.GetRequiredService<ModelStore>() is var store && store.Choose(ModelRole.Recogniser) is { } model
            ? model
            : throw new ModelUnavailableException("There is no recogniser in the models folder that may be used.");

    /// <summary>The networks that the environment and <c>appsettings.json</c> name.</summary>
    /// <param name="ownCalibration">Whether a calibration of the operator's own is heeded; if not, one that cannot be read does no harm either.</param>
    /// <param name="settings">Instead of those.</param>
    public static Networks Open(bool ownCalibration, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        foreach (var (name, value) in settings)
        {
            builder.Configuration[name] = value;
        }

        CalibrationFolder.Apply(builder.Configuration);
        ModelsFolder.Apply(builder.Configuration);
        if (!ownCalibration)
        {
            builder.Configuration[$"{ModelOptions.Section}:{nameof(ModelOptions.Calibrations)}"] = "";
        }

        // The output is the result; what the networks have to say goes beside it.
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.AddDetection();
        builder.AddEmbedding();
        return new Networks(builder.Build());
    }

    /// <summary>Finds and describes the largest face of each photo.</summary>
    /// <param name="photos">In the order they are returned in.</param>
    /// <param name="done">Called after each photo, from several threads.</param>
    /// <param name="cancellationToken">The operator pressed Ctrl+C.</param>
    /// <exception cref="FailureException">Fewer than two people have a face in them.</exception>
    public async Task<LabelledFaces> DescribeAsync(IReadOnlyList<LabelledPhoto> photos, Action done, CancellationToken cancellationToken)
    {
        var embedder = _host.Services.GetRequiredService<IFaceEmbedder>();
        var faces = new LabelledFace?[photos.Count];
        var unreadable = new UnreadableFile?[photos.Count];
        Recogniser? recogniser = null;
        await ForEachFaceAsync(photos, DescribeAsync, (i, reason) => unreadable[i] = new UnreadableFile(photos[i], reason), done, cancellationToken);
        var labelled = new LabelledFaces(
            recogniser ?? throw new FailureException(Failure.InsufficientData, $"None of the {photos.Count} files shows a face."),
            [.. faces.OfType<LabelledFace>()],
            [.. photos.Where((_, i) => faces[i] is null && unreadable[i] is null)],
            [.. unreadable.OfType<UnreadableFile>()]);
        return labelled.People > 1 ? labelled : throw new FailureException(Failure.InsufficientData, "Only one of the people has photos that show a face.");

        async Task DescribeAsync(int photo, DetectedFace face)
        {
            var embeddings = await embedder.EmbedAsync([face.Crop!], cancellationToken);
            faces[photo] = new LabelledFace(photos[photo], embeddings.Faces[0].Vector.ToArray(), face.Box);
            recogniser = embeddings.Recogniser;
        }
    }

    /// <summary>Finds and cuts out the largest face of each photo, several photos at once.</summary>
    /// <param name="photos">Files that are no photos are left out.</param>
    /// <param name="use">What to do with the face of a photo, by the photo's position; not called for one without a face.</param>
    /// <param name="refused">Why a file is no photo.</param>
    /// <param name="done">Called after each photo.</param>
    /// <param name="cancellationToken">The operator pressed Ctrl+C.</param>
    public async Task ForEachFaceAsync(
        IReadOnlyList<LabelledPhoto> photos, Func<int, DetectedFace, Task> use, Action<int, string> refused, Action done, CancellationToken cancellationToken)
    {
        var detector = _host.Services.GetRequiredService<IFaceDetector>();
        var work = new ParallelOptions
        {
            MaxDegreeOfParallelism = _host.Services.GetRequiredService<IOptions<ModelOptions>>().Value.Cores,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, photos.Count, work, async (i, cancelled) =>
        {
            try
            {
                var image = await File.ReadAllBytesAsync(photos[i].File, cancelled);
                var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true), cancelled);
                if (detection.Faces is [var largest, ..])
                {
                    await use(i, largest);
                }
            }
            catch (FailureException failure) when (failure.Failure is Failure.InvalidImage or Failure.TooLarge)
            {
                refused(i, failure.Message);
            }

            done();
        });
    }

    public void Dispose() => _host.Dispose();
}
