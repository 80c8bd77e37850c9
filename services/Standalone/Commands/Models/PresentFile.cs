using System.Security.Cryptography;
using FaceCloud.Inference;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>What lies where the file of a network should be.</summary>
internal enum PresentFile
{
    Absent,
    Right,
    Wrong,
}

/// <summary>Looks at files of networks.</summary>
internal static class PresentFiles
{
    public static async Task<PresentFile> OfAsync(string path, ModelDescription model, CancellationToken cancellationToken) =>
        !File.Exists(path) ? PresentFile.Absent
        : await HashAsync(path, cancellationToken) == model.File.Sha256 ? PresentFile.Right
        : PresentFile.Wrong;

    /// <summary>SHA-256 in lower-case hexadecimal digits.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
