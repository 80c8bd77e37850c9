using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FaceCloud.Files;

/// <summary>Adds the file store that the configuration names.</summary>
public static class FileStoreServices
{
    public static void AddFileStore(this IServiceCollection services)
    {
        services.AddOptions<FileOptions>().BindConfiguration("Files")
            .Validate(
                files => files.Store != FileStoreKind.S3
                    || !(string.IsNullOrEmpty(files.Bucket) || string.IsNullOrEmpty(files.AccessKey) || string.IsNullOrEmpty(files.SecretKey)),
                "Files:Store=S3 needs Files:Bucket, Files:AccessKey and Files:SecretKey.")
            .Validate(
                files => files.UrlKey is not { } key
                    || (Convert.TryFromBase64String(key, new byte[key.Length], out var length) && length >= FileOptions.UrlKeyBytes),
                $"Files:UrlKey must be {FileOptions.UrlKeyBytes} bytes at least, in base64.")
            .Validate(files => files.UploadTimeout > TimeSpan.Zero, "Files:UploadTimeout must be longer than nothing.")
            .ValidateOnStart();
        services.AddSingleton<IFileStore>(provider => provider.GetRequiredService<IOptions<FileOptions>>().Value.Store switch
        {
            FileStoreKind.S3 => ActivatorUtilities.CreateInstance<S3FileStore>(provider),
            _ => ActivatorUtilities.CreateInstance<FolderFileStore>(provider),
        });
    }
}
