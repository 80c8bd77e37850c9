namespace FaceCloud.Files;

/// <summary>Where photos and crops lie; section <c>Files</c>.</summary>
public sealed class FileOptions
{
    /// <summary>Of <see cref="UrlKey"/> at least.</summary>
    public const int UrlKeyBytes = 32;

    /// <summary>What holds the files.</summary>
    public FileStoreKind Store { get; set; }

    /// <summary>The folder, of this machine or a volume that all processes share; where <see cref="Store"/> is <see cref="FileStoreKind.Folder"/>.</summary>
    public string Path { get; set; } = "files";

    /// <summary>The bucket, which has to be there; where <see cref="Store"/> is <see cref="FileStoreKind.S3"/>, as all below.</summary>
    public string? Bucket { get; set; }

    /// <summary>The server, such as <c>http://minio:9000</c>; null for Amazon's in <see cref="Region"/>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Who asks. Nothing but the configuration is looked at for it: no profile, no metadata service.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret of <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>
    /// The secret that links to pictures are signed with, in base64, 32 bytes at least; where <see cref="Store"/> is <see cref="FileStoreKind.Folder"/>.
    /// The standalone program makes one in its data folder. Not set, it is made at each start, and links end with the process: replicas need it.
    /// </summary>
    public string? UrlKey { get; set; }

    /// <summary>How long one upload may take, all its files together; what a crash leaves of it is deleted after as long.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>What holds the files.</summary>
public enum FileStoreKind
{
    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A server that speaks Amazon's S3.</summary>
    S3,
}
