namespace FaceCloud.ServiceDefaults.Health;

/// <summary>Names of what a health check tells beside its status; <c>/health</c> is the union of these over the services.</summary>
public static class HealthFacts
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Names =
        [DetectionModel, RecognitionModel, AttributesModel, DetectionNetworks, RecognitionNetworks, DatabaseEnabled, Provider];

    public const string DetectionModel = "detection_model";
    public const string RecognitionModel = "recognition_model";
    public const string AttributesModel = "attributes_model";

    /// <summary>The networks of detection, and those of recognition: lists of <see cref="LoadedNetwork"/>.</summary>
    public const string DetectionNetworks = "detection_networks";
    public const string RecognitionNetworks = "recognition_networks";
    public const string DatabaseEnabled = "database_enabled";

    /// <summary>What the networks really run on: <c>cpu</c> or <c>cuda</c>.</summary>
    public const string Provider = "provider";
}

/// <summary>A network as <c>/health</c> tells of it.</summary>
/// <param name="Role">What it does.</param>
/// <param name="Name">In the model registry.</param>
/// <param name="Licence">Of its weights.</param>
/// <param name="Sha256">Of its file.</param>
public sealed record LoadedNetwork(string Role, string Name, string Licence, string Sha256);
