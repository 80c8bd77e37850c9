namespace FaceCloud.Contracts;

/// <summary>Names of services and resources, shared by the app host, configuration keys (<c>services__detection__http__0</c>) and deployments.</summary>
public static class ServiceNames
{
    public const string Gateway = "gateway";
    public const string Detection = "detection";
    public const string Embedding = "embedding";
    public const string VectorSearch = "vector-search";
    public const string Identity = "identity";
    public const string Quality = "quality";
    public const string Standalone = "facecloud";

    /// <summary>Connection string of the PostgreSQL database that identity owns.</summary>
    public const string IdentityDb = "identitydb";

    /// <summary>Connection string of the PostgreSQL database with the schema that quality owns; it may be the same.</summary>
    public const string QualityDb = "qualitydb";

    /// <summary>Connection string of the message broker; without one, messages stay in the process.</summary>
    public const string Messaging = "messaging";

    /// <summary>Connection string of the Qdrant server; without one, vector search keeps its index in files.</summary>
    public const string Vectors = "vectors";
}
