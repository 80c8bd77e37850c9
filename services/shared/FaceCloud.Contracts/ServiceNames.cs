namespace FaceCloud.Contracts;

/// <summary>Names of services and resources, shared by the app host, configuration keys (<c>services__detection__http__0</c>) and deployments.</summary>
public static class ServiceNames
{
    public const string Gateway = "gateway";
    public const string Detection = "detection";
    public const string Embedding = "embedding";
    public const string VectorSearch = "vector-search";
    public const string Identity = "identity";
    public const string Standalone = "facecloud";

    /// <summary>Connection string of the PostgreSQL database that identity owns.</summary>
    public const string IdentityDb = "identitydb";
}
