namespace FaceCloud.ServiceDefaults.Health;

/// <summary>Names of what a health check tells beside its status; <c>/health</c> is the union of these over the services.</summary>
public static class HealthFacts
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Names = [DetectionModel, RecognitionModel, AttributesModel, DatabaseEnabled, Provider];

    public const string DetectionModel = "detection_model";
    public const string RecognitionModel = "recognition_model";
    public const string AttributesModel = "attributes_model";
    public const string DatabaseEnabled = "database_enabled";

    /// <summary>What the networks really run on: <c>cpu</c> or <c>cuda</c>.</summary>
    public const string Provider = "provider";
}
