namespace FaceCloud.Standalone.Commands.Import;

/// <summary>What an import fills: the records of named people, or the photo library.</summary>
internal interface IImportTarget
{
    /// <summary>Learns what is there, before the first photo.</summary>
    /// <exception cref="CommandException">The server refuses.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Whether a photo was there before the import.</summary>
    /// <exception cref="CommandException">The server refuses.</exception>
    Task<bool> HadAsync(PhotoKey photo, CancellationToken cancellationToken);

    /// <summary>Whether a photo is there now: asked after an answer that did not come.</summary>
    /// <exception cref="CommandException">The server refuses.</exception>
    Task<bool> HasAsync(PhotoKey photo, CancellationToken cancellationToken);

    Task<HttpResponseMessage> SendAsync(Photo photo, PhotoKey key);

    /// <summary>Why a photo that the server took was of no use after all; null if it was.</summary>
    Task<string?> FailureAsync(HttpResponseMessage accepted);
}
